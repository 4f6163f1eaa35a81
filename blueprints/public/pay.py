"""«افزایش اعتبار»: anybody fills anybody's purse. No code of a person stands in any address."""

from collections.abc import Callable
from uuid import UUID

from flask import Response, render_template, request, url_for

from blueprints import payers
from blueprints.forms.pay import AmountForm, ManyForm, OneForm
from blueprints.htmx import go
from blueprints.public import bp
from services import baskets
from services.baskets import typed, values
from services.errors import DomainError, TooMany
from services.errors import NotFound as NoSuch


@bp.get("/pay")
def pay() -> Response:
    return ask("public/pay/one.html", OneForm(formdata=None))


@bp.post("/pay")
def pay_begin() -> Response:
    """A basket for one code, which is looked through before anything is paid."""
    form = OneForm()
    return begin("public/pay/one.html", form, lambda: [one(form)])


@bp.get("/pay/list")
def pay_list() -> Response:
    return ask("public/pay/many.html", ManyForm(formdata=None))


@bp.post("/pay/list")
def pay_list_begin() -> Response:
    form = ManyForm()
    return begin("public/pay/many.html", form, lambda: typed.many(form.codes.data or ""))


@bp.post("/pay/own")
def pay_own() -> Response:
    """A basket for a purse of whoever is signed in here."""
    own = next((each for each in payers.owns() if each.mark == request.form.get("whose")), None)
    if own is None:
        raise NoSuch("ورود شما تمام شده است. دوباره وارد شوید و «افزایش اعتبار» را بزنید؛ چیزی پرداخت نشد.")
    key = baskets.start_own(own.payer, own.owner, values.usual_fee())
    return go(url_for(".pay_basket", key=UUID(key)))


def one(form: OneForm) -> typed.Wanted:
    """Whose code was typed."""
    return typed.one(form.national_code.data, form.foreign_code.data, form.code_reason.data or "")


def begin(template: str, form: AmountForm, wanted: Callable[[], list[typed.Wanted]]) -> Response:
    """Make a basket of a form, or show the form again with what stands in the way at its field."""
    form.offer(values.amounts())
    if not form.validate():
        return ask(template, form, 422)
    try:
        key = baskets.start(payers.here()[0], wanted(), form.rials)
    except DomainError as refusal:
        return refused(template, form, refusal)
    return go(url_for(".pay_basket", key=UUID(key)))


def refused(template: str, form: AmountForm, refusal: DomainError) -> Response:
    """The same form, filled; a refusal that belongs to no field of it stands above."""
    at_field = put(form, refusal)
    response = ask(template, form, refusal.status, refusal=None if at_field else refusal)
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.seconds)
    return response


def put(form: AmountForm, refusal: DomainError) -> bool:
    """Show a refusal at its field; False when the form has no such field."""
    if refusal.field == "amount":
        form.put_error(str(refusal))
    elif refusal.field in form:
        form[refusal.field].errors = [str(refusal)]
    else:
        return False
    return True


def ask(template: str, form: AmountForm, status: int = 200, refusal: DomainError | None = None) -> Response:
    form.offer(values.amounts())
    context = {"owns": payers.owns(), "is_on": bool(baskets.offered()), "refusal": refusal}
    return Response(render_template(template, form=form, **context), status)
