"""The licenses of a province, or for HQ of the whole country, by how they stand, with one of them beside the list."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices, routes
from blueprints.forms.licenses import DecisionForm
from blueprints.guards import me
from blueprints.htmx import go
from blueprints.licenses.page import actions, back, show, told
from blueprints.queues import Line, decided, due, neighbors, pane
from models import License, Unit, utcnow
from services import labels, licenses, people
from services.access import Level
from services.deciding import Decided
from services.errors import DomainError
from services.licenses import cases, trail, wording
from services.licenses.cases import Case
from services.text import persian_digits

TABS = {
    "waiting": "منتظر",
    "ending": "رو به پایان",
    "ended": "پایان‌یافته",
    "suspended": "تعلیق",
    "valid": "معتبر",
    "missing": "بی‌پروانه",
    "decided": "تصمیم‌گرفته",
}
TITLE = "پروانه‌ها"
LEAD = "دورهٔ آموزشگاه تنها با پروانهٔ در اعتبار و در همان رشته فرستاده و تأیید می‌شود."
EMPTY = {
    "waiting": "پروانه‌ای در انتظار تصمیم نیست.",
    "ending": "اعتبار پروانه‌ای تا ۹۰ روز دیگر تمام نمی‌شود.",
    "ended": "اعتبار پروانه‌ای تمام نشده است.",
    "suspended": "پروانه‌ای تعلیق نیست.",
    "valid": "هنوز پروانهٔ معتبری ثبت نشده است.",
    "missing": "همهٔ آموزشگاه‌های فعال پروانه دارند.",
    "decided": "هنوز دربارهٔ پروانه‌ای تصمیم گرفته نشده است.",
}
UNKNOWN = "در این بخش آموزشگاهی با این نام نیست."
WALK = (("J", "پروندهٔ بعدی"), ("K", "پیشین"))
CHOOSING = (*WALK, ("X", "انتخاب"), ("A", "تأیید"), ("R", "رد"))
PANE = "licenses/_case.html"
BULK = (("تأیید", "do", "approve"), ("رد", "do", "reject"))


def license_queue() -> Response:
    """The list of a tab with one license beside it; without `case` the first one, on wide screens only."""
    return _page(_tab(request.args.get("tab")), addresses.number(request.args.get("case")))


def license_pane(license_id: int) -> Response:
    """The pane alone, for htmx; anybody else gets the queue around it."""
    tab = _tab(request.args.get("tab"))
    queue_url = url_for(".license_queue", tab=tab, case=license_id)
    return pane(PANE, queue_url, lambda near: _of_case(cases.case(me(), license_id), tab, near))


def license_decide(license_id: int) -> Response:
    """From the queue on to the next one of its list, from the page of a license back to it."""
    form = DecisionForm()
    done = decided(form, lambda: _decided(license_id, form), partial(_refused, license_id, form))
    if isinstance(done, Response):
        return done
    state = wording.STATE[done.what.state][0]
    said = f"{wording.ACTION[form.decision.data]} ثبت شد. اکنون «{state}» است."
    if done.repeated:
        said = f"پیش‌تر ثبت شد: {trail.over(me(), license_id)}."
    if form.tab.data not in TABS:
        return back(license_id, said, is_done=not done.repeated)
    if done.repeated:
        return notices.tell(go(url_for(".license_queue", tab="decided", case=license_id)), "", said)
    to = url_for(".license_queue", tab=form.tab.data, case=addresses.number(form.next.data))
    return notices.tell(go(to), "ok", said)


# -- Support -----------------------------------------------------------------------


def _decided(license_id: int, form: DecisionForm) -> Decided[License]:
    key = licenses.Key(license_id, addresses.version(form.version.data))
    return licenses.decide(me(), form.key(), key, form.decision.data, form.reason.data or "")


def _refused(license_id: int, form: DecisionForm, status: int, refused: DomainError | None) -> Response:
    """The same view again with the form as it was sent; after a late decision with the license as it is now."""
    cases.require_reviewer(me())
    if form.tab.data in TABS:
        return _page(form.tab.data, license_id, status, form=form, refused=refused)
    row = cases.case(me(), license_id).license
    if refused and refused.status == 409:
        form.version.data = row.version
    return show(row, status, decision=form, refused=refused)


def _page(
    tab: str,
    chosen: int | None,
    status: int = 200,
    *,
    form: DecisionForm | None = None,
    refused: DomainError | None = None,
) -> Response:
    asked = request.args.get("q", "")[:80]
    found = licenses.listing(me(), tab, asked, addresses.number(request.args.get("after")))
    is_bare = tab == "missing"
    every = [] if is_bare else cases.of(me(), found.rows)
    ids = [each.license.id for each in every]
    shown = chosen or (ids[0] if ids else None)
    case = None if form else next((each for each in every if each.license.id == shown), None)
    case = case or (cases.case(me(), shown) if shown else None)
    context: dict[str, Any] = _of_case(case, tab, neighbors(ids, shown), form) if case else {"case": None}
    html = render_template(
        "shared/cases/queue.html",
        lines=[_bare(each) for each in found.rows] if is_bare else _lines(every, tab, ids, shown),
        tabs=_tabs(found, tab, asked),
        empty=UNKNOWN if asked else EMPTY[tab],
        empty_link=(url_for(".license_queue", tab=tab), "دیدن همهٔ این بخش") if asked else (),
        picked=bool(chosen),
        next_url=url_for(".license_queue", tab=tab, q=asked or None, after=found.after) if found.after else "",
        title=TITLE,
        lead=LEAD,
        search={"url": url_for(".license_queue"), "label": "نام آموزشگاه", "words": asked, "fields": {"tab": tab}},
        keys=CHOOSING if _chooses(tab) else WALK,
        pane=PANE if case else "",
        bulk=BULK if _chooses(tab) else (),
        bulk_url=url_for(".license_together") if _chooses(tab) else "",
        refused=refused,
        failed=status != 200,
        **context,
    )
    return Response(html, status)


def _lines(every: Sequence[Case], tab: str, ids: Sequence[int], shown: int | None) -> list[Line]:
    return [_line(each, tab, neighbors(ids, each.license.id), shown) for each in every]


def _line(each: Case, tab: str, near: dict[str, int | None], shown: int | None) -> Line:
    row = each.license
    around: dict[str, Any] = {name: each for name, each in near.items() if each}
    return Line(
        title=row.unit.title,
        sub=(f"شمارهٔ {persian_digits(row.number)}", *_where(row.unit)),
        tag=_tag(each),
        url=url_for(".license_queue", tab=tab, case=row.id),
        pane=url_for(".license_pane", license_id=row.id, tab=tab, **around),
        is_current=row.id == shown,
        box=(str(row.id) if each.decides else "") if _chooses(tab) else None,
        note=f"«{row.decision}»" if tab in ("decided", "suspended") and row.decision else "",
    )


def _bare(unit: Unit) -> Line:
    """An academy without a license; nothing stands beside the list."""
    sub = (f"کد {persian_digits(unit.code)}", *_where(unit))
    url = url_for(".unit_page", unit_id=unit.id)
    return Line(title=unit.title, sub=sub, tag=("بی‌پروانه", "warn"), url=url, pane="", is_current=False)


def _where(unit: Unit) -> tuple[str, ...]:
    province = unit.province.title if me().level is Level.HQ and unit.province else ""
    return tuple(each for each in (unit.county.title if unit.county else "", province) if each)


def _tag(each: Case) -> tuple[str, str]:
    """How long a license may still wait, or how it stands today."""
    if each.is_hidden:
        return "در دست اصلاح", ""
    return due(each.license.sent_at, utcnow()) if each.waits else wording.tag(each.license)


def _of_case(case: Case, tab: str, near: dict[str, int | None], form: DecisionForm | None = None) -> dict[str, Any]:
    """What the pane of a license is told; `near` has the ids before and after it in its list."""
    row = case.license
    around = {name: url_for(".license_queue", tab=tab, case=each) if each else "" for name, each in near.items()}
    if form is None:
        form = DecisionForm(formdata=None, data={"tab": tab, "next": near["next"] or "", "version": row.version})
    return {
        **told(row),
        "case": case,
        "tag": _tag(case),
        "around": around,
        "list_url": url_for(".license_queue", tab=tab),
        "facts": _facts(row),
        "renews": _renews(case),
        "form": form.offer(row, [] if case.denial else actions(row)),
        "denied": case.denial if case.waits and cases.is_reviewer(me()) else None,
    }


def _renews(case: Case) -> str:
    """What an approval would replace."""
    if not case.waits:
        return ""
    return "تمدید است و جای پروانهٔ کنونی را می‌گیرد" if case.former else "نخستین پروانهٔ این آموزشگاه است"


def _facts(row: License) -> list[tuple[str, str | None]]:
    """What a decision rests on; the rest stands on the page of the license."""
    trades = "، ".join(named.title for each in row.trades if (named := each.field or each.standard))
    seats = f"{labels.GENDER[row.gender]}، {persian_digits(row.capacity)} نفر"
    founder = people.shown_name(row.founder) if row.founder else row.founder_title
    return [
        ("رشته‌ها", trades or None),
        ("اعتبار", wording.span(row)),
        ("مؤسس", founder),
        ("مدیر", people.shown_name(row.manager)),
        ("جنسیت و ظرفیت", seats),
        ("نشانی", row.address),
    ]


def _tabs(found: licenses.Page, tab: str, asked: str) -> list[tuple[str, str, bool]]:
    def label(name: str) -> str:
        return f"{TABS[name]} {persian_digits(found.counts[name])}" if name in found.counts else TABS[name]

    return [(label(name), url_for(".license_queue", tab=name, q=asked or None), name == tab) for name in TABS]


def _chooses(tab: str) -> bool:
    """Whether this person may decide several licenses of a tab together."""
    return tab == "waiting" and cases.is_reviewer(me())


def _tab(asked: str | None) -> str:
    return asked if asked in TABS else "waiting"


LOOKING: tuple[routes.Route, ...] = (
    ("", license_queue, ("GET",)),
    ("/queue/<int:license_id>", license_pane, ("GET",)),
)
DECIDING: tuple[routes.Route, ...] = (("/<int:license_id>/decide", license_decide, ("POST",)),)
