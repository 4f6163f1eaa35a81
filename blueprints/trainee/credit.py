"""The trainee's own purse: what it holds, what moved, cards, and objections to debits by others."""

from flask import Response, render_template, url_for

from blueprints import notices
from blueprints.forms import tried
from blueprints.forms.purses import ObjectionForm
from blueprints.guards import trainee
from blueprints.htmx import go
from blueprints.purses import frame
from blueprints.purses.frame import Purse
from blueprints.trainee import bp
from services import ledger
from services.purses import objecting
from services.purses.portal import coded


@bp.get("/credit")
def purse_home() -> str:
    return frame.home(_purse())


@bp.get("/credit/month")
def purse_month() -> str:
    return frame.month(_purse())


@bp.get("/credit/statement.xlsx")
def purse_sheet() -> Response:
    return frame.sheet(_purse(), person_id=trainee().id)


@bp.get("/credit/cards/<serial>")
def purse_card(serial: str) -> str:
    return frame.card([_purse()], serial)


@bp.get("/credit/debits/<int:debit_id>/objection")
def objection_ask(debit_id: int) -> str:
    return _page(debit_id, ObjectionForm(formdata=None))


@bp.post("/credit/debits/<int:debit_id>/objection")
def objection_send(debit_id: int) -> Response:
    form = ObjectionForm()
    words = form.text.data or ""
    done = tried(form, lambda: (objecting.raise_(trainee(), debit_id, words),)) if form.validate() else None
    if done is None:
        return Response(_page(debit_id, form), 422)
    said = "اعتراض شما ثبت شد. مدیر واحد پاسخ می‌دهد و پاسخ پیامک می‌شود." if done[0] else notices.sent_before()
    return notices.tell(go(url_for(".purse_home")), "ok" if done[0] else "", said)


def _purse() -> Purse:
    person = trainee()
    owner = ledger.owner_of(person)
    words = "، ".join(filter(None, (person.full_name, coded(*owner))))
    return Purse(owner, words, ledger.balance(*owner), is_staffs=False)


def _page(debit_id: int, form: ObjectionForm) -> str:
    row = objecting.debit(trainee(), debit_id)
    return render_template("trainee/objection.html", debit=row, why_not=objecting.why_not(row), form=form)
