"""Equipment of a center: items, their changes and moves; and what of them waits for the province."""

from flask import Blueprint

from blueprints.equipment import changes, items, moves, review


def register(bp: Blueprint, path: str) -> None:
    """Add the pages of a center to its blueprint."""
    for rule, view, methods in (*items.ROUTES, *changes.ROUTES, *moves.ROUTES):
        bp.add_url_rule(path + rule, view_func=view, methods=list(methods))


def register_review(bp: Blueprint, path: str) -> None:
    """Add the province's queue to its blueprint."""
    for rule, view, methods in review.ROUTES:
        bp.add_url_rule(path + rule, view_func=view, methods=list(methods))
