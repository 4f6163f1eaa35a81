"""Courses are sent while their workshop is taken out of use: never both."""

import pytest

from models import Course, CourseStatus, Place, Role, Workshop, db
from services import places
from services.courses import Action
from services.places.keeping import under_way
from tests import course_cases as cases
from tests import make
from tests.race.crowd import storm

CROWD, ROUNDS = 6, 4
SWITCHES = {
    "place": lambda actor, room: places.switch(actor, room.place_id, on=False, reason="تعمیر"),
    "workshop": lambda actor, room: places.switch_workshop(actor, room.id, on=False, reason="تعمیر"),
    "seats": lambda actor, room: places.edit_workshop(
        actor, room.id, 1, places.WorkshopValues("کارگاه ۱", 8, has_power=True)
    ),
}


@pytest.mark.parametrize("what", SWITCHES)
def test_a_course_that_is_sent_at_the_same_moment_keeps_its_workshop(app, what):
    make.route()
    standard = make.standard()
    for _ in range(ROUNDS):
        center = make.unit()
        make.workshop(center, standard, has_power=True)
        make.instructor(center, standard.field)
        clerks = [cases.staff(Role.CLERK, center) for _ in range(CROWD)]
        drafts = {clerk: cases.draft(clerk).id for clerk in clerks}
        room, manager = make.first(Workshop, unit_id=center.id), cases.staff(Role.MANAGER, center)

        def act(who, drafts=drafts, room=room):
            if who in drafts:
                return cases.advance(who, drafts[who], Action.SEND).status
            return SWITCHES[what](who, room)

        seen = storm(app, act, [*clerks, manager])
        assert set(seen) <= {CourseStatus.CENTER_REVIEW, "True", "InUse", "Incomplete"}, seen
        db.session.rollback()
        now = db.session.get_one(Workshop, room.id, populate_existing=True)
        is_whole = now.is_active and now.workstations == 20 and db.session.get_one(Place, room.place_id).is_active
        assert is_whole or not under_way(Course.workshop_id == room.id)
