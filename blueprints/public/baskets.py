"""A payment before the bank: looked through, changed, and taken to the bank's page."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from uuid import UUID

from flask import Response, redirect, render_template, request, url_for

from blueprints import addresses, guards, payers
from blueprints.forms.pay import AmountForm, ChangeForm, OneForm, PayForm
from blueprints.htmx import go
from blueprints.public import bp
from blueprints.public.pay import one, put
from models import Basket
from services import baskets, submissions
from services.baskets import values
from services.errors import DomainError, TooMany, Unavailable
from services.payments import wording
from services.payments.starting import Started


@dataclass
class Forms:
    """The forms of the page; the one that was sent has what was sent."""

    pay: PayForm
    amount: AmountForm
    amounts: ChangeForm
    add: OneForm
    ticks: dict[int, str] = field(default_factory=dict)  # what is wrong with a tick, by its line
    ticked: set[int] | None = None  # as sent; None where the form was not sent, and what is kept stands


def fresh() -> Forms:
    return Forms(PayForm(None), AmountForm(None), ChangeForm(None), OneForm(None))


def of_basket(view: Callable[[Basket], Response]) -> Callable[[UUID], Response]:
    """A view of somebody's own basket. Whose sign-in has ended signs in again, and finds it as it was."""

    @wraps(view)
    def wrapper(key: UUID) -> Response:
        try:
            basket = baskets.get(str(key), payers.here())
        except baskets.NotYours as error:
            if guards.visitor() if error.is_persons else guards.staff():
                raise
            door = "sso.begin" if error.is_persons else "auth.sign_in"
            return go(url_for(door, next=url_for(".pay_basket", key=key)))
        return view(basket)

    return wrapper


@bp.get("/pay/<uuid:key>")
@of_basket
def pay_basket(basket: Basket) -> Response:
    """Whose purse, how much, which bank: nothing has been paid yet."""
    return show(basket, fresh())


@bp.post("/pay/<uuid:key>")
@of_basket
def pay_change(basket: Basket) -> Response:
    """Other amounts, one person more or one less; then the page again with the new sum."""
    forms = fresh()
    do = request.form.get("do", "")
    try:
        done = changed(basket, forms, do)
    except DomainError as refusal:
        return refuse(basket, forms, refusal, do)
    return go(url_for(".pay_basket", key=UUID(basket.key))) if done else show(basket, forms, 422)


@bp.post("/pay/<uuid:key>/go")
@of_basket
def pay_go(basket: Basket) -> Response:
    """To the bank. The same press twice is one visit."""
    forms = fresh()
    forms.pay = PayForm()
    if not forms.pay.validate():
        return show(basket, forms, 422)
    try:
        started = baskets.pay(payer_of(basket), basket, said(forms.pay))
    except DomainError as refusal:
        if isinstance(refusal, Unavailable):
            forms.pay.bank.data = None  # pressed again, it is not the one that has just failed
        return refuse(basket, forms, refusal, "go")
    return leave(basket, started)


def payer_of(basket: Basket) -> values.Payer:
    return baskets.payer_of(basket, payers.here()) or payers.stranger()


def said(form: PayForm) -> baskets.Said:
    return baskets.Said(form.version.data, form.total.data, ticked(), form.form_key.data, form.bank.data)


def ticked() -> set[int]:
    return {int(name.removeprefix("tick-")) for name in request.form if name[5:].isdecimal() and len(name) < 9}


def changed(basket: Basket, forms: Forms, do: str) -> bool:
    """Do what the button says; False when a field of its form is wrong."""
    forms_of = {"amount": ("amount", AmountForm), "add": ("add", OneForm)}
    name, kind = forms_of.get(do, ("amounts", ChangeForm))
    form = kind()
    setattr(forms, name, form)
    if do.startswith("remove-"):
        number = addresses.number(do.removeprefix("remove-"), 3)
        baskets.remove(basket, addresses.version(request.form.get("version")), -1 if number is None else number)
        return True
    if isinstance(form, AmountForm):
        form.offer(values.amounts(), basket.lines[0]["amount"])
    if not form.validate():
        return False
    payer, version = payer_of(basket), form.version.data or 0
    if isinstance(form, OneForm):
        baskets.add(payer, basket, version, one(form), form.rials)
    elif isinstance(form, AmountForm):
        baskets.change(payer, basket, version, {0: form.rials})
    else:
        baskets.change(payer, basket, version, dict(enumerate(form.amounts.data)))
    return True


def refuse(basket: Basket, forms: Forms, refusal: DomainError, do: str) -> Response:
    """The page with what stands in the way: at its field or tick where it has one, else above everything."""
    where = refusal.field or ""
    if do == "go" and forms.pay.version.data == basket.version:  # else the numbers may be those of other codes
        forms.ticked = ticked()
    if isinstance(refusal, baskets.Unticked):
        forms.ticks = dict.fromkeys(refusal.numbers, str(refusal))
        return show(basket, forms, refusal.status)
    if where.startswith("amounts-"):
        if do == "amount":
            forms.amount.put_error(str(refusal))
        else:
            forms.amounts.amounts[int(where[8:])].errors = [str(refusal)]
        return show(basket, forms, refusal.status)
    if do in ("add", "amount") and put(forms.add if do == "add" else forms.amount, refusal):
        return show(basket, forms, refusal.status)
    response = show(baskets.get(basket.key, payers.here()), forms, refusal.status, refusal)
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.seconds)
    return response


def show(basket: Basket, forms: Forms, status: int = 200, refusal: DomainError | None = None) -> Response:
    view, banks = baskets.view(payer_of(basket), basket), baskets.offered()
    forms.pay.offer(banks)
    forms.pay.form_key.data = submissions.new_key()
    amounts = values.amounts()
    for form in (forms.amount, forms.add):
        form.offer(amounts, view.lines[0].line.amount)
    if not forms.amounts.amounts.entries:
        forms.amounts = ChangeForm(None, amounts=[each.line.amount for each in view.lines])
    context = {"view": view, "forms": forms, "banks": banks, "refusal": refusal}
    return Response(render_template("public/pay/basket.html", **context), status)


def leave(basket: Basket, started: Started) -> Response:
    """To the bank's page: at once where it is an address, by a button where the bank wants a form.

    Whom another bank takes than the chosen one is told so first. A press that comes again after the visit is over leads
    to what became of it.
    """
    to = started.redirect
    if to is None:
        return go(f"/pay/receipt/{started.receipt_key}")
    if to.method == "GET" and not started.instead_of:
        return redirect(to.url, 303)  # type: ignore[return-value]
    view, bank = baskets.view(payer_of(basket), basket), wording.title(started.gateway)
    missed = wording.title(started.instead_of) if started.instead_of else ""
    return Response(render_template("public/pay/leave.html", view=view, to=to, bank=bank, missed=missed))
