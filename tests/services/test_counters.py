"""Counter offices act within their contract, and see nobody's acts but their own."""

import datetime as dt

import pytest
from sqlalchemy import select, update

from models import AuditEvent, CounterContract, DebitSource, OwnerKind, Role, UnitKind, db, utcnow
from services import baskets, counters, many, policy, submissions
from services.baskets.typed import Wanted
from services.counters import ContractValues
from services.enrollment import drafts, reach, slips
from services.enrollment.drafts import Entry
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from services.late import LateSaving
from tests import course_cases, make

DAY = dt.timedelta(days=1)


@pytest.fixture
def counter():
    make.tariff(0)
    return course_cases.staff(Role.COUNTER, make.unit(UnitKind.COUNTER))


def set_contract(counter, **over):
    db.session.execute(update(CounterContract).where(CounterContract.unit_id == counter.units[0]).values(**over))
    db.session.commit()


def values(**over) -> ContractValues:
    today = policy.today()
    return ContractValues(
        **{"office_code": "72-11", "contract_no": "۱۴۰۵/۷", "valid_from": today, "valid_to": today, **over}
    )


# -- Within the contract -----------------------------------------------------------


def test_a_contract_is_good_on_its_first_and_on_its_last_day(counter):
    set_contract(counter, valid_from=policy.today(), valid_to=policy.today())
    reach.may_enroll(counter)


@pytest.mark.parametrize(("over", "why"), [
    (lambda today: {"valid_from": today - 2 * DAY, "valid_to": today - DAY}, "به پایان رسیده است"),
    (lambda today: {"valid_from": today + DAY, "valid_to": today + DAY}, "آغاز می‌شود"),
    (lambda today: {"ended_at": utcnow()}, "پایان داده است"),
    (lambda today: {"may_enroll": False, "may_top_up": False}, "را در بر ندارد"),
    (lambda today: None, "قراردادی ثبت نشده است"),
])  # fmt: skip
def test_without_a_contract_in_force_nothing_is_enrolled_or_topped_up_and_it_is_said_why(counter, over, why):
    acts = doors(counter, make.course(unit_=make.unit()))
    make.unit(UnitKind.DIRECTORATE, title="اداره کل گلستان")
    if changed := over(policy.today()):
        set_contract(counter, **changed)
    else:
        db.session.delete(make.first(CounterContract))
        db.session.commit()
    for act in acts:
        with pytest.raises(NotAllowed, match=f"{why}.*از «اداره کل گلستان» \\(۰۱۷-۳۲۲۲۰۰۰۰\\) بخواهید"):
            act()


def doors(counter, course):
    """Every act of a counter office that a contract allows: desk, top-ups and lists, begun while there was one."""
    draft, payer = drafted(counter, course), payer_of(counter)
    code = lambda: Wanted(OwnerKind.NATIONAL, make.national_code())  # noqa: E731 (one word for three acts)
    basket = baskets.get(baskets.start(payer, [code()], 50_000), [payer])
    listed = many.start(counter, submissions.new_key(), course.id, many.read(make.national_code()))
    return [
        lambda: drafts.start(counter, make.national_code()),
        lambda: drafts.save(counter, draft.key, draft.version, Entry()),
        lambda: drafts.wait(counter, draft),
        lambda: drafts.confirm(counter, draft),
        lambda: baskets.start(payer, [code()], 50_000),
        lambda: baskets.start_own(payer, (OwnerKind.NATIONAL, make.national_code()), 50_000),
        lambda: baskets.add(payer, basket, 1, code(), 50_000),
        lambda: baskets.pay(payer, basket, baskets.Said(1, 50_000, [0], submissions.new_key())),
        lambda: many.course_of(counter, course.id),
        lambda: many.look(counter, listed),
        lambda: many.run(counter, listed, DebitSource.TRAINEE),
        lambda: many.add(counter, submissions.new_key(), listed, many.read(make.national_code())),
    ]


def drafted(actor, course):
    key = drafts.start(actor, make.national_code(), course_id=course.id)
    return drafts.save(actor, key, 1, Entry(course_id=course.id, debit_source="trainee"))


def test_an_office_is_told_a_month_before_its_last_contract_ends(counter):
    assert counters.ending(counter) is None
    set_contract(counter, valid_to=policy.today() + 29 * DAY)
    assert counters.ending(counter).unit_id == counter.units[0]
    make.contract(make.first(make.Unit, id=counter.units[0]))
    assert counters.ending(counter) is None
    assert counters.ending(course_cases.staff(Role.CLERK, make.unit())) is None


def payer_of(actor) -> baskets.Payer:
    offices = counters.offices(actor)
    return baskets.values.user(actor.user_id, actor.units[0], sees_names=True, counters=offices)


@pytest.mark.once
def test_whoever_works_for_a_center_too_needs_no_contract_there(counter):
    set_contract(counter, ended_at=utcnow())
    here = make.unit()
    make.save(make.UserRole(user_id=counter.user_id, unit_id=here.id, role=Role.CLERK, can_enroll_others=True))
    both = course_cases.actor(make.first(make.User, id=counter.user_id), "center")
    assert drafts.start(both, make.national_code(), unit_id=here.id)
    with pytest.raises(NotAllowed):
        drafts.start(both, make.national_code(), unit_id=counter.units[0])


def test_beside_the_desk_a_counter_sees_own_enrollments_alone(counter):
    center = make.unit()
    course = make.course(unit_=center)
    for who in (counter, course_cases.staff(Role.CLERK, center)):
        drafts.confirm(who, drafted(who, course))
    assert [made.created_by_id for made in slips.last_of_course(counter, course)] == [counter.user_id]
    assert len(slips.last_of_course(who, course)) == 2


# -- Keeping contracts -------------------------------------------------------------


@pytest.fixture
def province():
    return course_cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE))


def added(province, **over) -> CounterContract:
    office = make.unit(UnitKind.COUNTER)
    assert counters.add(province, office.id, submissions.new_key(), values(**over))
    return make.first(CounterContract, unit_id=office.id, contract_no="1405/7")


def test_a_contract_is_added_once_edited_by_version_and_ended_for_good(province):
    row = added(province)
    key = submissions.new_key()
    assert [counters.add(province, row.unit_id, key, values(contract_no="8")) for _ in range(2)] == [True, False]
    with pytest.raises(DomainError) as taken:
        counters.edit(province, row.id, 1, values(contract_no="8"))
    assert taken.value.field == "contract_no"
    assert counters.edit(province, row.id, 1, values(may_top_up=False))
    with pytest.raises(LateSaving):
        counters.edit(province, row.id, 1, values(may_enroll=False))
    assert [counters.end(province, row.id) for _ in range(2)] == [True, False]
    with pytest.raises(Conflict, match="پایان داده شده است"):
        counters.edit(province, row.id, 2, values(may_enroll=False))
    acts = db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == row.id).order_by(AuditEvent.id))
    assert [act for act in acts if act in counters.DID] == list(counters.DID)
    assert [told.parts for told in counters.history(row)][1] == ["اعتبار را افزایش می‌دهد: «خیر»"]


@pytest.mark.once
@pytest.mark.parametrize(("over", "field"), [
    ({"office_code": " "}, "office_code"), ({"contract_no": "1" * 41}, "contract_no"),
    ({"valid_to": dt.date(2020, 1, 1)}, "valid_to"),
])  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(province, over, field):
    with pytest.raises(DomainError) as refusal:
        added(province, **over)
    assert refusal.value.field == field


@pytest.mark.once
def test_contracts_are_kept_by_the_offices_own_province_alone(province):
    row, planner = added(province), course_cases.staff(Role.PLANNER, make.first(make.Unit, kind="directorate"))
    far = course_cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, make.province()))
    for actor, refusal in ((planner, NotAllowed), (far, OutsideTerritory)):
        with pytest.raises(refusal):
            counters.end(actor, row.id)
    with pytest.raises(NotFound):
        counters.office(province, make.unit().id)
