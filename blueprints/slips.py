"""The slip of an enrollment at its tracking code: whole for its person and its staff, masked for anybody else."""

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as ResponseBase

from blueprints import addresses, guards
from blueprints.htmx import go
from services import access
from services.access import Actor, Level
from services.enrollment import slips
from services.enrollment.slips import Slip, Viewer
from services.errors import NotAllowed
from services.label_sheets import qr
from services.papers import document, prints
from services.papers import slip as papers
from services.papers.prints import By, Printed
from services.papers.slip import SlipPaper

bp = Blueprint("slips", __name__)
NOT_YOURS = "رسید را خود کارآموز یا مرکز برگزارکننده چاپ می‌کند. وارد شوید و دوباره بخواهید."
PDF = "pdf"
KNOWN_AT = (Level.CENTER, Level.PROVINCE, Level.HQ)


@bp.get("/slip/<tracking_code>")
def slip(tracking_code: str) -> str:
    who = viewer()
    found = slips.slip(tracking_code, who)
    return render_template("slips/slip.html", slip=found, known_url=_known_url(who, found))


@bp.get("/SLIP/<tracking_code>")
def scanned(tracking_code: str) -> ResponseBase:
    """To the slip from the code on its paper, which says the address in capitals."""
    return redirect(url_for(".slip", tracking_code=tracking_code), 303)


@bp.post("/slip/<tracking_code>/print")
def slip_print(tracking_code: str) -> Response:
    """Note that the slip is printed, and show it as a page to print or hand it out as a document."""
    found, by = _own(tracking_code)
    done = prints.record(by, [found.enrollment.id])
    if request.form.get("do") == PDF:
        return handed_out(document.slips(drawn([found], done)), f"slip-{found.enrollment.tracking_code}.pdf")
    return go(url_for(".slip_paper", tracking_code=tracking_code, copy=done[0].id))


@bp.get("/slip/<tracking_code>/paper")
def slip_paper(tracking_code: str) -> str | ResponseBase:
    """One print of the slip, to be put on paper; without one, to the slip itself."""
    found, _ = _own(tracking_code)
    wanted = prints.found([addresses.number(request.args.get("copy")) or 0])
    if not wanted or wanted[0].enrollment_id != found.enrollment.id:
        return redirect(url_for(".slip", tracking_code=tracking_code), 303)
    return shown(drawn([found], wanted), url_for(".slip", tracking_code=tracking_code), "بازگشت به رسید")


# -- What the papers of a class share ----------------------------------------------


def viewer() -> Viewer:
    visitor = guards.visitor()
    return Viewer(actors=_actors(), person_id=visitor.person.id if visitor else None)


def drawn(found: list[Slip], done: list[Printed]) -> list[SlipPaper]:
    """The papers of some slips as they were printed."""
    copies = {each.enrollment_id: each.copy for each in done}
    base = current_app.config["BASE_URL"]
    return [papers.paper(each, base, copies[each.enrollment.id]) for each in found if each.enrollment.id in copies]


def shown(sheets: list[SlipPaper], back: str, back_text: str) -> str:
    """A page of slips, each on a sheet of its own."""
    return render_template(
        "slips/paper.html", sheets=[(each, *qr.path(each.address)) for each in sheets], back=(back, back_text)
    )


def handed_out(body: bytes, name: str) -> Response:
    response = Response(body, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _known_url(who: Viewer, found: Slip) -> str:
    """Where staff read what is known of the person, at the first of their levels that has the page."""
    level = next((each.level.value for each in who.actors if each.level in KNOWN_AT), None)
    person_id = found.enrollment.person_id
    return url_for(f"{level}.person_known", person_id=person_id) if level and found.is_whole else ""


def _own(tracking_code: str) -> tuple[Slip, By]:
    """The slip of a person who prints it.

    Raises:
        NotFound: no such tracking code.
        NotAllowed: a stranger asks.
    """
    found, visitor, staff = slips.slip(tracking_code, viewer()), guards.visitor(), guards.staff()
    if not found.is_whole:
        raise NotAllowed(NOT_YOURS)
    if visitor and visitor.person.id == found.enrollment.person_id:
        return found, By(person_id=visitor.person.id)
    return found, By(user_id=staff.user.id if staff else None)


def _actors() -> tuple[Actor, ...]:
    """The signed-in staff user at each level held: this page belongs to no level."""
    staff = guards.staff()
    if staff is None:
        return ()
    roles = guards.roles()
    found = (access.actor(staff.user, level, roles) for level in access.levels_of(roles))
    return tuple(actor for actor in found if actor)
