"""Equipment of a center: items, their changes and moves; and what of them waits for the province."""

from flask import Blueprint

from blueprints import routes
from blueprints.equipment import changes, items, moves, review, rows, section, together


def register(bp: Blueprint, path: str) -> None:
    """Add the pages of a center to its blueprint."""
    section.init_bp(bp)
    routes.add(bp, path, (*items.ROUTES, *rows.ROUTES, *changes.ROUTES, *moves.ROUTES))


def register_looking(bp: Blueprint, path: str) -> None:
    """Add the same pages without anything to press, for a province and HQ."""
    bp.add_url_rule(f"{path}/units/<int:unit_id>", view_func=items.equipment_list)
    bp.add_url_rule(f"{path}/items/<int:item_id>", view_func=items.item_page)
    bp.add_url_rule(f"{path}/items/<int:item_id>/edits", view_func=items.item_edits)
    bp.add_url_rule(f"{path}/transfers/<int:transfer_id>", view_func=moves.move_page)


def register_review(bp: Blueprint, path: str) -> None:
    """Add the province's queue to its blueprint."""
    routes.add(bp, path, (*review.ROUTES, *together.ROUTES))
