"""Service of equipment: what is due, one item with its plan and its services, and workshops that are down."""

import re
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import addresses, notices, routes, uploads
from blueprints.forms import tried
from blueprints.forms.servicing import DownForm, PlanForm, RecordForm, UpForm
from blueprints.guards import me
from blueprints.htmx import go, render
from models import EquipmentItem, StoredFile
from services import files, policy, servicing
from services.errors import Conflict
from services.jalali import day_month_year
from services.text import persian_digits

CURSOR = f"([0-9]{{0,400}})_([0-9]{{1,{addresses.DIGITS}}})"  # day or sort key, and id of an item
WORKSHOPS = "workshops"
TABS = {
    servicing.OVERDUE: "گذشته",
    servicing.SOON: "دو هفتهٔ آینده",
    servicing.PLANNED: "همهٔ برنامه‌ها",
    servicing.NONE: "بی‌برنامه",
    WORKSHOPS: "کارگاه‌ها",
}
SENT_BEFORE = notices.sent_before()
UP = "ثبت شد که کارگاه دوباره کار می‌کند. دوره‌ها دوباره بی‌هشدار آن را انتخاب می‌کنند."


def register(bp: Blueprint, path: str) -> None:
    """Add the pages to a role's blueprint."""
    routes.add(bp, path, ROUTES)


def service_list() -> str:
    numbers, words = servicing.numbers(me()), request.args.get("q", "")[:80]
    first = servicing.OVERDUE if numbers.overdue else servicing.SOON if numbers.soon else servicing.PLANNED
    tab = request.args.get("tab", "")
    tab = tab if tab in TABS else first
    counts = {servicing.OVERDUE: numbers.overdue, servicing.SOON: numbers.soon, WORKSHOPS: numbers.down}
    tabs = [(_tab(name, counts), url_for(".service_list", tab=name), name == tab) for name in TABS]
    context = {"tabs": tabs, "tab": tab, "words": words, "today": policy.today()}
    if tab == WORKSHOPS:
        return render_template("servicing/workshops.html", workshops=servicing.workshops(me()), **context)
    at = re.fullmatch(CURSOR, request.args.get("after", ""))
    page = servicing.listing(me(), tab, words, (at[1], int(at[2])) if at else None)
    after = f"{page.after[0]}_{page.after[1]}" if page.after else None
    next_url = url_for(".service_list", tab=tab, q=words or None, after=after) if after else ""
    return render_template("servicing/list.html", page=page, next_url=next_url, **context)


def service_item(item_id: int) -> Response:
    return _item_page(servicing.item(me(), item_id))


def service_plan(item_id: int) -> Response:
    item, form = _to_keep(item_id), PlanForm()
    if not form.validate():
        return _item_page(item, 422, plan=form)
    try:
        done = tried(form, lambda: (servicing.set_plan(me(), item_id, form.seen(), form.wished()),))
    except Conflict as late:
        form.every_days.errors = [str(late)]
        item = servicing.item(me(), item_id)
        form.show(servicing.plan_of(item))
        return _item_page(item, 409, plan=form)
    if done is None:
        return _item_page(item, 422, plan=form)
    said = "برنامهٔ سرویس ذخیره شد." if done[0] else "چیزی برای ذخیره نبود؛ برنامه همین است."
    return notices.tell(go(url_for(".service_item", item_id=item_id)), "ok" if done[0] else "", said)


@uploads.accepts_file
def service_record(item_id: int) -> Response:
    item, form = _to_keep(item_id), RecordForm().prepare()
    recorded = tried(form, lambda: _recorded(item, form)) if form.validate() else None
    if recorded is None:
        return _item_page(item, 422, record=form)
    if recorded.repeated:
        return notices.tell(_to_item(item_id), "", SENT_BEFORE)
    said = f" نوبت بعدی {day_month_year(recorded.next_on)} است." if recorded.next_on else ""
    return notices.tell(_to_item(item_id), "ok", f"ثبت شد.{said}")


def service_workshop(workshop_id: int) -> Response:
    return _workshop_page(servicing.standing(me(), workshop_id))


def service_down(workshop_id: int) -> Response:
    standing, form = servicing.standing(me(), workshop_id), DownForm()
    servicing.refuse_others(me(), standing.workshop.unit_id)
    starts_on: Any = form.starts_on.data
    begun = None
    if form.validate():
        begun = tried(form, lambda: (servicing.begin(me(), workshop_id, starts_on, form.reason.data or ""),))
    if begun is None:
        return _workshop_page(standing, 422, form)
    said = "ثبت شد. در انتخاب کارگاه برای دوره‌ها هشدار داده می‌شود." if begun[0] else "این کارگاه پیش‌تر خارج از کار بود."
    return notices.tell(go(url_for(".service_workshop", workshop_id=workshop_id)), "ok" if begun[0] else "", said)


def service_up(downtime_id: int) -> Response:
    form = UpForm()
    workshop_id = servicing.workshop_of(me(), downtime_id)
    standing = servicing.standing(me(), workshop_id)
    servicing.refuse_others(me(), standing.workshop.unit_id)
    ends_on: Any = form.ends_on.data
    ended = tried(form, lambda: servicing.end(me(), downtime_id, ends_on)) if form.validate() else None
    if ended is None:
        return _workshop_page(standing, 422, form)
    return notices.tell(go(url_for(".service_workshop", workshop_id=workshop_id)), "ok", UP)


# -- Support -----------------------------------------------------------------------


def _to_keep(item_id: int) -> EquipmentItem:
    """The item, for those who may plan and record its service: others are told so before their form is read."""
    item = servicing.item(me(), item_id)
    servicing.refuse_others(me(), item.unit_id)
    return item


def _tab(name: str, counts: dict[str, int]) -> str:
    return f"{TABS[name]} {persian_digits(counts[name])}" if counts.get(name) else TABS[name]


def _recorded(item: EquipmentItem, form: RecordForm) -> servicing.Recorded:
    return servicing.record(me(), form.key(), item.id, form.service(), _document(item))


def _document(item: EquipmentItem) -> StoredFile | None:
    """What the form brought, if anything; it belongs to nothing until the record is written."""
    sent = request.files.get(uploads.FIELD)
    if sent is None or not sent.filename:
        return None
    return uploads.take(me(), files.Place(servicing.OWNER, None, item.unit_id, item.province_id))


def _to_item(item_id: int) -> Response:
    return go(url_for(".service_item", item_id=item_id))


def _item_page(
    item: EquipmentItem, status: int = 200, *, plan: PlanForm | None = None, record: RecordForm | None = None
) -> Response:
    stands = servicing.plan_of(item)
    if plan is None:
        plan = PlanForm(formdata=None, data={"every_days": stands.every_days, "next_on": stands.next_on})
        plan.show(stands)
    record = record or RecordForm(formdata=None).prepare()
    context = {
        "item": item,
        "plan": plan,
        "record": record,
        "done": servicing.history(item.id),
        "may_keep": servicing.may_keep(me(), item.unit_id),
        "today": policy.today(),
        "failed": status != 200,
    }
    return render("servicing/item.html", "servicing/_record.html", status, **context)


def _workshop_page(standing: servicing.Standing, status: int = 200, form: DownForm | UpForm | None = None) -> Response:
    down, today = standing.workshop.downtime, policy.today()
    if form is None:
        form = UpForm(formdata=None, data={"ends_on": today}) if down else DownForm(None, data={"starts_on": today})
    may_keep = servicing.may_keep(me(), standing.workshop.unit_id)
    context = {"standing": standing, "form": form, "may_keep": may_keep, "failed": status != 200}
    return Response(render_template("servicing/workshop.html", **context), status)


ROUTES: tuple[routes.Route, ...] = (
    ("", service_list, ("GET",)),
    ("/items/<int:item_id>", service_item, ("GET",)),
    ("/items/<int:item_id>/plan", service_plan, ("POST",)),
    ("/items/<int:item_id>/records", service_record, ("POST",)),
    ("/workshops/<int:workshop_id>", service_workshop, ("GET",)),
    ("/workshops/<int:workshop_id>/down", service_down, ("POST",)),
    ("/downtimes/<int:downtime_id>/end", service_up, ("POST",)),
)
