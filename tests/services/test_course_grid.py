"""Lists of courses: what they are narrowed to, their orders page by page, their numbers, and names to find them by."""

import datetime as dt

import pytest

from models import Course, CourseStatus, Gender, Role, SavedFilter, Setting, Shift, SkillStandard, UnitKind, db
from services import course_lists, policy, saved_filters
from services.course_lists import Order, Wanted
from services.courses import lists
from services.errors import DomainError, NotFound, OutsideTerritory
from tests import course_cases as cases
from tests import make

S = CourseStatus
DAY = dt.timedelta(days=1)


@pytest.fixture
def unit():
    return make.unit()


@pytest.fixture
def clerk(unit):
    return cases.staff(Role.CLERK, unit)


def ids(actor, wanted, **how):
    return [row.id for row in course_lists.listing(actor, wanted, **how).rows]


def test_the_list_counts_every_tab_and_finds_by_words(unit, clerk):
    for status in (S.DRAFT, S.DRAFT, S.OPEN, S.REJECTED, S.FINISHED):
        make.course(status, unit)
    make.course(S.DRAFT, make.unit())
    page = course_lists.listing(clerk, Wanted("draft"), saved=[Wanted("all"), Wanted("open", words="نیست")])
    assert page.counts == {"draft": 2, "review": 0, "returned": 1, "open": 1, "running": 0, "finished": 1, "all": 5}
    assert page.saved == [5, 0]
    found = course_lists.listing(clerk, Wanted("draft", words=page.rows[0].code), saved=[Wanted("open")])
    assert [row.id for row in found.rows] == [page.rows[0].id]
    assert (found.counts, found.saved) == (dict.fromkeys(page.counts, 0) | {"draft": 1, "all": 1}, [1])


def test_a_province_and_hq_see_no_drafts_and_a_center_nobody_elses(unit, clerk):
    make.course(S.DRAFT, unit)
    sent, far = make.course(S.OPEN, unit), make.course(S.OPEN, make.unit(province_=make.province()))
    reviewer, hq = cases.staff(Role.REVIEWER, cases.office()), cases.staff(Role.REVIEWER, make.unit(UnitKind.HQ))
    assert "draft" not in course_lists.listing(reviewer, Wanted("review")).counts
    assert ids(reviewer, Wanted("all")) == [sent.id]
    assert ids(hq, Wanted("all")) == [far.id, sent.id]
    assert ids(hq, Wanted("all", province=unit.province_id)) == [sent.id]
    assert ids(reviewer, Wanted("all", province=far.province_id)) == []


NARROWED = [
    {"standard": "000000000000001"}, {"county": -1}, {"unit": -1}, {"trade": -1}, {"shift": Shift.NIGHT},
    {"gender": Gender.FEMALE}, {"setting": Setting.PRISON}, {"without_instructor": True},
    {"first": policy.today() + 300 * DAY}, {"last": policy.today() - 300 * DAY},
]  # fmt: skip


@pytest.mark.parametrize("over", NARROWED, ids=lambda over: next(iter(over)))
@pytest.mark.once
def test_each_part_of_the_filter_leaves_out_what_does_not_fit_and_keeps_what_does(unit, clerk, over):
    plain = make.course(S.DRAFT, unit)
    field, wanted = make.field(), Wanted("draft", **over)
    fitting = {
        "standard": {"standard": make.standard(code="000000000000001", field_id=field.id)},
        "shift": {"shift": Shift.NIGHT},
        "gender": {"gender": Gender.FEMALE},
        "setting": {"setting": Setting.PRISON},
        "without_instructor": {"instructor_id": None},
        "first": {"start_on": policy.today() + 300 * DAY, "end_on": policy.today() + 301 * DAY},
        "last": {"start_on": policy.today() - 300 * DAY},
    }
    (name,) = over
    if name in fitting:
        other = make.course(S.DRAFT, unit, **fitting[name])
        if name == "without_instructor":
            other.instructor_id = None
            db.session.commit()
        assert ids(clerk, wanted) == [other.id]
    else:
        assert ids(clerk, wanted) == []
        column = {"county": plain.county_id, "unit": unit.id, "trade": plain.field_id}[name]
        assert ids(clerk, Wanted("draft", **{name: column})) == [plain.id]


def some(unit, number):
    """Courses of three states in an order that is none: same days and titles among them, some without one of both."""
    titles = [make.standard(title=title) for title in ("ب", "الف", "ج")]
    for at in range(number):
        start = policy.today() + (at * 7 % 5) * DAY
        status = (S.DRAFT, S.OPEN, S.RETURNED)[at % 4 % 3]
        make.course(status, unit, standard=titles[at % 3], start_on=start, end_on=start + 40 * DAY)
    for status in (S.DRAFT, S.RETURNED):
        make.course(status, unit, start_on=None, end_on=None)
        make.course(status, unit).standard_id = None
    db.session.commit()
    rows = db.session.query(Course).filter_by(unit_id=unit.id).all()
    standards = {row.id: row.title_sort for row in db.session.query(SkillStandard)}
    sort = {row.id: standards.get(row.standard_id, "") for row in rows}
    day = {row.id: row.start_on or dt.date(9999, 12, 31) for row in rows}
    return {
        Order.NEWEST: sorted(sort, reverse=True),
        Order.SOONEST: sorted(sort, key=lambda row: (day[row], row)),
        Order.LATEST: sorted(sort, key=lambda row: (day[row], row), reverse=True),
        Order.TITLE: sorted(sort, key=lambda row: (sort[row], row)),
    }


@pytest.mark.parametrize("order", Order)
def test_pages_go_on_in_each_order_where_the_one_before_ended(unit, clerk, order, monkeypatch):
    monkeypatch.setattr(course_lists, "SIZE", 4)
    monkeypatch.setattr(course_lists, "AT_ONCE", 3)
    expected, wanted = some(unit, 10)[order], Wanted("all", order=order)
    found, after = [], ""
    while after is not None:
        page = course_lists.listing(clerk, wanted, after)
        found += [row.id for row in page.rows]
        after = page.after
    assert found == expected
    assert [row.id for row in course_lists.every(clerk, wanted, 100)] == expected
    assert [row.id for row in course_lists.every(clerk, wanted, 5)] == expected[:5]


@pytest.mark.once
def test_an_address_says_what_is_wanted_in_one_spelling_and_overlooks_what_cannot_be():
    wanted = Wanted(
        "open", words="جوش", standard="72120019005", county=7, trade=3, first=dt.date(2026, 11, 22),
        last=dt.date(2027, 1, 20), shift=Shift.MORNING, gender=Gender.FEMALE, setting=Setting.PRISON,
        without_instructor=True, order=Order.TITLE,
    )  # fmt: skip
    asked = course_lists.address(wanted)
    assert asked["first"] == "1405-09-01"
    assert course_lists.read(asked, ["draft", "open"]) == wanted
    odd = {
        "tab": "x",
        "county": "۷",
        "unit": "9" * 19,
        "shift": "noon",
        "first": "1405-13-40",
        "sort": "id",
        "show": "1",
    }
    assert course_lists.read(odd, ["draft", "open"]) == Wanted("draft")
    assert course_lists.address(Wanted("draft")) == {"tab": "draft"}


@pytest.mark.once
def test_an_odd_cursor_is_the_first_page(unit, clerk):
    course = make.course(S.DRAFT, unit)
    for order in Order:
        for after in ("x", "x_y", "2026-13-99_5", f"{'9' * 30}", "_"):
            assert ids(clerk, Wanted("draft", order=order), after=after) == [course.id]


@pytest.mark.once
def test_numbers_stop_where_nobody_reads_on(unit, clerk, monkeypatch):
    monkeypatch.setattr(lists, "COUNT_LIMIT", 3)
    monkeypatch.setattr(course_lists, "COUNT_LIMIT", 3)
    for _ in range(4):
        make.course(S.DRAFT, unit)
    page = course_lists.listing(clerk, Wanted("draft"))
    assert (page.counts["draft"], course_lists.number_told(3), course_lists.number_told(2)) == (3, "۳+", "۲")


# -- Named lists -------------------------------------------------------------------


def test_a_list_is_kept_under_a_name_once_and_a_name_that_is_taken_gets_the_new_one(clerk):
    asked = course_lists.address(Wanted("open", shift=Shift.NIGHT))
    assert [saved_filters.save(clerk, "center.courses", " شب‌ها ", asked) for _ in range(2)] == [True, False]
    assert saved_filters.save(clerk, "center.courses", "شب‌ها", {"tab": "all"})
    assert saved_filters.save(clerk, "province.courses", "شب‌ها", asked)
    assert [(row.title, row.query) for row in saved_filters.of(clerk, "center.courses")] == [("شب‌ها", "tab=all")]
    for n in range(saved_filters.MOST - 1):
        assert saved_filters.save(clerk, "center.courses", f"فهرست {n}", asked)
    with pytest.raises(DomainError, match="تا ۸"):
        saved_filters.save(clerk, "center.courses", "یکی دیگر", asked)


@pytest.mark.once
def test_numbers_of_people_are_kept_in_no_list_and_nobody_takes_away_anothers(unit, clerk):
    for title, words in (("", "جوش"), ("فهرست", "۰۰۷۳۹۲۱۸۴۱"), ("09121234567", "")):
        with pytest.raises(DomainError) as refused:
            saved_filters.save(clerk, "center.courses", title, {"tab": "open", "q": words})
        assert refused.value.field == "title"
    assert db.session.query(SavedFilter).count() == 0
    saved_filters.save(clerk, "center.courses", "باز", {"tab": "open"})
    (row,) = saved_filters.of(clerk, "center.courses")
    with pytest.raises(OutsideTerritory):
        saved_filters.remove(cases.staff(Role.CLERK, unit), row.id)
    assert saved_filters.remove(clerk, row.id)
    with pytest.raises(NotFound):
        saved_filters.remove(clerk, row.id)
