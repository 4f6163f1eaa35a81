"""What becomes of courses that collide, as HQ rules it: refused, warned about or left out, for whom and from when."""

from flask import Response

from blueprints.forms.rules import CONFLICTS, WHAT_BECOMES, ConflictForm
from blueprints.hq import bp
from blueprints.hq.rule_table import Table

TABLE = Table(
    names={f"conflict_{kind}": title for kind, title in CONFLICTS.items()},
    show=lambda value: (WHAT_BECOMES[value], {"refuse": "bad", "warn": "warn"}.get(value, "")),
    words={
        "title": "تداخل‌ها",
        "what": "تداخل",
        "lead": "با دوره‌ای که با دورهٔ دیگر، مکان، مربی یا قاعده‌ای نمی‌خواند چه شود.",
    },
    home=".conflict_rules",
    save=".conflict_rule_save",
    remove=".conflict_rule_remove",
)


@bp.get("/rules/conflicts")
def conflict_rules() -> Response:
    return TABLE.page(ConflictForm(formdata=None))


@bp.post("/rules/conflicts")
def conflict_rule_save() -> Response:
    form = ConflictForm()
    return TABLE.write(form, lambda: (f"conflict_{form.kind.data}", form.value.data))


@bp.post("/rules/conflicts/<int:row_id>/remove")
def conflict_rule_remove(row_id: int) -> Response:
    return TABLE.take_away(row_id)
