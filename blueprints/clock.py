"""The system's clock as people read it, and when enrollment opens by it: at an opening minute seconds count."""

import datetime as dt

from services import jalali
from services.text import persian_digits


def seconds(moment: dt.datetime) -> str:
    """«۷:۵۸:۰۳», on Tehran's clock."""
    local = jalali.tehran(moment)
    return f"{jalali.clock(local.time())}:{persian_digits(f'{local.second:02}')}"


def opening(moment: dt.datetime, now: dt.datetime) -> str:
    """«امروز ساعت ۸:۰۰:۰۰», on another day «ساعت ۸:۰۰ روز شنبه ۱۵ آذر ۱۴۰۵»."""
    local = jalali.tehran(moment)
    if local.date() == jalali.tehran_today(now):
        return f"امروز ساعت {seconds(moment)}"
    return f"ساعت {jalali.clock(local.time())} روز {jalali.long(local.date())}"
