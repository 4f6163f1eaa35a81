"""Lists of many people, in the small country of the walkers of pages and forms."""

import uuid

from models import EnrollmentList
from services import many
from services.many.typed import wanted
from tests import course_cases, make


def standing(world) -> EnrollmentList:
    """A list with somebody who can pay, somebody who cannot, and a line that cannot be read."""
    return make.first(EnrollmentList, course_id=world.course.id) or fresh(world)


def fresh(world) -> EnrollmentList:
    rich, poor = make.person(), make.person()
    make.purse(rich, 500_000)
    people = [wanted(rich.national_code, schooling="diploma"), wanted(poor.national_code), wanted("12")]
    people.append(wanted("123456789", foreign_kind="passport", last_name="رحیمی"))
    key = many.start(_clerk(world), str(uuid.uuid4()), world.course.id, people)
    return make.first(EnrollmentList, key=key)


def grown(world, n: int) -> None:
    """More people, and more lists of the same course."""
    people = [wanted(make.person().national_code), wanted(make.national_code())]
    many.add(_clerk(world), str(uuid.uuid4()), standing(world).key, people)
    many.start(_clerk(world), str(uuid.uuid4()), world.course.id, people)


def _clerk(world):
    return course_cases.actor(world.staff["center"])


def _page(world) -> tuple[str, dict]:
    """One of its own: in a list that was run nobody is left, and others have other lines."""
    key = fresh(world).key
    return f"/center/lists/{key}", {"key": key}


def made(world) -> tuple[str, dict, dict]:
    page = f"/center/courses/{world.course.id}/list"
    return page, {"course_id": world.course.id}, {"codes": make.person().national_code}


def run(world) -> tuple[str, dict, dict]:
    return *_page(world), {"debit_source": "trainee"}


def paid(world) -> tuple[str, dict, dict, str]:
    return *_page(world), {"debit_source": "trainee"}, "do=top_up"


def added(world) -> tuple[str, dict, dict]:
    return *_page(world), {"codes": make.person().national_code}


def left_out(world) -> tuple[str, dict, dict, str]:
    page, values = _page(world)
    line = many.look(_clerk(world), values["key"]).lines[2]  # the one that cannot be read, whatever came before
    return page, values, {}, f"leave={line.id}"


SCENES = {
    "center.list_make": made,
    "center.list_run": run,
    "center.list_run top up": paid,
    "center.list_add": added,
    "center.list_row": left_out,
}
