"""Several licenses of a province's queue decided together."""

from collections.abc import Sequence

from flask import Response, url_for

from blueprints import routes, together
from blueprints.guards import me
from blueprints.together import APPROVE, Look, Row, Subject
from services import licenses
from services.licenses import Key, cases, trail, wording
from services.licenses.cases import Case

REJECT = "reject"
HEADS = ("آموزشگاه", "شماره", "اعتبار", "رشته‌ها و حرفه‌ها")


def license_together() -> Response:
    return together.look(SUBJECT)


def license_decide_all() -> Response:
    return together.decide(SUBJECT)


# -- Support -----------------------------------------------------------------------


def _look(chosen: Sequence[Key], word: str) -> Look:
    every = cases.several(me(), [key.license_id for key in chosen])
    rows = [_row(case, approve=word == APPROVE) for case in every]
    return Look("تأیید" if word == APPROVE else "رد", HEADS, rows, {"wording": wording})


def _row(case: Case, *, approve: bool) -> Row:
    row = case.license
    url = url_for(".license_queue", tab="waiting" if case.waits else "decided", case=row.id)
    sub = row.unit.county.title if row.unit.county else ""
    why, as_said = _ended(case, approve=approve)
    return Row(case, f"{row.id}-{row.version}", url, row.unit.title, sub, why, as_said)


def _ended(case: Case, *, approve: bool) -> tuple[str, bool]:
    """Why a license cannot be decided as it was chosen, empty when it can; and whether it ended just so."""
    if case.waits:
        return str(case.denial or (case.against if approve else None) or ""), False
    row = case.license
    as_said = row.state == ("valid" if approve else "rejected") and row.decided_by_id == me().user_id
    return f"{trail.over(me(), row.id)}.", as_said


SUBJECT = Subject(
    name="license",
    noun="پروانه",
    nothing="پروانه‌ای انتخاب نکرده‌اید.",
    did={APPROVE: "تأیید شد", REJECT: "رد شد"},
    for_all="همین متن به همهٔ این آموزشگاه‌ها نشان داده می‌شود",
    cells="licenses/_together.html",
    require=cases.require_reviewer,
    keys=lambda raw: together.versioned(raw, Key),
    text_of=lambda key: str(key.license_id),
    look=_look,
    decide=licenses.decide_all,
)
ROUTES: tuple[routes.Route, ...] = (
    ("/together", license_together, ("GET",)),
    ("/together", license_decide_all, ("POST",)),
)
