"""Rows of instructors' files that wait, in the small country of the walkers of pages and forms."""

import gateways
from models import InstructorRecord, Unit, db
from services.instructors import evidence
from tests import attachments, course_cases, make
from tests.instructor_cases import AT_CENTER, AT_PROVINCE
from tests.instructor_cases import waiting as sent

STATE = {"center": AT_CENTER, "province": AT_PROVINCE}


def waiting(world, level: str) -> InstructorRecord:
    """A degree that a colleague has sent, waiting at a level."""
    clerk = course_cases.actor(make.user(unit_=db.session.get_one(Unit, world.unit.id)))
    row = sent(make.instructor(world.unit), clerk, STATE[level])
    for paper in evidence.of_record(row.id):
        for part in ("file", "thumb"):  # browsers ask for the picture, and complain where there is none
            gateways.files().put(f"{paper.key}.{part}", (attachments.jpeg(),))
    return row


def grown(world) -> None:
    for level in STATE:
        waiting(world, level)


def decided(level: str, decision: str):
    def scene(world) -> tuple:
        row = waiting(world, level)
        typed = {"decision": decision, "reason": "تصویر خوانا نیست"}
        return f"/{level}/instructors/queue?case={row.id}", {"record_id": row.id}, typed

    return scene


def decided_together(level: str, decision: str):
    def scene(world) -> tuple:
        case = "&".join(f"case={waiting(world, level).id}" for _ in range(2))
        return f"/{level}/instructors/queue/together?do={decision}&{case}", {}, {"reason": "تصویر خوانا نیست"}

    return scene


SCENES = {
    **{f"{level}.verify_decide {word}": decided(level, word) for level in STATE for word in ("approve", "reject")},
    **{
        f"{level}.verify_decide_all {word}": decided_together(level, word)
        for level in STATE
        for word in ("approve", "reject")
    },
}
