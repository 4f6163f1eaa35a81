"""Instructors under many hands at once: one effect, and everybody else is told."""

import datetime as dt

from models import Course, CourseStatus, Degree, Instructor, InstructorEvent, InstructorMove, RecordEvent, Role, db
from services import courses, instructors, policy
from services.courses import Action
from services.instructors import evidence, moves, records
from services.instructors.moves import Wish
from services.instructors.taking_on import NewInstructor, take_on
from services.instructors.values import EducationValues
from tests import attachments, make
from tests import course_cases as cases
from tests.race.crowd import storm

CROWD, ROUNDS = 6, 3
BORN = dt.date(1985, 3, 21)
DEGREE = EducationValues(Degree.BACHELOR, "مهندسی برق", dt.date(2010, 7, 1))


def test_an_instructor_does_not_leave_while_a_course_with_them_is_sent(app):
    make.route()
    standard = make.standard()
    for _ in range(ROUNDS):
        center, there = make.unit(), make.unit()
        make.workshop(center, standard, has_power=True)
        teacher = make.instructor(center, standard.field)
        clerks = [cases.staff(Role.CLERK, center) for _ in range(CROWD)]
        drafts = {clerk: cases.draft(clerk).id for clerk in clerks}
        asked = moves.ask(clerks[0], f"form {center.id}", teacher.id, Wish(there.id, policy.today(), "نزدیکی"))
        manager = cases.staff(Role.MANAGER, there)

        def act(who, drafts=drafts, asked=asked):
            if who in drafts:
                return courses.advance(who, drafts[who], Action.SEND).status
            return moves.accept(who, asked.id).is_active

        seen = storm(app, act, [*clerks, manager])
        assert set(seen) <= {CourseStatus.CENTER_REVIEW, "True", "StillTeaching", "Incomplete"}, seen
        db.session.rollback()
        stays = db.session.get_one(Instructor, teacher.id, populate_existing=True).ended_on is None
        under_way = (
            db.session.query(Course).filter_by(instructor_id=teacher.id, status=CourseStatus.CENTER_REVIEW).count()
        )
        assert stays or not under_way


def test_one_of_many_answers_to_a_move_holds_and_the_others_are_told(app):
    center, there = make.unit(), make.unit()
    teacher, clerk = make.instructor(center, make.field()), cases.staff(Role.CLERK, center)
    asked = moves.ask(clerk, "a form", teacher.id, Wish(there.id, policy.today(), "نزدیکی"))
    managers = [cases.staff(Role.MANAGER, there) for _ in range(CROWD)]

    def act(who):
        if who is clerk:
            return moves.withdraw(who, asked.id)
        return moves.accept(who, asked.id).unit_id if who.user_id % 2 else moves.refuse(who, asked.id, "نه").state

    seen = storm(app, act, [*managers, clerk])
    db.session.rollback()
    assert seen["Conflict"] == CROWD, seen
    state = db.session.get_one(InstructorMove, asked.id, populate_existing=True).state
    assert db.session.query(Instructor).count() == (2 if state == "accepted" else 1)
    answers = ("moved_in", "move_refused", "move_withdrawn")
    assert db.session.query(InstructorEvent).filter(InstructorEvent.action.in_(answers)).count() == 1


def test_a_form_that_comes_many_times_takes_on_one_instructor_and_sends_one_row(app):
    center, field = make.unit(), make.field()
    clerk = cases.staff(Role.CLERK, center)
    new = NewInstructor(make.national_code(), "سارا", "مرادی", BORN, field_ids=[field.id])
    storm(app, lambda who: take_on(who, "one form", new).id, [clerk] * CROWD)
    db.session.rollback()
    teacher = db.session.query(Instructor).one()
    record = records.enter(clerk, "a row", teacher.id, "education", DEGREE)
    attachments.send(clerk, attachments.jpeg(), evidence.place_of(records.get(clerk, record.id).record))
    seen = storm(app, lambda who: records.send(who, record.id), [clerk] * CROWD)
    db.session.rollback()
    assert set(seen) <= {"True", "False", "Conflict"}, seen
    assert seen["True"] == 1
    assert db.session.query(RecordEvent).filter_by(action="sent").count() == 1
    assert instructors.file_of(teacher.person_id).records[0].state == "at_center"
