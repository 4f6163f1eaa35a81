"""From when on somebody is absent too much, and what follows from it, as HQ rules it."""

from typing import Any

from blueprints.forms.absence import FOLLOWS, NAMES, AbsenceRuleForm
from blueprints.hq import bp
from blueprints.hq.rule_table import Table
from services.text import persian_digits


def _show(value: Any) -> tuple[str, str]:
    return (FOLLOWS[value], "") if value in FOLLOWS else (persian_digits(value), "")


TABLE = Table(
    name="absence_rule",
    form=AbsenceRuleForm,
    names=NAMES,
    show=_show,
    words={
        "title": "غیبت در دوره‌ها",
        "what": "قاعده",
        "lead": "از چه اندازه غیبت به کارآموز هشدار داده می‌شود و آیا پایان دورهٔ او ناتمام پیشنهاد می‌شود.",
    },
)
TABLE.register(bp, "/rules/absence")
