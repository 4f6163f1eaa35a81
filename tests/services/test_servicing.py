"""Service of equipment: who plans it, when it is due, what a record moves on, and workshops that are down."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from models import AuditEvent, CourseStatus, EquipmentItem, Role, ServiceKind, ServiceRecord, WorkshopDowntime, db
from services import files, policy, servicing
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from services.servicing import Numbers, Plan, Service
from tests import attachments, make
from tests import course_cases as cases

DAY = timedelta(days=1)


@pytest.fixture
def unit():
    return make.unit()


@pytest.fixture
def clerk(unit):
    return cases.staff(Role.CLERK, unit)


@pytest.fixture
def workshop(unit):
    return make.workshop(unit)


def today():
    return policy.today()


def service(kind=ServiceKind.SERVICE, on=None, **over):
    return Service(kind, on or today(), over.pop("by", "شرکت ابزار"), **over)


def due(workshop, days, **over):
    return make.item(workshop, service_every_days=30, next_service_on=today() + days * DAY, **over)


def days_of(item):
    db.session.refresh(item)
    return item.last_service_on, item.next_service_on


# -- What is due -------------------------------------------------------------------


def test_what_is_late_what_comes_soon_and_what_is_down_is_counted_for_the_own_units_alone(clerk, workshop):
    for days in (-400, -1, 0, 14, 15):
        due(workshop, days)
    due(workshop, -5, is_active=False)
    due(workshop, -5, pieces=0)
    stranger = make.workshop(make.unit())
    due(stranger, -5)
    servicing.begin(clerk, workshop.id, today(), "سیم‌کشی")
    assert servicing.numbers(clerk) == Numbers(overdue=2, soon=2, down=1)
    found = {tab: len(servicing.listing(clerk, tab).items) for tab in servicing.TABS}
    assert found == {"overdue": 2, "soon": 2, "planned": 5, "none": 0}


@pytest.mark.parametrize("tab", ["planned", "none"])
def test_the_list_goes_on_where_it_stopped_and_finds_by_name(clerk, workshop, tab):
    for n in range(30):
        (due(workshop, n // 2, name=f"دریل {n}") if tab == "planned" else make.item(workshop, name=f"دریل {n}"))
    first = servicing.listing(clerk, tab)
    second = servicing.listing(clerk, tab, after=first.after)
    assert (len(first.items), len(second.items), second.after) == (25, 5, None)
    assert len({item.id for item in [*first.items, *second.items]}) == 30
    assert [item.name for item in servicing.listing(clerk, tab, "دريل 2۷").items] == ["دریل 27"]


@pytest.mark.once
def test_material_that_is_used_up_is_not_asked_for_a_plan(clerk, workshop):
    make.item(workshop, name="الکترود", group="consumable")
    assert servicing.listing(clerk, "none").items == []


# -- Plans -------------------------------------------------------------------------


def test_a_plan_without_a_day_begins_after_the_last_service_but_not_in_the_past(clerk, workshop):
    item = make.item(workshop)
    assert servicing.set_plan(clerk, item.id, Plan(), Plan(30))
    assert days_of(item) == (None, today() + 30 * DAY)
    served = make.item(workshop, last_service_on=today() - 10 * DAY)
    servicing.set_plan(clerk, served.id, Plan(), Plan(30))
    assert days_of(served)[1] == today() + 20 * DAY
    old = make.item(workshop, last_service_on=today() - 900 * DAY)
    servicing.set_plan(clerk, old.id, Plan(), Plan(30))
    assert days_of(old)[1] == today()


def test_a_plan_is_set_once_changed_by_whoever_has_seen_it_and_taken_away(clerk, workshop):
    item = make.item(workshop)
    first, second = Plan(30, today() + 3 * DAY), Plan(60, today() + 9 * DAY)
    assert [servicing.set_plan(clerk, item.id, Plan(), first) for _ in range(2)] == [True, False]
    with pytest.raises(Conflict, match="هر ۳۰ روز"):
        servicing.set_plan(clerk, item.id, Plan(), second)
    assert servicing.set_plan(clerk, item.id, first, second)
    assert servicing.set_plan(clerk, item.id, second, Plan())
    db.session.refresh(item)
    assert servicing.plan_of(item) == Plan()
    events = db.session.query(AuditEvent).filter_by(action="service_planned").order_by(AuditEvent.id)
    assert [event.detail["changes"]["every_days"] for event in events] == [[None, 30], [30, 60], [60, None]]


@pytest.mark.once
@pytest.mark.parametrize(("plan", "field"), [
    (Plan(0), "every_days"), (Plan(3651), "every_days"), (Plan(None, policy.today), "every_days"),
    (Plan(30, lambda: today() + 9000 * DAY), "next_on"),
])  # fmt: skip
def test_a_plan_that_cannot_be_meant_is_refused_at_its_field(clerk, workshop, plan, field):
    item = make.item(workshop)
    wished = Plan(plan.every_days, plan.next_on() if plan.next_on else None)
    with pytest.raises(DomainError) as refused:
        servicing.set_plan(clerk, item.id, Plan(), wished)
    assert refused.value.field == field


# -- Records -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ServiceKind)
def test_a_service_moves_the_next_day_on_and_a_repair_does_not(clerk, workshop, kind):
    item = due(workshop, -3)
    recorded = servicing.record(clerk, "a form", item.id, service(kind, today() - DAY, cost_rials=2_500_000))
    repair = kind is ServiceKind.REPAIR
    assert days_of(item) == ((None, today() - 3 * DAY) if repair else (today() - DAY, today() + 29 * DAY))
    assert (recorded.next_on, recorded.repeated) == (item.next_service_on, False)
    row = db.session.query(ServiceRecord).one()
    assert (row.kind, row.cost_rials, row.done_by, row.user_id) == (kind, 2_500_000, "شرکت ابزار", clerk.user_id)


def test_a_service_that_is_written_down_late_does_not_turn_the_plan_back(clerk, workshop):
    item = due(workshop, 3)
    servicing.record(clerk, "one", item.id, service(on=today()))
    servicing.record(clerk, "two", item.id, service(on=today() - 20 * DAY))
    assert days_of(item) == (today(), today() + 30 * DAY)
    assert [done.record.done_on for done in servicing.history(item.id)] == [today(), today() - 20 * DAY]


@pytest.mark.once
def test_without_a_plan_a_service_leaves_its_day_alone(clerk, workshop):
    item = make.item(workshop)
    servicing.record(clerk, "one", item.id, service())
    assert days_of(item) == (today(), None)


def test_the_same_form_sent_twice_is_one_service(clerk, workshop):
    item = due(workshop, 0)
    sent = [servicing.record(clerk, "one", item.id, service()) for _ in range(2)]
    assert [one.repeated for one in sent] == [False, True]
    assert db.session.query(ServiceRecord).count() == 1


def test_a_service_keeps_its_document_for_those_who_see_the_unit(clerk, workshop, unit):
    item = make.item(workshop)
    place = files.Place(servicing.OWNER, None, unit.id, unit.province_id)
    file = attachments.settled(attachments.send(clerk, attachments.jpeg(), place))
    servicing.record(clerk, "one", item.id, service(), file)
    (done,) = servicing.history(item.id)
    assert (done.document.id, done.record.document_id) == (file.id, file.id)
    stranger, colleague = (cases.staff(Role.CLERK, each) for each in (make.unit(), unit))
    assert files.get(files.Viewer((colleague,)), file.key).id == file.id
    with pytest.raises(OutsideTerritory):
        files.get(files.Viewer((stranger,)), file.key)


def test_a_record_is_never_changed(clerk, workshop):
    servicing.record(clerk, "one", make.item(workshop).id, service())
    with pytest.raises(DBAPIError):
        db.session.query(ServiceRecord).update({"cost_rials": 1})
    db.session.rollback()


@pytest.mark.once
@pytest.mark.parametrize(("over", "field"), [
    ({"on": 1}, "done_on"), ({"on": -9000}, "done_on"), ({"by": " ‌ "}, "done_by"), ({"by": "م" * 121}, "done_by"),
    ({"note": "م" * 501}, "note"), ({"cost_rials": 10**14}, "cost"),
])  # fmt: skip
def test_what_cannot_be_stored_of_a_service_is_refused_at_its_field(clerk, workshop, over, field):
    item, over = make.item(workshop), dict(over)
    on = today() + over.pop("on", 0) * DAY
    with pytest.raises(DomainError) as refused:
        servicing.record(clerk, "a form", item.id, service(on=on, **over))
    assert refused.value.field == field
    assert servicing.record(clerk, "a form", item.id, service()).repeated is False


# -- Who may -----------------------------------------------------------------------


def acts_on(actor, item, workshop):
    return (
        lambda: servicing.set_plan(actor, item.id, Plan(), Plan(30)),
        lambda: servicing.record(actor, "a form", item.id, service()),
        lambda: servicing.begin(actor, workshop.id, today(), "دلیل"),
    )


@pytest.mark.once
def test_a_counselor_looks_and_writes_nothing(unit, workshop):
    counselor, item = cases.staff(Role.COUNSELOR, unit), make.item(workshop)
    assert servicing.item(counselor, item.id).id == item.id
    for act in acts_on(counselor, item, workshop):
        with pytest.raises(NotAllowed):
            act()
    assert db.session.get(EquipmentItem, item.id, populate_existing=True).next_service_on is None


def test_another_centers_equipment_is_not_there(clerk):
    stranger = make.workshop(make.unit())
    item = make.item(stranger)
    down = make.save(WorkshopDowntime(
        workshop_id=stranger.id, starts_on=today(), reason="برق", begun_by_id=clerk.user_id, created_at=make.utcnow(),
    ))  # fmt: skip
    end = (lambda: servicing.end(clerk, down.id, today()), lambda: servicing.standing(clerk, stranger.id))
    for act in (*acts_on(clerk, item, stranger), *end, lambda: servicing.item(clerk, item.id)):
        with pytest.raises(OutsideTerritory):
            act()
    for act in (lambda: servicing.item(clerk, 10**9), lambda: servicing.end(clerk, 10**9, today())):
        with pytest.raises(NotFound):
            act()


# -- Workshops that are down -------------------------------------------------------


def test_a_workshop_is_down_once_and_up_again_on_the_day_that_is_said(clerk, workshop):
    start = today() - 4 * DAY
    assert [servicing.begin(clerk, workshop.id, start, "سیم‌کشی") for _ in range(2)] == [True, False]
    assert "سیم‌کشی" in servicing.said(servicing.standing(clerk, workshop.id).workshop)
    (down,) = servicing.standing(clerk, workshop.id).past
    for bad in (start - DAY, today() + DAY):
        with pytest.raises(DomainError):
            servicing.end(clerk, down.id, bad)
    assert [servicing.end(clerk, down.id, today() - 2 * DAY) for _ in range(2)] == [workshop.id] * 2
    standing = servicing.standing(clerk, workshop.id)
    assert (standing.workshop.downtime, servicing.said(standing.workshop)) == (None, "")
    assert standing.past[0].ends_on == today() - 2 * DAY
    with pytest.raises(DomainError, match="یک بار"):
        servicing.begin(clerk, workshop.id, today() - 2 * DAY, "دوباره")
    assert servicing.begin(clerk, workshop.id, today(), "دوباره")


@pytest.mark.once
@pytest.mark.parametrize(
    ("days", "reason", "field"), [(0, " ", "reason"), (1, "برق", "starts_on"), (-400, "برق", "starts_on")]
)
def test_a_downtime_needs_a_reason_and_a_day_that_has_come(clerk, workshop, days, reason, field):
    with pytest.raises(DomainError) as refused:
        servicing.begin(clerk, workshop.id, today() + days * DAY, reason)
    assert refused.value.field == field


def test_the_courses_that_lie_in_a_downtime_are_told(clerk, workshop, unit):
    over = {"unit_": unit, "workshop_id": workshop.id}
    running = make.course(CourseStatus.RUNNING, start_on=today() - 9 * DAY, end_on=today() + DAY, **over)
    later = make.course(start_on=today() + 90 * DAY, end_on=today() + 99 * DAY, **over)
    make.course(CourseStatus.CANCELED, **over)
    make.course(CourseStatus.RUNNING, start_on=today() - 9 * DAY, end_on=today() - DAY, **over)
    assert servicing.standing(clerk, workshop.id).courses == ()
    servicing.begin(clerk, workshop.id, today(), "سیم‌کشی")
    assert [course.id for course in servicing.standing(clerk, workshop.id).courses] == [running.id, later.id]
    ended = servicing.overlapping(workshop.id, today(), today() + 9 * DAY)
    assert [course.id for course in ended] == [running.id]
    assert [one.id for one in servicing.workshops(clerk)][0] == workshop.id
