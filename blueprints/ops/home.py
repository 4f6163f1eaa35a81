"""The operator's first page."""

from flask import current_app, render_template

from blueprints.ops import bp
from services import allowances, audit, books, letters, nameless, outbox, standing, workers
from services.equipment import checking


@bp.get("")
def home() -> str:
    loads = letters.loads()
    checks = audit.newest((books.SUBJECT, checking.SUBJECT))
    return render_template(
        "ops/home.html",
        systems=standing.systems(current_app.config),
        loads=loads,
        crew=workers.crew(),
        books=checks.get(books.SUBJECT, {}).get("count"),
        equipment=checks.get(checking.SUBJECT, {}).get("count"),
        held=allowances.waiting(),
        names=nameless.numbers(),
        payments=sum(load.open for load in loads if load.topic in outbox.BANKS),
    )
