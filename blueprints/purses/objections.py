"""Objections to debits: what waits, what was answered, one objection and its answer."""

from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices, routes
from blueprints.forms import tried
from blueprints.forms.purses import ACCEPT, AnswerForm
from blueprints.guards import me
from blueprints.htmx import go
from models import ObjectionState
from services.purses import objections, wording

SAID = {
    ObjectionState.ACCEPTED: "اعتراض پذیرفته شد؛ ثبت‌نام لغو شد و اعتبار به کارآموز برگشت.",
    ObjectionState.DECLINED: "پاسخ ثبت شد و دلیل برای کارآموز پیامک می‌شود.",
}


def objection_list() -> str:
    answered = request.args.get("tab") == "answered"
    rows, after = objections.listing(me(), answered=answered, before=addresses.number(request.args.get("before")))
    tab: dict[str, Any] = {"tab": "answered"} if answered else {}
    return render_template(
        "purses/objections.html",
        rows=rows,
        answered=answered,
        next_url=url_for(".objection_list", **tab, before=after) if after else "",
        wording=wording,
    )


def objection_page(objection_id: int) -> str:
    return _page(objection_id, AnswerForm(formdata=None))


def objection_answer(objection_id: int) -> Response:
    objections.require_answer(me(), objection_id)
    form = AnswerForm()
    accepts, words = form.decision.data == ACCEPT, form.answer.data or ""
    done = form.validate() and tried(form, lambda: objections.answer(me(), objection_id, accepts=accepts, words=words))
    if not done:
        return Response(_page(objection_id, form), 422)
    said = notices.sent_before() if done.repeated else SAID[done.what]
    return notices.tell(go(url_for(".objection_list")), "" if done.repeated else "ok", said)


def _page(objection_id: int, form: AnswerForm) -> str:
    case = objections.get(me(), objection_id)
    judge = objections.judge(case.row)
    return render_template("purses/objection.html", case=case, form=form, judge=judge, wording=wording)


ROUTES: tuple[routes.Route, ...] = (
    ("", objection_list, ("GET",)),
    ("/<int:objection_id>", objection_page, ("GET",)),
    ("/<int:objection_id>", objection_answer, ("POST",)),
)
