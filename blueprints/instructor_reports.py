"""Reports about instructors: the same pages for a center, a province and HQ, with their workbooks."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import addresses, routes, workbooks
from blueprints.guards import me
from services import labels
from services.access import Level
from services.instructors import exports, reports
from services.instructors.labels import DEGREE, EMPLOYMENT
from services.inventory_reports import Parts, Scope
from services.text import persian_digits

PAGE = 50
NOT_VERIFIED = "تأیید نشده"


def register(bp: Blueprint, path: str) -> None:
    """Add the pages to a role's blueprint."""
    routes.add(bp, path, ROUTES)


def instructor_report() -> str:
    here = _scope()
    found = reports.staff(here)
    at = max(addresses.number(request.args.get("page"), 4) or 1, 1)
    link = {Parts.PROVINCES: "province", Parts.UNITS: "unit"}.get(here.parts)
    shown = [
        (part, url_for(_here(), **_part(link, part.id)) if link else "")
        for part in found.parts[(at - 1) * PAGE : at * PAGE]
    ]
    hours, years = (persian_digits(number) for number in found.rule)
    charts = {
        "degrees": [(DEGREE[key] if key else NOT_VERIFIED, count) for key, count in found.degrees.items()],
        "employments": [(EMPLOYMENT[key] if key else NOT_VERIFIED, count) for key, count in found.employments.items()],
        "retraining": [
            ("هیچ", found.retraining["none"]),
            (f"کمتر از {hours} ساعت", found.retraining["some"]),
            (f"{hours} ساعت و بیشتر", found.retraining["enough"]),
        ],
        "ages": [(_age(age), counts) for age, counts in found.ages.items()],
    }
    urls = {
        "prev_url": url_for(_here(), **_where(here), page=at - 1) if at > 1 else "",
        "next_url": url_for(_here(), **_where(here), page=at + 1) if len(found.parts) > at * PAGE else "",
    }
    return _page("instructors/reports/staff.html", here, found=found, rows=shown, years=years, **charts, **urls)


def instructor_coverage() -> str:
    here = _scope()
    fields, gaps = reports.coverage(here), reports.gaps(here)
    more = len(gaps) > reports.MOST_GAPS
    return _page("instructors/reports/coverage.html", here, fields=fields, gaps=gaps[: reports.MOST_GAPS], more=more)


def instructor_sheet() -> Response:
    here = _scope()
    return workbooks.sent("instructors", lambda into: exports.write(into, me(), here))


# -- Support -----------------------------------------------------------------------


def _part(name: str, part_id: int) -> dict[str, Any]:
    return {name: part_id}


def _scope() -> Scope:
    unit, province = addresses.number(request.args.get("unit")), addresses.number(request.args.get("province"))
    return reports.scope(me(), unit_id=unit, province_id=province)


def _page(template: str, here: Scope, **found: Any) -> str:
    where = _where(here)
    tabs = [(label, url_for(endpoint, **where), endpoint == _here()) for endpoint, label in TABS]
    sheet = url_for(".instructor_sheet", **where)
    context = {"scope": here, "trail": _trail(here), "tabs": tabs, "sheet_url": sheet, "labels": labels}
    return render_template(template, **context, **found)


def _age(age: int | None) -> str:
    if age is None:
        return "ثبت نشده"
    following = next((years for years in reports.AGES if years > age), None)
    if not age:
        return f"زیر {persian_digits(following)} سال"
    return (
        f"{persian_digits(age)} تا {persian_digits(following - 1)} سال"
        if following
        else f"{persian_digits(age)} سال و بیشتر"
    )


def _here() -> str:
    return f".{(request.endpoint or '').rpartition('.')[2]}"


def _where(here: Scope) -> dict[str, Any]:
    """What the address says beyond the actor's whole territory."""
    if here.unit:
        return {"unit": here.unit.id}
    return {"province": here.province.id} if here.province else {}


def _trail(here: Scope) -> list[tuple[str, str]]:
    """The larger territories that this one is a part of, from the top down."""
    steps = []
    if here.unit or here.province:
        steps.append(("همهٔ کشور" if me().level is Level.HQ else me().unit_title, url_for(_here())))
    if here.unit and here.unit.province and me().level is Level.HQ:
        steps.append((f"استان {here.unit.province.title}", url_for(_here(), province=here.unit.province_id)))
    return steps


TABS = ((".instructor_report", "مربیان"), (".instructor_coverage", "پوشش رشته‌ها"))
ROUTES: tuple[routes.Route, ...] = (
    ("", instructor_report, ("GET",)),
    ("/coverage", instructor_coverage, ("GET",)),
    ("/instructors.xlsx", instructor_sheet, ("GET",)),
)
