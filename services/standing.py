"""How the outside systems are doing, in words for everybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services import labels, outside
from services.outside import State
from services.payments.wording import TITLES

# Title, and what goes on while the system does not answer.
_PURSUED = "پرداخت‌های ناتمام پس از وصل شدن پیگیری می‌شوند."
_OTHER_BANKS = f"از درگاه‌های دیگر پرداخت می‌شود. {_PURSUED}"
_NO_OTHER_BANK = f"پرداخت اینترنتی ممکن نیست و با اعتبار موجود ثبت‌نام می‌شود. {_PURSUED}"
BANKS = tuple(TITLES)
SYSTEMS = {
    "sso": ("پنجره ملی دولت هوشمند", "مراکز ثبت‌نام می‌کنند و کسانی که وارد شده‌اند کارشان را ادامه می‌دهند."),
    "registry": ("ثبت احوال", "ثبت‌نام انجام می‌شود و نام بعداً کامل خواهد شد."),
    "shahkar": ("شاهکار (تطبیق تلفن همراه)", "ثبت‌نام انجام می‌شود و پیامک پس از تطبیق شماره فرستاده خواهد شد."),
    "sms": ("پیامک", "ثبت‌نام و چاپ رسید انجام می‌شود و پیامک‌ها بعداً فرستاده خواهند شد."),
    "karpoosheh": ("کارپوشهٔ ملی ایرانیان", "ثبت‌نام انجام می‌شود و ابلاغ‌ها بعداً فرستاده خواهند شد."),
    "address": ("نشانی از کد پستی", "ثبت‌نام انجام می‌شود و نشانی بعداً نوشته خواهد شد."),
    "decile": ("دهک درآمدی", "ثبت‌نام با تعرفهٔ همگانی یا آخرین دهک دانسته انجام می‌شود."),
    **{code: (f"درگاه {title}", _OTHER_BANKS) for code, title in TITLES.items()},
}


@dataclass(frozen=True)
class Standing:
    """One outside system: `kind` colors the tag, `since` is when the state began or was last confirmed."""

    title: str
    state: str
    kind: str
    since: datetime | None
    still_works: str
    fact: State


def title(code: str) -> str:
    """What a system is called."""
    return "پرداخت اینترنتی" if code == outside.PAYMENT else SYSTEMS[code][0]


def systems(settings: Mapping[str, Any]) -> list[Standing]:
    """Every outside system this installation speaks to, in a fixed order."""
    banks = settings.get("PAYMENT_GATEWAYS", ())
    return [_standing(state, is_only_bank=banks == (state.code,)) for state in outside.states(settings)]


def _standing(state: State, *, is_only_bank: bool) -> Standing:
    title, still_works = SYSTEMS[state.code]
    still_works = _NO_OTHER_BANK if is_only_bank else still_works
    words, kind = labels.HEALTH[state.health]
    works = "همهٔ کارها" if state.health == "up" else still_works
    return Standing(title, words, kind, state.since, works, state)
