"""The pages of one purse, for staff and trainees alike: statement, month, workbook and card."""

import re
from dataclasses import dataclass, field
from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import addresses, workbooks
from blueprints.forms.purses import StatementForm
from models import utcnow
from services import jalali
from services.catalog.booklet import Month, month_of
from services.payments import reading
from services.payments import wording as payments
from services.purses import cards, months, sheets, statement, wording
from services.purses.portal import Owner

NOT_FOR_TRAINEES: dict[str, Any] = {"portal": None, "purses": (), "manages": False, "objections": 0}
MONTH = re.compile("([0-9]{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Purse:
    """Whose purse the pages show, and in which words; `kept` stands in every address of them.

    `is_staffs` is False for the purse of a trainee, who is told less of others and may object.
    """

    owner: Owner
    words: str
    balance: int
    is_staffs: bool
    kept: dict[str, Any] = field(default_factory=dict)


def asked_month() -> Month:
    """The month in the address, this one where there is none."""
    asked = MONTH.fullmatch(request.args.get("month", ""))
    known = asked and jalali.FIRST_YEAR < int(asked[1]) < jalali.LAST_YEAR
    return Month(int(asked[1]), int(asked[2])) if asked and known else month_of(jalali.tehran_today(utcnow()))


def home(purse: Purse, *, is_read: bool = True, **more: Any) -> str:
    """The balance, and a page of the statement, newest first, for those who read it."""
    form = StatementForm.asked()
    wanted, before = form.wanted(), addresses.number(request.args.get("before"))
    found = statement.page(purse.owner, wanted, before) if is_read else statement.Statement([], None)
    kept = {**purse.kept, **form.address()}
    return render_template(
        "purses/home.html",
        purse=purse,
        is_read=is_read,
        form=form,
        entries=found.entries,
        first_url=url_for(".purse_home", **kept) if before else "",
        next_url=url_for(".purse_home", **kept, before=found.before) if found.before else "",
        sheet_url=url_for(".purse_sheet", **kept),
        is_narrowed=bool(form.address()),
        wording=wording,
        serial=cards.serial,
        pending=reading.pending_of(purse.owner),
        gateway_title=payments.title,
        **{**NOT_FOR_TRAINEES, **more},
    )


def month(purse: Purse) -> str:
    """A month of the statement, to print."""
    found = months.monthly(purse.owner, asked_month())
    urls = {
        name: url_for(".purse_month", **purse.kept, month=each.text) if each.has_begun else ""
        for name, each in (("prev_url", found.month.before), ("next_url", found.month.after))
    }
    return render_template("purses/month.html", purse=purse, found=found, wording=wording, now=utcnow(), **urls)


def sheet(purse: Purse, *, user_id: int | None = None, person_id: int | None = None) -> Response:
    """The whole statement that is asked for."""
    wanted = StatementForm.asked().wanted()
    who = {"user_id": user_id, "person_id": person_id}
    return workbooks.sent("statement", lambda into: sheets.write_statement(into, purse.owner, wanted, **who))


def card(purses: list[Purse], number: str) -> str:
    """The card of a top-up of one of these purses."""
    owner, found = cards.card([purse.owner for purse in purses], number)
    purse = next(each for each in purses if each.owner == owner)
    return render_template("purses/card.html", purse=purse, card=found, now=utcnow())
