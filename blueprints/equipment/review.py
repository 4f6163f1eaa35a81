"""The province's queue of losses above the limits and moves to other centers, with one case beside it."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices, routes
from blueprints.forms.equipment import DecisionForm
from blueprints.guards import me
from blueprints.htmx import go
from blueprints.queues import Line, decided, due, moment, moment_text, neighbors, pane
from models import EquipmentTransfer, Role, utcnow
from services import jalali, labels
from services.deciding import Decided
from services.equipment import cases, history, queues, review
from services.equipment.cases import LOSS, MOVE, Case, Key, Row
from services.errors import DomainError
from services.text import persian_digits

TABS = {"waiting": "منتظر", "decided": "تصمیم‌گرفته"}
EMPTY = {
    "waiting": "چیزی در انتظار تصمیم شما نیست.",
    "decided": "هنوز دربارهٔ تغییری تصمیم گرفته نشده است.",
}
TITLE = "تغییر تجهیزات"
LEAD = "اسقاط و گم شدن بیش از سقف، و فرستادن به مرکز دیگر. تا شما نپذیرید چیزی در دفترها عوض نمی‌شود."
STEPPING = (("J", "پروندهٔ بعدی"), ("K", "پیشین"))
KEYS = {
    "waiting": [*STEPPING, ("X", "انتخاب"), ("A", "پذیرفتن"), ("R", "نپذیرفتن")],
    "decided": [*STEPPING],
}
PANE = "equipment/_case.html"
BULK = (("پذیرفتن", "do", "approve"), ("نپذیرفتن", "do", "refuse"))
APPROVED = "پذیرفته شد و در دفتر تجهیزات نشست."
REFUSED = "پذیرفته نشد؛ مرکز دلیل شما را می‌بیند."


def review_queue() -> Response:
    """The list of a tab with one case beside it; without `case` the first one, on wide screens only."""
    return _page(_tab(), key_of(request.args.get("case")))


def review_pane(kind: str, case_id: int) -> Response:
    """The pane alone, for htmx; anybody else gets the queue around it."""
    queue_url = url_for(".review_queue", tab=_tab(), case=text_of((kind, case_id)))
    return pane(PANE, queue_url, lambda near: _alone(cases.case(me(), kind, case_id), near), key_of)


def review_decide(kind: str, case_id: int) -> Response:
    form, key = DecisionForm(), (kind, case_id)
    again = partial(_page, "waiting", key, form=form)
    done = decided(form, lambda: _decided(key, form), lambda status, refused: again(status, refused=refused))
    if isinstance(done, Response):
        return done
    if done.repeated:
        said = f"پیش‌تر ثبت شد: {cases.over(me(), done.what, {})}."
        return notices.tell(go(url_for(".review_queue", tab="decided", case=text_of(key))), "", said)
    following = key_of(form.next.data)
    to = url_for(".review_queue", case=text_of(following) if following else None)
    return notices.tell(go(to), "ok", REFUSED if cases.is_refused(done.what) else APPROVED)


# -- Cases in words ----------------------------------------------------------------


def key_of(raw: str | None) -> Key | None:
    """A case from an address, such as `loss-7`."""
    kind, _, row_id = (raw or "").partition("-")
    number = addresses.number(row_id)
    return (kind, number) if number and kind in (LOSS, MOVE) else None


def text_of(key: Key) -> str:
    return f"{key[0]}-{key[1]}"


def what(row: Row) -> str:
    return "جابه‌جایی" if isinstance(row, EquipmentTransfer) else labels.MOVEMENT[row.kind]


def tag(case: Case) -> tuple[str, str]:
    """How long a case may still wait, or what has become of it."""
    if case.waits:
        return due(case.row.created_at, utcnow())
    return (labels.TRANSFER_STATE if case.kind == MOVE else labels.REQUEST_STATE)[case.row.state]


def unit_of(row: Row) -> int:
    """The unit whose books lose the pieces."""
    return row.from_unit_id if isinstance(row, EquipmentTransfer) else row.unit_id


def told(every: Sequence[Case]) -> dict[str, Any]:
    """The names that these cases need, and the words for them."""
    rows = [each.row for each in every]
    units = {unit_of(row) for row in rows} | {row.to_unit_id for row in rows if isinstance(row, EquipmentTransfer)}
    people = {each for row in rows for each in (row.asked_by_id, row.decided_by_id)}
    names = {"units": history.unit_titles(*units), "people": history.people(*people)}
    return names | {"what": what, "tag": tag, "unit_of": unit_of, "labels": labels}


# -- Support -----------------------------------------------------------------------


def _decided(key: Key, form: DecisionForm) -> Decided[Row]:
    approve = form.decision.data == "approve"
    return review.decide(me(), form.key(), *key, approve=approve, reason=form.reason.data or "")


def _page(
    tab: str,
    chosen: Key | None,
    status: int = 200,
    *,
    form: DecisionForm | None = None,
    refused: DomainError | None = None,
) -> Response:
    after = _cursor(request.args.get("after"))
    page = queues.done(me(), after) if tab == "decided" else queues.waiting(me(), after)
    keys = [each.key for each in page.rows]
    shown = chosen or (keys[0] if keys else None)
    case = cases.case(me(), *shown) if shown else None
    names = told([*page.rows, *([case] if case else [])])
    of_case = _of_case(case, tab, neighbors(keys, shown), names["people"]) if case else {}
    context = {"case": case, **names, **of_case}
    context |= {"refused": refused, "failed": status != 200} | ({"form": form.prepare()} if form else {})
    html = render_template(
        "shared/cases/queue.html",
        lines=[_line(each, tab, names, neighbors(keys, each.key), is_current=each.key == shown) for each in page.rows],
        tabs=_tabs(tab),
        empty=EMPTY[tab],
        picked=bool(chosen),
        next_url=url_for(".review_queue", tab=tab, after=_cursor_text(page.after)) if page.after else "",
        title=TITLE,
        lead=LEAD,
        keys=KEYS[tab],
        pane=PANE,
        bulk=BULK if _chooses(tab) else (),
        bulk_url=url_for(".review_together"),
        **context,
    )
    return Response(html, status)


def _line(each: Case, tab: str, names: dict[str, Any], near: dict[str, Key | None], *, is_current: bool) -> Line:
    row, key = each.row, text_of(each.key)
    around: dict[str, Any] = {name: text_of(other) for name, other in near.items() if other}
    return Line(
        title=row.item.name,
        sub=(what(row), names["units"][unit_of(row)]),
        tag=tag(each),
        url=url_for(".review_queue", tab=tab, case=key),
        pane=url_for(".review_pane", kind=each.kind, case_id=row.id, tab=tab, **around),
        is_current=is_current,
        box=(key if each.decides else "") if _chooses(tab) else None,
        note=_word(row, names["people"]),
    )


def _chooses(tab: str) -> bool:
    """Whether this person may decide several cases of a tab together."""
    return tab == "waiting" and me().has(Role.REVIEWER)


def _word(row: Row, people: dict[int, str]) -> str:
    """Who has decided, when and why; empty for what waits."""
    if row.decided_at is None:
        return ""
    why = f": «{row.decision}»" if row.decision else ""
    return f"{people.get(row.decided_by_id or 0, '')}، {jalali.at(row.decided_at)}{why}"


def _alone(case: Case, near: dict[str, Key | None]) -> dict[str, Any]:
    names = told([case])
    return {**names, **_of_case(case, _tab(), near, names["people"])}


def _of_case(case: Case, tab: str, near: dict[str, Key | None], people: dict[int, str]) -> dict[str, Any]:
    """What the pane of a case is told; `near` has the keys before and after it in its list."""
    following = near["next"]
    form = DecisionForm(formdata=None, data={"next": text_of(following) if following else ""}).prepare()
    around = {name: url_for(".review_queue", tab=tab, case=text_of(key)) if key else "" for name, key in near.items()}
    checks = {
        "against": cases.against(case.kind, case.row) if case.waits else None,
        "over": "" if case.waits else cases.over(me(), case.row, people),
    }
    return {"form": form, "case": case, "list_url": url_for(".review_queue", tab=tab), "around": around, **checks}


def _tabs(tab: str) -> list[tuple[str, str, bool]]:
    many = {"waiting": f" {persian_digits(queues.waiting_count(me()))}"}
    return [
        (label + many.get(name, ""), url_for(".review_queue", tab=name), name == tab) for name, label in TABS.items()
    ]


def _tab() -> str:
    asked = request.args.get("tab", "")
    return asked if asked in TABS else "waiting"


def _cursor(raw: str | None) -> queues.Cursor | None:
    since, _, key = (raw or "").partition("_")
    at, last = moment(since), key_of(key)
    return (at, *last) if at and last else None


def _cursor_text(after: queues.Cursor) -> str:
    return f"{moment_text(after[0])}_{text_of(after[1:])}"


CASE = "/<any(loss,move):kind>/<int:case_id>"
ROUTES: tuple[routes.Route, ...] = (
    ("", review_queue, ("GET",)),
    (f"/queue{CASE}", review_pane, ("GET",)),
    (f"{CASE}/decide", review_decide, ("POST",)),
)
