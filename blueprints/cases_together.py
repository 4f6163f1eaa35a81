"""Several courses of a queue approved or returned together."""

from collections.abc import Sequence

from flask import Response, url_for

from blueprints import routes, together
from blueprints.forms.courses import TogetherForm
from blueprints.guards import me
from blueprints.together import APPROVE, Look, Row, Subject
from services.courses import together as service
from services.courses.together import Chosen, Key
from services.text import persian_digits

RETURN = "return"
BULK = (("تأیید همه", "do", APPROVE), ("برگشت همه", "do", RETURN))


def course_together() -> Response:
    return together.look(SUBJECT)


def course_decide_all() -> Response:
    return together.decide(SUBJECT)


# -- Support -----------------------------------------------------------------------


def _look(chosen: Sequence[Key], word: str) -> Look:
    every = service.several(me(), [key.course_id for key in chosen])
    heads = ("دوره", "مرکز", "شروع", ("ظرفیت", "num"))
    rows = [_row(each, word) for each in every]
    short = any(each.is_short for each in every)
    return Look("تأیید" if word == APPROVE else "برگشت", heads, rows, {"is_short": short, "signs": SIGNS})


SIGNS = "یک امضا برای همهٔ این پرونده‌ها؛"


def _row(each: Chosen, word: str) -> Row:
    course = each.course
    sub = persian_digits(course.code) + ("، کمبود تجهیزات دارد" if each.is_short else "")
    why = each.bar if each.waits else service.over(me(), each)
    last = each.last
    as_said = not each.waits and last is not None and (last.action, last.actor_id) == (word, me().user_id)
    url = url_for(".course_page", course_id=course.id)
    return Row(each, f"{course.id}-{course.version}", url, course.title or "", sub, why, as_said)


SUBJECT = Subject(
    name="course",
    noun="پرونده",
    nothing="پرونده‌ای انتخاب نکرده‌اید.",
    did={APPROVE: "تأیید شد", RETURN: "برگشت داده شد"},
    for_all="همین متن برای همهٔ این مرکزها فرستاده می‌شود",
    cells="shared/cases/_together.html",
    require=service.require_reviewer,
    keys=lambda raw: together.versioned(raw, Key),
    text_of=lambda key: str(key.course_id),
    look=_look,
    decide=service.decide_all,
    home="queue",
    form=TogetherForm,
    signed="shared/cases/_signed_together.html",
)
ROUTES: tuple[routes.Route, ...] = (
    ("/queue/together", course_together, ("GET",)),
    ("/queue/together", course_decide_all, ("POST",)),
)
