"""What workshops lack of what their standards ask for: of a center, of a province, at HQ of one province at a time."""

import re
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import addresses
from blueprints.guards import me
from services import places, text
from services.access import Level
from services.places import lacking
from services.places.lacking import Scope

CURSOR = f"([0-9]{{1,{addresses.DIGITS}}})_(.{{1,200}})"  # a number, and the key of an item or the id of a unit
KEPT = ("province", "unit", "workshop", "standard", "item", "by")


def register(bp: Blueprint, path: str) -> None:
    """Add the page to a role's blueprint."""
    bp.add_url_rule(path, view_func=shortages, methods=["GET"])


def shortages() -> Response:
    """One by one for a unit, a workshop or an item, and at a center; else in sums over the province."""
    scope, title = _scope()
    if not scope.provinces:
        return Response(render_template("places/shortages_where.html", provinces=lacking.provinces()))
    if scope.units or scope.workshop_id or scope.item_key:
        return Response(render_template("places/shortages.html", title=title, **_one_by_one(scope)))
    return Response(render_template("places/shortage_sums.html", **_sums(scope)))


# -- Support -----------------------------------------------------------------------


def _scope() -> tuple[Scope, str]:
    """What was asked for, inside the territory, and what it is called."""
    number = {name: addresses.number(request.args.get(name)) for name in KEPT}
    item = text.key(request.args.get("item", ""))[:200]
    if number["workshop"]:
        room = places.room(me(), number["workshop"])
        narrow: dict[str, Any] = {"workshop_id": room.workshop.id, "standard_id": number["standard"], "item_key": item}
        return Scope((room.place.province_id,), (room.unit.id,), **narrow), f"{room.workshop.title}، {room.unit.title}"
    if number["unit"]:
        unit = places.unit(me(), number["unit"])
        return Scope((unit.province_id or 0,), (unit.id,), item_key=item), unit.title
    if me().level is Level.HQ:
        return Scope((number["province"],) if number["province"] else (), item_key=item), ""
    return lacking.scope_of(me(), item_key=item), ""


def _one_by_one(scope: Scope) -> dict[str, Any]:
    at = _cursor()
    rows, after = lacking.listing(scope, (int(at[1]), at[2]) if at else None)
    context = {"rows": rows, "several": len(scope.units) != 1, "next_url": _next_url(after)}
    return context | {"lenders": lacking.lenders(rows, scope.provinces)}


def _sums(scope: Scope) -> dict[str, Any]:
    at, by_unit = _cursor(), request.args.get("by") == "unit"
    if by_unit:
        unit_id = addresses.number(at[2]) if at else None
        rows, after = lacking.by_unit(scope, (int(at[1]), unit_id) if at and unit_id else None)
        return {"rows": rows, "by_unit": True, "next_url": _next_url(after)}
    rows, item = lacking.by_item(scope, (int(at[1]), at[2]) if at else None)
    return {"rows": rows, "by_unit": False, "next_url": _next_url(item)}


def _cursor() -> re.Match[str] | None:
    return re.fullmatch(CURSOR, request.args.get("after", ""))


def _next_url(after: tuple[int, object] | None) -> str:
    kept: dict[str, Any] = {name: request.args[name] for name in KEPT if request.args.get(name)}
    return url_for(".shortages", **kept, after=f"{after[0]}_{after[1]}") if after else ""
