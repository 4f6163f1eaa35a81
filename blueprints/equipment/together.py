"""Several cases of the province's queue of equipment decided together."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, url_for

from blueprints import routes, together
from blueprints.equipment.review import key_of, text_of, told, unit_of, what
from blueprints.guards import me
from blueprints.together import APPROVE, Look, Row, Subject
from services import jalali
from services.equipment import cases, review
from services.equipment.cases import Case, Key

HEADS = ("چه", "کجا", ("تعداد", "num"), ("بهای همه", "num"), "دلیل مرکز")


def review_together() -> Response:
    return together.look(SUBJECT)


def review_decide_all() -> Response:
    return together.decide(SUBJECT)


# -- Support -----------------------------------------------------------------------


def _keys(raw: Sequence[str]) -> list[Key]:
    return list(dict.fromkeys(key for each in raw if (key := key_of(each))))


def _look(chosen: Sequence[Key], word: str) -> Look:
    every, approve = cases.several(me(), chosen), word == APPROVE
    names = told(every)
    rows = [_row(case, names, approve=approve) for case in every]
    return Look("پذیرفتن" if approve else "نپذیرفتن", HEADS, rows, names)


def _row(case: Case, names: Mapping[str, Any], *, approve: bool) -> Row:
    why, as_said = _ended(case, names["people"], approve=approve)
    sub = f"{what(case.row)}، {names['units'][unit_of(case.row)]}" if why else what(case.row)
    url = url_for(".review_queue", tab="waiting" if case.waits else "decided", case=text_of(case.key))
    return Row(case, text_of(case.key), url, case.row.item.name, sub, why, as_said)


def _ended(case: Case, people: Mapping[int, str], *, approve: bool) -> tuple[str, bool]:
    """Why a case cannot be decided as it was chosen, empty when it can; and whether it ended just so."""
    row = case.row
    if case.waits:
        why = case.denial or (cases.against(case.kind, row) if approve else None)
        return str(why or ""), False
    if row.decided_at and row.decided_by_id == me().user_id and cases.is_refused(row) != approve:
        return jalali.at(row.decided_at), True
    return f"{cases.over(me(), row, people)}.", False


SUBJECT = Subject(
    name="review",
    noun="پرونده",
    nothing="پرونده‌ای انتخاب نکرده‌اید.",
    did={APPROVE: "پذیرفته شد", "refuse": "رد شد"},
    for_all="همین متن به همهٔ این مرکزها نشان داده می‌شود",
    cells="equipment/_together.html",
    require=cases.require_reviewer,
    keys=_keys,
    text_of=text_of,
    look=_look,
    decide=review.decide_all,
)
ROUTES: tuple[routes.Route, ...] = (
    ("/together", review_together, ("GET",)),
    ("/together", review_decide_all, ("POST",)),
)
