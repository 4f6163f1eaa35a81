"""The purses of a member of staff, and the manager's table of what clerks debited from trainees."""

from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import addresses, routes, workbooks
from blueprints.guards import me
from blueprints.purses import frame
from blueprints.purses.frame import Purse
from services import purses
from services.purses import clerks, objections, sheets
from services.purses.portal import Portal


def purse_home() -> str:
    mine = purses.portals(me())
    chosen = _chosen(mine)
    tabs = [(_title(each), url_for(".purse_home", **_kept(each)), each == chosen) for each in mine]
    manages = clerks.may_read(me())
    context: dict[str, Any] = {
        "portal": chosen,
        "purses": tabs if len(tabs) > 1 else [],
        "is_read": purses.may_read(me(), chosen),
        "manages": manages,
        "objections": objections.open_count(me()) if manages else 0,
    }
    return frame.home(_purse(chosen), **context)


def purse_month() -> str:
    return frame.month(_read())


def purse_sheet() -> Response:
    return frame.sheet(_read(), user_id=me().user_id)


def purse_card(serial: str) -> str:
    return frame.card([_purse(each) for each in purses.portals(me()) if purses.may_read(me(), each)], serial)


def purse_clerks() -> str:
    month = frame.asked_month()
    return render_template(
        "purses/clerks.html",
        rows=clerks.table(me(), month),
        month=month,
        months=clerks.SHOWN,
        prev_url=url_for(".purse_clerks", month=month.before.text),
        next_url=url_for(".purse_clerks", month=month.after.text) if month.after.has_begun else "",
    )


def purse_clerks_sheet() -> Response:
    month = frame.asked_month()
    return workbooks.sent("debits", lambda into: sheets.write_clerks(into, me(), month))


# -- Support -----------------------------------------------------------------------


def _chosen(mine: list[Portal]) -> Portal:
    """The purse that the address asks for, else the first one."""
    asked = addresses.number(request.args.get("unit"))
    return next((each for each in mine if each.unit_id == asked), mine[0])


def _kept(portal: Portal) -> dict[str, Any]:
    return {} if portal.unit_id is None else {"unit": portal.unit_id}


def _title(portal: Portal) -> str:
    return f"اعتبار {portal.title}" if portal.is_units else "اعتبار خود من"


def _purse(portal: Portal) -> Purse:
    return Purse(portal.owner, portal.words, portal.balance, is_staffs=True, kept=_kept(portal))


def _read() -> Purse:
    """The purse of the address, whose movements are for whoever asks."""
    portal = _chosen(purses.portals(me()))
    purses.require_read(me(), portal)
    return _purse(portal)


ROUTES: tuple[routes.Route, ...] = (
    ("", purse_home, ("GET",)),
    ("/month", purse_month, ("GET",)),
    ("/statement.xlsx", purse_sheet, ("GET",)),
    ("/cards/<serial>", purse_card, ("GET",)),
    ("/clerks", purse_clerks, ("GET",)),
    ("/clerks.xlsx", purse_clerks_sheet, ("GET",)),
)
