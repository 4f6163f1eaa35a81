"""Several rows of instructors' files decided together."""

from collections.abc import Sequence

from flask import Response, url_for

from blueprints import addresses, routes, together
from blueprints.forms.verifying import APPROVE, REJECT
from blueprints.guards import me
from blueprints.together import Look, Row, Subject
from services.access import Level
from services.instructors import cases, labels, verifying, wording
from services.instructors.cases import Case
from services.instructors.verifying import Key


def verify_together() -> Response:
    return together.look(SUBJECT)


def verify_decide_all() -> Response:
    return together.decide(SUBJECT)


# -- Support -----------------------------------------------------------------------


def _keys(raw: Sequence[str]) -> list[Key]:
    """Rows as the list names them (`7`), or as the page that was looked at before the decision (`7-2`)."""
    found: dict[int, Key] = {}
    for each in raw:
        row_id, _, version = each.partition("-")
        if number := addresses.number(row_id):
            found[number] = Key(number, addresses.version(version))
    return list(found.values())


def _look(chosen: Sequence[Key], word: str) -> Look:
    every, at_center = cases.several(me(), [key.record_id for key in chosen]), me().level is Level.CENTER
    verb = ("تأیید و فرستادن به استان:" if at_center else "تأیید") if word == APPROVE else "رد"
    heads = ("مربی", "ردیف", "سند", *(() if at_center else ("مرکز",)))
    names = {"at_center": at_center, "title_of": wording.title, "sub_of": wording.sub}
    return Look(verb, heads, [_row(case, approve=word == APPROVE) for case in every], names)


def _row(case: Case, *, approve: bool) -> Row:
    row, why = case.record, _why(case, approve=approve)
    kind = labels.RECORD_KIND[row.kind]
    if why:
        sub = kind if case.is_hidden else wording.title(row)
    else:
        sub = f"{kind}، تغییر ردیف تأییدشده" if row.replaces_id else kind
    url = url_for(".verify_queue", tab="waiting" if case.waits else "decided", case=row.id)
    title, as_said = row.person.full_name or "نام ثبت نشده", _as_said(case, approve=approve)
    return Row(case, f"{row.id}-{row.version}", url, title, sub, why, as_said)


def _why(case: Case, *, approve: bool) -> str:
    """Why a row cannot be decided as it was chosen; empty when it can."""
    if not case.waits:
        return f"{verifying.over(me(), case.record.id)}."
    return str(case.denial or (verifying.against(case) if approve else None) or "")


def _as_said(case: Case, *, approve: bool) -> bool:
    """Whether the row was decided by this person as they have chosen."""
    row = case.record
    if case.waits:
        return False
    if row.state == "rejected":
        return not approve and row.decided_by_id == me().user_id
    by = row.center_by_id if me().level is Level.CENTER else row.decided_by_id
    return approve and row.state in ("at_province", "verified") and by == me().user_id


SUBJECT = Subject(
    name="verify",
    noun="ردیف",
    nothing="ردیفی انتخاب نکرده‌اید.",
    did={APPROVE: "تأیید شد", REJECT: "رد شد"},
    for_all="همین متن برای همهٔ این ردیف‌ها دیده می‌شود",
    cells="instructors/review/_together.html",
    require=cases.require_verifier,
    keys=_keys,
    text_of=lambda key: str(key.record_id),
    look=_look,
    decide=verifying.decide_all,
)
ROUTES: tuple[routes.Route, ...] = (
    ("/queue/together", verify_together, ("GET",)),
    ("/queue/together", verify_decide_all, ("POST",)),
)
