"""Money put right: whoever paid asks for it back, two people of the province decide, HQ reads."""

from flask import Blueprint

from blueprints import routes
from blueprints.credit_cases import asking, correcting, queue


def register(bp: Blueprint, path: str) -> None:
    """Add the pages of those who ask to the blueprint of centers or of trainees."""
    routes.add(bp, path, asking.ROUTES)


def register_review(bp: Blueprint, path: str) -> None:
    """Add the queue of a province and its corrections to its blueprint."""
    routes.add(bp, path, (*queue.LOOKING, *queue.DECIDING, *correcting.ROUTES))


def register_looking(bp: Blueprint, path: str) -> None:
    """Add the same to read only, for a level above."""
    routes.add(bp, path, queue.LOOKING)
