"""Units, for a province (its centers, academies and counters) and for HQ (all, directorates first)."""

import re

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import addresses, contracts, notices, routes
from blueprints.forms import tried
from blueprints.forms.units import SwitchForm, UnitForm
from blueprints.guards import me
from blueprints.htmx import go
from models import Unit, UnitKind
from services import submissions, units
from services.access import Level
from services.late import LateSaving
from services.units import UnitValues

CURSOR = f"([0-9]{{0,400}})_([0-9]{{1,{addresses.DIGITS}}})"  # sort key and id of a unit
SENT_BEFORE = notices.sent_before("واحد دیگری ساخته نشد")
MADE = "واحد ساخته شد. حالا نخستین کاربر آن را بسازید تا همکاران واحد بتوانند وارد شوند."
TABS = {
    "all": "همه",
    "directorate": "ادارات کل",
    "center": "مراکز",
    "academy": "آموزشگاه‌ها",
    "counter": "پیشخوان‌ها",
    "off": "غیرفعال",
}


def register(bp: Blueprint, path: str) -> None:
    """Add the pages to a role's blueprint."""
    routes.add(bp, path, ROUTES)
    routes.add(bp, path, contracts.ROUTES)


def unit_list() -> str:
    words, after = request.args.get("q", "")[:80], re.fullmatch(CURSOR, request.args.get("after", ""))
    # A search looks everywhere; without one HQ begins with the directorates.
    first = "directorate" if me().level is Level.HQ and not words.strip() else "all"
    tab = request.args.get("tab", "")
    names = units.tabs_for(me())
    tab = tab if tab in names else first
    page = units.listing(me(), tab, words, (after[1], int(after[2])) if after else None)
    tabs = [
        (TABS[name], url_for(".unit_list", tab=name, q=words or None), name == tab) for name in units.tabs_for(me())
    ]
    next_url = url_for(".unit_list", tab=tab, q=words or None, after=_cursor(page.after)) if page.after else ""
    context = {"page": page, "tab": tab, "tabs": tabs, "words": words, "next_url": next_url}
    return render_template("units/list.html", makes=units.may_make(me()), **context)


def unit_new() -> Response:
    form = _new_form()
    made = tried(form, lambda: _made(form)) if form.validate_on_submit() else None
    if made:
        kind, said = ("", SENT_BEFORE) if made.repeated else ("ok", MADE)
        return notices.tell(go(url_for(".unit_page", unit_id=made.unit.id)), kind, said)
    return Response(render_template("units/new.html", form=form), 422 if form.is_submitted() else 200)


def unit_page(unit_id: int) -> Response:
    return _page(units.get(me(), unit_id), SwitchForm(formdata=None))


def unit_edit(unit_id: int) -> Response:
    unit = units.get(me(), unit_id)
    if not units.may_change(me(), unit):
        return go(url_for(".unit_page", unit_id=unit_id))
    return _edit_page(unit, _filled(unit, units.values_of(unit)))


def unit_save(unit_id: int) -> Response:
    unit = units.changeable(me(), unit_id)
    form = UnitForm()
    form.for_edit(unit, units.counties(me(), unit))
    version = addresses.version(form.version.data)
    if not form.validate():
        return _edit_page(unit, form, 422)
    try:
        changed = tried(form, lambda: (units.edit(me(), unit_id, version, form.values(unit)),))
    except LateSaving as stale:
        return _edit_page(stale.row, _filled(stale.row, stale.merged), 409, stale)
    if changed is None:
        return _edit_page(unit, form, 422)
    said = notices.saved("واحد", changed=changed[0])
    return _back(unit_id, said, is_done=changed[0])


def unit_disable(unit_id: int) -> Response:
    form = SwitchForm()
    unit = units.get(me(), unit_id)
    done = tried(form, lambda: (units.disable(me(), unit_id, form.reason.data or ""),))
    if done is None:
        return _page(unit, form, 422)
    said = "واحد غیرفعال شد. از همین لحظه کسی از طرف آن کاری نمی‌کند." if done[0] else "این واحد پیش‌تر غیرفعال شده بود."
    return _back(unit_id, said, is_done=done[0])


def unit_enable(unit_id: int) -> Response:
    done = units.enable(me(), unit_id)
    return _back(unit_id, "واحد فعال شد." if done else "این واحد پیش‌تر فعال شده بود.", is_done=done)


# -- Support -----------------------------------------------------------------------


def _new_form() -> UnitForm:
    units.keeper(me())  # whoever makes none is told so before the form is read
    form = UnitForm()
    if me().level is Level.HQ:
        form.for_new_directorate(units.provinces_without_directorate())
    else:
        form.for_new_local(units.KINDS[me().level], units.counties(me()))
    return form


def _made(form: UnitForm) -> units.Made:
    kind = form.kind.data if "kind" in form else UnitKind.DIRECTORATE.value
    province = form.province.data if "province" in form else None
    return units.create(me(), form.form_key.data or submissions.new_key(), kind, form.values(), province_id=province)


def _filled(unit: Unit, values: UnitValues) -> UnitForm:
    shown = {name: getattr(values, name) for name in ("title", "phone", "address", "office_hours")}
    shown |= {"county": values.county_id, "gender": values.gender.value, "version": unit.version}
    form = UnitForm(formdata=None, data=shown)
    form.for_edit(unit, units.counties(me(), unit))
    return form


def _edit_page(unit: Unit, form: UnitForm, status: int = 200, stale: LateSaving | None = None) -> Response:
    context = {"unit": unit, "form": form, "stale": stale, "failed": status != 200}
    return Response(render_template("units/edit.html", **context), status)


def _page(unit: Unit, form: SwitchForm, status: int = 200) -> Response:
    context = {"unit": unit, "form": form, "may_change": units.may_change(me(), unit), "history": units.history(unit)}
    staff_url = "/hq/users" if me().level is Level.HQ else "/province/staff"
    return Response(render_template("units/page.html", staff_url=staff_url, **context), status)


def _back(unit_id: int, said: str, *, is_done: bool) -> Response:
    return notices.tell(go(url_for(".unit_page", unit_id=unit_id)), "ok" if is_done else "", said)


def _cursor(after: tuple[str, int]) -> str:
    return f"{after[0]}_{after[1]}"


ROUTES: tuple[routes.Route, ...] = (
    ("", unit_list, ("GET",)),
    ("/new", unit_new, ("GET", "POST")),
    ("/<int:unit_id>", unit_page, ("GET",)),
    ("/<int:unit_id>/edit", unit_edit, ("GET",)),
    ("/<int:unit_id>/edit", unit_save, ("POST",)),
    ("/<int:unit_id>/disable", unit_disable, ("POST",)),
    ("/<int:unit_id>/enable", unit_enable, ("POST",)),
)
