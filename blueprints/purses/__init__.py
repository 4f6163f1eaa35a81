"""Credit: the purse of whoever is signed in, objections to debits, and the sums of a territory."""

from flask import Blueprint

from blueprints import routes
from blueprints.purses import objections, own, sums


def register_center(bp: Blueprint) -> None:
    """Add the pages of a center: purses, the manager's table, objections."""
    routes.add(bp, "/credit", own.ROUTES)
    routes.add(bp, "/credit/objections", objections.ROUTES)


def register_province(bp: Blueprint) -> None:
    """Add what a province reads, and the objections that its reviewers may answer."""
    routes.add(bp, "/credit/objections", objections.ROUTES)
    routes.add(bp, "/credit/sums", sums.ROUTES)


def register_hq(bp: Blueprint) -> None:
    """Add what HQ reads."""
    routes.add(bp, "/credit", sums.ROUTES)
