"""Groups that people have named when they enrolled themselves: the look of the center, and what is paid afterwards."""

from uuid import UUID

from flask import Blueprint, Response, current_app, render_template, request, url_for

from blueprints import addresses, notices, payers, routes
from blueprints.forms import tried
from blueprints.forms.claims import ClaimForm
from blueprints.guards import me, trainee
from blueprints.htmx import go
from services import baskets, claims, ledger
from services.claims import State, Word
from services.errors import Conflict, DomainError
from services.files.reasons import words
from services.text import rial

HELD = "مدرک پذیرفته شد."
REFUSED = "مدرک پذیرفته نشد و دلیل برای کارآموز پیامک می‌شود."
OWES = " {rest} هزینه مانده است که خود کارآموز می‌پردازد؛ چیزی خودکار کسر نشد."
PAID = "هزینهٔ مانده از اعتبار شما کسر شد و ثبت‌نام شما کامل است."
PAID_BEFORE = "این هزینه پیش‌تر پرداخت شده بود؛ چیزی دوباره کسر نشد."


def register_center(bp: Blueprint) -> None:
    """Add the list of what waits for a look to the center's blueprint."""
    routes.add(bp, "/claims", QUEUE)


def register_trainee(bp: Blueprint) -> None:
    """Add the page of a fee that is owed to the trainee's blueprint."""
    routes.add(bp, "/enrollments/<int:enrollment_id>/fee", OWN)


# -- Of the center -----------------------------------------------------------------


def claim_list() -> str:
    state = State.OWED if request.args.get("show") == State.OWED.value else State.WAITING
    rows, after = claims.page(me(), state, addresses.number(request.args.get("after")) or 0)
    return render_template("claims/list.html", rows=rows, after=after, owed=state is State.OWED)


def claim_review(enrollment_id: int) -> Response:
    return _review(enrollment_id, ClaimForm(formdata=None))


def claim_decide(enrollment_id: int) -> Response:
    form, holds = ClaimForm(), request.form.get("do") == "accept"
    address = f"{current_app.config['BASE_URL'] or ''}{url_for('trainee.claim_fee', enrollment_id=enrollment_id)}"
    word = Word(holds, form.reason.data or "", address)
    done = tried(form, lambda: claims.decide(me(), enrollment_id, word)) if form.validate() else None
    if done is None:
        return _review(enrollment_id, form, 422)
    rest = OWES.format(rest=rial(done.rest)) if done.state is State.OWED else ""
    return notices.tell(go(url_for(".claim_list")), "ok", HELD if holds else f"{REFUSED}{rest}")


def _review(enrollment_id: int, form: ClaimForm, status: int = 200) -> Response:
    claim = claims.of_unit(me(), enrollment_id)
    context = {"claim": claim, "papers": claims.papers(claim), "why": words, "form": form}
    return Response(render_template("claims/review.html", **context), status)


# -- Of the person -----------------------------------------------------------------


def claim_fee(enrollment_id: int) -> Response:
    return _fee(enrollment_id)


def claim_pay(enrollment_id: int) -> Response:
    """Take what is owed from the own purse, or to the bank with what is lacking."""
    if request.form.get("do") == "top_up":
        return _top_up(enrollment_id)
    try:
        done = claims.pay(trainee(), enrollment_id, addresses.number(request.form.get("rest"), 15))
    except (Conflict, DomainError) as refusal:
        return _fee(enrollment_id, refusal)
    return notices.tell(go(url_for(".home")), "ok" if done else "", PAID if done else PAID_BEFORE)


def _top_up(enrollment_id: int) -> Response:
    rest, owner = claims.own(trainee(), enrollment_id).rest, ledger.owner_of(trainee())
    lacks = max(rest - ledger.balance(*owner), 0) or rest
    here = url_for(".claim_fee", enrollment_id=enrollment_id)
    return go(
        url_for("public.pay_basket", key=UUID(baskets.start_own(payers.of_visitor(trainee()), owner, lacks, here)))
    )


def _fee(enrollment_id: int, refusal: DomainError | None = None) -> Response:
    claim = claims.own(trainee(), enrollment_id)
    context = {"claim": claim, "rest": claim.rest, "balance": ledger.balance(*ledger.owner_of(trainee()))}
    html = render_template("claims/fee.html", **context, refusal=refusal)
    return Response(html, refusal.status if refusal else 200)


QUEUE: tuple[routes.Route, ...] = (
    ("", claim_list, ("GET",)),
    ("/<int:enrollment_id>", claim_review, ("GET",)),
    ("/<int:enrollment_id>", claim_decide, ("POST",)),
)
OWN: tuple[routes.Route, ...] = (
    ("", claim_fee, ("GET",)),
    ("", claim_pay, ("POST",)),
)
