"""Several changes of approved courses approved or returned together."""

from collections.abc import Sequence

from flask import Response, url_for

from blueprints import routes, together
from blueprints.guards import me
from blueprints.together import APPROVE, Look, Row, Subject
from services.course_changes import together as service
from services.course_changes import wording
from services.course_changes.together import Chosen, Key
from services.text import persian_digits

RETURN = "return"
BULK = (("تأیید همه", "do", APPROVE), ("برگشت همه", "do", RETURN))
HEADS = ("دوره", "مرکز", "درخواست", "دلیل مرکز", ("ثبت‌نام", "num"))


def course_change_together() -> Response:
    return together.look(SUBJECT)


def course_change_decide_all() -> Response:
    return together.decide(SUBJECT)


# -- Support -----------------------------------------------------------------------


def _look(chosen: Sequence[Key], word: str) -> Look:
    every = service.several(me(), [key.change_id for key in chosen])
    rows = [_row(each, word) for each in every]
    return Look("تأیید" if word == APPROVE else "برگشت", HEADS, rows, {"words": wording})


def _row(each: Chosen, word: str) -> Row:
    change = each.change
    why = (each.bar or (each.against if word == APPROVE else "")) if each.waits else service.over(me(), each)
    as_said = not each.waits and service.ended_by(me(), each, approve=word == APPROVE)
    url, code = url_for(".course_change_page", change_id=change.id), persian_digits(change.course.code)
    return Row(each, f"{change.id}-{change.version}", url, change.course.title or "", code, why, as_said)


SUBJECT = Subject(
    name="course_change",
    noun="درخواست",
    nothing="درخواستی انتخاب نکرده‌اید.",
    did={APPROVE: "تأیید شد", RETURN: "برگشت داده شد"},
    for_all="همین متن برای همهٔ این مرکزها فرستاده می‌شود",
    cells="changes/_together.html",
    require=service.require_reviewer,
    keys=lambda raw: together.versioned(raw, Key),
    text_of=lambda key: str(key.change_id),
    look=_look,
    decide=service.decide_all,
    home="course_changes_list",
)
ROUTES: tuple[routes.Route, ...] = (
    ("/changes/together", course_change_together, ("GET",)),
    ("/changes/together", course_change_decide_all, ("POST",)),
)
