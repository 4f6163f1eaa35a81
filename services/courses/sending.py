"""Sending a course whose parts are written, once for each page that asks for it."""

from models import Course
from services.access import Actor
from services.courses import reading, stale, steps
from services.courses.checklist import Signed
from services.errors import Conflict


def send(actor: Actor, course_id: int, version: int, signed: Signed) -> tuple[Course, bool]:
    """The course, and whether it was sent just now; not, when the same page has sent it before.

    Args:
        version: the version that was on the page: nobody sends what somebody else has just changed.
        signed: the checklist of the sender.

    Raises:
        as `steps.advance`.
    """
    try:
        return steps.advance(actor, course_id, steps.Action.SEND, version=version, signed=signed), True
    except Conflict:
        course = reading.get(actor, course_id)
        if version < course.version and stale.is_sent_since(course, version):
            return course, False
        raise
