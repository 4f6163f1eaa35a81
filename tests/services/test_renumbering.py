"""Staff write another mobile on evidence: who may, how often, who is told, and what a second tab finds."""

import uuid

import pytest

from models import Enrollment, MobileChange, MobileStatus, Person, Policy, Role, db
from services import policy, renumbering
from services.errors import Conflict, DomainError, NotAllowed, OutsideTerritory
from services.renumbering import Wanted
from tests import course_cases, fakes, make, owed
from tests.web import pages

OLD, NEW = "09113700051", "09113700052"


@pytest.fixture
def phones(app):
    provider = fakes.Phones()
    with fakes.installed(app, sms=provider, shahkar=fakes.Shahkar(owners={})):
        yield provider


@pytest.fixture
def clerk():
    return course_cases.staff(Role.CLERK, make.unit())


def enrolled(clerk, person: Person | None = None, **over) -> Enrollment:
    course = make.course(unit_=make.first(make.Unit, id=clerk.units[0]))
    return pages.enroll(course, person or make.person(mobile=OLD, **{"mobile_status": "matched", **over}))


def wanted(made: Enrollment, mobile: str = NEW, **over) -> Wanted:
    seen = renumbering.seen_of(db.session.get_one(Person, made.person_id).mobile)
    return Wanted(**{"mobile": mobile, "reason": "خط تازه", "evidence": "کارت ملی", "seen": seen, **over})


def change(actor, made: Enrollment, one: Wanted | None = None, key: str = "") -> bool:
    return renumbering.change(actor, key or str(uuid.uuid4()), made.id, one or wanted(made), None)


def test_the_old_number_is_told_at_once_and_the_new_one_when_it_is_matched(clerk, phones, app):
    made = enrolled(clerk)
    code = db.session.get_one(Person, made.person_id).national_code
    app.extensions["gateways"].shahkar.owners[NEW] = code
    key = str(uuid.uuid4())
    one = wanted(made)
    assert [change(clerk, made, one, key), change(clerk, made, one, key)] == [True, False]
    owed.run("sms")
    assert [(number, "عوض کرد" in said) for number, said in phones.texts.values()] == [(OLD, True)]
    owed.run("shahkar")
    owed.again("sms")
    assert [number for number, _ in phones.texts.values()] == [OLD, NEW]
    row = db.session.query(MobileChange).one()
    assert (row.old_mobile, row.new_mobile, row.actor_id) == (OLD, NEW, clerk.user_id)
    assert row.reason == "خط تازه؛ مدرک: کارت ملی"


def test_a_number_that_never_was_proven_theirs_is_told_nothing_and_an_unmatched_new_one_neither(clerk, phones):
    change(clerk, enrolled(clerk, mobile_status="not_matched"))
    for topic in ("sms", "shahkar", "sms"):
        owed.again(topic)
    assert phones.texts == {}


def test_a_second_tab_is_told_who_was_faster_and_nothing_is_overwritten(clerk):
    made = enrolled(clerk)
    first, second = wanted(made), wanted(made, "09113700053")
    change(clerk, made, first)
    with pytest.raises(Conflict, match="خود شما ساعت"):
        change(clerk, made, second)
    colleague = course_cases.staff(Role.MANAGER, make.first(make.Unit, id=clerk.units[0]))
    with pytest.raises(Conflict, match=clerk.name):
        change(colleague, made, second)
    person = db.session.get_one(Person, made.person_id, populate_existing=True)
    assert (person.mobile, person.mobile_status) == (NEW, MobileStatus.UNCHECKED)


@pytest.mark.parametrize(
    ("case", "error"),
    [("elsewhere", OutsideTerritory), ("canceled", NotAllowed), ("own", NotAllowed), ("instructor", NotAllowed)],
)
def test_only_clerk_and_manager_where_somebody_is_enrolled_and_never_for_themselves(clerk, case, error):
    own = db.session.get_one(Person, clerk.person_id)
    made = enrolled(clerk, own if case == "own" else None)
    actor = clerk
    if case == "elsewhere":
        actor = course_cases.staff(Role.CLERK, make.unit())
    elif case == "instructor":
        actor = course_cases.staff(Role.COUNSELOR, make.first(make.Unit, id=clerk.units[0]))
    elif case == "canceled":
        made.status = "canceled"
        db.session.commit()
    with pytest.raises(error):
        change(actor, made)
    assert db.session.query(MobileChange).count() == 0


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"evidence": ""}, "evidence"),
        ({"mobile": "0911"}, "mobile"),
        ({"mobile": OLD}, "mobile"),
        ({"mobile": "09113700059"}, "mobile"),
    ],
)
def test_without_reason_or_paper_and_with_a_number_of_staff_nothing_is_written(clerk, over, field):
    make.user(Role.MANAGER, make.first(make.Unit, id=clerk.units[0]), person=make.person(mobile="09113700059"))
    made = enrolled(clerk)
    with pytest.raises(DomainError) as refused:
        change(clerk, made, wanted(made, **over))
    assert (refused.value.field, db.session.query(MobileChange).count()) == (field, 0)


@pytest.mark.parametrize("rule", [renumbering.PER_USER, renumbering.PER_PERSON])
def test_a_day_has_so_many_changes(clerk, rule):
    make.save(Policy(name=rule, scope="*", valid_from=policy.today(), value=1))
    made = enrolled(clerk)
    change(clerk, made)
    other = made if rule == renumbering.PER_PERSON else enrolled(clerk)
    with pytest.raises(DomainError, match="فردا"):
        change(clerk, other, wanted(other, "09113700054"))
