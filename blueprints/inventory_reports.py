"""Reports about equipment: the same pages for a center, a province and HQ, each down to the workshops."""

import tempfile
from collections.abc import Callable
from typing import IO, Any

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import addresses
from blueprints.forms.inventory_reports import ReportForm
from blueprints.guards import me
from services import imports, inventory_reports, labels
from services.access import Level
from services.inventory_reports import Parts, Scope, Sums

PAGE = 50  # rows
MOST_BARS = 10
IN_MEMORY = 1024 * 1024  # bytes of a workbook; a larger one is written to the disk


def register(bp: Blueprint, path: str) -> None:
    """Add the pages to a role's blueprint."""
    for rule, view in ROUTES:
        bp.add_url_rule(path + rule, view_func=view, methods=["GET"])


def report_stock() -> str:
    form, scope = ReportForm.asked(), _scope()
    found = inventory_reports.stock(scope, form.filters())
    charts = {
        "conditions": _parts(found.by_condition, labels.CONDITION),
        "ages": _parts(found.by_age, labels.ITEM_AGE),
        "groups": _parts(found.by_group, labels.EQUIPMENT_GROUP),
    }
    return _page("inventory/stock.html", form, scope, found.rows, stock=found, **charts)


def report_value() -> str:
    form, scope = ReportForm.asked(), _scope()
    found = inventory_reports.stock(scope, form.filters())
    groups = [(labels.EQUIPMENT_GROUP[group], sums) for group, sums in found.by_group.items()]
    dear = sorted((row for row in found.rows if row.sums.rials), key=lambda row: -row.sums.rials)[:MOST_BARS]
    # Millions, because a bar of rials is a row of zeros.
    bars = [(row.title, round(row.sums.rials / 1_000_000), _link(scope, row.id)) for row in dear]
    return _page("inventory/value.html", form, scope, found.rows, stock=found, groups=groups, bars=bars)


def report_movements() -> str:
    form, scope = ReportForm.asked(), _scope()
    days = form.days()
    found = inventory_reports.traffic(scope, form.filters(), days)
    came = [(month, came.pieces) for month, came, _ in found.months]
    left = [(month, left.pieces) for month, _, left in found.months]
    return _page("inventory/movements.html", form, scope, found.rows, traffic=found, days=days, came=came, left=left)


def report_stock_sheet() -> Response:
    form, scope = ReportForm.asked(), _scope()
    return workbook_answer("equipment", lambda into: inventory_reports.write_stock(into, scope, form.filters()))


def report_movements_sheet() -> Response:
    form, scope = ReportForm.asked(), _scope()
    days = form.days()
    return workbook_answer("movements", lambda into: inventory_reports.write_traffic(into, scope, form.filters(), days))


# -- Support -----------------------------------------------------------------------


def _scope() -> Scope:
    unit, province = addresses.number(request.args.get("unit")), addresses.number(request.args.get("province"))
    return inventory_reports.scope(me(), unit_id=unit, province_id=province)


def _page(template: str, form: ReportForm, scope: Scope, rows: Any, **found: Any) -> str:
    """A report with 50 of its rows; the sums and the drawings are of all of them."""
    at = max(addresses.number(request.args.get("page"), 4) or 1, 1)
    here, kept = _here(), _where(scope) | form.address()
    urls = {
        "prev_url": url_for(here, **kept, page=at - 1) if at > 1 else "",
        "next_url": url_for(here, **kept, page=at + 1) if len(rows) > at * PAGE else "",
    }
    context = {"form": form, "scope": scope, "where": _where(scope), "trail": _trail(scope), "tabs": _tabs(here, kept)}
    shown = [(row, _link(scope, row.id)) for row in rows[(at - 1) * PAGE : at * PAGE]]
    sheet = ".report_movements_sheet" if here == ".report_movements" else ".report_stock_sheet"
    return render_template(
        template, rows=shown, of=len(rows), sheet_url=url_for(sheet, **kept), parts=PARTS, **context, **urls, **found
    )


PARTS = {Parts.PROVINCES: "استان", Parts.UNITS: "واحد", Parts.WORKSHOPS: "کارگاه"}
TABS = ((".report_stock", "موجودی"), (".report_value", "ارزش"), (".report_movements", "جابه‌جایی‌ها"))


def _tabs(here: str, kept: dict[str, Any]) -> list[tuple[str, str, bool]]:
    lacking = {name: kept[name] for name in ("unit", "province") if name in kept}
    tabs = [(label, url_for(endpoint, **kept), endpoint == here) for endpoint, label in TABS]
    return [*tabs, ("کمبودها", url_for(".shortages", **lacking), False)]


def _here() -> str:
    """The endpoint of this page, in whatever blueprint it stands."""
    return f".{(request.endpoint or '').rpartition('.')[2]}"


def _where(scope: Scope) -> dict[str, Any]:
    """What the address says beyond the actor's whole territory."""
    if scope.unit:
        return {"unit": scope.unit.id}
    return {"province": scope.province.id} if scope.province else {}


def _trail(scope: Scope) -> list[tuple[str, str]]:
    """The larger territories that this one is a part of, from the top down."""
    steps = []
    if scope.unit or scope.province:
        steps.append(("همهٔ کشور" if me().level is Level.HQ else me().unit_title, url_for(_here())))
    if scope.unit and scope.unit.province and me().level is Level.HQ:
        steps.append((f"استان {scope.unit.province.title}", url_for(_here(), province=scope.unit.province_id)))
    return steps


def _link(scope: Scope, part_id: int) -> str:
    """Where a row leads: the same report of that part; what is in a workshop stands on the center's own list."""
    if scope.parts is Parts.WORKSHOPS:
        inside = me().level is Level.CENTER and addresses.exists("/center/equipment")
        return f"/center/equipment?workshop={part_id}" if inside else ""
    part: dict[str, Any] = {"province" if scope.parts is Parts.PROVINCES else "unit": part_id}
    return url_for(_here(), **part, **ReportForm.asked().address())


def _parts(sums: dict[Any, Sums], names: dict[str, str]) -> list[tuple[str, int]]:
    return [(names[value] if value else "ثبت نشده", found.pieces) for value, found in sums.items()]


def workbook_answer(name: str, write: Callable[[IO[bytes]], None]) -> Response:
    """The answer that hands out a workbook, written to the disk where it is large."""
    into = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (closed with the answer)
    try:
        write(into)
    except BaseException:
        into.close()
        raise
    size = into.tell()
    into.seek(0)
    response = Response(iter(lambda: into.read(64 * 1024), b""), mimetype=imports.MIME)
    response.call_on_close(into.close)
    response.content_length = size
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


ROUTES: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("", report_stock),
    ("/value", report_value),
    ("/movements", report_movements),
    ("/stock.xlsx", report_stock_sheet),
    ("/movements.xlsx", report_movements_sheet),
)
