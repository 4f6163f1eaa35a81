"""Who may keep whose account, and that nobody reaches beyond their territory or above their rank."""

import pytest

from models import AuditEvent, Role, UnitKind, User, UserRole, db
from services import access, sessions, sign_in, staff
from services.errors import DomainError, NotAllowed, NotFound, OutsideTerritory
from services.staff import NewUser
from tests import make


def acting(user):
    roles = access.roles_of(user.id)
    return access.actor(user, access.levels_of(roles)[0], roles)


@pytest.fixture
def world():
    """Two provinces with a directorate and a center each, and HQ; one user of every kind that keeps accounts."""
    golestan, yazd = make.province("گلستان"), make.province("یزد")
    office = make.unit(UnitKind.DIRECTORATE, golestan, title="ادارهٔ کل گلستان")
    center = make.unit(UnitKind.CENTER, golestan, title="مرکز گرگان")
    far = make.unit(UnitKind.CENTER, yazd, title="مرکز یزد")
    hq = make.unit(UnitKind.HQ, title="ستاد")
    return {
        "clerk": make.user(Role.CLERK, center),
        "manager": make.user(Role.MANAGER, center),
        "planner": make.user(Role.PLANNER, office),
        "reviewer": make.user(Role.REVIEWER, office),
        "director": make.user(Role.DIRECTOR, office),
        "hq_reviewer": make.user(Role.REVIEWER, hq),
        "admin": make.user(Role.ADMIN, hq),
        "other_admin": make.user(Role.ADMIN, hq),
        "far_clerk": make.user(Role.CLERK, far),
        "far_manager": make.user(Role.MANAGER, far),
    }


MAY = {
    "manager": {"clerk"},
    "reviewer": {"clerk", "manager"},
    "director": {"clerk", "manager", "planner", "reviewer"},
    "admin": {
        *("clerk", "manager", "planner", "reviewer", "director", "hq_reviewer", "other_admin"),
        *("far_clerk", "far_manager"),
    },
}
NEAR = {"clerk", "manager", "planner", "reviewer", "director"}
SEES = {"manager": {"clerk", "manager"}, "reviewer": NEAR, "director": NEAR}


@pytest.mark.once
@pytest.mark.parametrize("who", MAY)
def test_a_code_is_issued_downwards_and_inside_only(world, who):
    for name, user in world.items():
        if name in MAY[who]:
            assert len(staff.issue_code(acting(world[who]), user.id)) == 8
        else:
            with pytest.raises((NotAllowed, OutsideTerritory)):
                staff.issue_code(acting(world[who]), user.id)


@pytest.mark.once
@pytest.mark.parametrize("who", SEES)
def test_a_user_outside_the_territory_does_not_exist(world, who):
    for name, user in world.items():
        if name in SEES[who]:
            assert staff.get(acting(world[who]), user.id).id == user.id
        else:
            with pytest.raises(OutsideTerritory):
                staff.get(acting(world[who]), user.id)


@pytest.mark.parametrize("who", SEES)
def test_the_list_shows_the_same_people_as_the_page(world, who):
    shown = {user.id for user in staff.listing(acting(world[who])).users}
    assert shown == {world[name].id for name in SEES[who]}


@pytest.mark.once
@pytest.mark.parametrize("who", ["clerk", "planner", "hq_reviewer"])
def test_others_keep_no_accounts(world, who):
    with pytest.raises(NotAllowed):
        staff.listing(acting(world[who]))
    with pytest.raises(NotAllowed):
        staff.issue_code(acting(world[who]), world["far_clerk"].id)


@pytest.mark.once
def test_somebody_with_a_role_elsewhere_is_seen_but_not_changed(world):
    make.save(UserRole(user_id=world["clerk"].id, unit_id=world["far_clerk"].roles[0].unit_id, role=Role.COUNSELOR))
    assert staff.get(acting(world["manager"]), world["clerk"].id)
    with pytest.raises(NotAllowed):
        staff.disable(acting(world["manager"]), world["clerk"].id)


def test_disabling_ends_all_sessions_and_leaves_a_trace(world):
    tokens = [sessions.open_staff(world["clerk"].id) for _ in range(3)]
    staff.disable(acting(world["manager"]), world["clerk"].id)
    assert [sessions.staff(token) for token in tokens] == [None] * 3
    event = db.session.query(AuditEvent).filter_by(action="user_disabled").one()
    assert (event.subject_id, event.actor_id) == (world["clerk"].id, world["manager"].id)


@pytest.mark.once
def test_enabling_does_not_bring_old_sessions_back(world):
    token = sessions.open_staff(world["clerk"].id)
    staff.disable(acting(world["manager"]), world["clerk"].id)
    staff.enable(acting(world["manager"]), world["clerk"].id)
    assert sessions.staff(token) is None
    assert world["clerk"].disabled_at is None


def test_an_unknown_user_is_not_found(world):
    with pytest.raises(NotFound):
        staff.get(acting(world["admin"]), 999_999)


def new(**over):
    values = {"national_code": make.national_code(), "username": "new.user", "role": "clerk", "unit": "مرکز گرگان"}
    return NewUser(**{**values, **over})


@pytest.mark.once
def test_a_new_account_has_its_role_and_no_password(world):
    made = staff.create(acting(world["manager"]), new(first_name="علي", last_name="كريمي", can_enroll_others=True))
    assert (made.person.first_name, made.person.last_name) == ("علی", "کریمی")
    assert made.person.identity_status == "pending"
    assert made.password_hash is None
    assert [(r.role, r.can_enroll_others) for r in made.roles] == [(Role.CLERK, True)]


@pytest.mark.once
def test_a_known_person_keeps_the_name_that_is_known(world):
    person = make.person(first_name="مریم", last_name="نوروزی")
    made = staff.create(acting(world["manager"]), new(national_code=person.national_code, last_name="دیگری"))
    assert made.person.last_name == "نوروزی"


@pytest.mark.parametrize(
    ("field", "over"),
    [
        ("national_code", {"national_code": "1234567890"}),
        ("username", {"username": "نام"}),
        ("username", {"username": "a b"}),
        ("username", {"username": "x"}),
        ("unit", {"unit": "مرکز یزد"}),
        ("unit", {"unit": "هیچ"}),
        ("role", {"role": "director"}),
        ("role", {"role": "king"}),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(world, field, over):
    with pytest.raises(DomainError) as caught:
        staff.create(acting(world["manager"]), new(**over))
    assert caught.value.field == field
    assert db.session.query(User).count() == len(world)


def test_a_name_that_is_taken_is_refused(world):
    with pytest.raises(DomainError) as caught:
        staff.create(acting(world["manager"]), new(username=world["far_clerk"].username.upper()))
    assert caught.value.field == "username"


def test_a_person_has_one_account(world):
    near, far = world["clerk"].person, world["far_clerk"].person
    with pytest.raises(DomainError, match=world["clerk"].username):
        staff.create(acting(world["manager"]), new(national_code=near.national_code))
    with pytest.raises(DomainError, match="واحد دیگری") as caught:
        staff.create(acting(world["manager"]), new(national_code=far.national_code))
    assert world["far_clerk"].username not in str(caught.value)


@pytest.mark.once
def test_nobody_gives_a_role_of_their_own_rank(world):
    for who, role, unit in (
        ("manager", "manager", "مرکز گرگان"),
        ("reviewer", "reviewer", "ادارهٔ کل گلستان"),
        ("director", "director", "ادارهٔ کل گلستان"),
    ):
        with pytest.raises(NotAllowed):
            staff.create(acting(world[who]), new(role=role, unit=unit))
        assert Role(role) not in staff.grantable(acting(world[who]))


def test_the_permission_to_enroll_others_is_given_and_taken_back(world):
    actor, clerk = acting(world["manager"]), world["clerk"]
    for may in (False, True):
        staff.grant(actor, clerk.id, "clerk", "مرکز گرگان", can_enroll_others=may)
        assert acting(clerk).can_enroll_others is may
    assert db.session.query(UserRole).filter_by(user_id=clerk.id).count() == 1


def test_a_role_is_taken_back_once_and_again_without_harm(world):
    role_id = world["clerk"].roles[0].id
    staff.revoke(acting(world["director"]), world["clerk"].id, role_id)
    staff.revoke(acting(world["admin"]), world["clerk"].id, role_id)
    assert access.roles_of(world["clerk"].id) == []
    assert db.session.query(AuditEvent).filter_by(action="role_revoked").count() == 1


def test_a_search_finds_by_name_user_name_and_national_code(world):
    actor, clerk = acting(world["admin"]), world["clerk"]
    for wanted in (clerk.person.last_name, clerk.username, clerk.person.national_code):
        assert clerk.id in {user.id for user in staff.listing(actor, wanted).users}
    assert staff.listing(actor, "%").users == []
    assert staff.listing(acting(world["manager"]), world["far_clerk"].username).users == []


def test_the_list_goes_on_where_it_stopped_and_costs_two_queries(world, queries):
    center = world["clerk"].roles[0].unit
    for _ in range(55):
        make.user(Role.CLERK, center)
    actor, seen_ids, after, pages = acting(world["manager"]), [], None, 0
    while pages == 0 or after:
        with queries() as seen:
            page = staff.listing(actor, "", after)
        assert len(seen) == 2
        seen_ids += [user.id for user in page.users]
        after, pages = page.after, pages + 1
    assert pages == 3
    assert len(seen_ids) == len(set(seen_ids)) == 57


@pytest.mark.once
def test_a_code_in_the_hands_of_a_manager_opens_no_account_that_has_risen_above(world):
    code = staff.issue_code(acting(world["manager"]), world["clerk"].id)
    staff.grant(acting(world["admin"]), world["clerk"].id, "director", "ادارهٔ کل گلستان")
    with pytest.raises(DomainError):
        sign_in.by_code(world["clerk"].username, code, "four words of mine")
    assert world["clerk"].password_hash is None


def test_a_code_still_works_after_another_role_of_the_same_rank(world):
    code = staff.issue_code(acting(world["manager"]), world["clerk"].id)
    staff.grant(acting(world["manager"]), world["clerk"].id, "counselor", "مرکز گرگان")
    assert sign_in.by_code(world["clerk"].username, code, "four words of mine")
