"""The public list, one course and the filters' choices, on a real database."""

import datetime as dt

import pytest

from models import Course, CourseEvent, CourseStatus, Delivery, Gender, Shift, UnitKind, db, utcnow
from services import catalog, courses
from services.catalog import Search
from services.catalog.listing import _statement
from tests import make

DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _nothing_kept():
    catalog.forget()


def titles(found):
    return [row.title for row in found.rows]


def find(now=None, **wanted):
    return titles(catalog.find(Search(**wanted), now or utcnow()))


# -- Who is in the list ------------------------------------------------------------


@pytest.mark.parametrize("status", CourseStatus)
def test_only_courses_that_take_people_or_will_are_listed(status):
    make.course(status, title="برق")
    listed = status in (CourseStatus.APPROVED, CourseStatus.OPEN)
    assert find() == (["برق"] if listed else [])


def test_a_course_leaves_the_list_the_moment_enrollment_closes():
    course = make.course()
    assert len(find(course.enroll_close_at - dt.timedelta(seconds=1))) == 1
    assert find(course.enroll_close_at) == []


def test_a_course_that_opens_later_is_listed():
    make.course(CourseStatus.APPROVED, title="جوش", enroll_open_at=utcnow() + DAY)
    assert find() == ["جوش"]


# -- Words -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    ["جوشکاری", "جوش کاری", "جوش‌كاري", "گرگان جوشکاری", "جوشکاری گرگان", "E3", "e3 گرگان", "مرکز ۲", "(E3)", "  "],
)
def test_words_match_in_any_order_and_spelling(words):
    gorgan = make.unit(title="مرکز شمارهٔ ۲ گرگان")
    make.course(unit_=gorgan, title="جوشکاری با قوس الکتریکی (E3)")
    assert len(find(words=words)) == 1


@pytest.mark.parametrize("words", ["تراشکاری", "جوشکاری تهران", "%", "100%", "/", "a%b", "جوش%گرگان"])
def test_words_that_are_nowhere_find_nothing_and_signs_are_no_wildcards(words):
    make.course(unit_=make.unit(title="مرکز گرگان"), title="جوشکاری")
    assert find(words=words) == ([] if words != "/" else ["جوشکاری"])


def test_a_course_is_found_by_its_code_in_persian_digits():
    course = make.course()
    make.course()
    assert find(words="".join(chr(ord("۰") + int(digit)) for digit in course.code)) == [course.title]


# -- Filters -----------------------------------------------------------------------


def test_place_filters_narrow_down_to_one_unit():
    here, there = make.province(), make.province()
    one, two = make.unit(province_=here), make.unit(province_=there)
    make.course(unit_=one, title="اینجا")
    make.course(unit_=two, title="آنجا")
    assert find(province=here.code) == ["اینجا"]
    assert find(county=two.county.code) == ["آنجا"]
    assert find(unit=one.code) == ["اینجا"]
    assert find(province=here.code, unit=two.code) == []
    assert find(province="9999") == []


def test_a_woman_finds_courses_for_women_and_for_all():
    for gender in Gender:
        make.course(gender=gender, title=gender.value)
    assert sorted(find(gender=Gender.FEMALE)) == ["female", "mixed"]
    assert len(find()) == 3


def test_shift_field_start_and_free_seats_filter():
    today = dt.date(2030, 1, 10)
    make.course(title="صبح پر", start_on=today, end_on=today, taken=15)
    other = make.standard(field_id=make.field().id)
    make.course(title="عصر", start_on=today + DAY, end_on=today + DAY, shift="evening", standard=other)
    assert find(shift=Shift.EVENING) == ["عصر"]
    assert find(from_on=today + DAY) == ["عصر"]
    assert find(field=other.field_id) == ["عصر"]
    assert find(only_free=True) == ["عصر"]
    assert find(from_on=today) == ["صبح پر", "عصر"]


# -- Pages -------------------------------------------------------------------------


@pytest.fixture
def seven():
    """Seven courses, several on one day."""
    first = dt.date(2030, 1, 1)
    days = [first + dt.timedelta(days=n // 3) for n in range(7)]
    for n, day in enumerate(days):
        make.course(title=f"{n}", start_on=day, end_on=day)


@pytest.mark.usefixtures("seven")
def test_paging_forward_and_back_shows_each_course_once():
    now, forward, seen = utcnow(), None, []
    while True:
        found = catalog.find(Search(), now, after=forward, size=3)
        seen.append(titles(found))
        if found.after is None:
            break
        forward = found.after
    assert seen == [["0", "1", "2"], ["3", "4", "5"], ["6"]]
    back = catalog.find(Search(), now, before=found.before, size=3)
    assert titles(back) == ["3", "4", "5"]
    first = catalog.find(Search(), now, before=back.before, size=3)
    assert (titles(first), first.before) == (["0", "1", "2"], None)


@pytest.mark.usefixtures("seven")
def test_the_total_is_that_of_all_pages_and_is_capped():
    found = catalog.find(Search(), utcnow(), size=3)
    assert (found.total, found.is_capped) == (7, False)
    last = catalog.find(Search(), utcnow(), after=found.after, size=3)
    assert last.total == 7
    assert catalog.Found([], catalog.COUNT_LIMIT + 1, None, None).is_capped


@pytest.mark.usefixtures("seven")
def test_the_list_is_one_statement_however_many_rows(queries):
    for size in (1, 7):
        with queries() as seen:
            catalog.find(Search(words="۱", only_free=True), utcnow(), size=size)
        assert len(seen) == 1


def test_the_database_reads_the_list_from_its_partial_index():
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET enable_seqscan = off")
            connection.exec_driver_sql("SET enable_sort = off")
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        plan = connection.exec_driver_sql(f"{explain} {_list_sql(connection)}").fetchall()
    assert "ix_course_public" in str(plan)
    assert "TEMP B-TREE" not in str(plan)


def _list_sql(connection):
    statement = _statement((), "").params(now=utcnow(), size=26)
    return str(statement.compile(connection, compile_kwargs={"literal_binds": True})).replace("%", "%%")


# -- One course --------------------------------------------------------------------


@pytest.mark.parametrize("status", CourseStatus)
def test_a_course_has_a_page_once_it_was_approved(status):
    course = make.course(status)
    public = {"approved", "open", "closed", "running", "finished"}
    assert (catalog.course(course.code) is not None) == (status.value in public)


def test_a_canceled_course_keeps_its_page_only_if_it_was_approved():
    course = make.course(CourseStatus.CANCELED)
    assert catalog.course(course.code) is None
    values = {"actor_id": course.entered_by_id, "level": "province", "course_version": 1}
    make.save(CourseEvent(course_id=course.id, action="approve", source="x", target="approved", **values))
    assert catalog.course(course.code).status is CourseStatus.CANCELED


def test_similar_courses_have_seats_now_in_the_same_field_and_province():
    near, far = make.unit(), make.unit(province_=make.province())
    full = make.course(unit_=near, taken=15)
    same_field = make.standard(field_id=full.field_id)
    make.course(unit_=near, title="هم‌رشته", standard=same_field, start_on=full.start_on - DAY)
    make.course(unit_=near, title="همان")
    make.course(unit_=near, title="پر", taken=15)
    make.course(unit_=near, title="بعداً", enroll_open_at=utcnow() + DAY)
    make.course(unit_=near, title="رشتهٔ دیگر", standard=make.standard(field_id=make.field().id))
    make.course(unit_=far, title="دور")
    row = catalog.course(full.code)
    assert [each.title for each in catalog.similar(row, utcnow())] == ["همان", "هم‌رشته"]
    assert len(catalog.similar(row, utcnow(), limit=1)) == 1


def test_what_is_similar_may_be_enrolled_in_by_the_one_rule():
    now, course = utcnow(), make.course()
    rule = db.session.query(Course.id).filter(courses.enrollable(now)).all()
    other = make.course(taken=15)
    assert [row.id for row in catalog.similar(catalog.course(other.code), now)] == [each.id for each in rule]
    assert course.id in {each.id for each in rule}


# -- Choices and fees --------------------------------------------------------------


def test_counties_and_units_are_offered_once_a_province_is_chosen():
    here = make.unit(title="مرکز ۱")
    make.unit(title="مرکز بی‌دوره")
    make.course(unit_=here)
    none = catalog.choices(Search(), utcnow())
    assert (none.counties, none.units) == ([], [])
    assert none.provinces == [(here.province.code, here.province.title)]
    some = catalog.choices(Search(province=here.province.code), utcnow())
    assert some.counties == [(here.county.code, here.county.title)]
    assert some.units == [(here.code, "مرکز ۱")]


def test_fields_without_courses_are_not_offered():
    course = make.course()
    make.field("بی‌دوره")
    offered = catalog.choices(Search(), utcnow()).fields
    assert [code for code, _ in offered] == [str(course.field_id)]


def test_too_many_units_are_not_offered_but_the_chosen_one_is(monkeypatch):
    monkeypatch.setattr("services.catalog.filters.UNITS_LIMIT", 1)
    one, two = make.unit(), make.unit()
    for unit in (one, two):
        make.course(unit_=unit)
    province = one.province.code
    assert catalog.choices(Search(province=province), utcnow()).units is None
    assert catalog.choices(Search(province=province, unit=two.code), utcnow()).units == [(two.code, two.title)]


def test_a_county_left_over_from_another_province_is_dropped():
    here, there = make.unit(), make.unit(province_=make.province())
    for unit in (here, there):
        make.course(unit_=unit)
    search = Search(province=here.province.code, county=there.county.code, unit=there.code)
    kept = catalog.within(search, catalog.choices(search, utcnow()))
    assert (kept.province, kept.county, kept.unit) == (here.province.code, "", "")


def test_choices_are_asked_for_once_a_minute_and_again_after_forgetting(queries):
    make.province()
    catalog.choices(Search(), utcnow())
    make.province()
    with queries() as seen:
        assert len(catalog.choices(Search(), utcnow()).provinces) == 1
    assert seen == []
    catalog.forget()
    assert len(catalog.choices(Search(), utcnow()).provinces) == 2


def test_the_fee_is_that_of_the_kind_of_unit():
    make.tariff(50_000)
    make.tariff(70_000, unit_kind="academy")
    make.tariff(90_000, unit_kind="academy", delivery="virtual", decile=9)
    fees = catalog.fees(utcnow())
    assert fees.rials(UnitKind.CENTER, None) == 50_000
    assert fees.rials(UnitKind.ACADEMY, Delivery.VIRTUAL) == 70_000, "of somebody whose decile is not known"
    assert fees.vary(UnitKind.ACADEMY, Delivery.VIRTUAL)
    assert not fees.vary(UnitKind.ACADEMY, Delivery.IN_PERSON)
