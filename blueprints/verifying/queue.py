"""The queue of rows that wait, and of those that were decided, with one of them beside the list."""

from functools import partial
from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices, routes
from blueprints.forms.verifying import APPROVE, DecisionForm
from blueprints.guards import me
from blueprints.htmx import go
from blueprints.queues import Line, decided, due, moment, moment_text, neighbors, pane
from models import utcnow
from services import files
from services.access import Level
from services.deciding import Decided
from services.errors import DomainError
from services.files.reasons import words
from services.instructors import cases, evidence, labels, reading, records, verifying, wording
from services.instructors.cases import Case
from services.instructors.verifying import Key
from services.text import persian_digits

TABS = {"waiting": "منتظر", "decided": "تصمیم‌گرفته"}
EMPTY = {
    "waiting": "ردیفی از پروندهٔ مربیان در انتظار این‌جا نیست.",
    "decided": "هنوز دربارهٔ ردیفی تصمیم گرفته نشده است.",
}
TITLE = "بررسی پروندهٔ مربیان"
WALK = (("J", "ردیف بعدی"), ("K", "پیشین"))
KEYS = {"decided": WALK, "waiting": (*WALK, ("X", "انتخاب"), ("A", "تأیید"), ("R", "رد"))}
PANE = "instructors/review/_case.html"
BULK = (("تأیید", "do", "approve"), ("رد", "do", "reject"))
DONE = {
    verifying.PASSED: "در مرکز تأیید شد و به استان رفت.",
    verifying.VERIFIED: "تأیید شد و در پرونده قفل شد.",
    verifying.REJECTED: "رد شد؛ مربی و مرکز دلیل شما را می‌بینند.",
}


def verify_queue() -> Response:
    """The list of a tab with one row beside it; without `case` the first one, on wide screens only."""
    return _page(_tab(), addresses.number(request.args.get("case")))


def verify_pane(record_id: int) -> Response:
    """The pane alone, for htmx; anybody else gets the queue around it."""
    queue_url = url_for(".verify_queue", tab=_tab(), case=record_id)
    return pane(PANE, queue_url, lambda near: {"tag": tag, **_of_case(cases.case(me(), record_id), _tab(), near)})


def verify_decide(record_id: int) -> Response:
    form = DecisionForm().offer(me().level)
    again = partial(_page, "waiting", record_id, form=form)
    done = decided(form, lambda: _decided(record_id, form), lambda status, refused: again(status, refused=refused))
    if isinstance(done, Response):
        return done
    if done.repeated:
        said = f"پیش‌تر ثبت شد: {verifying.over(me(), record_id)}."
        return notices.tell(go(url_for(".verify_queue", tab="decided", case=record_id)), "", said)
    to = url_for(".verify_queue", case=addresses.number(form.next.data))
    return notices.tell(go(to), "ok", DONE[done.what])


def tag(case: Case) -> tuple[str, str]:
    """How long a row may still wait at this level, or what has become of it."""
    if case.waits:
        at_province = me().level is Level.PROVINCE and case.record.center_at
        return due(case.record.center_at if at_province else case.record.sent_at, utcnow())
    return ("در دست اصلاح", "") if case.is_hidden else labels.RECORD_STATE[case.record.state]


# -- Support -----------------------------------------------------------------------


def _decided(record_id: int, form: DecisionForm) -> Decided[str]:
    key, approve = Key(record_id, addresses.version(form.version.data)), form.decision.data == APPROVE
    return verifying.decide(me(), form.key(), key, approve=approve, reason=form.reason.data or "")


def _page(
    tab: str,
    chosen: int | None,
    status: int = 200,
    *,
    form: DecisionForm | None = None,
    refused: DomainError | None = None,
) -> Response:
    reading.may_look(me())
    after = _cursor(request.args.get("after"))
    page = cases.decided(me(), after) if tab == "decided" else cases.waiting(me(), after)
    ids = [each.record.id for each in page.rows]
    shown = chosen or (ids[0] if ids else None)
    case = next((each for each in page.rows if each.record.id == shown), None) if not form else None
    case = case or (cases.case(me(), shown) if shown else None)
    if form and case:
        form.version.data = case.record.version  # pressed again, it decides on what is shown now
    context = _of_case(case, tab, neighbors(ids, shown)) if case else {"case": None}
    context |= {"refused": refused, "tag": tag, "failed": status != 200} | ({"form": form} if form else {})
    html = render_template(
        "shared/cases/queue.html",
        lines=[_line(each, tab, neighbors(ids, each.record.id), shown) for each in page.rows],
        tabs=_tabs(tab),
        empty=EMPTY[tab],
        picked=bool(chosen),
        next_url=url_for(".verify_queue", tab=tab, after=_cursor_text(page.after)) if page.after else "",
        title=TITLE,
        sections="instructors/_sections.html",
        keys=KEYS[tab],
        pane=PANE,
        bulk=BULK if _chooses(tab) else (),
        bulk_url=url_for(".verify_together"),
        **context,
    )
    return Response(html, status)


def _line(each: Case, tab: str, near: dict[str, int | None], shown: int | None) -> Line:
    row = each.record
    kind = labels.RECORD_KIND[row.kind]
    around: dict[str, Any] = {name: each for name, each in near.items() if each}
    return Line(
        title=row.person.full_name or "نام ثبت نشده",
        sub=(
            kind if each.is_hidden else wording.title(row),
            *(() if me().level is Level.CENTER else (row.unit.title,)),
        ),
        tag=tag(each),
        url=url_for(".verify_queue", tab=tab, case=row.id),
        pane=url_for(".verify_pane", record_id=row.id, tab=tab, **around),
        is_current=row.id == shown,
        box=(str(row.id) if each.decides else "") if _chooses(tab) else None,
        note=f"«{row.decision}»" if tab == "decided" and row.decision else "",
    )


def _of_case(case: Case, tab: str, near: dict[str, int | None]) -> dict[str, Any]:
    """What the pane of a row is told; `near` has the ids before and after it in its list."""
    row = case.record
    data = {"version": row.version, "next": near["next"] or ""}
    around = {name: url_for(".verify_queue", tab=tab, case=each) if each else "" for name, each in near.items()}
    return {
        "case": case,
        "form": DecisionForm(formdata=None, data=data).offer(me().level),
        "around": around,
        "list_url": url_for(".verify_queue", tab=tab),
        "what": wording.title(row),
        "facts": [] if case.is_hidden else wording.facts(row),
        "papers": [] if case.is_hidden else files.of_owner(evidence.OWNER, row.id),
        "against": verifying.against(case) if case.waits else None,
        "history": records.history(row.id),
        "kinds": labels.RECORD_KIND,
        "why_refused": words,
    }


def _tabs(tab: str) -> list[tuple[str, str, bool]]:
    said = {"waiting": f" {persian_digits(cases.how_many_wait(me()))}"}
    return [
        (label + said.get(name, ""), url_for(".verify_queue", tab=name), name == tab) for name, label in TABS.items()
    ]


def _chooses(tab: str) -> bool:
    """Whether this person may decide several rows of a tab together."""
    return tab == "waiting" and cases.is_verifier(me())


def _tab() -> str:
    asked = request.args.get("tab", "")
    return asked if asked in TABS else "waiting"


def _cursor(raw: str | None) -> cases.Cursor | None:
    since, _, row_id = (raw or "").partition("_")
    at, last = moment(since), addresses.number(row_id)
    return (at, last) if at and last else None


def _cursor_text(after: cases.Cursor) -> str:
    return f"{moment_text(after[0])}_{after[1]}"


ROUTES: tuple[routes.Route, ...] = (
    ("/queue", verify_queue, ("GET",)),
    ("/queue/<int:record_id>", verify_pane, ("GET",)),
    ("/queue/<int:record_id>/decide", verify_decide, ("POST",)),
)
