"""The planner's calendar, for a province and for a center in its own territory."""

import re
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for

from blueprints import addresses, routes
from blueprints.guards import me
from models import utcnow
from services import jalali, labels, planning, text
from services.attendance import calendar
from services.attendance.calendar import Span
from services.planning import Asked, Meeting, Page

CURSOR = f"([0-9]{{0,400}})_([0-9]{{1,{addresses.DIGITS}}})"  # sort key and id
VIEWS = (("week", "هفته"), ("month", "ماه"))


def register(bp: Blueprint) -> None:
    """Add the page to a role's blueprint."""
    routes.add(bp, "/calendar", ROUTES)


def planner_calendar() -> str:
    view = "month" if request.args.get("view") == "month" else "week"
    span = calendar.span(view, request.args.get("on", ""), jalali.tehran_today(utcnow()))
    asked = _asked(span)
    page = planning.page(me(), asked)
    kept: dict[str, Any] = {"by": asked.kind, "view": view, "on": span.first.isoformat(), "unit": asked.unit_id}
    following = f"{page.after[0]}_{page.after[1]}" if page.after else ""
    return render_template(
        "planning/calendar.html",
        page=page,
        kind=asked.kind,
        unit_id=asked.unit_id,
        url=lambda **over: url_for(".planner_calendar", **{**kept, **over}),
        next_url=url_for(".planner_calendar", **kept, after=following) if following else "",
        sees=_sees,
        hours=labels.hours,
        **_days(view, span, page),
    )


def _asked(span: Span) -> Asked:
    kind, at = request.args.get("by", ""), re.fullmatch(CURSOR, request.args.get("after", ""))
    kind = kind if kind in dict(planning.KINDS) else planning.WORKSHOP
    unit_id = addresses.number(request.args.get("unit"))
    return Asked(kind, span, unit_id, (at[1], int(at[2])) if at else None)


def _days(view: str, span: Span, page: Page) -> dict[str, Any]:
    """What both tables call their days and weeks."""
    every = [span.first + timedelta(days=n) for n in range(span.count)]
    weeks = page.lines[0].weeks if page.lines else []
    named = {"title": _title(view, span), "heads": [_head(day) for day in every], "since": _since}
    return {
        "view": view,
        "views": VIEWS,
        "kinds": planning.KINDS,
        "span": span,
        "today": jalali.tehran_today(utcnow()),
        "week_heads": [_since(week.first) for week in weeks],
        **named,
    }


def _title(view: str, span: Span) -> str:
    if view == "month":
        year, month, _ = jalali.parts(span.first)
        return f"{jalali.MONTHS[month - 1]} {year}"
    return f"{jalali.day_month_year(span.first)} تا {jalali.day_month_year(span.last)}"


def _head(day: date) -> str:
    """«شنبه ۱۵»."""
    return f"{jalali.weekday_name(day)} {text.persian_digits(jalali.parts(day)[2])}"


def _since(day: date) -> str:
    """«از ۱۵ آذر», of the first day of a week."""
    _, month, number = jalali.parts(day)
    return f"از {text.persian_digits(number)} {jalali.MONTHS[month - 1]}"


def _sees(meeting: Meeting) -> bool:
    """Whether who looks may open the course: an instructor may hold one of another unit."""
    return me().covers(meeting.unit_id, meeting.province_id)


ROUTES: tuple[routes.Route, ...] = (("", planner_calendar, ("GET",)),)
