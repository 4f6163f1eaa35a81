"""From when on somebody is absent too much and what follows, as HQ rules it."""

from typing import Any

from blueprints import addresses
from blueprints.forms.rules import RuleForm
from services import text
from services.attendance import absence
from services.errors import DomainError

NAMES = {
    absence.PERCENT: "درصدی از ساعت‌های دوره که غیبت از آن به بعد بیش از حد است (صفر: هیچ‌گاه)",
    absence.FOLLOWS: "آنچه از غیبت بیش از حد برمی‌آید",
}
FOLLOWS = {"warn": "هشدار", absence.INCOMPLETE: "ناتمام"}
_VALUES = {words: value for value, words in FOLLOWS.items()}


class AbsenceRuleForm(RuleForm):
    """One value of these policies."""

    KINDS = NAMES
    HINT = "درصد از ۰ تا ۱۰۰؛ یا «هشدار» (تنها خبر داده می‌شود) یا «ناتمام» (پایان دوره ناتمام پیشنهاد می‌شود)"

    def read(self, name: str, typed: str) -> Any:
        if name == absence.FOLLOWS:
            if typed not in _VALUES:
                raise DomainError("«هشدار» یا «ناتمام» بنویسید", field="value")
            return _VALUES[typed]
        percent = addresses.number(text.digits(typed), 3)
        if percent is None or percent > 100:
            raise DomainError("درصد را از ۰ تا ۱۰۰ بنویسید", field="value")
        return percent
