"""The center ends somebody's enrollment: it cancels it, or the person has never come."""

from flask import Response, render_template, url_for

from blueprints import notices
from blueprints.center import bp
from blueprints.forms import tried
from blueprints.forms.leaving import EndForm
from blueprints.guards import me
from blueprints.htmx import go
from models import EndCause
from services import enrollment
from services.enrollment import leaving, reversal, slips
from services.errors import Conflict

WORDS = {EndCause.CENTER: "مرکز ثبت‌نام را لغو می‌کند", EndCause.NO_SHOW: "کارآموز به دوره نیامده است"}


@bp.get("/enrollments/<int:enrollment_id>/end")
def enrollment_end(enrollment_id: int) -> Response:
    return _page(enrollment_id, EndForm(formdata=None))


@bp.post("/enrollments/<int:enrollment_id>/end")
def enrollment_end_do(enrollment_id: int) -> Response:
    form = EndForm()
    if not form.validate():
        return _page(enrollment_id, form, 422)
    sent = (me(), enrollment_id, EndCause(form.cause.data), form.reason.data or "")
    try:
        row = tried(form, lambda: enrollment.end(*sent, seen=form.seen))
    except Conflict as conflict:
        return _page(enrollment_id, form, conflict.status, conflict)
    if row is None:
        return _page(enrollment_id, form, 422)
    back = url_for(".course_enrollments", course_id=row.course_id)
    said = f"ثبت‌نام پایان یافت و پیامک خبر در راه است. {slips.last_word(enrollment_id)}"
    return notices.tell(go(back), "ok", said.strip())


def _page(enrollment_id: int, form: EndForm, status: int = 200, refusal: Conflict | None = None) -> Response:
    row = reversal.to_end(me(), enrollment_id)
    terms = {cause: leaving.terms(row, cause) for cause in reversal.BY_STAFF}
    form.cause.choices = [(cause.value, WORDS[cause]) for cause in terms]
    form.returns.data = " ".join(cause.value for cause in terms if terms[cause].returns)
    html = render_template(
        "center/end.html", row=row, form=form, terms=terms, refusal=refusal, can_end=reversal.can_end(row)
    )
    return Response(html, status)
