"""The province's queue of losses above the limits and moves to other centers, with one case beside it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices
from blueprints.forms import tried
from blueprints.forms.equipment import DecisionForm
from blueprints.guards import me
from blueprints.htmx import go
from models import utcnow
from services import labels
from services.equipment import history, review
from services.errors import DomainError

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
KINDS = (review.LOSS, review.MOVE)
APPROVED = "پذیرفته شد و در دفتر تجهیزات نشست."
REFUSED = "پذیرفته نشد؛ مرکز دلیل شما را می‌بیند."


def review_queue() -> Response:
    """The list with one case beside it; without `case` the first one, on wide screens only."""
    kind, _, number = request.args.get("case", "").partition("-")
    chosen = addresses.number(number) if kind in KINDS else None
    return _page(kind, chosen, DecisionForm(formdata=None))


def review_decide(kind: str, case_id: int) -> Response:
    form = DecisionForm()
    if not form.validate():
        return _page(kind, case_id, form, 422)
    approve = form.decision.data == "approve"
    try:
        reason = form.reason.data or ""
        done = tried(form, lambda: review.decide(me(), kind, case_id, approve=approve, reason=reason))
    except DomainError as refused:
        if refused.status not in (409, 422):
            raise
        return _page(kind, case_id, form, refused.status, refused)
    if done is None:
        return _page(kind, case_id, form, 422)
    return notices.tell(go(url_for(".review_queue")), "ok", APPROVED if approve else REFUSED)


# -- Support -----------------------------------------------------------------------


def _page(
    kind: str, chosen: int | None, form: DecisionForm, status: int = 200, refused: DomainError | None = None
) -> Response:
    page = review.queue(me(), _cursor(request.args.get("after")))
    first = (page.rows[0][0], page.rows[0][1].id) if page.rows else None
    shown = (kind, chosen) if chosen else first
    case = review.case(me(), *shown) if shown else None
    context = {
        "page": page,
        "case": case,
        "shown": shown,
        "picked": bool(chosen),
        "form": form,
        "refused": refused,
        "units": history.unit_titles(*_units(page, case)),
        "after": _cursor_text(page.after),
        "days": lambda row: (utcnow() - row.created_at).days,
        "change": history.change,
        "labels": labels,
        "failed": status != 200,
    }
    return Response(render_template("equipment/queue.html", **context), status)


def _units(page: review.Queue, case: review.Case | None) -> set[int]:
    rows = [row for _, row in page.rows] + ([case.row] if case else [])
    names = ("unit_id", "from_unit_id", "to_unit_id")
    return {getattr(row, name) for row in rows for name in names if hasattr(row, name)}


def _cursor(raw: str | None) -> review.Cursor | None:
    moment, _, rest = (raw or "").partition("_")
    kind, _, row_id = rest.partition("_")
    since, number = addresses.number(moment), addresses.number(row_id)
    if since is None or number is None or kind not in KINDS:
        return None
    try:
        return EPOCH + dt.timedelta(microseconds=since), kind, number
    except OverflowError:  # a year that no calendar has
        return None


def _cursor_text(after: review.Cursor | None) -> str:
    return f"{(after[0] - EPOCH) // dt.timedelta(microseconds=1)}_{after[1]}_{after[2]}" if after else ""


ROUTES: tuple[tuple[str, Callable[..., Any], tuple[str, ...]], ...] = (
    ("", review_queue, ("GET",)),
    ("/<any(loss,move):kind>/<int:case_id>/decide", review_decide, ("POST",)),
)
