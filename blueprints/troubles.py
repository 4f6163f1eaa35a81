"""Which pages a trouble of an outside system touches, and the sentence that stands on them and on no others.

Source: docs/rules.md R-752.
"""

from collections.abc import Mapping

from flask import current_app, request

from services import standing
from services.standing import Standing

# By system the pages whose work it delays; what is not named here says nothing of it (`/status` tells all of them).
PAGES: Mapping[str, frozenset[str]] = {
    # Who enrolls others waits for a name that does not come.
    "registry": frozenset({
        "center.home", "center.enroll_start", "center.enroll_desk", "center.course_enrollments", "center.list_page",
        "center.nameless_list", "province.nameless_list", "hq.nameless_list",
        "center.nameless_list", "province.nameless_list", "hq.nameless_list",
    }),
    "sso": frozenset({"sso.door", "sso.signed_out"}),
    "payment": frozenset({"public.pay", "public.pay_basket", "trainee.purse_home", "center.purse_home"}),
    # Nobody waits at a screen for these two.
    "shahkar": frozenset(),
    "sms": frozenset(),
    "karpoosheh": frozenset(),
}  # fmt: skip
TROUBLED = ("down", "shaky")
ADVICE = {
    "registry": "ثبت‌نام را ادامه دهید؛ نام‌ها بعداً خودکار کامل می‌شوند.",
    "sso": "ورود شاید دیر انجام شود یا نشود. مراکز ثبت‌نام می‌کنند و کسانی که وارد شده‌اند کارشان را ادامه می‌دهند.",
    "payment": "پرداخت‌های ناتمام خودکار پیگیری می‌شوند؛ پولی گم نمی‌شود.",
}


def here() -> list[str]:
    """The sentences for this page; the database is asked nothing on pages that no system touches."""
    touching = {code for code, pages in PAGES.items() if request.endpoint in pages}
    if not touching:
        return []
    systems = standing.systems(current_app.config)
    told = [_sentence(each) for each in systems if each.fact.code in touching and each.fact.health in TROUBLED]
    return told + ([_of_banks(systems)] if "payment" in touching and _of_banks(systems) else [])


def _sentence(system: Standing) -> str:
    said = "اکنون پاسخ نمی‌دهد" if system.fact.health == "down" else "اکنون گاهی پاسخ نمی‌دهد"
    return f"{system.title} {said}. {ADVICE[system.fact.code]}"


def _of_banks(systems: list[Standing]) -> str:
    """Banks stand in for each other, so it is told when all of them or some of them are away."""
    banks = [each for each in systems if each.fact.code in standing.BANKS]
    away = [each for each in banks if each.fact.health == "down"]
    if not away:
        return ""
    if len(away) == len(banks):
        return f"اکنون هیچ درگاه بانکی پاسخ نمی‌دهد و با اعتبار موجود ثبت‌نام می‌شود. {ADVICE['payment']}"
    names = "، ".join(each.title for each in away)
    return f"{names} اکنون پاسخ نمی‌دهد و از درگاه‌های دیگر پرداخت می‌شود. {ADVICE['payment']}"
