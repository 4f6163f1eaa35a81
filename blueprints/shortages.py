"""What workshops lack of what their standards ask for: of a center, a province, or at HQ of the whole country."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import addresses, workbooks
from blueprints.guards import me
from services import places, text
from services.access import Level
from services.places import lacking
from services.places.lacking import Named, Part, Scope

CURSOR = f"([0-9]{{1,{addresses.DIGITS}}})_(.{{1,200}})"  # a number, and the key of an item or the id of a row
KEPT = ("province", "unit", "workshop", "standard", "item")
WAYS = {"province": "استان", "item": "قلم", "unit": "واحد", "standard": "استاندارد"}
MOST_BARS = 10


def register(bp: Blueprint, path: str) -> None:
    """Add the pages to a role's blueprint."""
    bp.add_url_rule(path, view_func=shortages, methods=["GET"])
    bp.add_url_rule(f"{path}.xlsx", view_func=shortages_sheet, methods=["GET"])


def shortages() -> str:
    """One by one for a unit, a workshop, or an item or standard of a province, and at a center; else in sums."""
    scope, title = _scope()
    named = lacking.named(scope)
    context: dict[str, Any] = {"titles": _titles(scope, title, named), "trail": _trail(scope, named)}
    context["sheet_url"] = url_for(".shortages_sheet", **_kept())
    if scope.units or not scope.is_country and (scope.standard_id or scope.item_key):
        template, found = "places/shortages.html", _one_by_one(scope)
    else:
        template, found = "places/shortage_sums.html", _sums(scope)
    context["asked"] = bool(found["rows"]) or lacking.is_asked(scope)
    return render_template(template, workshop_id=scope.workshop_id, **context, **found)


def shortages_sheet() -> Response:
    scope, _ = _scope()
    lacking.named(scope)
    return workbooks.sent("shortages", lambda into: lacking.write(into, scope))


# -- Support -----------------------------------------------------------------------


def _scope() -> tuple[Scope, str]:
    """What was asked for, inside the territory, and what it is called where that is a unit or a workshop."""
    number = {name: addresses.number(request.args.get(name)) for name in KEPT}
    item = text.key(request.args.get("item", ""))[:200]
    narrow = Scope(standard_id=number["standard"], item_key=item)
    if number["workshop"]:
        room = places.room(me(), number["workshop"])
        here = replace(narrow, units=(room.unit.id,), workshop_id=room.workshop.id)
        return replace(here, provinces=(room.place.province_id,)), f"{room.workshop.title}، {room.unit.title}"
    if number["unit"]:
        unit = places.unit(me(), number["unit"])
        return replace(narrow, provinces=(unit.province_id or 0,), units=(unit.id,)), unit.title
    if me().level is Level.HQ and number["province"]:
        narrow = replace(narrow, provinces=(number["province"],))
    return lacking.scope_of(me(), narrow), ""


def _one_by_one(scope: Scope) -> dict[str, Any]:
    at = _cursor()
    rows, after = lacking.listing(scope, (int(at[1]), at[2]) if at else None)
    context = {"rows": rows, "several": len(scope.units) != 1, "next_url": _next_url(after)}
    return context | {"lenders": lacking.lenders(rows, scope.provinces)}


def _sums(scope: Scope) -> dict[str, Any]:
    """The parts of a territory, and the tabs of the ways in which it can be parted."""
    ways = ["province", "standard", "item"] if scope.is_country else ["item", "unit", "standard"]
    ways = ways[:1] if scope.standard_id or scope.item_key else ways
    by = request.args.get("by", "")
    by = by if by in ways else ways[0]
    rows, after = _parts(scope, by)
    tabs = [(f"به تفکیک {WAYS[way]}", url_for(".shortages", **_kept(), by=way), way == by) for way in ways]
    found: dict[str, Any] = {"by": by, "head": WAYS[by], "rows": [(row, _link(by, row)) for row in rows]}
    found |= {"tabs": tabs if len(tabs) > 1 else [], "next_url": _next_url(after, by)}
    of_all = rows if by == "province" else []  # the other ways are a page at a time
    found["bars"] = [(row.title, row.missing, _link(by, row)) for row in of_all[:MOST_BARS] if row.missing]
    found["total"] = {name: sum(getattr(row, name) for row in of_all) for name in ("of", "workshops", "missing")}
    return found


def _parts(scope: Scope, by: str) -> tuple[Sequence[Part], tuple[int, Any] | None]:
    at = _cursor()
    if by == "province":
        return lacking.by_province(scope), None
    if by == "item":
        return lacking.by_item(scope, (int(at[1]), at[2]) if at else None)
    last = addresses.number(at[2]) if at else None
    after = (int(at[1]), last) if at and last else None
    return lacking.by_unit(scope, after) if by == "unit" else lacking.by_standard(scope, after)


def _link(by: str, part: Part) -> str:
    """Where a part leads: the same shortages, narrowed to it."""
    kept = {} if by == "unit" else _kept()
    return url_for(".shortages", **kept | {by: part.key if by == "item" else part.id})


def _titles(scope: Scope, title: str, named: Named) -> list[str]:
    """Of what the shortages are; nothing where they are those of the actor's own center."""
    if not title and not scope.units:
        title = f"استان {named.province.title}" if named.province else "همهٔ کشور"
    standard = f"استاندارد {named.standard.title}" if named.standard else ""
    return [each for each in (title, standard, named.item) if each]


def _trail(scope: Scope, named: Named) -> list[tuple[str, str]]:
    """The larger territories that this one is a part of, from the top down."""
    if not _kept():
        return []
    steps = [("همهٔ کمبودها", url_for(".shortages"))]
    if scope.workshop_id:
        return [*steps, ("صفحهٔ کارگاه", url_for(".workshop_page", workshop_id=scope.workshop_id))]
    if me().level is not Level.HQ or not named.province:
        return steps
    if scope.units:
        return [*steps, (f"استان {named.province.title}", url_for(".shortages", province=named.province.id))]
    if scope.standard_id or scope.item_key:
        kept = {name: value for name, value in _kept().items() if name != "province"}
        return [*steps, ("همین در همهٔ کشور", url_for(".shortages", **kept))]
    return steps


def _kept() -> dict[str, Any]:
    """What the address says of the territory and of what it is narrowed to."""
    return {name: request.args[name] for name in KEPT if request.args.get(name)}


def _cursor() -> re.Match[str] | None:
    return re.fullmatch(CURSOR, request.args.get("after", ""))


def _next_url(after: tuple[int, object] | None, by: str | None = None) -> str:
    return url_for(".shortages", **_kept(), by=by, after=f"{after[0]}_{after[1]}") if after else ""
