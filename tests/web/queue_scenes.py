"""Scenes of the queue of courses for the walkers: cases in hand, taken back, and decided together."""

from services import courses
from services.courses import CHECKLIST
from tests import course_cases, make
from tests.web import pages

LEVELS = ("center", "province", "hq")


def waiting(world, level):
    """A course that waits at a level and was entered by somebody else."""
    colleague = make.user(unit_=world.unit)
    waits = {**pages.sent(pages.QUEUES[level]), "entered_by_id": colleague.id}
    return make.course(pages.QUEUES[level], world.unit, **waits)


def reviewer(world, level):
    return course_cases.actor(world.staff[level], level)


def taken_back(level):
    def scene(world):
        course = waiting(world, level)
        course_cases.advance(reviewer(world, level), course.id, courses.Action.RETURN, reason="ساعت‌ها کم است")
        return f"/{level}/queue?did={course.id}", {"course_id": course.id}

    return scene


def in_hand(level, hand):
    def scene(world):
        course = waiting(world, level)
        if hand == "release":
            courses.claim(reviewer(world, level), course.id)
        return f"/{level}/courses/{course.id}", {"course_id": course.id, "hand": hand}

    return scene


def together(level, word):
    def scene(world):
        ids = [waiting(world, level).id for _ in range(2)]
        page = f"/{level}/queue/together?do={word}&case={ids[0]}&case={ids[1]}"
        signed = {f"+sign_{name}": "y" for name in CHECKLIST if word == "approve"}
        return page, {}, {"reason": "ساعت‌ها کم است", **signed}

    return scene


WORDS = ("approve", "return")
SCENES = {
    **{f"{level}.course_undo": taken_back(level) for level in LEVELS},
    **{f"{level}.course_hand {hand}": in_hand(level, hand) for level in LEVELS for hand in ("claim", "release")},
    **{
        f"{level}.course_decide_all {word}": together(level, word) for level in LEVELS for word in ("approve", "return")
    },
}
