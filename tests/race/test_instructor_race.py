"""Courses are sent while their instructor moves to another unit: never both, and a kind sentence for who came late."""

import datetime as dt
from collections import Counter

from models import Course, CourseStatus, Instructor, Role, SkillStandard, TradeField, db
from services.courses import Action, Incomplete
from services.instructors import moves
from services.instructors.engaging import StillTeaching
from services.places.keeping import under_way
from tests import course_cases as cases
from tests import make
from tests.fit_cases import DAY, TODAY
from tests.race.crowd import storm

CROWD = 4
SATURDAY = cases.next_saturday()
# One instructor in one workshop: each course at hours of its own.
HOURS = [
    {"weekdays": days, "start_on": SATURDAY + n * DAY, "start_time": dt.time(hour), "end_time": dt.time(hour + 4)}
    for n, days in enumerate((0b101, 0b1010))
    for hour in (8, 14)
]
ORDERS = ("together", "together", "together", "moved first", "sent first")


def storm_of(app, order, said) -> tuple[Counter, int]:
    """What a move and as many sendings come to, and the instructor's row from which they started."""
    center, other = make.unit(), make.unit()
    make.workshop(center, make.first(SkillStandard))
    teacher = make.instructor(center, make.first(TradeField))
    clerks = [cases.staff(Role.CLERK, center) for _ in range(CROWD)]
    drafts = {clerk: cases.draft(clerk, **hours).id for clerk, hours in zip(clerks, HOURS, strict=True)}
    wish = moves.Wish(other.id, TODAY + DAY, "نزدیک‌تر است")
    move = moves.ask(cases.staff(Role.MANAGER, center), f"form-{center.id}", teacher.id, wish)
    manager = cases.staff(Role.MANAGER, other)

    def act(who):
        try:
            if who in drafts:
                return cases.advance(who, drafts[who], Action.SEND).status
            return bool(moves.accept(who, move.id).id)
        except (Incomplete, StillTeaching) as late:
            said.append(str(late))
            raise

    waves = {"moved first": [[manager], clerks], "sent first": [clerks, [manager]]}
    return sum((storm(app, act, wave) for wave in waves.get(order, [[*clerks, manager]])), Counter()), teacher.id


def test_a_transfer_while_courses_are_sent_has_one_effect_and_says_why_to_the_other(app):
    make.route()
    make.standard()
    said: list[str] = []
    for order in ORDERS:
        seen, instructor_id = storm_of(app, order, said)
        assert set(seen) <= {CourseStatus.CENTER_REVIEW, "True", "StillTeaching", "Incomplete"}, seen
        db.session.rollback()
        db.session.expire_all()
        has_moved = db.session.get_one(Instructor, instructor_id).ended_on is not None
        is_taught = bool(under_way(Course.instructor_id == instructor_id))
        assert has_moved != is_taught
        assert seen["StillTeaching" if is_taught else "Incomplete"] == (1 if is_taught else CROWD)
    assert all("پس از آن روز ادامه دارند" in each or "تا پایان دوره در این واحد نیست" in each for each in said)
