"""Instructors and their files: for a center that writes them, for those above who look, and for instructors themselves.

A province and HQ look (and a province answers moves); what each sees and may do there is decided by the services.
"""

from flask import Blueprint

from blueprints import routes
from blueprints.instructor_files import moves, own, people, rows
from services.instructors import retraining_sheet, sheet  # noqa: F401 (they add their forms of import)


def register(bp: Blueprint, path: str, *, writes: bool = False, decides: bool = False) -> None:
    """Add the pages to a role's blueprint; those that change something only where it is theirs to do."""
    routes.add(bp, path, (*people.LOOKING, *rows.LOOKING, *moves.LOOKING))
    if decides:
        routes.add(bp, path, moves.DECIDING)
    if writes:
        routes.add(bp, path, (*people.WRITING, *moves.WRITING, *rows.OF_A_CENTER, *rows.WRITING))


def register_own(bp: Blueprint, path: str) -> None:
    """Add the pages of an instructor's own file."""
    routes.add(bp, path, (*own.ROUTES, *rows.OWN, *(_under(route) for route in (*rows.LOOKING, *rows.WRITING))))


def _under(route: routes.Route) -> routes.Route:
    """An own row stands right under the own file."""
    return route[0].removeprefix("/records"), *route[1:]
