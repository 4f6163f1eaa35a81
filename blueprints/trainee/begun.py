"""A self-enrollment on its way: the target group with what proves it, and what was begun and is put aside."""

from uuid import UUID

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices, uploads
from blueprints.forms.own_enrollment import GroupForm
from blueprints.guards import trainee
from blueprints.htmx import go
from blueprints.trainee import bp
from services.enrollment import own, resuming
from services.errors import DomainError
from services.files.reasons import words

SAVED = "گروه هدف شما ذخیره شد. هزینه با آن حساب شده است؛ هنوز ثبت‌نام نشده‌اید."
NONE_CHOSEN = "بدون گروه هدف ادامه می‌دهید."


@bp.get("/enroll/<code>/group")
def enroll_group(code: str) -> Response:
    offer = own.offer(trainee(), code)
    draft = resuming.of(trainee(), offer.id)
    return _show(offer, GroupForm(formdata=None).prepare().show(draft))


@bp.post("/enroll/<code>/group")
@uploads.accepts_file
def enroll_group_save(code: str) -> Response:
    offer, form = own.offer(trainee(), code), GroupForm()
    try:
        saved = _save(offer, form) if form.validate() else False
    except DomainError as refusal:
        return _show(offer, form, refusal)
    if not saved:
        return _show(offer, form, status=422)
    said = SAVED if form.target_group.data else NONE_CHOSEN
    return notices.tell(go(url_for(".enroll_ask", code=offer.code)), "ok", said)


@bp.post("/begun/<uuid:key>/drop")
def begun_drop(key: UUID) -> Response:
    done = resuming.drop(trainee(), str(key))
    said = "ثبت‌نام نیمه‌کاره کنار گذاشته شد." if done else "این ثبت‌نام نیمه‌کاره پیش‌تر کنار گذاشته یا تمام شده بود."
    return notices.tell(go(url_for(".home")), "ok" if done else "", said)


def _save(offer: own.Offer, form: GroupForm) -> bool:
    draft = resuming.begin(trainee(), offer.id)
    if form.file.data and form.file.data.filename:
        uploads.take(trainee(), resuming.place_of(draft))
    resuming.belong(draft, addresses.number(form.version.data) or 1, form.belonging())
    return True


def _show(offer: own.Offer, form: GroupForm, refusal: DomainError | None = None, status: int = 200) -> Response:
    """After a refusal the form comes back as it was typed, with the newest version; a file goes under a new key."""
    draft = resuming.of(trainee(), offer.id)
    form.offer(resuming.groups())
    if refusal is not None:
        status, form.form_key.data = refusal.status, None
        form.prepare().version.data = draft.version if draft else 1
        if refusal.field in form:
            form[refusal.field].errors = [str(refusal)]
            refusal = None
    context = {"offer": offer, "papers": resuming.papers(draft) if draft else [], "url": request.path}
    html = render_template("trainee/group.html", form=form, refused=refusal, failed=status != 200, **context, why=words)
    return Response(html, status)
