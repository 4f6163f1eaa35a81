"""Whether a class lies at the hours of the shift that its course is said to be of."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from models import Course, Shift
from services import jalali, labels
from services.instructors.workload import minutes_between

HOURS = "calendar_hours"  # the policy that says when a workshop can be used in each shift


def hours_of(shift: Shift, rule: Mapping[str, Any]) -> tuple[time, time]:
    """From when to when a shift is, where this rule holds; the night is what comes after the evening."""
    (morning, noon), (_, night) = (map(time.fromisoformat, rule[name]) for name in ("morning", "evening"))
    if shift is Shift.NIGHT:
        return night, time(23, 59)
    return {Shift.MORNING: (morning, noon), Shift.EVENING: (noon, night)}.get(shift, (morning, night))


def outside(course: Course, rule: Mapping[str, Any]) -> str:
    """What is said of a class of which more than half lies outside the hours of its shift; else nothing.

    Source: docs/rules.md R-426.
    """
    start, end, shift = course.start_time, course.end_time, course.shift
    if start is None or end is None or shift is None or end <= start:
        return ""
    first, last = hours_of(shift, rule)
    inside = max(minutes_between(max(start, first), min(end, last)), 0)
    if inside * 2 >= minutes_between(start, end):
        return ""
    return (
        f"کلاس ساعت {jalali.clock(start)} تا {jalali.clock(end)} است و نوبت دوره «{labels.SHIFT[shift]}» "
        f"({jalali.clock(first)} تا {jalali.clock(last)})؛ ساعت یا نوبت را درست کنید"
    )
