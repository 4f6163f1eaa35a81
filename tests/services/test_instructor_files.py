"""Files of instructors: taken on by code, rows that are locked once verified, moves and ends that keep the past."""

import datetime as dt

import pytest

from models import (
    AuditEvent,
    CourseStatus,
    Degree,
    EducationRecord,
    EmploymentKind,
    Instructor,
    InstructorEvent,
    InstructorMove,
    InstructorRecord,
    Outbox,
    Person,
    RecordEvent,
    RecordKind,
    RecordState,
    Role,
    StoredFile,
    UnitKind,
    db,
    utcnow,
)
from services import files, instructors, policy, text
from services.errors import Conflict, DomainError, NotAllowed, OutsideTerritory
from services.files import Viewer
from services.instructors import StillTeaching, evidence, moves, profile, records, wording
from services.instructors import reading as lists
from services.instructors.moves import Wish
from services.instructors.taking_on import NewInstructor, take_on
from services.instructors.values import (
    CardValues,
    EducationValues,
    EmploymentValues,
    ExperienceValues,
    ProfileValues,
    RetrainingValues,
    RulingValues,
)
from services.late import LateSaving
from tests import attachments, make
from tests import course_cases as cases

BORN = dt.date(1985, 3, 21)
DEGREE = EducationValues(Degree.BACHELOR, "مهندسی برق", dt.date(2010, 7, 1), "دانشگاه گلستان", 1725)


@pytest.fixture
def center():
    return make.unit()


@pytest.fixture
def clerk(center):
    return cases.staff(Role.CLERK, center)


@pytest.fixture
def field():
    return make.field("برق")


@pytest.fixture
def teacher(center, field):
    """The engagement of an instructor who has an account too."""
    return make.instructor(center, field, started_on=dt.date(2020, 1, 1))


@pytest.fixture
def own(teacher, center):
    """The instructor, as they act themselves."""
    return cases.actor(make.user(Role.INSTRUCTOR, center, person=db.session.get_one(Person, teacher.person_id)))


def today() -> dt.date:
    return policy.today()


def days(n: int) -> dt.date:
    return today() + dt.timedelta(days=n)


def newcomer(field, **over) -> NewInstructor:
    values = {"national_code": make.national_code(), "first_name": "سارا", "last_name": "مرادی", "birth_date": BORN}
    return NewInstructor(**{**values, "field_ids": [field.id], **over})


def row_of(who, teacher, kind=RecordKind.EDUCATION, values=DEGREE, key="row") -> InstructorRecord:
    made = records.enter(who, f"{key}-{make.national_code()}", teacher.id, kind, values)
    return db.session.get_one(InstructorRecord, made.id)


def paper(who, record) -> StoredFile:
    return attachments.send(who, attachments.jpeg(), evidence.place_of(record))


def sent(who, teacher, **over) -> InstructorRecord:
    record = row_of(who, teacher, **over)
    paper(who, record)
    assert records.send(who, record.id)
    return db.session.get_one(InstructorRecord, record.id, populate_existing=True)


def state_of(record) -> RecordState:
    db.session.expire_all()
    return db.session.get_one(InstructorRecord, record.id).state


def decided(record, state=RecordState.VERIFIED) -> InstructorRecord:
    record.state, record.decided_at, record.decision = state, utcnow(), "خوانا نیست"
    db.session.commit()
    return record


def steps(record) -> list[str]:
    return [event.action for event in db.session.query(RecordEvent).filter_by(record_id=record.id).order_by("id")]


# -- Taking on ---------------------------------------------------------------------


def test_an_instructor_is_taken_on_once_by_code_with_fields_and_the_registry_is_asked(clerk, field):
    new = newcomer(field, mobile="09111234567")
    made, again = (take_on(clerk, "one form", new) for _ in range(2))
    assert (again.id, again.repeated, made.repeated) == (made.id, True, False)
    row = instructors.find(clerk, made.id)
    assert (row.person.full_name, row.is_active, row.started_on) == ("سارا مرادی", True, today())
    assert [each.id for each in instructors.fields_of(row.id)] == [field.id]
    assert {topic for (topic,) in db.session.query(Outbox.topic)} == {"registry", "shahkar"}
    trail = [str(event.detail) for event in db.session.query(AuditEvent)]
    trail += [str(event.details) for event in db.session.query(InstructorEvent)]
    assert not any(word in line for line in trail for word in ("سارا", "مرادی", new.national_code, "0911"))


@pytest.mark.once
def test_a_known_person_is_recalled_and_nothing_known_is_overwritten(clerk, field):
    known = make.person(first_name="زهرا", last_name="کاظمی", birth_date=BORN, father_name="حسن")
    known.sources = {"birth_date": {"source": "registry"}}
    db.session.commit()
    new = newcomer(field, national_code=known.national_code, first_name="زهرا", last_name="كاظمي", father_name="علی")
    row = instructors.find(clerk, take_on(clerk, "a form", new).id)
    assert row.person_id == known.id
    assert (row.person.last_name, row.person.father_name, row.person.birth_date) == ("کاظمی", "حسن", BORN)


def test_a_code_of_another_name_is_refused_without_saying_whose_it_is(clerk, field):
    known = make.person(first_name="زهرا", last_name="کاظمی")
    with pytest.raises(DomainError, match="شخص دیگری") as refused:
        take_on(clerk, "a form", newcomer(field, national_code=known.national_code))
    assert refused.value.field == "national_code"
    assert "کاظمی" not in str(refused.value)
    assert db.session.query(Instructor).count() == 0


@pytest.mark.once
@pytest.mark.parametrize(
    ("over", "at"),
    [
        ({"national_code": "1234567890"}, "national_code"),
        ({"first_name": "-"}, "first_name"),
        ({"last_name": "خالی"}, "last_name"),
        ({"birth_date": None}, "birth_date"),
        ({"birth_date": dt.date(2015, 1, 1)}, "birth_date"),
        ({"mobile": "12"}, "mobile"),
        ({"field_ids": []}, "fields"),
        ({"field_ids": [999_999]}, "fields"),
        ({"started_on": dt.date(2090, 1, 1)}, "started_on"),
    ],
)
def test_what_is_wrong_with_a_newcomer_stands_at_its_field_and_nobody_is_made(clerk, field, over, at):
    with pytest.raises(DomainError) as refused:
        take_on(clerk, "a form", newcomer(field, **over))
    assert refused.value.field == at
    assert db.session.query(Instructor).count() == 0


def test_who_is_there_already_or_has_died_is_not_taken_on(clerk, teacher, field):
    person = db.session.get_one(Person, teacher.person_id)
    person.birth_date = BORN
    db.session.commit()
    name = {"first_name": person.first_name, "last_name": person.last_name, "national_code": person.national_code}
    with pytest.raises(DomainError, match="مربی همین واحد است"):
        take_on(clerk, "a form", newcomer(field, **name))
    person.is_alive = False
    db.session.commit()
    with pytest.raises(DomainError, match="درگذشته"):
        take_on(clerk, "another form", newcomer(field, **name))


@pytest.mark.once
def test_only_clerks_and_managers_of_centers_and_academies_take_on(center, field):
    others = [cases.staff(Role.COUNSELOR, center), cases.staff(Role.COUNTER, make.unit(UnitKind.COUNTER))]
    others += [
        cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE)),
        cases.staff(Role.CLERK, make.unit(UnitKind.COUNTER)),
    ]
    for other in others:
        with pytest.raises(NotAllowed):
            take_on(other, f"form {other.user_id}", newcomer(field))
    academy = cases.staff(Role.MANAGER, make.unit(UnitKind.ACADEMY))
    assert take_on(academy, "a form of theirs", newcomer(field)).id


def test_an_instructor_is_seen_by_unit_province_and_headquarters_and_by_nobody_else(clerk, center, teacher):
    province = cases.staff(Role.PLANNER, make.unit(UnitKind.DIRECTORATE))
    for seer in (clerk, province, cases.staff(Role.REVIEWER, make.unit(UnitKind.HQ))):
        assert instructors.find(seer, teacher.id).id == teacher.id
    elsewhere = make.unit(UnitKind.DIRECTORATE, make.province())
    for other in (
        cases.staff(Role.CLERK, make.unit()),
        cases.staff(Role.COUNSELOR, center),
        cases.staff(Role.REVIEWER, elsewhere),
    ):
        with pytest.raises(OutsideTerritory):
            instructors.find(other, teacher.id)


def test_the_list_is_searched_by_name_or_code_and_narrowed_by_field_and_state(clerk, center, teacher, field):
    other = make.instructor(center, make.field("نجاری"))
    gone = make.instructor(center, field, is_active=False, ended_on=days(-9))
    person = db.session.get_one(Person, other.person_id)

    def found(**over):
        return {row.instructor.id for row in lists.listing(clerk, lists.Filter(**over)).rows}

    assert found() == {teacher.id, other.id}
    assert found(words=person.national_code) == found(words=person.last_name) == {other.id}
    assert found(field_id=field.id) == {teacher.id}
    assert found(state="ended") == {gone.id}
    assert found(state="waiting") == set()
    sent(clerk, teacher)
    row = lists.listing(clerk, lists.Filter(state="waiting")).rows[0]
    assert (row.instructor.id, row.verified, row.waiting, row.fields) == (teacher.id, 0, 1, "برق")


# -- The personal part -------------------------------------------------------------


def test_the_personal_part_is_saved_once_and_a_late_saving_tells_what_differs_and_leaves_no_value_in_the_trail(
    clerk, own, teacher
):
    first = ProfileValues(birth_place="گرگان", address="خیابان ملل ۵", postal_code="۴۹۱۶۶۱۱۱۱۵", email="a@b.ir")
    assert profile.edit(clerk, teacher.person_id, 1, first)
    assert not profile.edit(clerk, teacher.person_id, 1, first)  # the same form again
    theirs = ProfileValues(birth_place="علی‌آباد", address="خیابان ملل ۵", postal_code="4916611115", email="a@b.ir")
    assert profile.edit(own, teacher.person_id, 2, theirs)
    mine = ProfileValues(birth_place="گرگان", address="کوی ویلا", postal_code="4916611115", email="a@b.ir")
    with pytest.raises(LateSaving) as late:
        profile.edit(clerk, teacher.person_id, 2, mine)
    assert [(each.label, each.whose) for each in late.value.differences] == [
        ("محل تولد", "همکار شما تغییر داده است"),
        ("نشانی", "شما تغییر داده‌اید"),
    ]
    assert (late.value.merged.birth_place, late.value.merged.address) == ("علی‌آباد", "کوی ویلا")
    trail = " ".join(str(event.detail) for event in db.session.query(AuditEvent))
    assert "birth_place" in trail
    assert not any(word in trail for word in ("گرگان", "ملل", "4916611115", "a@b.ir"))


@pytest.mark.once
@pytest.mark.parametrize(
    ("values", "at"),
    [
        (ProfileValues(postal_code="0916611115"), "postal_code"),
        (ProfileValues(email="nobody"), "email"),
        (ProfileValues(phone="بعداً"), "phone"),
        (ProfileValues(address="ن" * 301), "address"),
    ],
)
def test_what_cannot_be_in_the_personal_part_is_said_at_its_field(clerk, teacher, values, at):
    with pytest.raises(DomainError) as refused:
        profile.edit(clerk, teacher.person_id, 1, values)
    assert refused.value.field == at


# -- Rows --------------------------------------------------------------------------


def test_a_draft_is_its_authors_alone_and_one_row_for_one_form(clerk, own, teacher, center):
    made, again = (records.enter(own, "one form", None, RecordKind.EDUCATION, DEGREE) for _ in range(2))
    assert (made.id, again.repeated) == (again.id, True)
    assert records.get(own, made.id).may_send
    for other in (
        clerk,
        cases.staff(Role.MANAGER, center),
        cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE)),
    ):
        with pytest.raises(OutsideTerritory):
            records.get(other, made.id)
    row = db.session.get_one(EducationRecord, made.id)
    assert (row.study_key, row.gpa_hundredths, row.unit_id) == (text.key("مهندسی برق"), 1725, center.id)
    assert not any("برق" in str(event.detail) for event in db.session.query(AuditEvent))


def test_a_row_is_sent_with_a_paper_once_and_is_then_locked(own, clerk, teacher):
    record = row_of(own, teacher)
    with pytest.raises(DomainError, match="عکس یا سند") as refused:
        records.send(own, record.id)
    assert refused.value.field == "file"
    file = paper(own, record)
    assert [records.send(own, record.id) for _ in range(2)] == [True, False]
    assert state_of(record) is RecordState.AT_CENTER
    assert steps(record) == ["entered", "sent"]
    assert records.get(clerk, record.id).record.id == record.id
    for act in (
        lambda: records.save(own, record.id, 2, DEGREE),
        lambda: records.remove_file(own, record.id, file.key),
        lambda: records.changeable(own, record.id),
    ):
        with pytest.raises(Conflict):
            act()
    assert files.of_owner(evidence.OWNER, record.id)


def test_what_was_taken_back_or_rejected_is_corrected_and_sent_again_with_its_papers(own, clerk, teacher):
    record = sent(own, teacher)
    assert [records.withdraw(own, record.id) for _ in range(2)] == [True, False]
    version = records.get(own, record.id).record.version
    better = EducationValues(Degree.MASTER, "مهندسی برق", dt.date(2012, 7, 1))
    assert records.save(own, record.id, version, better)
    assert records.send(own, record.id)
    decided(db.session.get_one(InstructorRecord, record.id), RecordState.REJECTED)
    # What the center has before it the center may correct too, and then it is the center's draft.
    opened = records.get(clerk, record.id)
    assert opened.may_edit
    assert records.save(clerk, record.id, opened.record.version, better)
    assert state_of(record) is RecordState.DRAFT
    with pytest.raises(OutsideTerritory):
        records.get(own, record.id)
    assert records.send(clerk, record.id)
    assert db.session.get_one(InstructorRecord, record.id).decision is None
    assert steps(record) == ["entered", "sent", "withdrawn", "corrected", "sent", "corrected", "sent"]


def test_a_verified_row_changes_by_another_row_and_one_at_a_time(own, clerk, teacher):
    verified = decided(sent(own, teacher))
    with pytest.raises(Conflict):
        records.save(own, verified.id, verified.version, DEGREE)
    with pytest.raises(Conflict):
        records.withdraw(own, verified.id)
    with pytest.raises(DomainError, match="فرق ندارد"):
        records.change(own, "the same", verified.id, DEGREE)
    higher = EducationValues(Degree.MASTER, "مهندسی برق", dt.date(2012, 7, 1))
    made = records.change(own, "a change", verified.id, higher)
    assert records.change(own, "a change", verified.id, higher).repeated
    change = db.session.get_one(InstructorRecord, made.id)
    assert (change.replaces_id, change.state, state_of(verified)) == (verified.id, "draft", RecordState.VERIFIED)
    with pytest.raises(Conflict, match="تغییر دیگری"):
        records.change(clerk, "another change", verified.id, higher)
    assert records.withdraw(own, change.id)
    other = records.change(clerk, "a third change", verified.id, higher)
    with pytest.raises(Conflict, match="تغییر دیگری"):  # the first one cannot come back beside it
        records.save(own, change.id, records.get(own, change.id).record.version, DEGREE)
    assert records.get(clerk, other.id).may_edit


def test_a_late_saving_of_a_draft_tells_both_values(own, teacher):
    record = row_of(own, teacher)
    assert records.save(own, record.id, 1, EducationValues(Degree.MASTER, "مهندسی برق", dt.date(2010, 7, 1)))
    mine = EducationValues(Degree.BACHELOR, "مهندسی مکانیک", dt.date(2010, 7, 1), "دانشگاه گلستان", 1725)
    with pytest.raises(LateSaving) as late:
        records.save(own, record.id, 1, mine)
    told = {each.label: (each.stored, each.sent) for each in late.value.differences}
    assert told["رشتهٔ تحصیلی"] == ("مهندسی برق", "مهندسی مکانیک")
    assert (late.value.merged.degree, late.value.merged.study_field) == (Degree.MASTER, "مهندسی مکانیک")


@pytest.mark.once
def test_a_ruling_is_for_the_unit_to_write_and_other_units_write_nothing(own, clerk, teacher, field):
    ruling = RulingValues(make.standard(field_id=field.id).id, "۱۲", dt.date(2024, 1, 1))
    with pytest.raises(NotAllowed):
        records.enter(own, "a form", None, RecordKind.RULING, ruling)
    record = row_of(clerk, teacher, RecordKind.RULING, ruling)
    assert "صلاحیت تدریس" in wording.title(record)
    record.number = "W-۱۲"
    assert wording.sub(record) == "رأی \u2068W-۱۲\u2069، ۱۱ دی ۱۴۰۲"  # or the day goes to the side of the letters
    stranger = cases.staff(Role.CLERK, make.unit())
    with pytest.raises(OutsideTerritory):
        records.enter(stranger, "their form", teacher.id, RecordKind.EDUCATION, DEGREE)
    nobody = cases.staff(Role.INSTRUCTOR, make.unit())
    with pytest.raises(NotAllowed, match="هیچ مرکزی"):
        records.enter(nobody, "own form", None, RecordKind.EDUCATION, DEGREE)


WRONG = [
    (EducationValues(Degree.BACHELOR, "برق", dt.date(1980, 1, 1)), "graduated_on"),
    (EducationValues(Degree.BACHELOR, "برق", dt.date(2090, 1, 1)), "graduated_on"),
    (EducationValues(Degree.BACHELOR, "  ", dt.date(2010, 1, 1)), "study_field"),
    (EducationValues(Degree.BACHELOR, "برق", dt.date(2010, 1, 1), None, 2001), "gpa_hundredths"),
    (CardValues("1", dt.date(2020, 1, 2), dt.date(2020, 1, 1)), "expires_on"),
    (RetrainingValues("ایمنی", "مرکز تربیت مربی", 0, dt.date(2020, 1, 1), dt.date(2020, 1, 3)), "hours"),
    (RetrainingValues("ایمنی", "مرکز تربیت مربی", 8, dt.date(2020, 1, 1), dt.date(2090, 1, 3)), "ended_on"),
    (
        RetrainingValues("ایمنی", "مرکز تربیت مربی", 8, dt.date(2020, 1, 1), dt.date(2020, 1, 3), 999_999),
        "standard_id",
    ),
    (EmploymentValues(EmploymentKind.OFFICIAL, "اداره", dt.date(2015, 1, 1), morning_hours=61), "morning_hours"),
    (EmploymentValues(EmploymentKind.OFFICIAL, "ا" * 201, dt.date(2015, 1, 1)), "employer"),
]


@pytest.mark.once
@pytest.mark.parametrize(("values", "at"), WRONG)
def test_what_cannot_be_is_said_at_its_field(clerk, teacher, values, at):
    db.session.get_one(Person, teacher.person_id).birth_date = BORN
    db.session.commit()
    kind = {
        EducationValues: RecordKind.EDUCATION, CardValues: RecordKind.CARD, RetrainingValues: RecordKind.RETRAINING,
        EmploymentValues: RecordKind.EMPLOYMENT,
    }[type(values)]  # fmt: skip
    with pytest.raises(DomainError) as refused:
        records.enter(clerk, "a form", teacher.id, kind, values)
    assert refused.value.field == at
    assert db.session.query(InstructorRecord).count() == 0


def test_papers_are_seen_by_the_person_and_the_territory_and_a_drafts_by_its_author(own, clerk, teacher):
    record = row_of(own, teacher)
    file = paper(own, record)
    manager = cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE))
    stranger = cases.staff(Role.CLERK, make.unit())

    def seers():
        everybody = (own, clerk, manager, stranger)
        return [files.owners.may_see(Viewer((who,)), db.session.get_one(StoredFile, file.id)) for who in everybody]

    assert seers() == [True, False, False, False]
    records.send(own, record.id)
    assert seers() == [True, True, True, False]


def test_every_kind_of_row_says_itself_in_words_and_a_file_is_read_in_four_queries(clerk, teacher, field, queries):
    standard = make.standard(field_id=field.id)
    day = dt.date(2020, 3, 20)
    everything = {
        RecordKind.EMPLOYMENT: EmploymentValues(EmploymentKind.OFFICIAL, "مرکز یک", day, "۱۲۳", None, None, 24, 12),
        RecordKind.EDUCATION: DEGREE,
        RecordKind.RETRAINING: RetrainingValues("ایمنی", "مرکز تربیت مربی", 16, day, day, standard.id, "۷"),
        RecordKind.EXPERIENCE: ExperienceValues("teaching", field.id, "کارخانه", day),
        RecordKind.CARD: CardValues("۴۵", day, dt.date(2030, 3, 20)),
        RecordKind.RULING: RulingValues(standard.id, "۹", day),
    }
    for kind, values in everything.items():
        row_of(clerk, teacher, kind, values)
    db.session.expire_all()
    person_id = teacher.person_id
    with queries() as seen:
        file = instructors.file_of(person_id)
        told = [(wording.title(row), wording.sub(row), wording.facts(row)) for row in file.records]
    assert len(seen) <= 4
    assert len(told) == 6
    assert not any(None in (title, sub) or "None" in title + sub for title, sub, _ in told)
    assert file.verified == []


# -- Fields, ends and moves --------------------------------------------------------


def busy(center, teacher, end_on, **over):
    course = make.course(CourseStatus.RUNNING, center, instructor_id=teacher.id, **over)
    course.start_on, course.end_on = min(course.start_on, end_on), end_on
    db.session.commit()
    return course


def test_a_field_with_a_course_under_way_is_not_taken_back(clerk, center, teacher, field):
    other = make.field("نجاری")
    course = busy(center, teacher, days(30), standard=make.standard(field_id=field.id))
    with pytest.raises(StillTeaching) as refused:
        instructors.set_fields(clerk, teacher.id, [other.id])
    assert [each.id for each in refused.value.courses] == [course.id]
    assert instructors.set_fields(clerk, teacher.id, [field.id, other.id])
    assert not instructors.set_fields(clerk, teacher.id, [other.id, field.id])
    course.status = CourseStatus.FINISHED
    db.session.commit()
    assert instructors.set_fields(clerk, teacher.id, [other.id])


def test_an_employment_ends_by_its_day_not_before_its_courses_and_may_be_taken_up_again(clerk, center, teacher):
    course = busy(center, teacher, days(30))
    with pytest.raises(StillTeaching) as refused:
        instructors.end(clerk, teacher.id, days(5), "بازنشستگی")
    assert refused.value.courses[0].id == course.id
    with pytest.raises(DomainError, match="دلیل"):
        instructors.end(clerk, teacher.id, days(40), " ")
    assert [instructors.end(clerk, teacher.id, days(40), "بازنشستگی") for _ in range(2)] == [True, False]
    assert instructors.find(clerk, teacher.id).is_active  # until the day is over
    assert instructors.close_ended(utcnow()) == 0
    assert instructors.close_ended(utcnow() + dt.timedelta(days=42)) == 1
    assert instructors.close_ended(utcnow() + dt.timedelta(days=42)) == 0
    gone = instructors.find(clerk, teacher.id)
    assert (gone.is_active, gone.ended_on, gone.end_reason) == (False, days(40), "بازنشستگی")
    assert course.instructor_id == gone.id
    with pytest.raises(NotAllowed):
        records.enter(clerk, "a form", teacher.id, RecordKind.EDUCATION, DEGREE)
    assert [instructors.bring_back(clerk, teacher.id) for _ in range(2)] == [True, False]
    actions = [event.action for event in db.session.query(InstructorEvent).order_by("id")]
    assert actions == ["ended", "closed", "returned"]


def test_a_move_ends_one_row_begins_another_and_takes_waiting_rows_along(own, clerk, teacher, field, center):
    there = make.unit(title="مرکز دو")
    manager, other_clerk = cases.staff(Role.MANAGER, there), cases.staff(Role.CLERK, there)
    waits, done = sent(own, teacher), decided(sent(own, teacher))
    wish = Wish(there.id, today(), "نزدیکی به خانه")
    move = moves.ask(clerk, "a form", teacher.id, wish)
    assert moves.ask(clerk, "a form", teacher.id, wish).repeated
    with pytest.raises(Conflict):
        moves.ask(clerk, "another form", teacher.id, wish)
    with pytest.raises(DomainError, match="در انتظار پاسخ"):
        instructors.end(clerk, teacher.id, today(), "رفت")
    for other in (clerk, other_clerk):
        with pytest.raises(NotAllowed):
            moves.accept(other, move.id)
    assert moves.waiting_for(manager) == 1
    new = moves.accept(manager, move.id)
    old = instructors.find(clerk, teacher.id)
    assert (old.ended_on, old.is_active, new.unit_id, new.started_on) == (days(-1), False, there.id, today())
    assert [each.id for each in instructors.fields_of(new.id)] == [field.id]
    assert (db.session.get_one(InstructorRecord, waits.id).unit_id, state_of(waits)) == (there.id, "at_center")
    assert db.session.get_one(InstructorRecord, done.id).unit_id == center.id
    assert steps(waits)[-1] == "rerouted"


def test_who_has_moved_is_seen_by_the_old_center_as_far_as_it_went_through_it_and_moves_once(own, clerk, teacher):
    there = make.unit()
    manager = cases.staff(Role.MANAGER, there)
    waits, done = sent(own, teacher), decided(sent(own, teacher))
    move = moves.ask(clerk, "a form", teacher.id, Wish(there.id, today(), "نزدیکی به خانه"))
    moves.accept(manager, move.id)
    assert records.get(clerk, done.id).may_change is False
    with pytest.raises(OutsideTerritory):
        records.get(clerk, waits.id)
    for act in (moves.accept, lambda who, n: moves.refuse(who, n, "نه")):
        with pytest.raises(Conflict, match="پذیرفته شد"):
            act(manager, move.id)


def test_who_moves_back_takes_up_the_row_of_before(clerk, teacher, center):
    there = make.unit()
    moves.accept(
        cases.staff(Role.MANAGER, there), moves.ask(clerk, "out", teacher.id, Wish(there.id, today(), "الف")).id
    )
    away = db.session.query(Instructor).filter_by(unit_id=there.id).one()
    back = moves.ask(cases.staff(Role.CLERK, there), "back", away.id, Wish(center.id, days(1), "ب"))
    assert moves.accept(cases.staff(Role.MANAGER, center), back.id).id == teacher.id
    row = instructors.find(clerk, teacher.id)
    assert (row.is_active, row.ended_on, row.started_on) == (True, None, dt.date(2020, 1, 1))


def test_a_move_is_refused_with_a_reason_taken_back_or_decided_by_the_province_and_never_past_a_course(
    clerk, teacher, center
):
    there = make.unit()
    reviewer = cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE))
    first = moves.ask(clerk, "one", teacher.id, Wish(there.id, days(10), "الف"))
    with pytest.raises(DomainError, match="دلیل"):
        moves.refuse(reviewer, first.id, "")
    assert moves.refuse(reviewer, first.id, "نیرو کم است").decision == "نیرو کم است"
    second = moves.ask(clerk, "two", teacher.id, Wish(there.id, days(10), "ب"))
    with pytest.raises(NotAllowed):
        moves.withdraw(cases.staff(Role.MANAGER, there), second.id)
    assert [moves.withdraw(clerk, second.id) for _ in range(2)] == [True, False]
    third = moves.ask(clerk, "three", teacher.id, Wish(there.id, days(10), "پ"))
    course = busy(center, teacher, days(20))
    with pytest.raises(StillTeaching) as refused:
        moves.accept(reviewer, third.id)
    assert refused.value.courses[0].id == course.id
    assert db.session.get_one(InstructorMove, third.id).state == "waiting"
    course.status = CourseStatus.CANCELED
    db.session.commit()
    assert moves.accept(reviewer, third.id).started_on == days(10)
    assert instructors.find(clerk, teacher.id).is_active  # ten more days
    with pytest.raises(OutsideTerritory):
        moves.get(cases.staff(Role.CLERK, make.unit()), third.id)


@pytest.mark.once
def test_a_move_goes_to_another_center_of_the_province_within_three_months(clerk, teacher, center):
    far = make.unit(province_=make.province())
    office = make.unit(UnitKind.DIRECTORATE)
    for unit, day, at in (
        (far, today(), "to_unit"),
        (office, today(), "to_unit"),
        (center, today(), "to_unit"),
        (make.unit(), days(100), "on_date"),
        (make.unit(), dt.date(2019, 12, 31), "on_date"),
    ):
        with pytest.raises(DomainError) as refused:
            moves.ask(clerk, f"form {unit.id}", teacher.id, Wish(unit.id, day, "الف"))
        assert refused.value.field == at
    assert {unit.id for unit in moves.targets(teacher)}.isdisjoint({far.id, office.id, center.id})
