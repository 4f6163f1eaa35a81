"""What reviewers and managers read of a month: who came in person and why, and exemptions by clerk."""

import datetime as dt
import io

import openpyxl
import pytest
from sqlalchemy import select, update

from models import AuditEvent, Enrollment, Role, TargetGroup, UnitKind, db
from services import jalali, policy
from services.catalog.booklet import month_of
from services.enrollment import drafts, report_sheets, reports, visits
from services.enrollment.drafts import Entry
from services.errors import NotAllowed
from tests import course_cases, make


@pytest.fixture
def month():
    make.tariff(0)
    return month_of(policy.today())


def enrolled(clerk, **chosen) -> Enrollment:
    course = make.course(unit_=make.first(make.Unit, id=clerk.units[0]))
    key = drafts.start(clerk, make.national_code())
    draft = drafts.save(clerk, key, 1, Entry(course_id=course.id, debit_source="trainee", **chosen))
    return db.session.get_one(Enrollment, drafts.confirm(clerk, draft).enrollment_id)


def clerk_in(province_=None):
    return course_cases.staff(Role.CLERK, make.unit(province_=province_))


def test_reviewers_list_who_came_in_person_because_of_missing_infrastructure(month):
    near, far = clerk_in(make.province()), clerk_in(make.province())
    lacking = visits.visit("no_infrastructure", "provincial")
    mine, also, _ = (enrolled(near, in_person=why) for why in (lacking, visits.visit("identity", None), None))
    theirs, old = enrolled(far, in_person=lacking), enrolled(near, in_person=lacking)
    make_old = update(Enrollment).where(Enrollment.id == old.id)
    db.session.execute(
        make_old.values(created_at=jalali.from_tehran(month.first, dt.time(0)) - dt.timedelta(minutes=1))
    )
    db.session.commit()
    province = course_cases.staff(
        Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, make.first(make.Province, id=near.provinces[0]))
    )
    hq = course_cases.staff(Role.REVIEWER, make.unit(UnitKind.HQ))
    read = {who.level: reports.in_person(who, month, "no_infrastructure") for who in (province, hq)}
    assert [[line.id for line in found.lines] for found in read.values()] == [[mine.id], [theirs.id, mine.id]]
    assert [(row.identity, row.no_infrastructure) for row in read["province"].sums] == [(1, 1)]
    assert read["hq"].total("no_infrastructure") == 2
    assert [line.id for line in reports.in_person(province, month).lines] == [also.id, mine.id]
    assert [line.id for line in reports.in_person(province, month, after=also.id).lines] == [mine.id]


def test_exemptions_are_listed_by_clerk_with_what_proves_them(month):
    spared = make.save(TargetGroup(code="prison", title="زندانیان", is_mobile_exempt=True))
    plain = make.save(TargetGroup(code="plain", title="عموم"))
    unit = make.unit()
    first, second = (course_cases.staff(Role.CLERK, unit) for _ in range(2))
    for clerk, group, evidence in (
        (first, spared, "نامهٔ ۱۲"),
        (first, spared, ""),
        (second, spared, ""),
        (second, plain, ""),
    ):
        made = enrolled(clerk, target_group_id=group.id, evidence=evidence)
    manager = course_cases.staff(Role.MANAGER, unit)
    found = reports.exempt(manager, month)
    told = [(reports.clerk_of(row), row.group, row.times, row.proved) for row in found.sums]
    assert told == [(first.name, "زندانیان", 2, 1), (second.name, "زندانیان", 1, 0)]
    assert (len(found.lines), made.id in [line.id for line in found.lines]) == (3, False)
    hq = course_cases.staff(Role.REVIEWER, make.unit(UnitKind.HQ))
    assert [(row.part, row.times) for row in reports.exempt(hq, month).sums] == [(unit.province.title, 3)]
    with pytest.raises(NotAllowed):
        reports.exempt(first, month)


def test_a_report_is_taken_as_a_workbook_and_the_trail_says_by_whom(month):
    clerk = clerk_in()
    made = enrolled(clerk, in_person=visits.visit("no_infrastructure", "county"))
    manager = course_cases.staff(Role.MANAGER, make.first(make.Unit, id=clerk.units[0]))
    into = io.BytesIO()
    report_sheets.write_in_person(into, manager, month, "")
    db.session.commit()
    rows = list(openpyxl.load_workbook(into).active.iter_rows(values_only=True))
    assert (len(rows), rows[1][1].replace(" ", "").replace("-", "")) == (2, made.tracking_code)
    assert rows[1][-2:] == ("نبود زیرساخت ارتباطی مناسب", "شهرستانی")
    taken = select(AuditEvent.actor_id).where(AuditEvent.action == "enrollment_report_taken")
    assert db.session.scalars(taken).all() == [manager.user_id]
