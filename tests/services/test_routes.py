"""Routes of approval as HQ writes them: from a day on, what they would change, never for what is on its way."""

import datetime as dt

import pytest

from models import ApprovalRoute, AuditEvent, CourseStatus, Policy, Role, Setting, UnitKind, db, utcnow
from services import policy, routes, rule_values
from services.courses import Action
from services.errors import Conflict, DomainError, NotAllowed
from services.routes import RouteValues
from tests import course_cases as cases
from tests import make

S = CourseStatus
DAY = dt.timedelta(days=1)
SEPARATION = rule_values.SEPARATION


@pytest.fixture
def admin():
    return cases.staff(Role.ADMIN, make.unit(UnitKind.HQ))


def wanted(levels="center,province,hq", setting=routes.ANY, kind="center", days=0):
    return RouteValues(kind, setting, levels, policy.today() + days * DAY)


def test_a_route_holds_for_what_is_sent_from_its_day_on_and_what_is_under_way_keeps_its_own(admin):
    unit = cases.center()
    make.route()
    clerk, manager = cases.staff(Role.CLERK, unit), cases.staff(Role.MANAGER, unit)
    before = cases.advance(clerk, cases.draft(clerk).id, Action.SEND)
    drafted = cases.draft(clerk, start_time=dt.time(14), end_time=dt.time(18), shift="evening")
    assert routes.add(admin, wanted("province"))
    assert not routes.add(admin, wanted("province")), "the second press finds the first"
    assert routes.add(admin, wanted("hq", days=1))
    assert cases.advance(clerk, drafted.id, Action.SEND).levels == "province"
    assert cases.advance(manager, before.id, Action.APPROVE).status is S.PROVINCE_REVIEW
    (center, academy) = routes.standing()
    assert (center.levels, [row.levels for row in center.coming]) == ("province", ["hq"])
    assert (academy.levels, academy.row) == ("province", None)


def test_of_two_ways_from_one_day_the_first_stands_and_what_began_is_not_taken_away(admin):
    assert routes.add(admin, wanted("center"))
    with pytest.raises(Conflict, match="مرکز"):
        routes.add(admin, wanted("hq"))
    assert routes.add(admin, wanted("hq", days=2))
    begun, coming = db.session.query(ApprovalRoute).order_by(ApprovalRoute.valid_from)
    with pytest.raises(Conflict, match="آغاز شده"):
        routes.remove(admin, begun.id)
    assert [routes.remove(admin, coming.id) for _ in range(2)] == [True, False]
    events = db.session.query(AuditEvent).filter_by(subject="approval_route").order_by(AuditEvent.id)
    assert [event.action for event in events] == ["route_added", "route_added", "route_removed"]


@pytest.mark.parametrize(
    ("over", "field"),
    [({"levels": "province,center"}, "levels"), ({"setting": "moon"}, "setting"), ({"days": -1}, "valid_from"),
     ({"kind": "hq"}, "unit_kind")],
)  # fmt: skip
@pytest.mark.once
def test_a_route_that_cannot_be_is_refused_at_its_field(admin, over, field):
    for act in (routes.preview, lambda row: routes.add(admin, row)):
        with pytest.raises(DomainError) as refused:
            act(wanted(**over))
        assert refused.value.field == field
    assert db.session.query(ApprovalRoute).count() == 0


def test_the_preview_counts_the_courses_of_90_days_that_would_have_gone_another_way(admin):
    unit, academy, now = make.unit(), make.unit(UnitKind.ACADEMY), utcnow()
    make.save(ApprovalRoute(unit_kind="center", setting="prison", valid_from=dt.date(2020, 1, 1), levels="hq"))

    def sent(n, unit_=unit, days=1, **over):
        for _ in range(n):
            make.course(over.pop("status", S.OPEN), unit_, sent_at=now - days * DAY, **over)

    sent(3, levels="center,province")
    sent(2, levels="province")
    sent(1, levels="center,province,hq", status=S.HQ_REVIEW)
    sent(4, days=91, levels="province")  # too long ago
    sent(5, levels="hq", setting="prison")  # has a route of its own
    sent(6, academy, levels="province")
    seen = routes.preview(wanted())
    assert (seen.sent, seen.other, seen.running) == (6, [("center,province", 3), ("province", 2)], 1)
    prison = routes.preview(wanted(setting=Setting.PRISON))
    assert (prison.sent, prison.changed, prison.running) == (5, 5, 0)
    assert routes.preview(wanted("province", kind="academy")).changed == 0
    assert db.session.query(ApprovalRoute).count() == 1, "looking writes nothing"


@pytest.mark.once
def test_only_an_administrator_of_hq_writes_rules():
    for role, unit in ((Role.REVIEWER, make.unit(UnitKind.HQ)), (Role.MANAGER, make.unit())):
        somebody = cases.staff(role, unit)
        for act in (
            lambda who: routes.add(who, wanted()),
            lambda who: routes.remove(who, 1),
            lambda who: rule_values.add(who, SEPARATION, "*", policy.today(), False),
            lambda who: rule_values.remove(who, SEPARATION, 1),
        ):
            with pytest.raises(NotAllowed):
                act(somebody)


def test_separation_is_switched_for_a_province_from_a_day_on(admin):
    unit = make.unit()
    assert rule_values.add(admin, SEPARATION, unit.province.code, policy.today(), value=False)
    assert not rule_values.add(admin, SEPARATION, unit.province.code, policy.today(), value=False)
    with pytest.raises(Conflict):
        rule_values.add(admin, SEPARATION, unit.province.code, policy.today(), value=True)
    assert rule_values.add(admin, SEPARATION, "*", policy.today() + DAY, value=False)
    elsewhere = make.unit(province_=make.province())
    assert [policy.value(SEPARATION, each) for each in (unit, elsewhere)] == [False, True]
    coming = db.session.query(Policy).filter_by(scope="*").one()
    assert [rule_values.remove(admin, SEPARATION, coming.id) for _ in range(2)] == [True, False]
    begun = db.session.query(Policy).one()
    with pytest.raises(Conflict, match="آغاز شده"):
        rule_values.remove(admin, SEPARATION, begun.id)
    for scope, day, field in (("nowhere", policy.today(), "scope"), ("*", None, "valid_from")):
        with pytest.raises(DomainError) as refused:
            rule_values.add(admin, SEPARATION, scope, day, value=True)
        assert refused.value.field == field
