"""The slip of an enrollment at its tracking code: whole for its person and its staff, masked for anybody else."""

from flask import Blueprint, render_template

from blueprints import guards
from services import access
from services.access import Actor
from services.enrollment import slips
from services.enrollment.slips import Viewer

bp = Blueprint("slips", __name__)


@bp.get("/slip/<tracking_code>")
def slip(tracking_code: str) -> str:
    visitor = guards.visitor()
    viewer = Viewer(actors=_actors(), person_id=visitor.person.id if visitor else None)
    return render_template("slips/slip.html", slip=slips.slip(tracking_code, viewer))


def _actors() -> tuple[Actor, ...]:
    """The signed-in staff user at each level held: this page belongs to no level."""
    staff = guards.staff()
    if staff is None:
        return ()
    roles = guards.roles()
    found = (access.actor(staff.user, level, roles) for level in access.levels_of(roles))
    return tuple(actor for actor in found if actor)
