"""An instructor's day: the meetings of today, sheets that are not full, the calendar, and all own classes."""

from typing import Any

from flask import render_template, request, url_for

from blueprints import addresses
from blueprints.guards import me
from blueprints.instructor import bp
from models import utcnow
from services import jalali, labels
from services.attendance import calendar, reading
from services.attendance.calendar import Span

VIEWS = (("week", "هفته"), ("month", "ماه"))


@bp.get("")
def home() -> str:
    now = utcnow()
    today = jalali.tehran_today(now)
    week = calendar.span("week", "", today)
    near = reading.between(me(), today - calendar.BACK, week.last)
    context = {"owed": calendar.owed(near, now), "meetings": [each for each in near if each.session.on_date == today]}
    return render_template("instructor/home.html", **context, **_calendar("week", week, near))


@bp.get("/calendar")
def calendar_page() -> str:
    view = "month" if request.args.get("view") == "month" else "week"
    span = calendar.span(view, request.args.get("on", ""), jalali.tehran_today(utcnow()))
    tabs = [
        (label, url_for(".calendar_page", view=name, on=span.first.isoformat()), name == view) for name, label in VIEWS
    ]
    meetings = reading.between(me(), span.first, span.last)
    return render_template("instructor/calendar.html", tabs=tabs, **_calendar(view, span, meetings))


@bp.get("/classes")
def class_list() -> str:
    over, after = request.args.get("show") == "over", addresses.number(request.args.get("after"))
    page = reading.own_classes(me(), jalali.tehran_today(utcnow()), over=over, after=after)
    next_url = url_for(".class_list", show="over", after=page.after) if page.after else ""
    tabs = [
        ("جاری و آینده", url_for(".class_list"), not over),
        ("پایان‌یافته", url_for(".class_list", show="over"), over),
    ]
    return render_template("instructor/classes.html", page=page, over=over, tabs=tabs, next_url=next_url, labels=labels)


def _calendar(view: str, span: Span, meetings: list[reading.Meeting]) -> dict[str, Any]:
    days, now = calendar.days(meetings, span), utcnow()
    urls = {
        f"{name}_url": url_for(".calendar_page", view=view, on=day.isoformat())
        for name, day in (("before", span.before), ("after", span.after))
    }
    hours = labels.hours(calendar.minutes(days))
    return {"days": days, "span": span, "view": view, "hours": hours, "today": jalali.tehran_today(now), **urls}
