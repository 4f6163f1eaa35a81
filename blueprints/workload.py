"""The hours of instructors in a month: of all of a territory, and of one by week."""

import re
from typing import Any

from flask import Blueprint, render_template, request, url_for

from blueprints import addresses
from blueprints.guards import me
from services import jalali, labels, policy, text
from services.instructors import loads
from services.instructors.labels import EMPLOYMENT
from services.instructors.loads import Month

CURSOR = f"([0-9]{{0,400}})_([0-9]{{1,{addresses.DIGITS}}})"  # sort key and id


def register(bp: Blueprint, prefix: str) -> None:
    """Add the pages to a role's blueprint."""
    bp.add_url_rule(f"{prefix}/load", view_func=load_list)
    bp.add_url_rule(f"{prefix}/<int:instructor_id>/load", view_func=load_page)


def load_list() -> str:
    month = loads.month_of(request.args.get("month", ""), policy.today())
    at = re.fullmatch(CURSOR, request.args.get("after", ""))
    page = loads.listing(me(), month, (at[1], int(at[2])) if at else None)
    following = f"{page.after[0]}_{page.after[1]}" if page.after else ""
    next_url = url_for(".load_list", month=month.mark, after=following) if following else ""
    return render_template("instructors/loads.html", page=page, next_url=next_url, **_around(month))


def load_page(instructor_id: int) -> str:
    month = loads.month_of(request.args.get("month", ""), policy.today())
    whole = loads.of(me(), instructor_id, month)
    return render_template("instructors/load.html", whole=whole, **_around(month, instructor_id=instructor_id))


def _around(month: Month, **values: Any) -> dict[str, Any]:
    """The months before and after, and the words of both pages."""
    near = [url_for(request.endpoint or "", **{**values, "month": month.moved(by).mark}) for by in (-1, 1)]
    title = f"{jalali.MONTHS[month.number - 1]} {text.persian_digits(month.year)}"
    shown = {"hours": labels.hours, "shifts": labels.SHIFT, "employment": EMPLOYMENT, "today": policy.today()}
    return {"month": title, "mark": month.mark, "before_url": near[0], "after_url": near[1], **shown}
