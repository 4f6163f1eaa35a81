"""Self-enrollment: from the course page to the slip with one page between."""

import uuid
from uuid import UUID

from flask import Response, render_template, request, url_for

from blueprints import addresses, clock, notices, payers
from blueprints.forms.enrollment import OwnForm
from blueprints.guards import trainee
from blueprints.htmx import go
from blueprints.trainee import bp
from models import utcnow
from services import baskets, catalog, ledger, submissions
from services.enrollment import NotEligible, own, resuming
from services.errors import DomainError
from services.waiting import reading

SENT_BEFORE = "این درخواست پیش‌تر فرستاده شده بود. همان یک بار ثبت شد و چیزی دوباره ثبت یا کسر نشد."


@bp.get("/enroll/<code>")
def enroll_ask(code: str) -> Response:
    """«شما … هستید؟» with course, fee and credit; nothing personal is typed."""
    return show(code, OwnForm(None))


@bp.post("/enroll/<code>")
def enroll(code: str) -> Response:
    form = OwnForm()
    if not form.validate():
        return show(code, form, 422)
    try:
        seen = addresses.number(form.fee.data, 15)
        paper = form.prerequisite.data or ""
        outcome = own.enroll(trainee(), code, form.form_key.data or "", seen=seen, has=form.has, prerequisite=paper)
    except DomainError as refusal:
        return show(code, form, refusal.status, refusal=refusal)
    slip = go(url_for("slips.slip", tracking_code=outcome.tracking_code, done=1))
    return notices.tell(slip, "", SENT_BEFORE) if outcome.repeated else slip


@bp.post("/enroll/<code>/top-up")
def enroll_top_up(code: str) -> Response:
    """To the bank with what is lacking; the receipt leads back to this course."""
    offer, person, form = own.offer(trainee(), code), trainee(), OwnForm()
    prerequisite = form.prerequisite.data or ""
    try:
        lacks = own.lacking(person, offer, prerequisite)
    except NotEligible as refusal:
        return show(code, form, refusal.status, refusal=refusal)
    here = url_for(".enroll_ask", code=offer.code)
    resuming.begin(person, offer.id, form.has, prerequisite)
    key = baskets.start_own(payers.of_visitor(person), ledger.owner_of(person), lacks, here)
    return go(url_for("public.pay_basket", key=UUID(key)))


def show(code: str, form: OwnForm, status: int = 200, refusal: DomainError | None = None) -> Response:
    offer = own.offer(trainee(), code)
    form.form_key.data = form.form_key.data or offer.draft_key or str(uuid.uuid4())
    kept = offer.kept or {}
    form.schooling.data = form.schooling.data or kept.get("schooling", "")
    form.prerequisite.data = form.prerequisite.data or kept.get("prerequisite", "")
    for field, said in getattr(refusal, "at_fields", {}).items():
        if field in form:
            form[field].errors = [said]
    found = own.answer(trainee(), offer, form.prerequisite.data or "")
    barred = own.barring(found)
    similar = catalog.similar(offer, utcnow()) if barred or (offer.is_full and not offer.standing) else []
    is_short = not (offer.is_enough or offer.is_full or offer.standing or offer.when == "over" or barred)
    waits = reading.in_course(trainee(), offer.id) if offer.wait_id else None
    payer, owner = payers.of_visitor(trainee()), ledger.owner_of(trainee())
    causes = baskets.causes(payer, [owner]) if is_short else baskets.NONE
    context = {
        "causes": causes,
        "offer": offer,
        "findings": found,
        "barred": barred,
        "asks_prerequisite": any(each.field == "prerequisite" for each in found),
        "person": trainee(),
        "refusal": refusal,
        "url": request.path,
        "similar": similar,
        "waits": waits,
        "crowd": reading.crowd(offer.id, utcnow()) if offer.is_full else None,
        "clock": clock,
        "now": utcnow(),
        "wait_key": submissions.new_key(),
    }
    return Response(render_template("trainee/enroll.html", form=form, **context), status)
