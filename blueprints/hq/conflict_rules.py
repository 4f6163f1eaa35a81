"""What becomes of courses that collide, as HQ rules it: refused, warned about or left out, for whom and from when."""

from blueprints.forms.rules import CONFLICTS, WHAT_BECOMES, ConflictForm
from blueprints.hq import bp
from blueprints.hq.rule_table import Table

TABLE = Table(
    name="conflict_rule",
    form=ConflictForm,
    names={f"conflict_{kind}": title for kind, title in CONFLICTS.items()},
    show=lambda value: (WHAT_BECOMES[value], {"refuse": "bad", "warn": "warn"}.get(value, "")),
    words={
        "title": "تداخل‌ها",
        "what": "تداخل",
        "lead": "با دوره‌ای که با دورهٔ دیگر، مکان، مربی یا قاعده‌ای نمی‌خواند چه شود.",
    },
)
TABLE.register(bp, "/rules/conflicts")
