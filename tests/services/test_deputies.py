"""Who decides for somebody away: the role for these days and no longer, with both names, and never one's own work."""

import datetime as dt
import uuid

import pytest

from models import (
    AuditEvent,
    ChecklistSignature,
    CourseEvent,
    CourseStatus,
    Deputy,
    Role,
    UnitKind,
    User,
    UserRole,
    db,
    utcnow,
)
from services import access, courses, deputies, policy, staff
from services.access import Level
from services.courses import Action
from services.deputies import Named
from services.errors import DomainError, NotAllowed, NotFound, OutsideTerritory
from tests import course_cases as cases
from tests import make

S = CourseStatus
DAY = dt.timedelta(days=1)


@pytest.fixture
def unit():
    make.route()
    return cases.center()


@pytest.fixture
def manager(unit):
    return make.user(Role.MANAGER, unit)


@pytest.fixture
def colleague(unit):
    return make.user(Role.COUNSELOR, unit)


def role_of(user):
    return make.first(UserRole, user_id=user.id)


def named(user, deputy, first=0, last=6, **over):
    today = policy.today()
    return Named(role_of(user).id, deputy.id, today + first * DAY, today + last * DAY, **over)


def stand_in(user, deputy, **over):
    """A deputy for now, written straight down."""
    role, today = role_of(user), policy.today()
    days = {"first_on": today - DAY, "last_on": today + DAY} | over
    who = {"user_id": user.id, "deputy_id": deputy.id, "made_by_id": user.id}
    return make.save(Deputy(unit_id=role.unit_id, role=role.role, **who, **days))


def name(actor, wanted, key=None):
    return deputies.name(actor, wanted, key or str(uuid.uuid4()))


def test_a_deputy_decides_in_the_place_of_who_is_away_and_both_names_stay(unit, manager, colleague):
    course = cases.at(S.CENTER_REVIEW, unit)
    assert name(cases.actor(manager), named(manager, colleague))
    deputy = cases.actor(colleague)
    assert courses.case(deputy, course.id).on_behalf_of == manager.person.full_name
    assert courses.case(cases.actor(manager), course.id).on_behalf_of == ""
    assert cases.advance(deputy, course.id, Action.APPROVE).status is S.PROVINCE_REVIEW
    event = db.session.query(CourseEvent).filter_by(action="approve").one()
    assert (event.actor_id, event.on_behalf_of_id) == (colleague.id, manager.id)
    signed = db.session.query(ChecklistSignature).one()
    assert (signed.actor_id, signed.on_behalf_of_id) == (colleague.id, manager.id)
    said = courses.case(cases.actor(manager), course.id).timeline[0].what
    assert f"{colleague.person.full_name} به جانشینی از {manager.person.full_name}" in said
    other = cases.at(S.CENTER_REVIEW, unit)
    cases.advance(cases.actor(manager), other.id, Action.APPROVE)
    assert db.session.query(CourseEvent).filter_by(action="approve", on_behalf_of_id=None).count() == 1


@pytest.mark.once
@pytest.mark.parametrize(
    "over",
    [{"first_on": policy.today() + DAY, "last_on": policy.today() + DAY},
     {"first_on": policy.today() - 2 * DAY, "last_on": policy.today() - DAY}, {"ended_at": utcnow()}],
    ids=["not yet", "over", "taken back"],
)  # fmt: skip
def test_outside_the_days_there_is_nothing_to_decide(unit, manager, colleague, over):
    course = cases.at(S.CENTER_REVIEW, unit)
    stand_in(manager, colleague, **over)
    with pytest.raises(NotAllowed):
        cases.advance(cases.actor(colleague), course.id, Action.APPROVE)


@pytest.mark.once
def test_what_the_person_away_loses_their_deputy_loses_too(unit, manager, colleague):
    stand_in(manager, colleague)
    assert cases.actor(colleague).has(Role.MANAGER)
    manager.disabled_at = utcnow()
    db.session.commit()
    assert not cases.actor(colleague).has(Role.MANAGER)
    manager.disabled_at = None
    db.session.delete(role_of(manager))
    db.session.commit()
    assert not cases.actor(colleague).has(Role.MANAGER)


def test_nobody_decides_as_deputy_on_their_own_work_or_on_that_of_who_is_away(unit, manager):
    clerk = make.user(Role.CLERK, unit)
    stand_in(manager, clerk)
    mine, theirs = (cases.at(S.CENTER_REVIEW, unit) for _ in range(2))
    mine.entered_by_id, theirs.entered_by_id = clerk.id, manager.id
    db.session.commit()
    for course in (mine, theirs):
        with pytest.raises(NotAllowed, match="وارد یا ویرایش"):
            cases.advance(cases.actor(clerk), course.id, Action.APPROVE)
        assert courses.case(cases.actor(clerk), course.id).is_own


@pytest.mark.once
def test_a_deputy_keeps_no_accounts_names_no_deputy_and_enrolls_nobody_by_it(unit, manager, colleague):
    stand_in(manager, colleague)
    deputy = cases.actor(colleague)
    assert deputy.has(Role.MANAGER)
    assert not deputy.can_enroll_others
    with pytest.raises(NotAllowed):
        staff.listing(deputy)
    with pytest.raises(NotAllowed):
        name(deputy, named(manager, make.user(Role.CLERK, unit)))


@pytest.mark.once
def test_the_deputy_of_a_deputy_has_nothing_of_the_first(unit, manager):
    neighbor, third = make.user(Role.MANAGER, make.unit()), make.user(Role.CLERK, make.unit())
    stand_in(manager, neighbor)
    stand_in(neighbor, third)
    assert cases.actor(third).stands_for == (neighbor.id,)
    assert unit.id not in cases.actor(third).units


@pytest.mark.once
def test_who_stands_in_beyond_their_own_unit_acts_there_and_nowhere_else(unit, manager):
    neighbor = make.user(Role.MANAGER, make.unit())
    stranger = cases.at(S.CENTER_REVIEW, unit)
    with pytest.raises(OutsideTerritory):
        cases.advance(cases.actor(neighbor), stranger.id, Action.APPROVE)
    stand_in(manager, neighbor)
    actor = cases.actor(neighbor)
    assert len(actor.units) == 2
    assert actor.standing_in(unit.id, unit.province_id, Role.MANAGER) == manager.id
    assert actor.standing_in(actor.own.units[0], unit.province_id, Role.MANAGER) is None
    cases.advance(actor, stranger.id, Action.APPROVE)


def test_a_form_that_comes_twice_names_one_deputy_and_days_do_not_overlap(unit, manager, colleague):
    actor, key = cases.actor(manager), str(uuid.uuid4())
    assert [name(actor, named(manager, colleague), key) for _ in range(2)] == [True, False]
    with pytest.raises(DomainError, match="جانشین است") as refused:
        name(actor, named(manager, make.user(Role.CLERK, unit), first=6, last=9))
    assert refused.value.field == "first_on"
    assert name(actor, named(manager, colleague, first=7, last=9))
    first = db.session.query(Deputy).order_by(Deputy.id).first()
    assert [deputies.end(actor, first.id) for _ in range(2)] == [True, False]
    assert name(actor, named(manager, colleague))
    told = [event.action for event in db.session.query(AuditEvent).filter_by(subject="deputy").order_by(AuditEvent.id)]
    assert told == ["deputy_named", "deputy_named", "deputy_ended", "deputy_named"]


@pytest.mark.parametrize(
    ("first", "last", "field"), [(-1, 3, "first_on"), (3, 2, "last_on"), (0, 90, "last_on")],
)  # fmt: skip
@pytest.mark.once
def test_days_that_cannot_be_are_refused_at_their_field(manager, colleague, first, last, field):
    with pytest.raises(DomainError) as refused:
        name(cases.actor(manager), named(manager, colleague, first=first, last=last))
    assert refused.value.field == field


@pytest.mark.once
def test_deputies_are_named_for_oneself_or_from_above_and_from_among_those_near(unit, manager, colleague):
    reviewer = make.user(Role.REVIEWER, cases.office())
    far = make.user(Role.MANAGER, make.unit(province_=make.province()))
    near = make.user(Role.MANAGER, make.unit())
    counter = make.user(Role.COUNTER, unit)
    offered = {user.id for user in deputies.candidates(role_of(manager))}
    assert {colleague.id, near.id} <= offered
    assert not {far.id, counter.id, manager.id, reviewer.id} & offered
    for who in (far, counter):
        with pytest.raises(DomainError, match="فهرست"):
            name(cases.actor(manager), named(manager, who))
    with pytest.raises(NotFound):
        name(cases.actor(near), named(manager, colleague))
    assert name(cases.actor(reviewer), named(manager, near)), "the province names one for a manager who fell ill"
    row = db.session.query(Deputy).one()
    for who in (far, make.user(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, make.province()))):
        with pytest.raises(OutsideTerritory):
            deputies.end(cases.actor(who), row.id)
    with pytest.raises(NotAllowed):
        deputies.end(cases.actor(colleague), row.id)
    assert deputies.end(cases.actor(manager), row.id)


@pytest.mark.once
def test_what_else_a_deputy_does_says_in_the_trail_for_whom_they_stand(unit, manager, colleague, sign_in, token):
    row = stand_in(manager, colleague)
    client = sign_in(colleague)
    assert "(جانشین)" in client.get("/center").text
    assert client.get("/center/queue").status_code == 200
    assert client.get("/center/staff").status_code == 403
    data = {"csrf_token": token(client, "/auth/sessions")}
    assert client.post(f"/center/deputies/{row.id}/end", data=data).status_code == 303
    db.session.rollback()
    assert db.session.query(AuditEvent).filter_by(action="deputy_ended").one().detail["deputy_of"] == [manager.id]


def test_control_a_role_of_ones_own_is_one_row_and_asks_once(queries, unit, manager):
    user_id = db.session.get_one(User, manager.id).id
    with queries() as seen:
        roles = access.roles_of(user_id)
    assert [(role.user_id, access.level_of(role)) for role in roles] == [(user_id, Level.CENTER)]
    assert len(seen) == 1
