"""Whoever paid for the wrong code finds the payment, says whose the money is, and sees what becomes of it."""

from collections.abc import Callable
from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import addresses, guards, notices, routes, uploads
from blueprints.forms import tried
from blueprints.forms.credit_cases import AskForm, FindForm
from blueprints.htmx import go
from models import StoredFile
from services import credit_cases
from services.credit_cases import Asked, wording
from services.credit_cases.finding import Asker
from services.credit_cases.owners import of as owners_of
from services.credit_cases.reading import ASKING
from services.errors import DomainError, NotAllowed
from services.files.reasons import words
from services.purses import Portal, portals
from services.purses.portal import Owner

SENT = "درخواست شما برای اداره کل استان فرستاده شد. دو نفر آن را بررسی می‌کنند و نتیجه همین‌جا دیده می‌شود."
SENT_BEFORE = "برای همین پرداخت پیش‌تر درخواست داده‌اید. همان یک بار ثبت است؛ این صفحهٔ آن است."
NOBODY = "درخواست جابه‌جایی را کارکنان مرکز یا خود پرداخت‌کننده می‌نویسند. چیزی ثبت نشد."


def credit_case_list() -> str:
    page = credit_cases.of_asker(_asker(), addresses.number(request.args.get("after")))
    return render_template(
        "credit_cases/list.html",
        page=page,
        may_ask=credit_cases.may_ask(_asker()),
        next_url=url_for(".credit_case_list", after=page.after) if page.after else "",
        wording=wording,
        home=_home(),
    )


def credit_case_new() -> Response:
    """The choice of a payment; with its receipt the form about it."""
    if not credit_cases.may_ask(_asker()):
        raise NotAllowed(NOBODY)
    receipt = request.args.get("receipt", "")[:32]
    return _ask_page(AskForm(formdata=None), receipt) if receipt else _choose_page(FindForm(formdata=None))


def credit_case_find() -> Response:
    if not credit_cases.may_ask(_asker()):
        raise NotAllowed(NOBODY)
    form = FindForm()
    found = None
    if form.validate():
        found = tried(form, lambda: credit_cases.by_number(_asker(), form.number.data or "", form.amount.data or 0))
    return _choose_page(form, 422) if found is None else go(url_for(".credit_case_new", receipt=found))


@uploads.accepts_file
def credit_case_ask() -> Response:
    if not credit_cases.may_ask(_asker()):
        raise NotAllowed(NOBODY)
    form = AskForm()
    try:
        asked, refused = tried(form, lambda: _asked(form)) if form.validate() else None, None
    except DomainError as error:
        if error.status != 422:
            raise
        asked, refused = None, error
    if asked is None:
        form.form_key.data = None  # what the form has brought is kept under its key; another file needs another one
        return _ask_page(form, (form.receipt.data or "")[:32], 422, refused)
    to = go(url_for(".credit_case_page", credit_id=asked.case_id))
    return notices.tell(to, "" if asked.repeated else "ok", SENT_BEFORE if asked.repeated else SENT)


def credit_case_page(credit_id: int) -> str:
    row = credit_cases.get(_asker(), credit_id)
    seen = owners_of((row.from_account, row.to_account))
    return render_template(
        "credit_cases/page.html",
        row=row,
        source=seen[row.from_account_id].masked,
        target=seen[row.to_account_id].masked,
        history=credit_cases.history(_asker(), row),
        withdraws=credit_cases.is_mine(_asker(), row) and row.state in ("asked", "seconded"),
        wording=wording,
        why_refused=_why_refused,
    )


def credit_case_withdraw(credit_id: int) -> Response:
    done = credit_cases.withdraw(_asker(), credit_id)
    told = "درخواست پس گرفته شد." if done else "این درخواست پیش‌تر به پایان رسیده بود؛ چیزی تغییر نکرد."
    return notices.tell(go(url_for(".credit_case_page", credit_id=credit_id)), "ok" if done else "", told)


# -- Support -----------------------------------------------------------------------


def _asker() -> Asker:
    return guards.trainee() if guards.side() == "trainee" else guards.me()


def _home() -> str:
    """The page of the purse that these pages belong to."""
    path = "/trainee/credit" if guards.side() == "trainee" else "/center/credit"
    return path if addresses.exists(path) else path.removesuffix("/credit")


def _asked(form: AskForm) -> Asked:
    wish = form.wish(_owner(form))
    return credit_cases.ask(_asker(), wish, brought(lambda: credit_cases.place_of(_asker()), _asker()))


def _owner(form: AskForm) -> Owner:
    """Whose the money is: the unit's, where that is the purse of the user and it was ticked, else who was written."""
    purse = _portal() if form.portal.data else None
    owner = purse.owner if purse else form.code.data
    if owner is None:
        raise DomainError("کد صاحب درست مبلغ را بنویسید", field="code")
    return owner


def _portal() -> Portal | None:
    """The purse of the user's unit, where they pay from it."""
    if guards.side() == "trainee":
        return None
    return next((each for each in portals(guards.me().acting(*ASKING)) if each.is_units), None)


def brought(place: Callable[[], Any], asker: Asker) -> StoredFile | None:
    """The file of this form, if there is one; it belongs to nothing until the case is written."""
    sent = request.files.get(uploads.FIELD)
    return uploads.take(asker, place()) if sent and sent.filename else None


def _choose_page(form: FindForm, status: int = 200) -> Response:
    context = {"form": form, "payments": credit_cases.own(_asker()), "failed": status != 200}
    return Response(render_template("credit_cases/choose.html", **context), status)


def _ask_page(form: AskForm, receipt: str, status: int = 200, refused: DomainError | None = None) -> Response:
    asker = _asker()
    paid = credit_cases.paid(asker, receipt)
    is_trainee = guards.side() == "trainee"
    purse = _portal()
    form.of(paid, [] if is_trainee else credit_cases.units(guards.me()), credit_cases.provinces() if is_trainee else [])
    form.into(purse.words if purse else "")
    if is_trainee and not form.is_submitted():
        person = guards.trainee()
        form.province.data = credit_cases.province_of(person.id)
    if form.errors and paid.wants_receipt and not request.files.get(uploads.FIELD):
        form.file.errors = [wording.NO_RECEIPT]
    context = {"form": form, "paid": paid, "refused": refused, "failed": status != 200}
    return Response(render_template("credit_cases/ask.html", **context), status)


def _why_refused(file: StoredFile) -> str:
    return words(file.refused_reason)


ROUTES: tuple[routes.Route, ...] = (
    ("", credit_case_list, ("GET",)),
    ("/new", credit_case_new, ("GET",)),
    ("/new", credit_case_ask, ("POST",)),
    ("/find", credit_case_find, ("POST",)),
    ("/<int:credit_id>", credit_case_page, ("GET",)),
    ("/<int:credit_id>/withdraw", credit_case_withdraw, ("POST",)),
)
