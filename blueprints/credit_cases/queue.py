"""The cases of a province, or for HQ of the whole country, with one of them beside the list."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices, routes
from blueprints.forms.credit_cases import DecisionForm
from blueprints.guards import me
from blueprints.htmx import go
from blueprints.queues import Line, decided, due, neighbors, pane
from models import CreditCase, StoredFile, utcnow
from services import credit_cases
from services.access import Level
from services.credit_cases import Case, Key, Page, wording
from services.deciding import Decided
from services.errors import DomainError, NotAllowed
from services.files.reasons import words
from services.text import persian_digits, rial

TABS = {"waiting": "منتظر", "ended": "پایان‌یافته"}
EMPTY = {
    "waiting": "درخواستی برای جابه‌جایی یا اصلاح اعتبار در انتظار نیست.",
    "ended": "هنوز درخواستی به پایان نرسیده است.",
}
TITLE = "جابه‌جایی و اصلاح اعتبار"
LEAD = "مبلغ تنها با تأیید دو نفر و تا وقتی خرج نشده است جابه‌جا می‌شود؛ ردیف نخست می‌ماند و ردیف تازه آن را نام می‌برد."
KEYS = (("J", "پروندهٔ بعدی"), ("K", "پیشین"), ("A", "تأیید"), ("R", "نپذیرفتن"))
PANE = "credit_cases/_case.html"


def credit_queue() -> Response:
    """The list of a tab with one case beside it; without `case` the first one, on wide screens only."""
    return _page(_tab(request.args.get("tab")), addresses.number(request.args.get("case")))


def credit_pane(credit_id: int) -> Response:
    """The pane alone, for htmx; anybody else gets the queue around it."""
    tab = _tab(request.args.get("tab"))
    queue_url = url_for(".credit_queue", tab=tab, case=credit_id)
    return pane(PANE, queue_url, lambda near: _of_case(credit_cases.case(me(), credit_id), tab, near))


def credit_decide(credit_id: int) -> Response:
    """From the queue on to the next case of its list."""
    form = DecisionForm()
    done = decided(form, lambda: _decided(credit_id, form), partial(_refused, credit_id, form))
    if isinstance(done, Response):
        return done
    tab, row = _tab(form.tab.data), done.what
    if done.repeated:
        said = f"پیش‌تر ثبت شد: {credit_cases.over(me(), row)}."
        return notices.tell(go(url_for(".credit_queue", tab=_tab_of(row), case=credit_id)), "", said)
    said = f"{wording.ACTION[form.decision.data]} ثبت شد. اکنون «{wording.STATE[row.state][0]}» است."
    return notices.tell(go(url_for(".credit_queue", tab=tab, case=addresses.number(form.next.data))), "ok", said)


def credit_withdraw(credit_id: int) -> Response:
    """One's own correction, taken back before the second approval."""
    done = credit_cases.withdraw(me(), credit_id)
    told = "درخواست پس گرفته شد." if done else "این درخواست پیش‌تر به پایان رسیده بود؛ چیزی تغییر نکرد."
    return notices.tell(go(url_for(".credit_queue", tab="ended", case=credit_id)), "ok" if done else "", told)


# -- Support -----------------------------------------------------------------------


def _decided(credit_id: int, form: DecisionForm) -> Decided[CreditCase]:
    key = Key(credit_id, addresses.version(form.version.data))
    return credit_cases.decide(me(), form.key(), key, form.decision.data, form.reason.data or "")


def _refused(credit_id: int, form: DecisionForm, status: int, refused: DomainError | None) -> Response:
    """The same view again with the form as it was sent; after a late decision with the case as it is now."""
    if not credit_cases.decides(me()):
        raise NotAllowed(wording.NOT_DECIDING)
    return _page(_tab(form.tab.data), credit_id, status, form=form, refused=refused)


def _page(
    tab: str,
    chosen: int | None,
    status: int = 200,
    *,
    form: DecisionForm | None = None,
    refused: DomainError | None = None,
) -> Response:
    found = credit_cases.listing(me(), tab, addresses.number(request.args.get("after")))
    ids = [row.id for row in found.rows]
    shown = chosen or (ids[0] if ids else None)
    row = next((row for row in found.rows if row.id == shown), None)
    if row is not None and form is None:
        case: Case | None = credit_cases.of(me(), row, found.owners)
    else:
        case = credit_cases.case(me(), shown) if shown else None
    context: dict[str, Any] = _of_case(case, tab, neighbors(ids, shown), form, refused) if case else {"case": None}
    html = render_template(
        "shared/cases/queue.html",
        lines=_lines(found, tab, ids, shown),
        tabs=_tabs(found, tab),
        empty=EMPTY[tab],
        picked=bool(chosen),
        next_url=url_for(".credit_queue", tab=tab, after=found.after) if found.after else "",
        title=TITLE,
        lead=LEAD,
        sections="credit_cases/_sections.html",
        decides=credit_cases.decides(me()),
        keys=KEYS if credit_cases.decides(me()) else KEYS[:2],
        pane=PANE if case else "",
        refused=refused,
        failed=status != 200,
        **context,
    )
    return Response(html, status)


def _lines(found: Page, tab: str, ids: Sequence[int], shown: int | None) -> list[Line]:
    return [_line(row, found, tab, neighbors(ids, row.id), shown) for row in found.rows]


def _line(row: CreditCase, found: Page, tab: str, near: dict[str, int | None], shown: int | None) -> Line:
    around: dict[str, Any] = {name: each for name, each in near.items() if each}
    ends = (found.owners[number].shown for number in (row.from_account_id, row.to_account_id))
    return Line(
        title=f"{wording.KIND[row.kind]}، {rial(row.amount)}",
        sub=(" ← ".join(ends), *([wording.STATE[row.state][0]] if tab == "waiting" else [])),
        tag=_tag(row),
        url=url_for(".credit_queue", tab=tab, case=row.id),
        pane=url_for(".credit_pane", credit_id=row.id, tab=tab, **around),
        is_current=row.id == shown,
        note=f"«{row.refusal}»" if row.refusal else "",
    )


def _tag(row: CreditCase) -> tuple[str, str]:
    """How long a case may still wait, or how it ended."""
    return wording.STATE[row.state] if row.settled_at else due(row.created_at, utcnow())


def _of_case(
    case: Case,
    tab: str,
    near: dict[str, int | None],
    form: DecisionForm | None = None,
    refused: DomainError | None = None,
) -> dict[str, Any]:
    """What the pane of a case is told; `near` has the ids before and after it in its list."""
    row = case.row
    around = {name: url_for(".credit_queue", tab=tab, case=each) if each else "" for name, each in near.items()}
    if form is None:
        form = DecisionForm(formdata=None, data={"tab": tab, "next": near["next"] or "", "version": row.version})
    elif refused and refused.status == 409:
        form.version.data = row.version
    return {
        "case": case,
        "row": row,
        "tag": wording.STATE[row.state],
        "around": around,
        "list_url": url_for(".credit_queue", tab=tab),
        "history": case.history,
        "form": form.offer(case),
        "withdraws": me().level is Level.PROVINCE and case.waits and credit_cases.is_mine(me(), row),
        "denied": case.denial if credit_cases.decides(me()) else None,
        "wording": wording,
        "why_refused": _why_refused,
    }


def _why_refused(file: StoredFile) -> str:
    return words(file.refused_reason)


def _tabs(found: Page, tab: str) -> list[tuple[str, str, bool]]:
    titles = {"waiting": f"{TABS['waiting']} {persian_digits(found.waiting)}", "ended": TABS["ended"]}
    return [(title, url_for(".credit_queue", tab=name), name == tab) for name, title in titles.items()]


def _tab_of(row: CreditCase) -> str:
    return "ended" if row.settled_at else "waiting"


def _tab(asked: str | None) -> str:
    return asked if asked in TABS else "waiting"


LOOKING: tuple[routes.Route, ...] = (
    ("", credit_queue, ("GET",)),
    ("/queue/<int:credit_id>", credit_pane, ("GET",)),
)
DECIDING: tuple[routes.Route, ...] = (
    ("/<int:credit_id>/decide", credit_decide, ("POST",)),
    ("/<int:credit_id>/withdraw", credit_withdraw, ("POST",)),
)
