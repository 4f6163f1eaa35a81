"""Labels of equipment: sheets of them to print, and the short address in their QR codes."""

from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as ResponseBase

from blueprints import addresses, guards, routes
from blueprints.guards import me
from models import Workshop
from services import property_labels
from services.label_sheets import choosing, document, qr
from services.label_sheets.choosing import Label

bp = Blueprint("property_labels", __name__)
bp.before_request(guards.require_staff)


@bp.get("/e/<number>")
@bp.get("/E/<number>")  # codes say it in capitals
def item(number: str) -> ResponseBase:
    """To the page of the item that has this label, at the level where this person sees it."""
    actor, found = choosing.item(guards.actors(), number)
    return redirect(url_for(f"{actor.level}.item_page", item_id=found.id), 303)


def register(center: Blueprint, path: str) -> None:
    """Add the pages that print labels to a role's blueprint."""
    routes.add(center, path, ROUTES)


def label_home() -> str:
    return render_template("labels/home.html", workshops=choosing.workshops(me()))


def label_choose(workshop_id: int) -> str:
    workshop = choosing.workshop(me(), workshop_id)
    context = {"items": choosing.items(workshop.id), "chosen": _chosen(), "places": range(1, choosing.PLACES + 1)}
    return render_template("labels/choose.html", workshop=workshop, **context)


def label_sheet(workshop_id: int) -> str:
    workshop = choosing.workshop(me(), workshop_id)
    every, first = _asked(workshop)
    count = choosing.sheets(len(every), first) if every else 1
    number = min(max(1, addresses.number(request.args.get("sheet"), 3) or 1), count)
    cells = [_drawn(label) for label in choosing.on_sheet(every, first, number)] if every else []
    urls = {
        "pdf": _again(".label_pdf", workshop),
        "before": _again(".label_sheet", workshop, sheet=number - 1) if number > 1 else "",
        "after": _again(".label_sheet", workshop, sheet=number + 1) if number < count else "",
    }
    context = {"workshop": workshop, "cells": cells, "number": number, "count": count, "urls": urls}
    return render_template("labels/sheet.html", **context)


def label_pdf(workshop_id: int) -> Response:
    workshop = choosing.workshop(me(), workshop_id)
    every, first = _asked(workshop)
    response = Response(document.pdf(every, first), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="labels-{workshop.id}.pdf"'
    return response


# -- Support -----------------------------------------------------------------------


def _asked(workshop: Workshop) -> tuple[list[Label], int]:
    """The labels that the address asks for, and the place of the first."""
    first = addresses.number(request.args.get("first"), 2) or 1
    base, of_each_piece = current_app.config["BASE_URL"], bool(request.args.get("each"))
    every = choosing.labels(workshop, _chosen(), base, of_each_piece=of_each_piece)
    return every, min(max(1, first), choosing.PLACES)


def _chosen() -> set[int]:
    """The items that the address names."""
    return {number for each in request.args.getlist("item") if (number := addresses.number(each))}


def _again(endpoint: str, workshop: Workshop, **other: Any) -> str:
    """The same choice at another address."""
    asked: dict[str, Any] = {name: request.args.getlist(name) for name in ("item", "first", "each")}
    return url_for(endpoint, workshop_id=workshop.id, **asked, **other)


def _drawn(label: Label | None) -> dict[str, Any] | None:
    if label is None:
        return None
    side, path = qr.path(label.address)
    shown = {"name": label.name, "workshop": label.workshop, "unit": label.unit}
    return {**shown, "number": property_labels.spaced(label.number), "side": side, "path": path}


ROUTES: tuple[routes.Route, ...] = (
    ("", label_home, ("GET",)),
    ("/<int:workshop_id>", label_choose, ("GET",)),
    ("/<int:workshop_id>/sheet", label_sheet, ("GET",)),
    ("/<int:workshop_id>/sheet.pdf", label_pdf, ("GET",)),
)
