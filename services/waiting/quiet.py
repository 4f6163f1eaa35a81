"""The hours in which nobody's phone rings because of a waiting list; an offer runs from their end on.

Source: docs/rules.md R-696.
"""

from datetime import datetime, time, timedelta

from services import jalali

FROM, TO = "waitlist_quiet_from", "waitlist_quiet_to"  # hours of Tehran's clock; the same twice for none


def over(now: datetime, begin: int, end: int) -> datetime:
    """When somebody is told at the earliest: now, or at the end of the quiet hours that it is in."""
    local = jalali.tehran(now)
    hour = local.hour
    is_quiet = begin <= hour < end if begin < end else begin != end and (hour >= begin or hour < end)
    if not is_quiet:
        return now
    return jalali.from_tehran(local.date() + timedelta(days=int(hour >= end)), time(end))
