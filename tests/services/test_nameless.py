"""Who is enrolled and has no name is on a list with the cause, until the name comes and is counted on its day."""

import datetime as dt
import io

import openpyxl
import pytest

from models import IdentityEvent, IdentityStatus, Outbox, OutboxState, Role, UnitKind, db, utcnow
from services import known, lookups, nameless, people, sso_people
from services.access import Level
from services.errors import DomainError, NotAllowed, OutsideTerritory
from services.inquiries import Way
from services.transaction import atomic
from tests import course_cases, make, owed
from tests.services.test_provenance import BORN, enrolled, history, pending, record
from tests.web import pages
from tests.window import PERSON

CAUSES = {
    "unborn": ({"birth_date": None}, None, "تاریخ تولد نوشته نشده", "تاریخ تولد را بنویسید"),
    "unknown": ({"identity_note": "not_found"}, "done", "پیدا نکرد", "تاریخ تولد درست"),
    "given up": ({}, "dead", "یک هفته پرسیده شد", "پنجره ملی"),
    "discarded": ({}, "discarded", "کنار گذاشته", "پنجره ملی"),
    "asked": ({}, "open", "در مهلت پاسخ نداد", "کاری لازم نیست"),
    "not asked": ({}, None, "هنوز آزموده نشده", "کاری لازم نیست"),
}


def nobody(course, state: str | None = None, **over):
    """A nameless person in a course, with what has become of the question about them."""
    person = make.person(**{"first_name": None, "last_name": None, "birth_date": BORN} | over)
    pages.enroll(course, person)
    if state:
        key = f"registry:{person.id}:0"
        kept = {"failures": 3, "last_error": "timeout", "next_try_at": utcnow()}
        make.save(Outbox(topic="registry", ref_id=person.id, dedup_key=key, state=state, **kept))
    return person


@pytest.mark.parametrize("case", CAUSES)
def test_each_cause_is_said_in_words_with_what_helps(case):
    over, state, why, what = CAUSES[case]
    course = make.course()
    nobody(course, state, **over)
    (line,) = nameless.page(course_cases.staff(Role.CLERK, course.unit)).lines
    assert (why in line.why, what in line.what) == (True, True), line
    assert line.is_stuck == (case not in ("asked", "not asked"))
    assert (line.days, line.code[3:7]) == (0, "****")


def test_a_center_sees_its_own_a_province_its_units_and_a_part_narrows_it():
    here, there = make.course(), make.course(unit_=make.unit())
    other = make.course(unit_=here.unit)
    for course in (here, here, other, there):
        nobody(course)
    pages.enroll(here, make.person())
    clerk = course_cases.staff(Role.CLERK, here.unit)
    page = nameless.page(clerk)
    assert (len(page.lines), page.total) == (3, 3)
    assert [(part.id, part.number) for part in page.parts] == [(here.id, 2), (other.id, 1)]
    assert len(nameless.page(clerk, other.id).lines) == 1
    province = course_cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, here.unit.province))
    assert {part.id for part in nameless.page(province).parts} <= {here.unit_id, there.unit_id}
    hq = course_cases.staff(Role.REVIEWER, make.unit(UnitKind.HQ))
    assert (hq.level, nameless.page(hq).total) == (Level.HQ, 4)
    assert nameless.numbers() == (4, 0)


def test_pages_follow_each_other_and_the_workbook_has_everybody_masked(monkeypatch):
    monkeypatch.setattr(nameless, "SIZE", 2)
    course = make.course()
    codes = [nobody(course).national_code for _ in range(3)]
    clerk = course_cases.staff(Role.CLERK, course.unit)
    first = nameless.page(clerk)
    rest = nameless.page(clerk, None, first.after or 0)
    assert ([len(page.lines) for page in (first, rest)], rest.after) == ([2, 1], None)
    into = io.BytesIO()
    nameless.write_sheet(into, clerk, None)
    text = str([row for row in openpyxl.load_workbook(into).active.values])
    assert not [code for code in codes if code in text]
    assert text.count(codes[0][:3]) >= 1


def test_a_name_that_comes_leaves_the_list_and_is_counted_on_its_day_where_the_person_belongs():
    person = pending()
    course_unit = enrolled(person).unit_id
    clerk = course_cases.staff(Role.CLERK, db.session.get_one(make.Unit, course_unit))
    stranger = course_cases.staff(Role.CLERK, make.unit())
    yesterday = utcnow() - dt.timedelta(days=1)
    old = {"person_id": person.id, "field": "name", "step": "filled", "source": "sso", "unit_id": course_unit}
    make.save(IdentityEvent(**old, at=yesterday))
    make.save(IdentityEvent(**old | {"source": "clerk"}, at=utcnow()))
    lookups.settle(lookups.question_of(person, "row-1"), record(person), Way(people.REGISTRY))
    assert nameless.page(clerk).lines == []
    assert [number for _, number in nameless.filled(clerk)[:3]] == [1, 1, 0]
    assert sum(number for _, number in nameless.filled(stranger)) == 0
    assert nameless.numbers() == (0, 1)


def test_a_written_birth_date_asks_anew_and_the_window_or_an_operator_heals_as_well():
    course = make.course()
    person = nobody(course, "dead", identity_note="not_found")
    clerk = course_cases.staff(Role.CLERK, course.unit)
    assert known.known(clerk, person.id).can_correct
    with pytest.raises(DomainError, match="همین تاریخ"):
        known.correct(clerk, person.id, BORN)
    known.correct(clerk, person.id, BORN + dt.timedelta(days=1))
    assert [row.state for row in owed.rows("registry")] == [OutboxState.DEAD, OutboxState.OPEN]
    assert history() == [("birth_date", "changed", "clerk", clerk.user_id)]
    assert not known.known(clerk, person.id).can_correct  # it is asked about
    with atomic():
        sso_people.official.take_in(people.locked(person.id), sso_people.Facts("sso", PERSON.first_name, "کریمی"))
    db.session.refresh(person)
    assert (person.identity_status, owed.rows("registry")[0].state) == (IdentityStatus.VERIFIED, OutboxState.DONE)


def test_only_who_enrolls_writes_a_birth_date_and_only_in_the_own_territory():
    course = make.course()
    person = nobody(course, birth_date=None)
    counselor = course_cases.staff(Role.COUNSELOR, course.unit)
    with pytest.raises(NotAllowed):
        known.correct(counselor, person.id, BORN)
    stranger = course_cases.staff(Role.CLERK, make.unit())
    for act in (lambda: known.known(stranger, person.id), lambda: known.correct(stranger, person.id, BORN)):
        with pytest.raises(OutsideTerritory):
            act()


def test_the_page_says_of_each_field_where_it_is_from_since_when_and_who_typed_it():
    person = make.person(birth_date=BORN, mobile="09113701000", mobile_status="matched")
    enrollment = enrolled(person)
    unit = db.session.get_one(make.Unit, enrollment.unit_id)
    clerk = course_cases.staff(Role.CLERK, unit)
    sso, by = {"source": "sso", "at": utcnow().isoformat()}, {"source": "clerk", "at": utcnow().isoformat()}
    person.sources = {"name": sso, "birth_date": by}
    make.save(IdentityEvent(person_id=person.id, field="birth_date", step="filled", source="clerk",
                            actor_id=clerk.user_id, at=utcnow()))  # fmt: skip
    make.save(IdentityEvent(person_id=person.id, field="deceased", step="disputed", source="registry", at=utcnow()))
    page = known.known(clerk, person.id)
    by_title = {field.title: field for field in page.fields}
    name, born = by_title["نام و نام خانوادگی"], by_title["تاریخ تولد"]
    assert (name.source, name.is_locked, name.by) == ("پنجره ملی دولت هوشمند", True, "")
    assert (born.source, born.is_locked, born.by) == ("کارشناس مرکز", False, clerk.name)
    assert "09113701000" not in str(by_title["تلفن همراه"].value)
    assert [event.field for event in page.events] == ["birth_date"]
    manager = course_cases.staff(Role.MANAGER, unit)
    assert [event.field for event in known.known(manager, person.id).events] == ["deceased", "birth_date"]
