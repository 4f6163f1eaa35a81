"""Licenses of academies: an academy writes and sends its own, a province decides about them, HQ reads them all."""

from flask import Blueprint

from blueprints import routes
from blueprints.licenses import own, page, queue, together


def register(bp: Blueprint, path: str) -> None:
    """Add the pages of an academy to the blueprint of centers."""
    routes.add(bp, path, (*own.ROUTES, *page.LOOKING))


def register_review(bp: Blueprint, path: str) -> None:
    """Add the queue of a province and what it does about a license to its blueprint."""
    routes.add(bp, path, (*queue.LOOKING, *queue.DECIDING, *page.LOOKING, *page.VISITING, *together.ROUTES))


def register_looking(bp: Blueprint, path: str) -> None:
    """Add the same to read only, for a level above."""
    routes.add(bp, path, (*queue.LOOKING, *page.LOOKING))
