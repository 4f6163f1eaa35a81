"""What HQ rules about eligibility, in words: each policy with its title, what may be chosen, and its values.

Source: docs/rules.md R-549.
"""

from collections.abc import Mapping
from typing import Any

from services import policy, text
from services.enrollment.rules import LITERACY, MOST_ACTIVE, OF_AGE, POLICY, REFUSE, TITLES, Rule
from services.errors import DomainError

PERIOD = POLICY[Rule.PERIOD]
NAMES: dict[str, str] = {
    **{name: TITLES[rule] for rule, name in POLICY.items()},
    MOST_ACTIVE: "بیشترین دوره‌های هم‌زمان",
    LITERACY: "معافیت گروه‌ها از شرط تحصیلات",
    OF_AGE: "سنی که زیر آن سرپرست لازم است",
}
HINTS = {
    POLICY[Rule.GENDER]: "جنسیت دوره با جنسیت کارآموز",
    POLICY[Rule.AGE]: "سن در روز آغاز دوره",
    POLICY[Rule.EDUCATION]: "حداقل تحصیلاتی که استاندارد می‌خواهد",
    POLICY[Rule.PREREQUISITE]: "دوره یا گواهی‌ای که استاندارد پیش‌نیاز می‌داند",
    POLICY[Rule.GROUP]: "دوره‌هایی که ویژهٔ یک گروه هدف‌اند",
    POLICY[Rule.GUARDIAN]: "کسی که به سن قانونی نرسیده است سرپرست داشته باشد",
    POLICY[Rule.ACTIVE]: "چند دورهٔ پایان‌نیافته هم‌زمان",
    PERIOD: "چند ثبت‌نام در چند ماه، یا در همهٔ عمر",
    MOST_ACTIVE: "شمار دوره‌های پایان‌نیافته‌ای که یک نفر هم‌زمان در آن‌هاست",
    OF_AGE: "سن به سال کامل، در روز ثبت‌نام",
    LITERACY: "گروه‌های هدفی که از سواد معاف‌اند، مانند زندانیان",
}
NUMBERS = {MOST_ACTIVE: (1, 50), OF_AGE: (15, 21)}  # policies that are one number, with the least and the most
MODES = {"refuse": "ثبت‌نام نمی‌شود", "warn": "هشدار داده می‌شود", "off": "بررسی نمی‌شود"}
OVERRIDES = {"nobody": "هیچ‌کس", "manager": "مدیر مرکز، و استان", "province": "فقط استان"}
COUNTED = {"any": "همهٔ دوره‌ها", "standard": "دوره‌های همان استاندارد"}
WAIVERS = {
    "education": "از هر شرط تحصیلات معاف‌اند",
    "literacy": "فقط از شرط خواندن و نوشتن معاف‌اند",
    "off": "معاف نیستند",
}


def is_rule(name: str) -> bool:
    """Whether this is a rule with what follows and who may set it aside, not a number beside one."""
    return name in POLICY.values()


def value_of(name: str, chosen: Mapping[str, Any]) -> Any:
    """The value of a policy as it was chosen in a form.

    Raises:
        DomainError: what is missing; it names the field.
    """
    if name == LITERACY:
        return _one_of("waiver", chosen, WAIVERS)
    if name in NUMBERS:
        return _number("most", chosen, *NUMBERS[name])
    value: dict[str, Any] = {"mode": _one_of("mode", chosen, MODES), "override": _one_of("override", chosen, OVERRIDES)}
    if name == PERIOD:
        value |= {"most": _number("most", chosen, 0, 100), "months": _number("months", chosen, 0, 600)}
        value["of"] = _one_of("of", chosen, COUNTED)
    return value


def in_words(name: str, value: Any) -> tuple[str, str]:
    """A value in words: what follows, or the number; and what else belongs to it, or nothing."""
    if name == LITERACY:
        return WAIVERS[value], ""
    if name in NUMBERS:
        return text.persian_digits(f"تا {value} دوره" if name == MOST_ACTIVE else f"زیر {value} سال"), ""
    if name == PERIOD and not value["most"]:
        return "بی‌اندازه", ""
    limit = [_limit(value)] if name == PERIOD else []
    who = [f"چشم‌پوشی: {OVERRIDES[value['override']]}"] if value["mode"] == REFUSE else []
    return MODES[value["mode"]], "؛ ".join([*limit, *who])


def in_a_line(name: str, value: Any) -> str:
    return "؛ ".join(filter(None, in_words(name, value)))


def tone(name: str, value: Any) -> str:
    """The kind of a tag that shows the value."""
    if not is_rule(name) or (name == PERIOD and not value["most"]):
        return ""
    return {"refuse": "bad", "warn": "warn"}.get(value["mode"], "")


def default(name: str) -> Any:
    return policy.DEFAULTS[name]


def _limit(value: Mapping[str, Any]) -> str:
    when = f"در {value['months']} ماه" if value["months"] else "در همهٔ عمر"
    return text.persian_digits(f"تا {value['most']} ثبت‌نام {when} ({COUNTED[value['of']]})")


def _one_of(field: str, chosen: Mapping[str, Any], choices: Mapping[str, str]) -> str:
    value = chosen.get(field)
    if value not in choices:
        raise DomainError("یکی را انتخاب کنید", field=field)
    return str(value)


def _number(field: str, chosen: Mapping[str, Any], least: int, most: int) -> int:
    value = chosen.get(field)
    if value is None or not least <= value <= most:
        raise DomainError(text.persian_digits(f"عددی از {least} تا {most} بنویسید"), field=field)
    return int(value)
