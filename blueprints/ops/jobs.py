"""What is owed to the outside: waiting, failing and given up; and what an operator does about it."""

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices
from blueprints.forms.ops import DiscardForm
from blueprints.guards import me
from blueprints.htmx import go
from blueprints.ops import bp
from models import utcnow
from services import labels, letters, messages, text, workers
from services.errors import DomainError
from services.text import persian_digits


@bp.get("/jobs")
def jobs() -> str:
    rows, after = letters.listing(addresses.number(request.args.get("after")) or 0)
    return render_template(
        "ops/jobs.html",
        loads=letters.loads(),
        causes=letters.causes(),
        rows=rows,
        after=after,
        unknown=letters.unknown_messages(),
        crew=workers.crew(),
        now=utcnow(),
        labels=labels,
    )


@bp.get("/jobs/<int:outbox_id>")
def job(outbox_id: int) -> str:
    return _letter(outbox_id, DiscardForm(formdata=None))


@bp.post("/jobs/<int:outbox_id>/again")
def job_again(outbox_id: int) -> Response:
    letters.again(me().user_id, outbox_id)
    return notices.tell(go(url_for(".jobs")), "ok", f"کار {persian_digits(outbox_id)} دوباره در صف است.")


@bp.post("/jobs/again")
def jobs_again() -> Response:
    topic, cause = (text.plain(request.form.get(name)) for name in ("topic", "cause"))
    count = letters.again_all(me().user_id, topic, cause)
    return notices.tell(go(url_for(".jobs")), "ok", f"{persian_digits(count)} کار دوباره در صف است.")


@bp.post("/jobs/<int:outbox_id>/discard")
def job_discard(outbox_id: int) -> Response:
    form = DiscardForm()
    if form.validate():
        try:
            letters.discard(me().user_id, outbox_id, form.reason.data)
        except DomainError as refused:
            if refused.field is None:
                raise
            form.reason.errors = [str(refused)]
        else:
            told = f"کار {persian_digits(outbox_id)} کنار گذاشته شد."
            return notices.tell(go(url_for(".jobs")), "ok", told)
    return Response(_letter(outbox_id, form), 422)


@bp.post("/messages/<int:message_id>/repeat")
def message_repeat(message_id: int) -> Response:
    messages.repeat(message_id, me().user_id)
    return notices.tell(go(url_for(".jobs")), "ok", f"پیامک {persian_digits(message_id)} دوباره فرستاده می‌شود.")


def _letter(outbox_id: int, form: DiscardForm) -> str:
    return render_template("ops/letter.html", row=letters.get(outbox_id), form=form, labels=labels)
