"""The trainee's first page: own enrollments, each with its next step, and own credit."""

from flask import Response, render_template, request, url_for

from blueprints import notices
from blueprints.guards import trainee
from blueprints.htmx import go
from blueprints.trainee import bp
from models import EndCause, utcnow
from services import claims, enrollment, ledger
from services.enrollment import exam, lacks, leaving, resuming, slips, steps
from services.errors import Conflict
from services.waiting import reading


@bp.get("")
def home() -> str:
    person = trainee()
    made = slips.of_person(person)
    rows = [(row, steps.next_step(row)) for row in made]
    balance = ledger.balance(*ledger.owner_of(person))
    context = {"person": person, "rows": rows, "balance": balance, "lacks": lacks.of_person(person.id)}
    stay = any(row.status == "active" and leaving.has_begun(row) for row, _ in rows)
    context["exam"] = exam.of_person(person.id) if stay else {}
    context["claims"] = claims.of_person(made)
    context["begun"] = resuming.unfinished(person.id)
    context["waiting"] = reading.of_person(person, utcnow())
    return render_template("trainee/home.html", **context)


@bp.get("/enrollments/<int:enrollment_id>/withdraw")
def withdraw_ask(enrollment_id: int) -> Response:
    """Ask once, and say what happens to the money."""
    return _withdraw_page(enrollment_id)


@bp.post("/enrollments/<int:enrollment_id>/withdraw")
def withdraw(enrollment_id: int) -> Response:
    try:
        ended = enrollment.withdraw(trainee(), enrollment_id, seen=request.form.get("returns") == "1")
    except Conflict as conflict:
        return _withdraw_page(enrollment_id, conflict)
    if ended.end_cause is not EndCause.WITHDRAW:
        return notices.tell(go(url_for(".home")), "", "این ثبت‌نام پیش‌تر پایان یافته بود؛ چیزی دوباره تغییر نکرد.")
    rule = slips.last_word(enrollment_id)
    return notices.tell(go(url_for(".home")), "ok", f"انصراف شما ثبت شد و جای دوره آزاد شد. {rule}".strip())


def _withdraw_page(enrollment_id: int, conflict: Conflict | None = None) -> Response:
    row = slips.own(trainee(), enrollment_id)
    context = {"enrollment": row, "terms": leaving.terms(row, EndCause.WITHDRAW), "refusal": conflict}
    context["is_over"] = row.status != "active" or leaving.is_over(row)
    return Response(render_template("trainee/withdraw.html", **context), conflict.status if conflict else 200)
