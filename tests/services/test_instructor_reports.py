"""Reports about instructors: who they are, what nobody teaches, and the workbook for the training center."""

import datetime as dt
import io

import openpyxl
import pytest

from models import (
    AuditEvent,
    Degree,
    EmploymentKind,
    EmploymentRecord,
    Instructor,
    Person,
    RecordState,
    RetrainingRecord,
    Role,
    UnitKind,
    db,
    utcnow,
)
from services import policy
from services.errors import NotAllowed, OutsideTerritory
from services.instructors import coverage, exports, report_sheets, reports
from services.instructors.reports import Field, Gap
from tests import course_cases as cases
from tests import fit_cases as fits
from tests import make

YEAR = dt.timedelta(days=366)


@pytest.fixture
def golestan():
    return make.province("گلستان")


@pytest.fixture
def gorgan(golestan):
    return make.county(golestan, "گرگان")


@pytest.fixture
def center(golestan, gorgan):
    return make.unit(province_=golestan, county_id=gorgan.id, title="مرکز گرگان")


@pytest.fixture
def clerk(center):
    return cases.staff(Role.CLERK, center)


@pytest.fixture
def welding():
    return make.field("جوشکاری")


def row(model, teacher, **values):
    whose = {"person_id": teacher.person_id, "unit_id": teacher.unit_id, "province_id": teacher.province_id}
    state = values.pop("state", RecordState.VERIFIED)
    times = {"sent_at": utcnow(), "decided_at": utcnow()}
    return make.save(model(**whose, **times, state=state, **values))


def retraining(teacher, hours, ended_on, **over):
    values = {"title": "ایمنی", "provider": "مرکز تربیت مربی", "started_on": ended_on, "ended_on": ended_on}
    return row(RetrainingRecord, teacher, hours=hours, **values, **over)


def job(teacher, kind, hired_on, **over):
    return row(EmploymentRecord, teacher, employment=kind, employer="سازمان", hired_on=hired_on, **over)


def told(teacher, **values):
    person = db.session.get_one(Person, teacher.person_id)
    for name, value in values.items():
        setattr(person, name, value)
    db.session.commit()


@pytest.fixture
def two(center, welding):
    """One with a whole file, one with nothing but a draft."""
    full, bare = make.instructor(center, welding, started_on=dt.date(2010, 1, 1)), make.instructor(center, welding)
    today = policy.today()
    make.education(full, degree=Degree.BACHELOR)
    make.education(full, degree=Degree.MASTER)
    make.education(bare, RecordState.DRAFT)
    job(full, EmploymentKind.HOURLY, dt.date(2012, 1, 1))
    job(full, EmploymentKind.OFFICIAL, dt.date(2015, 1, 1))
    retraining(full, 30, today)
    retraining(full, 12, today - YEAR)
    retraining(full, 500, today - 3 * YEAR)
    retraining(full, 500, today, state=RecordState.AT_CENTER)
    told(full, birth_date=today - 35 * YEAR, gender="female")
    make.instructor(center, welding, is_active=False, ended_on=today)
    return full, bare


@pytest.mark.once
def test_people_are_counted_by_the_verified_rows_of_their_files(clerk, center, two):
    found = reports.staff(reports.scope(clerk))
    assert (found.total, [(part.title, part.count) for part in found.parts]) == (2, [("مرکز گرگان", 2)])
    assert found.degrees == {Degree.MASTER: 1, None: 1}
    assert found.employments == {EmploymentKind.OFFICIAL: 1, None: 1}
    assert found.ages == {30: {"female": 1}, None: {None: 1}}
    assert (found.rule, found.retraining) == ((40, 2), {"none": 1, "some": 0, "enough": 1})


def test_who_teaches_in_two_units_is_one_person_of_the_province_and_one_of_each_unit(center, golestan, two):
    other = make.unit(province_=golestan, title="مرکز آق‌قلا")
    again = {"unit_id": other.id, "province_id": golestan.id}
    make.save(Instructor(person_id=two[0].person_id, **again))
    director = cases.staff(Role.DIRECTOR, make.unit(UnitKind.DIRECTORATE, golestan))
    found = reports.staff(reports.scope(director))
    assert (found.total, {part.title: part.count for part in found.parts}) == (2, {center.title: 2, other.title: 1})


def test_a_field_with_workshops_and_nobody_in_the_county_is_a_gap_of_that_county(golestan, gorgan, center, welding):
    electricity, aq = make.field("برق"), make.county(golestan, "آق‌قلا")
    one, two = make.standard(field_id=welding.id), make.standard(field_id=electricity.id)
    make.workshop(center, one, two)
    make.workshop(make.unit(province_=golestan, county_id=aq.id), one)
    make.instructor(make.unit(UnitKind.ACADEMY, golestan, county_id=gorgan.id), welding)
    director = cases.staff(Role.DIRECTOR, make.unit(UnitKind.DIRECTORATE, golestan))
    here = reports.scope(director)
    assert reports.gaps(here) == [Gap("آق‌قلا", "جوشکاری", 1), Gap("گرگان", "برق", 1)]
    assert reports.coverage(here) == [Field("برق", 1, 0), Field("جوشکاری", 1, 1)]
    assert reports.gaps(reports.scope(director, unit_id=center.id)) == [Gap("گرگان", "برق", 1)]


def test_a_standard_is_covered_by_those_who_fit_it_or_have_a_ruling(golestan, gorgan, center, welding):
    aq = make.county(golestan, "آق‌قلا")
    other = make.unit(province_=golestan, county_id=aq.id)
    ruled, free = make.standard(field_id=welding.id, title="جوش الف"), make.standard(field_id=welding.id, title="جوش ب")
    make.workshop(center, ruled, free), make.workshop(center, ruled), make.workshop(other, ruled, free)
    fits.rule(ruled, min_degree=Degree.MASTER)
    make.education(make.instructor(center, welding), degree=Degree.MASTER)
    make.instructor(center, welding)
    lacks = make.instructor(other, welding)
    here = reports.scope(cases.staff(Role.DIRECTOR, make.unit(UnitKind.DIRECTORATE, golestan)))
    found = coverage.of(here)
    assert [(one.title, one.workshops, one.teaching, one.fitting) for one in found.standards] == [
        ("جوش الف", 3, 3, 1),
        ("جوش ب", 2, 3, 3),
    ]
    assert [(gap.county, gap.title, gap.teaching) for gap in found.gaps] == [("آق‌قلا", "جوش الف", 1)]
    fits.ruling(lacks, ruled)
    assert (coverage.of(here).standards[0].fitting, coverage.of(here).gaps) == (2, [])
    own = coverage.of(reports.scope(cases.staff(Role.CLERK, other)))  # of its own alone, but the county is asked whole
    assert [(one.teaching, one.fitting) for one in own.standards] == [(1, 1), (1, 1)]


def test_workbooks_hold_the_numbers_of_the_pages_from_right_to_left_and_no_formula(clerk, center, two, welding):
    make.workshop(
        center, make.standard(field_id=welding.id, title="=1+1"), make.standard(field_id=make.field("برق").id)
    )
    here, books = reports.scope(clerk), []
    for write in (report_sheets.write_staff, report_sheets.write_coverage):
        write(into := io.BytesIO(), here)
        books.append(openpyxl.load_workbook(into))
    values = {sheet.title: list(sheet.iter_rows(values_only=True)) for book in books for sheet in book}
    assert all(sheet.sheet_view.rightToLeft for book in books for sheet in book)
    assert values["مدرک"] == [("بالاترین مدرک تأییدشده", "نفر"), ("کارشناسی ارشد", 1), ("تأیید نشده", 1)]
    assert values["استخدام"][1:] == [("رسمی", 1), ("تأیید نشده", 1)]
    assert values["سن و جنسیت"][1:] == [("۳۰ تا ۳۹ سال", 1, 0, 0), ("ثبت نشده", 0, 0, 1)]
    assert [count for _, count in values["بازآموزی"][1:]] == [1, 0, 1]
    assert values["بخش‌ها"][1:] == [("مرکز گرگان", 2)]
    assert ("جوشکاری", 1, 2) in values["رشته‌ها"]
    assert ("'=1+1", "جوشکاری", 1, 2, 2) in [line[1:] for line in values["استانداردها"]]
    assert [(line[0], line[4]) for line in values["استانداردهای بی‌مربی"][1:]] == [("گرگان", 0)]
    report_sheets.write_coverage(into := io.BytesIO(), reports.scope(cases.staff(Role.ADMIN, make.unit(UnitKind.HQ))))
    assert "استان" in openpyxl.load_workbook(into)["استانداردها"]["A2"].value


def test_the_country_is_read_by_province_and_each_sees_its_own_only(clerk, center, golestan, two):
    admin = cases.staff(Role.ADMIN, make.unit(UnitKind.HQ))
    country = reports.staff(reports.scope(admin))
    assert [(part.title, part.count) for part in country.parts] == [("گلستان", 2)]
    stranger = make.unit(province_=make.province("یزد"))
    with pytest.raises(OutsideTerritory):
        reports.scope(clerk, unit_id=stranger.id)
    with pytest.raises(OutsideTerritory):
        reports.scope(cases.staff(Role.DIRECTOR, make.unit(UnitKind.DIRECTORATE, golestan)), unit_id=stranger.id)
    with pytest.raises(NotAllowed):
        reports.scope(cases.staff(Role.COUNSELOR, center))


def test_the_statements_do_not_grow_with_the_people(clerk, center, two, welding, queries):
    def asked():
        here = reports.scope(clerk)
        with queries() as seen:
            reports.staff(here), reports.coverage(here), reports.gaps(here)
            exports.write(io.BytesIO(), clerk, here), coverage.of(here)
        return len(seen)

    standard = make.standard(field_id=welding.id)
    make.workshop(center, standard), fits.rule(standard, needs_card=True)
    before = asked()
    for _ in range(5):
        make.education(make.instructor(center, welding))
    assert asked() <= before <= 36


def test_the_training_center_gets_everybody_and_those_who_owe_retraining(clerk, center, two):
    full, bare = two
    told(full, last_name="آذری", name_sort="0")
    into = io.BytesIO()
    exports.write(into, clerk, reports.scope(clerk))
    book = openpyxl.load_workbook(into)
    titles, first, *rest = [[cell.value for cell in line] for line in book["مربیان"]]
    said = dict(zip(titles, first, strict=True))
    assert (said["نام خانوادگی"], said["واحد"], said["رشته‌ها"]) == ("آذری", "مرکز گرگان", "جوشکاری")
    assert (said["بالاترین مدرک"], said["نوع استخدام"]) == ("کارشناسی ارشد", "رسمی")
    assert (said["بازآموزی تأییدشده (ساعت)"], said["مانده (ساعت)"], said["گذشته"]) == (42, 0, None)
    (owing,) = list(book["بازآموزی مانده"].iter_rows(min_row=2, values_only=True))
    said = dict(zip(titles, owing, strict=True))
    assert (said["کد ملی"], said["مانده (ساعت)"]) == (db.session.get_one(Person, bare.person_id).national_code, 40)
    assert len(rest) == 1
    (event,) = db.session.query(AuditEvent).filter_by(action="instructors_exported").all()
    assert (event.actor_id, event.detail) == (clerk.user_id, {})
