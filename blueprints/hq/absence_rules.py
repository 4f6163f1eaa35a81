"""From when on somebody is absent too much, and what follows from it, as HQ rules it."""

from typing import Any

from flask import Response

from blueprints.forms.absence import FOLLOWS, NAMES, AbsenceRuleForm
from blueprints.hq import bp
from blueprints.hq.rule_table import Table
from services.text import persian_digits


def _show(value: Any) -> tuple[str, str]:
    return (FOLLOWS[value], "") if value in FOLLOWS else (persian_digits(value), "")


TABLE = Table(
    names=NAMES,
    show=_show,
    words={
        "title": "غیبت در دوره‌ها",
        "what": "قاعده",
        "lead": "از چه اندازه غیبت به کارآموز هشدار داده می‌شود و آیا پایان دورهٔ او ناتمام پیشنهاد می‌شود.",
    },
    home=".absence_rules",
    save=".absence_rule_save",
    remove=".absence_rule_remove",
)


@bp.get("/rules/absence")
def absence_rules() -> Response:
    return TABLE.page(AbsenceRuleForm(formdata=None))


@bp.post("/rules/absence")
def absence_rule_save() -> Response:
    form = AbsenceRuleForm()
    return TABLE.write(form, form.rule)


@bp.post("/rules/absence/<int:row_id>/remove")
def absence_rule_remove(row_id: int) -> Response:
    return TABLE.take_away(row_id)
