"""The demo data in a database: every invariant of the product holds in it."""

import datetime as dt
import json
import os
import time
from collections import Counter

import pytest
from sqlalchemy import func, select, text

import gateways
from app import create_app
from models import (
    UNDER_WAY,
    Account,
    Agreement,
    Attendance,
    AttendanceMark,
    Course,
    CourseChange,
    CourseClaim,
    CourseDemand,
    CourseEvent,
    CourseSession,
    CourseStatus,
    Discrepancy,
    EligibilityWaiver,
    Enrollment,
    EnrollmentDraft,
    EquipmentItem,
    Instructor,
    InstructorField,
    InstructorRecord,
    LedgerTransfer,
    License,
    Message,
    OwnerKind,
    Person,
    PersonPhoto,
    Place,
    PlaceKind,
    RecordState,
    ServiceRecord,
    SkillStandard,
    StoredFile,
    TargetGroup,
    TransferKind,
    Unit,
    User,
    UserRole,
    Workshop,
    WorkshopDowntime,
    db,
)
from scripts.demo import accounts, people
from scripts.demo.load import load
from services import (
    books,
    codes,
    course_changes,
    courses,
    demands,
    instructors,
    labels,
    ledger,
    licenses,
    organizations,
    passwords,
    photos,
    places,
    policy,
    servicing,
)
from services.attendance import reading, sheets
from services.courses import CHECKLIST, completeness, schedule
from services.courses.steps import STEPS
from services.enrollment import rules
from services.enrollment.desk import desk
from services.instructors import cases as instructor_cases
from services.instructors import evidence, fit, verifying
from services.jalali import from_tehran
from services.places import lacking
from services.places.lacking import Scope
from tests import course_cases as cases
from tests import databases, make
from tests.conftest import SETTINGS

TODAY = dt.date(2026, 11, 21)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A database of its own, loaded once: the file of the sandbox's people and the seconds of work it took."""
    folder = tmp_path_factory.mktemp("demo")
    is_sqlite = os.environ.get("TEST_DATABASE", "sqlite") == "sqlite"
    url = databases.sqlite_url(folder) if is_sqlite else databases.fresh_database("postgresql", "demo")
    app = create_app({**SETTINGS, "DATABASE_URL": url, "DATA_DIR": str(folder)})
    with app.app_context():
        path, began = folder / "people.json", time.process_time()  # so that a busy machine does not count
        load(TODAY, path)
        yield path, time.process_time() - began
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(autouse=True)
def clean(demo):
    """In the place of the emptied database: what a test here adds it takes back."""
    yield
    db.session.rollback()


def count(*where) -> int:
    return db.session.scalar(select(func.count()).where(*where)) or 0


def test_it_loads_within_seconds_what_it_promises(demo):
    path, seconds = demo
    assert seconds < 30
    assert count(Course.id > 0) == 200
    assert count(SkillStandard.id > 0) >= 120
    assert count(Unit.kind == "center") >= 14
    assert count(EquipmentItem.id > 0) > 400
    assert count(Person.first_name.is_(None)) >= 8
    assert count(Discrepancy.state == "open") >= 3
    assert json.loads(path.read_text(encoding="utf-8")) == people.sandbox_people()


def test_equipment_has_prices_ages_and_plans_of_which_some_are_late_and_one_workshop_is_down():
    late, planned = count(EquipmentItem.next_service_on < TODAY), count(EquipmentItem.next_service_on.is_not(None))
    assert 0 < late < planned < count(EquipmentItem.id > 0) / 2
    bare = [count(column.is_(None)) for column in (EquipmentItem.price_rials, EquipmentItem.acquired_on)]
    assert all(0 < some < count(EquipmentItem.id > 0) / 5 for some in bare)
    clerk = cases.actor(make.first(User, username="clerk1"))
    numbers = servicing.numbers(clerk)
    assert numbers.overdue > 0
    assert numbers.down == count(WorkshopDowntime.ends_on.is_(None)) == 1
    (down,) = [workshop for workshop in servicing.workshops(clerk) if workshop.downtime]
    assert servicing.standing(clerk, down.id).courses
    last = select(func.max(ServiceRecord.done_on)).where(ServiceRecord.item_id == EquipmentItem.id).scalar_subquery()
    assert count(EquipmentItem.last_service_on != last) == 0 < count(ServiceRecord.id > 0)


def test_seats_and_money_add_up():
    active = select(func.count()).where(Enrollment.course_id == Course.id, Enrollment.status == "active")
    assert count(Course.taken != active.scalar_subquery()) == 0
    assert count(Course.taken > 0) > 60
    sums = "SELECT account_id, sum(amount) FROM ledger_entry GROUP BY account_id"
    entries = {account: int(total) for account, total in db.session.execute(text(sums))}
    purses = db.session.execute(select(Account.id, Account.balance).where(Account.owner_kind != OwnerKind.SYSTEM))
    found = {purse: balance for purse, balance in purses if purse in entries or balance}
    assert found == {purse: entries[purse] for purse in found}
    assert min(found.values()) >= 0
    assert sum(entries.values()) == 0


def test_whoever_is_in_a_group_that_needs_evidence_has_it():
    needy = Enrollment.target_group_id.in_(select(TargetGroup.id).where(TargetGroup.needs_evidence))
    assert count(needy, Enrollment.group_evidence.is_(None)) == 0
    assert count(needy) > 0


def test_every_charged_enrollment_has_one_debit_and_a_canceled_one_its_refund():
    charged = db.session.execute(select(Enrollment.id, Enrollment.status).where(Enrollment.fee_rials > 0)).all()
    moves = select(LedgerTransfer.cause_key).where(LedgerTransfer.kind != TransferKind.TOP_UP)
    wanted = {f"enrollment:{row.id}:debit" for row in charged}
    wanted |= {f"enrollment:{row.id}:refund" for row in charged if row.status == "canceled"}
    assert sorted(db.session.scalars(moves)) == sorted(wanted)
    assert all(codes.is_tracking_code(code) for code in db.session.scalars(select(Enrollment.tracking_code)))


def test_every_enrollment_has_its_message_delivered_or_held_back_for_a_known_reason():
    rows = db.session.execute(
        select(Message.state, Message.suppressed_reason, Person.mobile_status, Message.body).join(
            Person, Person.id == Message.person_id
        )
    ).all()
    assert len(rows) == count(Enrollment.id > 0)
    assert all((row.state == "delivered") == (row.mobile_status == "matched") for row in rows)
    assert {row.suppressed_reason for row in rows} - {None} <= set(labels.SUPPRESSED_REASON)
    assert all("۰" <= row.body[-1] <= "۹" and len(row.body) < 300 for row in rows)


def test_every_step_of_a_course_is_in_the_table_and_leads_on():
    steps = {(step.source.value, step.action.value, step.level and step.level.value) for step in STEPS}
    events = db.session.scalars(select(CourseEvent).order_by(CourseEvent.course_id, CourseEvent.id)).all()
    last = {}
    for event in events:
        level = None if event.level == "system" else event.level
        stays = event.action in ("create", "copy", "change", "remind", "escalate") or event.action.startswith("change_")
        assert stays or (event.source, event.action, level) in steps
        assert last.get(event.course_id, "") == event.source
        last[event.course_id] = event.target
    states = dict(db.session.execute(select(Course.id, Course.status)).all())
    assert last == {course_id: status.value for course_id, status in states.items()}


def test_what_was_sent_and_approved_is_signed_and_cases_wait_late_and_in_hand():
    events = db.session.scalars(select(CourseEvent)).all()
    signed = [event for event in events if event.action in ("send", "approve")]
    assert all(event.signature and event.signature.items == list(CHECKLIST) for event in signed)
    assert {event.action for event in events} >= {"remind", "escalate"}
    assert any(event.comments for event in events if event.action == "return")
    assert any(event.letter_number for event in events if event.action == "reject")
    assert db.session.query(CourseClaim).count() >= 1


def test_changes_of_approved_courses_stand_in_every_state_and_can_be_looked_at():
    found = db.session.scalars(select(CourseChange)).all()
    assert {each.state.value for each in found} == {"waiting", "returned", "refused", "withdrawn", "done"}
    assert {each.kind.value for each in found} == {"edit", "cancel", "merge"}
    reviewer = cases.actor(make.first(User, username="province1"))
    looks = [course_changes.look(reviewer, each.id) for each in found]
    waiting = [look for look in looks if look.actions]
    assert len(waiting) == 3
    assert not [field.now for look in looks for field in look.fields if field.now], "the live versions are as they were"
    merged = [look.leaving for look in waiting if look.leaving and look.change.other_course]
    assert merged[0].moving, merged[0].reasons


def test_people_wait_for_courses_and_an_organization_has_named_some_for_two_of_them():
    planner = cases.actor(make.first(User, username="planner1"))
    wanted, _ = demands.listing(planner)
    assert [row.people for row in wanted][:3] == [17, 11, 8]
    assert count(CourseDemand.state == "told") == 3
    first = make.first(Agreement)
    (held,) = organizations.courses_of([first.id]).values()
    assert [(each.named, each.enrolled >= 3) for each in held] == [(8, True)] * 2


def test_licenses_of_academies_stand_in_every_way():
    reviewer = cases.actor(make.first(User, username="province1"))
    counts = licenses.listing(reviewer, "waiting").counts
    assert all(counts[tab] for tab in ("waiting", "ending", "ended", "suspended", "valid")), counts
    mine = licenses.of_own(cases.actor(make.first(User, username="academy1")))
    assert [row.state for row in mine] == ["draft", "valid"]
    assert all(row.trades for row in db.session.scalars(select(License)))


def test_waiting_courses_could_have_been_sent_and_meet_as_the_product_counts():
    waiting = (CourseStatus.CENTER_REVIEW, CourseStatus.PROVINCE_REVIEW, CourseStatus.HQ_REVIEW, CourseStatus.APPROVED)
    now = from_tehran(TODAY, dt.time(8))
    for course in db.session.scalars(select(Course).where(Course.status.in_((*waiting, CourseStatus.OPEN)))):
        # Two academies are out of their licenses, and what they have shows it.
        assert {gap.field for gap in completeness.gaps(course, now)} <= {"license"}, course.code
        dates = select(CourseSession.on_date).where(CourseSession.course_id == course.id)
        assert db.session.scalars(dates.order_by(CourseSession.on_date)).all() == schedule.meetings(course)
    assert count(Course.code != "", Course.status == CourseStatus.HQ_REVIEW) >= 3


def test_the_accounts_can_sign_in_and_clerk1_has_money():
    users = {user.username: user for user in db.session.scalars(select(User))}
    assert passwords.is_right(users["clerk1"].password_hash, accounts.PASSWORD)
    for account in accounts.accounts():
        held = (
            select(UserRole.role, Unit.code).join(UserRole.unit).where(UserRole.user_id == users[account.username].id)
        )
        assert {(role.value, code) for role, code in db.session.execute(held)} == {
            (role, account.unit_code) for role in account.roles
        }
    staff = people.everybody().staff
    assert ledger.balance(OwnerKind.NATIONAL, staff["clerk1"].national_code) >= 1_000_000
    assert ledger.balance(OwnerKind.NATIONAL, staff["academy1"].national_code) == 0
    assert ledger.balance(OwnerKind.NATIONAL, people.everybody().newcomers[0].national_code) == 100_000


def test_later_rows_get_ids_of_their_own():
    assert policy.value("max_active_courses") == 1
    before = db.session.scalar(select(func.max(Person.id)))
    db.session.add(Person(national_code="0010350829"))
    db.session.flush()
    assert db.session.scalar(select(func.max(Person.id))) > before


def test_a_second_load_into_the_same_database_is_refused_whole(tmp_path):
    with pytest.raises(Exception, match="(?i)unique"):
        load(TODAY, tmp_path / "again.json")
    assert not (tmp_path / "again.json").exists()
    assert count(Course.id > 0) == 200


def test_the_books_of_the_demo_have_no_difference():
    assert books.differences().count == 0


# -- Places ------------------------------------------------------------------------


def test_places_are_such_as_a_clerk_could_have_written_and_of_every_kind():
    rows = db.session.scalars(select(Place)).all()
    assert {row.kind for row in rows} == set(PlaceKind)
    for row in rows:
        assert places.tidy_place(places.place_values(row)) == places.place_values(row), row.title
    for room in db.session.scalars(select(Workshop)):
        given = places.workshop_values(room)
        assert (places.tidy_workshop(given), room.has_power) == (given, True)
    assert count(Workshop.responsible_id.is_not(None)) > 40


def test_some_things_are_lacking_and_some_of_them_a_neighbor_could_lend():
    province = db.session.scalar(select(Unit.province_id).where(Unit.code == "27101"))
    unit = db.session.scalar(select(Unit.id).where(Unit.code == "27101"))
    rows, _ = lacking.listing(Scope((province,), (unit,)))
    lenders = lacking.lenders(rows, [province])
    assert len(rows) > 5
    assert 0 < len(lenders) < len({row.item_key for row in rows})


def test_the_instructor_of_the_demo_has_marked_every_sheet_but_the_last_and_the_center_has_corrected():
    teacher = cases.actor(make.first(User, username="instructor1"))
    running = [each for each in reading.own_classes(teacher, TODAY).courses if each.status is CourseStatus.RUNNING]
    assert running
    for course in running:
        found = sheets.whole(teacher, course.id)
        past = [each for each in found.meetings if each.session.on_date < TODAY]
        assert [each.is_whole for each in past] == [True] * (len(past) - 1) + [False]
        assert len({member.share for member in found.members}) > 3
    assert any(sheets.corrections(row.session_id) for row in db.session.query(Attendance).filter_by(version=2))
    marks = select(AttendanceMark.presence).order_by(AttendanceMark.id.desc()).limit(1)
    last = marks.where(
        AttendanceMark.session_id == Attendance.session_id, AttendanceMark.enrollment_id == Attendance.enrollment_id
    )
    assert count(Attendance.presence != last.scalar_subquery()) == 0


def test_of_standards_with_rules_somebody_fits_somebody_does_not_and_somebody_has_a_ruling():
    first, *_, last = db.session.scalars(
        select(SkillStandard).where(SkillStandard.instructor_requirement.is_not(None)).order_by(SkillStandard.id)
    ).all()[:4]
    teaches = select(InstructorField.instructor_id).where(InstructorField.field_id == first.field_id)
    people = db.session.scalars(select(Instructor.person_id).where(Instructor.id.in_(teaches))).all()
    found = fit.of_people(first.id, people, TODAY).matches
    stand = Counter("fits" if match.fits else "ruled" if match.ruling else "lacks" for match in found.values())
    assert min(stand[how] for how in ("fits", "lacks", "ruled")) > 0
    own = make.first(User, username="instructor1").person_id
    assert (found[own].fits, found[own].may_teach) == (False, True)
    assert not any(match.fits for match in fit.of_people(last.id, people, TODAY).matches.values())
    under_way = select(Course).where(Course.status.in_(UNDER_WAY), Course.instructor_id.is_not(None))
    assert [course.code for course in db.session.scalars(under_way) if not fit.of_course(course).may_teach] == []


def test_the_demo_instructor_has_a_row_in_every_state_and_what_waits_can_be_decided():
    own = select(InstructorRecord.state).join(User, User.person_id == InstructorRecord.person_id)
    states = set(db.session.scalars(own.where(User.username == "instructor1")))
    assert states == set(RecordState)
    unsent = (RecordState.DRAFT,)
    entered = select(InstructorRecord.id).where(InstructorRecord.entered_by_id.is_not(None))
    told = db.session.scalars(entered.where(InstructorRecord.state.not_in(unsent))).all()
    assert {row_id for row_id in told if evidence.has_any(row_id)} == set(told)
    for name, level in (("manager1", "center"), ("province1", "province")):
        page = instructor_cases.waiting(cases.actor(make.first(User, username=name), level))
        assert len(page.rows) >= 3
        assert [(each.decides, verifying.against(each)) for each in page.rows] == [(True, None)] * len(page.rows)
    for key in db.session.scalars(select(StoredFile.key)):
        assert gateways.files().read(f"{key}.thumb")
    files = [instructors.file_of(row.person_id) for row in db.session.query(Instructor)]
    assert all(file.verified for file in files)


def test_the_demo_has_a_copy_with_its_differences_and_every_sent_course_keeps_its_standard():
    courses_ = db.session.scalars(select(Course)).all()
    [copy] = [course for course in courses_ if course.copied_from_id]
    assert set(courses.copied(copy, courses.values_of(copy)).differences) >= {"start_on", "end_on"}
    assert {bool(course.standard_snapshot) for course in courses_ if course.sent_at} == {True}
    assert {bool(course.standard_snapshot) for course in courses_ if not course.sent_at} == {False}
    empty = [course for course in courses_ if course.status is CourseStatus.DRAFT and course.instructor_id is None]
    assert empty


def test_the_demo_has_portraits_in_each_state_and_somebody_for_whom_a_prerequisite_is_set_aside():
    clerk = cases.actor(make.first(User, username="clerk1"))
    states = Counter(db.session.scalars(select(PersonPhoto.state)))
    assert states == {"accepted": 6, "waiting": 1, "rejected": 1}
    assert len(photos.waiting(clerk)) == 1
    waived, draft = make.first(EligibilityWaiver), make.first(EnrollmentDraft, user_id=clerk.user_id)
    findings = {each.rule: each.outcome for each in desk(clerk, draft).findings}
    assert findings["prerequisite"] is not rules.Outcome.PASSES
    assert (waived.course_id, waived.rule) == (draft.course_id, "prerequisite")
    evidence_of = select(Enrollment.fee_rials).where(Enrollment.group_evidence.is_not(None))
    assert 0 in db.session.scalars(evidence_of).all()
