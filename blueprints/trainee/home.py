"""The trainee's first page: own enrollments, each with its next step, and own credit."""

from flask import Response, render_template, url_for

from blueprints import notices
from blueprints.guards import trainee
from blueprints.htmx import go
from blueprints.trainee import bp
from models import utcnow
from services import enrollment, ledger
from services.enrollment import lacks, resuming, slips, steps
from services.text import rial
from services.waiting import reading


@bp.get("")
def home() -> str:
    person = trainee()
    rows = [(row, steps.next_step(row)) for row in slips.of_person(person)]
    balance = ledger.balance(*ledger.owner_of(person))
    context = {"person": person, "rows": rows, "balance": balance, "lacks": lacks.of_person(person.id)}
    context["begun"] = resuming.unfinished(person.id)
    context["waiting"] = reading.of_person(person, utcnow())
    return render_template("trainee/home.html", **context)


@bp.get("/enrollments/<int:enrollment_id>/withdraw")
def withdraw_ask(enrollment_id: int) -> str:
    """Ask once, and say what happens to the money."""
    return render_template("trainee/withdraw.html", enrollment=slips.own(trainee(), enrollment_id))


@bp.post("/enrollments/<int:enrollment_id>/withdraw")
def withdraw(enrollment_id: int) -> Response:
    canceled = enrollment.withdraw(trainee(), enrollment_id)
    back = f" {rial(canceled.fee_rials)} به همان اعتبار برگشت." if canceled.fee_rials else ""
    return notices.tell(go(url_for(".home")), "ok", f"انصراف شما ثبت شد و جای دوره آزاد شد.{back}")
