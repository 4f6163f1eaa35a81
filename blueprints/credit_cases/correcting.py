"""A reviewer asks with a document for a wrong entry to be undone; somebody else of the province says the second yes."""

from flask import Response, render_template, url_for

from blueprints import notices, routes, uploads
from blueprints.credit_cases.asking import brought
from blueprints.forms import tried
from blueprints.forms.credit_cases import NO_PAPER, CorrectionForm
from blueprints.guards import me
from blueprints.htmx import go
from services import credit_cases
from services.credit_cases import Asked, wording
from services.errors import DomainError, NotAllowed

SENT = "درخواست اصلاح ثبت شد و تأیید نخست آن به نام شماست. تا تأیید نفر دوم چیزی جابه‌جا نمی‌شود."


def credit_correction() -> Response:
    _require()
    return _page(CorrectionForm(formdata=None).prepare())


@uploads.accepts_file
def credit_correct() -> Response:
    _require()
    form = CorrectionForm().prepare()
    asked, refused = None, None
    if form.validate():
        try:
            asked = tried(form, lambda: _asked(form))
        except DomainError as error:
            if error.status not in (409, 422):
                raise
            refused = error
    if asked is None:
        form.form_key.data = None  # what the form has brought is kept under its key; another file needs another one
        return _page(form.prepare(), refused.status if refused else 422, refused)
    told = notices.sent_before() if asked.repeated else SENT
    to = go(url_for(".credit_queue", tab="waiting", case=asked.case_id))
    return notices.tell(to, "" if asked.repeated else "ok", told)


# -- Support -----------------------------------------------------------------------


def _require() -> None:
    if not credit_cases.decides(me()):
        raise NotAllowed(wording.NOT_DECIDING)


def _asked(form: CorrectionForm) -> Asked:
    paper = brought(lambda: credit_cases.place_of(me()), me())
    if paper is None:
        raise DomainError(NO_PAPER, field="file")
    return credit_cases.correct(me(), form.key(), form.said(), paper)


def _page(form: CorrectionForm, status: int = 200, refused: DomainError | None = None) -> Response:
    context = {"form": form, "refused": refused, "failed": status != 200}
    return Response(render_template("credit_cases/correction.html", **context), status)


ROUTES: tuple[routes.Route, ...] = (
    ("/correction", credit_correction, ("GET",)),
    ("/correction", credit_correct, ("POST",)),
)
