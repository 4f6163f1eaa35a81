"""How long an offer of a waiting list runs and what credit comes back to those who leave, as HQ rules it."""

from typing import Any

from blueprints.forms.leaving import NUMBERS, RETURNS, LeavingRuleForm
from blueprints.hq import bp
from blueprints.hq.rule_table import Table
from services.text import persian_digits


def _show(value: Any) -> tuple[str, str]:
    if isinstance(value, bool):
        return ("برمی‌گردد", "ok") if value else ("برنمی‌گردد", "warn")
    return persian_digits(value), ""


TABLE = Table(
    name="leaving_rule",
    form=LeavingRuleForm,
    names={**RETURNS, **NUMBERS},
    show=_show,
    words={
        "title": "انصراف و فهرست انتظار",
        "what": "قاعده",
        "lead": "اعتبار کسی که دوره را ترک می‌کند برمی‌گردد یا نه، و جای خالی چه اندازه برای نفر بعد می‌ماند.",
    },
)
TABLE.register(bp, "/rules/leaving")
