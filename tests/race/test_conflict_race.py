"""Two courses that need the same workshop or the same person are sent at the same moment: one of them goes."""

import threading

import pytest

from models import Course, CourseInstructor, CourseStatus, Role, Workshop, WorkshopStandard, db, utcnow
from services import course_changes, courses
from services.courses import Action, completeness, conflicts
from tests import change_cases as changes
from tests import course_cases as cases
from tests import make
from tests.race.crowd import storm

CROWD = 8


@pytest.fixture
def drafts() -> list[tuple]:
    """Drafts of one unit at the same hours with one instructor, each with a clerk of its own."""
    unit = cases.center()
    clerks = [cases.staff(Role.CLERK, unit) for _ in range(CROWD)]
    return [(clerk, cases.draft(clerk).id) for clerk in clerks]


def apart(drafts: list[tuple], **over) -> None:
    """Give every draft what is said here of its own."""
    for _, course_id in drafts:
        course = db.session.get_one(Course, course_id)
        for name, value in over.items():
            setattr(course, name, value(course))
    db.session.commit()


def own_room(course: Course) -> int:
    return make.workshop(course.unit, make.first(make.SkillStandard)).id


def own_teacher(course: Course) -> int:
    return make.instructor(course.unit, make.first(make.TradeField)).id


def send(who_and_what: tuple) -> str:
    clerk, course_id = who_and_what
    return cases.advance(clerk, course_id, Action.SEND).status.value


def sent() -> int:
    db.session.rollback()
    return db.session.query(Course).filter(Course.status == CourseStatus.CENTER_REVIEW).count()


@pytest.mark.parametrize("own", [{"instructor_id": own_teacher}, {"workshop_id": own_room}], ids=["room", "teacher"])
def test_of_eight_that_are_sent_at_once_one_goes(app, drafts, own):
    apart(drafts, **own)
    assert storm(app, send, drafts) == {"center_review": 1, "Incomplete": CROWD - 1}
    assert sent() == 1


def test_one_person_of_two_units_and_as_a_helper_is_taken_once(app, drafts):
    (first, one), (second, other) = drafts[:2]
    apart(drafts, workshop_id=own_room)
    helped = db.session.get_one(Course, other)
    person, helped.instructor_id = helped.instructor_id, own_teacher(helped)
    make.save(CourseInstructor(course_id=other, instructor_id=person, minutes=helped.total_minutes - 60))
    assert storm(app, send, [(first, one), (second, other)]) == {"center_review": 1, "Incomplete": 1}


def test_of_approved_courses_that_move_into_one_free_room_at_once_one_does(app):
    """Another room of the same place is a change that applies at once."""
    people = changes.staff()
    live = [changes.live(people.unit) for _ in range(4)]
    place = live[0].place_id
    for n, course in enumerate(live):
        course.place_id, course.workshop_id = place, room_of(people.unit, place, f"کارگاه {n}")
    db.session.commit()
    free = room_of(people.unit, place, "آزاد")
    wanted = [(course.id, changes.wish(course, workshop_id=free)) for course in live]

    def move(course_and_wish: tuple) -> str:
        done = course_changes.edit(people.clerk, changes.key(), *course_and_wish)
        return "moved" if done.change is None else "asked"

    assert storm(app, move, wanted) == {"moved": 1, "Refused": 3}


def room_of(unit, place_id: int, title: str) -> int:
    room = make.save(Workshop(place_id=place_id, unit_id=unit.id, title=title, workstations=20))
    make.save(WorkshopStandard(workshop_id=room.id, standard_id=make.first(make.SkillStandard).id))
    return room.id


def test_control_where_all_look_before_they_send_more_than_one_goes(app, drafts, monkeypatch):
    """Sending as it is ordinarily written: first a look whether everything is free, then the step."""
    apart(drafts, instructor_id=own_teacher)
    all_have_looked, barring = threading.Barrier(CROWD), conflicts.barring

    def look_and_send(who_and_what: tuple) -> str:
        free = not completeness.gaps(courses.get(*who_and_what), utcnow())
        db.session.commit()
        all_have_looked.wait(60)
        monkeypatch.setattr(conflicts, "barring", lambda asked: [])
        return send(who_and_what) if free else "taken"

    assert storm(app, look_and_send, drafts) == {"center_review": CROWD}
    monkeypatch.setattr(conflicts, "barring", barring)
    assert sent() == CROWD
