"""Sheets of a center about its instructors: who is taken on, what of them is left to the registry, retraining."""

import datetime as dt

import pytest
from sqlalchemy import select

from models import (
    AuditEvent,
    IdentityStatus,
    ImportRow,
    ImportState,
    Instructor,
    InstructorEvent,
    Outbox,
    Person,
    RecordEvent,
    RecordState,
    RetrainingRecord,
    Role,
    RowKind,
    UnitKind,
    db,
)
from services import imports, people, policy
from services.errors import Conflict, DomainError
from services.imports import applying
from services.instructors import engaging, evidence, records, retraining_sheet, sheet, verifying
from services.instructors.verifying import Key
from services.submissions import new_key
from tests import attachments, make
from tests import course_cases as cases
from tests.services.test_center_sheets import again, all_of, applied, errors, send, undone
from tests.services.test_import_engine import folder, work  # noqa: F401 (a fixture)

FORM, RETRAINING = sheet.FORM, retraining_sheet.FORM


@pytest.fixture(autouse=True)
def in_one_turn(monkeypatch):
    """On a slow machine there would be another turn, which asks for everything anew."""
    monkeypatch.setattr(applying, "TURN_S", 60)


@pytest.fixture
def center():
    return make.unit()


@pytest.fixture
def clerk(center):
    return cases.staff(Role.CLERK, center)


@pytest.fixture
def welding():
    return make.field("جوشکاری")


@pytest.fixture
def teacher(center, welding):
    return make.instructor(center, welding)


def newcomer(**over):
    line = {"national_code": make.national_code(), "first_name": "سارا", "last_name": "مرادی", "fields": "جوشکاری"}
    return line | {"birth_date": "1364/01/01", "mobile": "9121234567", "gender": "زن"} | over


def code_of(instructor):
    return db.session.get_one(Person, instructor.person_id).national_code


def course(instructor, **over):
    line = {"national_code": code_of(instructor), "title": "ایمنی کارگاه", "provider": "مرکز تربیت مربی", "hours": "۲۴"}
    return line | {"started_on": "1404/02/01", "ended_on": "1404/02/04", "certificate_no": "۰۱۲۳"} | over


def said(rows):
    return {message for row in rows for message in row.errors.values()}


# -- Instructors -------------------------------------------------------------------


def test_who_is_not_known_is_taken_on_pending_with_what_the_sheet_says(clerk, center, welding):
    electricity = make.field("برق ساختمان")
    applied(clerk, FORM, newcomer(fields="جوشكاري؛ برق ساختمان"), newcomer(first_name="-", last_name=""))
    named, nameless = all_of(Instructor)
    assert [field.id for field in engaging.fields_of(named.id)] == [electricity.id, welding.id]
    assert (named.unit_id, named.is_active, named.started_on is not None) == (center.id, True, True)
    person = db.session.get_one(Person, named.person_id)
    assert (person.full_name, person.mobile, person.gender) == ("سارا مرادی", "09121234567", "female")
    assert person.sources["name"]["source"] == people.IMPORT
    unknown = db.session.get_one(Person, nameless.person_id)
    assert (unknown.full_name, unknown.name_key, unknown.identity_status) == (None, None, IdentityStatus.PENDING)
    owed = db.session.scalars(select(Outbox.ref_id).where(Outbox.topic == "registry")).all()
    assert set(owed) == {person.id, unknown.id}
    (event,) = [row for row in all_of(InstructorEvent) if row.instructor_id == named.id]
    assert (event.action, event.actor_id, event.reason) == ("taken_on", clerk.user_id, "ورود از اکسل")


def test_the_same_sheet_again_changes_nothing_and_another_list_of_fields_does(clerk, welding):
    make.field("تراشکاری")
    line = newcomer()
    applied(clerk, FORM, line)
    batch = send(clerk, FORM, line)
    assert (batch.todo_count, imports.counts(batch)[RowKind.SAME]) == (0, 1)
    batch = applied(clerk, FORM, line | {"fields": "جوشکاری؛ تراشکاری"})
    (row,) = all_of(Instructor)
    assert [field.title for field in engaging.fields_of(row.id)] == ["تراشکاری", "جوشکاری"]
    undone(clerk, batch)
    assert [field.title for field in engaging.fields_of(row.id)] == ["جوشکاری"]


def test_of_a_known_person_only_gaps_are_filled_and_the_code_of_another_one_is_refused(clerk, welding):
    known = make.person(birth_date=dt.date(1980, 1, 1))
    code, name = known.national_code, known.full_name
    refused = said(imports.rows(send(clerk, FORM, newcomer(national_code=code))))
    assert refused == {sheet.OTHER_NAME}
    applied(clerk, FORM, newcomer(national_code=code, first_name="", last_name="", birth_date="", father_name="علی"))
    (row,) = all_of(Instructor)
    person = db.session.get_one(Person, row.person_id)
    assert (person.id, person.full_name, person.father_name) == (known.id, name, "علی")
    assert person.birth_date == dt.date(1980, 1, 1)


def test_what_is_wrong_with_a_line_stands_at_its_cell(clerk, center, teacher):
    make.field("خیاطی"), make.field("خیاطی")
    ended = make.instructor(center, is_active=False, ended_on=dt.date(2025, 1, 1))
    db.session.get_one(Person, ended.person_id).birth_date = dt.date(1980, 1, 1)
    db.session.commit()
    nobody = {"first_name": "", "last_name": ""}
    found = errors(
        clerk, FORM, newcomer(national_code="1234567890"), newcomer(fields="کشتی‌سازی"), newcomer(fields="خیاطی"),
        newcomer(birth_date=""), newcomer(birth_date="1395/01/01"), newcomer(mobile="123"),
        newcomer(started_on="1450/01/01"), newcomer(national_code=code_of(ended), **nobody),
    )  # fmt: skip
    wanted = ["national_code", "fields", "fields", "birth_date", "birth_date", "mobile", "started_on", "national_code"]
    assert found == [{name} for name in wanted]


def test_an_import_of_instructors_is_taken_back_while_nothing_stands_on_them_and_people_stay(clerk, welding):
    batch = undone(clerk, applied(clerk, FORM, newcomer(), newcomer(last_name="احمدی")))
    assert (batch.state, batch.undone_count) == (ImportState.UNDONE, 2)
    assert [row.is_active for row in all_of(Instructor)] == [False, False]
    assert "مرادی" in {row.last_name for row in all_of(Person)}
    line = newcomer()
    undone(clerk, applied(clerk, FORM, line))
    batch = applied(clerk, FORM, line)  # the next sheet brings back what was taken back
    row = all_of(Instructor)[-1]
    assert (row.is_active, row.ended_on, len(all_of(Instructor))) == (True, None, 3)
    engaging.end(clerk, row.id, policy.today(), "بازنشسته شد")
    assert undone(clerk, batch).state is ImportState.DONE  # somebody has changed it since
    assert all_of(Instructor)[-1].end_reason == "بازنشسته شد"


@pytest.mark.once
def test_one_on_whom_a_row_of_the_file_stands_is_kept_and_says_why(clerk, welding):
    batch = applied(clerk, FORM, newcomer())
    make.education(all_of(Instructor)[0])
    batch = undone(clerk, batch)
    assert (batch.undone_count, batch.kept_count) == (0, 1)
    assert "برگردانده نشد" in str(said(imports.rows(batch)))


@pytest.mark.once
def test_only_clerks_and_managers_of_centers_and_academies_import_instructors(center):
    def may(role, unit):
        return [imports.may(cases.staff(role, unit), form) for form in (FORM, RETRAINING)]

    assert may(Role.MANAGER, make.unit(UnitKind.ACADEMY)) == [True, True]
    assert may(Role.COUNSELOR, center) == may(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE)) == [False, False]
    assert may(Role.INSTRUCTOR, center) == [False, False]
    assert may(Role.CLERK, make.unit(UnitKind.COUNTER)) == [False, False]


def test_lines_are_looked_up_together_however_many(clerk, teacher, queries):
    scope = imports.Scope(clerk.units[0], clerk.user_id, clerk.level)

    def asked(form, lines):
        ready = [form.prepare({one.name: line.get(one.name) for one in form.columns})[0] for line in lines]
        with queries() as seen:
            form.subject.find(scope, ready, [()] * len(ready))
        return len(seen)

    lines = [newcomer(birth_date="1985-01-01", gender="female") for _ in range(20)]
    assert asked(FORM, lines[:2]) == asked(FORM, lines) <= 5
    lines = [course(teacher, title=f"دورهٔ {n}", started_on="2025-01-01", ended_on="2025-01-02") for n in range(20)]
    for line in lines:
        line["hours"] = 5
    assert asked(RETRAINING, lines[:2]) == asked(RETRAINING, lines) <= 5


def test_a_line_tells_everything_that_is_wrong_with_it_at_once(clerk, teacher):
    known = make.person(birth_date=dt.date(1980, 1, 1))
    wrong = {"birth_date": "1395/01/01", "mobile": "12", "gender": "؟", "fields": "کشتی‌سازی"}
    found = errors(
        clerk, FORM, newcomer(national_code="1234567890", started_on="1450/01/01", **wrong),
        newcomer(national_code=known.national_code, **wrong | {"birth_date": ""}),
        newcomer(national_code="1234567890", **wrong | {"birth_date": ""}),
    )  # fmt: skip
    code, cells = {"national_code"}, {"mobile", "gender", "fields"}
    assert found == [set(wrong) | code | {"started_on"}, cells | code, cells | code]
    stranger = course(make.instructor(make.unit()), standard="9" * 15, hours="۰", title="", ended_on="1450/01/01")
    found = errors(clerk, RETRAINING, stranger, course(teacher, started_on="؟", provider="", standard="9" * 15))
    assert found == [
        {"national_code", "standard", "hours", "title", "ended_on"},
        {"started_on", "provider", "standard"},
    ]


@pytest.mark.parametrize("count", [2, 50])
def test_fifty_instructors_and_their_retraining_take_as_many_statements_as_two(clerk, teacher, queries, count):
    make.field("تراشکاری")
    lines = [newcomer(last_name=f"مرادی {n}") for n in range(count)]
    asked = []

    def worked(step, batch):
        step(clerk, batch.id)
        with queries() as seen:
            work()
        asked.append(len(seen))
        done = again(clerk, batch.id)
        assert (done.failed_count, done.kept_count, done.done_count) == (0, 0, count)

    worked(imports.apply, first := send(clerk, FORM, *lines))
    worked(imports.undo, first)
    worked(imports.apply, send(clerk, FORM, *lines))
    worked(imports.apply, other := send(clerk, FORM, *(line | {"fields": "تراشکاری"} for line in lines)))
    worked(imports.undo, other)
    retrained = [course(teacher) | {"national_code": line["national_code"]} for line in lines]
    worked(imports.apply, batch := send(clerk, RETRAINING, *retrained))
    assert {row.person_id for row in all_of(RetrainingRecord)} == {row.person_id for row in all_of(Instructor)[1:]}
    worked(imports.undo, batch)
    assert max(asked) <= 38, asked


# -- Retraining --------------------------------------------------------------------


def test_a_line_of_retraining_enters_as_recorded_and_waits_for_its_paper(clerk, center, teacher):
    standard = make.standard()
    applied(clerk, RETRAINING, course(teacher, standard=standard.code))
    (row,) = all_of(RetrainingRecord)
    assert (row.person_id, row.hours, row.certificate_no) == (teacher.person_id, 24, "0123")
    assert (row.state, row.entered_by_id, row.standard_id) == (RecordState.AT_CENTER, clerk.user_id, standard.id)
    assert [(event.action, event.reason) for event in all_of(RecordEvent)] == [("sent", "ورود از اکسل")]
    manager = cases.staff(Role.MANAGER, center)
    with pytest.raises(DomainError, match="سند"):
        verifying.decide(manager, new_key(), Key(row.id, row.version), approve=True, reason="")
    place = evidence.place_of(records.changeable(clerk, row.id))
    attachments.send(clerk, attachments.jpeg(), place)
    with pytest.raises(Conflict):  # with a paper it is locked like every row on its way
        records.changeable(clerk, row.id)
    assert verifying.decide(manager, new_key(), Key(row.id, row.version), approve=True, reason="").what == "passed"


def test_a_list_of_retraining_twice_is_one_row_and_never_changes_what_is_there(clerk, teacher):
    applied(clerk, RETRAINING, course(teacher))
    batch = send(clerk, RETRAINING, course(teacher))
    assert (batch.todo_count, imports.counts(batch)[RowKind.SAME]) == (0, 1)
    assert errors(clerk, RETRAINING, course(teacher, hours="30")) == [{"title"}]
    assert len(all_of(RetrainingRecord)) == 1


@pytest.mark.once
def test_what_is_wrong_with_a_line_of_retraining_stands_at_its_cell(clerk, teacher):
    stranger = make.instructor(make.unit())
    found = errors(
        clerk, RETRAINING, course(stranger), course(teacher, standard="9" * 15),
        course(teacher, title="کوتاه", ended_on="1404/01/31"),
        course(teacher, hours="0", title="دیگر"), course(teacher, title="فردا", ended_on="1450/01/01"),
    )  # fmt: skip
    assert found == [{"national_code"}, {"standard"}, {"ended_on"}, {"hours"}, {"ended_on"}]


def test_a_list_of_retraining_is_taken_back_until_somebody_has_looked_at_a_row(clerk, center, teacher):
    undone(clerk, applied(clerk, RETRAINING, course(teacher)))
    assert [row.state for row in all_of(RetrainingRecord)] == [RecordState.WITHDRAWN]
    batch = applied(clerk, RETRAINING, course(teacher))
    row = all_of(RetrainingRecord)[-1]
    attachments.send(clerk, attachments.jpeg(), evidence.place_of(records.changeable(clerk, row.id)))
    batch = undone(clerk, batch)
    assert (batch.state, all_of(RetrainingRecord)[-1].state) == (ImportState.DONE, RecordState.AT_CENTER)


def test_trail_and_history_of_imports_say_nothing_of_people(clerk, teacher):
    lines = [newcomer(), newcomer(last_name="یکتایی")]
    applied(clerk, FORM, *lines)
    applied(clerk, RETRAINING, course(teacher))

    written = str([row.detail for row in all_of(AuditEvent)]) + str([row.details for row in all_of(InstructorEvent)])
    assert all(word not in written for word in ("یکتایی", lines[0]["national_code"], code_of(teacher)))
    assert code_of(teacher) not in str([row.label for row in all_of(ImportRow)])
