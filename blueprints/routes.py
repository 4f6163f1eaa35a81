"""Tables of addresses: pages that stand in the blueprints of several roles."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint

Route = tuple[str, Callable[..., Any], tuple[str, ...]]  # its address below the section's, the view, the methods


def add(bp: Blueprint, path: str, routes: Iterable[Route]) -> None:
    """Add them to a role's blueprint, below `path`."""
    for rule, view, methods in routes:
        bp.add_url_rule(path + rule, view_func=view, methods=list(methods))
