"""Rows of instructors' files that wait for a center's manager or a province's reviewer: the same pages for both."""

from flask import Blueprint

from blueprints.verifying import queue, together


def register(bp: Blueprint, path: str) -> None:
    """Add the pages to a role's blueprint."""
    for rule, view, methods in (*queue.ROUTES, *together.ROUTES):
        bp.add_url_rule(path + rule, view_func=view, methods=list(methods))
