"""Rows of instructors' files that wait for a center's manager or a province's reviewer: the same pages for both."""

from flask import Blueprint

from blueprints import routes
from blueprints.verifying import queue, together


def register(bp: Blueprint, path: str) -> None:
    """Add the pages to a role's blueprint."""
    routes.add(bp, path, (*queue.ROUTES, *together.ROUTES))
