"""Words about lists of people."""

from services.many.looking import State
from services.many.running import Ran
from services.text import persian_digits

STATE = {
    State.READY: ("آماده", "info"),
    State.SHORT: ("اعتبار کم", "warn"),
    State.BARRED: ("نیازمند بررسی", "warn"),
    State.UNREADABLE: ("خوانده نشد", "bad"),
    State.ENROLLED: ("ثبت‌نام شد", "ok"),
    State.LEFT_OUT: ("کنار گذاشته", ""),
}


def said_of(ran: Ran) -> tuple[str, str]:
    """What a run has done, in words: the kind of the notice and its sentences."""
    parts = [
        (ran.enrolled, "نفر ثبت‌نام شدند"),
        (ran.before, "نفر پیش‌تر ثبت‌نام شده بودند"),
        (ran.refused, "نفر ثبت‌نام نشدند؛ دلیل هر کدام در ردیف خودش است"),
        (ran.left, "نفر مانده‌اند؛ برای آنان دوباره «ثبت‌نام» را بزنید"),
    ]
    said = " ".join(f"{persian_digits(count)} {words}." for count, words in parts if count)
    kind = "warn" if ran.refused or ran.left else "ok" if ran.enrolled else ""
    return kind, said or "در این فهرست کسی برای ثبت‌نام نمانده است."
