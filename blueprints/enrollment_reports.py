"""Reports on the enrollments of a month, for managers, provinces and HQ; to read and to take as a workbook."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import addresses, routes, workbooks
from blueprints.guards import me
from blueprints.purses.frame import asked_month
from services.access import Level
from services.enrollment import report_sheets, reports
from services.enrollment.visits import CHANNEL, LEVEL, REASON, SHORT


def register(bp: Blueprint) -> None:
    """Add the pages to a role's blueprint."""
    routes.add(bp, "/enrolled", ROUTES)


def in_person_report() -> str:
    month, reason = asked_month(), _reason()
    found = reports.in_person(me(), month, reason, addresses.number(request.args.get("after")) or 0)
    tabs = [
        (title, url_for(".in_person_report", month=month.text, reason=key or None), key == reason)
        for key, title in (("", "همه"), *((key.value, title) for key, title in SHORT.items()))
    ]
    return _shown("in_person", found, tabs=tabs, kept={"reason": reason or None})


def in_person_sheet() -> Response:
    actor, month, reason = me(), asked_month(), _reason()
    return workbooks.sent("in-person", lambda into: report_sheets.write_in_person(into, actor, month, reason))


def exempt_report() -> str:
    found = reports.exempt(me(), asked_month(), addresses.number(request.args.get("after")) or 0)
    return _shown("exempt", found, kept={}, clerk_of=reports.clerk_of)


def exempt_sheet() -> Response:
    actor, month = me(), asked_month()
    return workbooks.sent("exempt", lambda into: report_sheets.write_exempt(into, actor, month))


def _reason() -> str:
    asked = request.args.get("reason", "")
    return asked if asked in set(REASON) else ""


def _shown(name: str, found: reports.Report, *, kept: dict[str, Any], **more: Any) -> str:
    month, here, sheet = asked_month(), f".{name}_report", f".{name}_sheet"
    return render_template(
        f"enrolled/{name}.html",
        found=found,
        month=month,
        part="استان" if me().level is Level.HQ else "واحد",
        words={"reason": REASON, "level": LEVEL, "channel": CHANNEL},
        sheet_url=url_for(sheet, month=month.text, **kept),
        prev_url=url_for(here, month=month.before.text, **kept),
        next_url=url_for(here, month=month.after.text, **kept) if month.after.has_begun else "",
        more_url=url_for(here, month=month.text, **kept, after=found.after) if found.after else "",
        **more,
    )


ROUTES: tuple[routes.Route, ...] = (
    ("/in-person", in_person_report, ("GET",)),
    ("/in-person.xlsx", in_person_sheet, ("GET",)),
    ("/exempt", exempt_report, ("GET",)),
    ("/exempt.xlsx", exempt_sheet, ("GET",)),
)
