"""How the outside systems are doing, for everybody to read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from models import BreakerState, OutsideSystem, db

# Title, and what goes on while the system does not answer.
SYSTEMS = {
    "sso": ("پنجره ملی دولت هوشمند", "مراکز ثبت‌نام می‌کنند و کسانی که وارد شده‌اند کارشان را ادامه می‌دهند."),
    "registry": ("ثبت احوال", "ثبت‌نام انجام می‌شود و نام بعداً کامل خواهد شد."),
    "shahkar": ("شاهکار (تطبیق تلفن همراه)", "ثبت‌نام انجام می‌شود و پیامک پس از تطبیق شماره فرستاده خواهد شد."),
    "sms": ("پیامک", "ثبت‌نام و چاپ رسید انجام می‌شود و پیامک‌ها بعداً فرستاده خواهند شد."),
}


@dataclass(frozen=True)
class Standing:
    """One outside system: `kind` colors the tag, `since` is when the state began or was last confirmed."""

    title: str
    state: str
    kind: str
    since: datetime | None
    still_works: str


def systems(settings: Mapping[str, Any]) -> list[Standing]:
    """Every outside system this installation speaks to, in a fixed order."""
    rows = {row.code: row for row in db.session.scalars(select(OutsideSystem))}
    return [_standing(code, settings.get(f"{code.upper()}_MODE", "off"), rows.get(code)) for code in SYSTEMS]


def _standing(code: str, mode: str, row: OutsideSystem | None) -> Standing:
    title, still_works = SYSTEMS[code]
    if mode != "online":
        state = "دستی؛ کارشناسان انجام می‌دهند" if mode in ("manual", "batch") else "در این نصب به کار نمی‌رود"
        return Standing(title, state, "", None, still_works)
    if row is None or not (row.last_ok_at or row.last_failure_at):
        return Standing(title, "هنوز پرسشی نشده است", "", None, still_works)
    if row.breaker is BreakerState.OPEN:
        return Standing(title, "پاسخ نمی‌دهد", "bad", row.opened_at, still_works)
    if row.failures:
        return Standing(title, "گاهی پاسخ نمی‌دهد", "warn", row.last_failure_at, still_works)
    return Standing(title, "برقرار", "ok", row.last_ok_at, "همهٔ کارها")
