"""The waiting list of a course of the center: who stands where, and what is done out of turn, with a reason."""

from collections.abc import Callable

from flask import Response, render_template, url_for

from blueprints import notices
from blueprints.center import bp
from blueprints.forms import tried
from blueprints.forms.waiting import ReasonForm
from blueprints.guards import me
from blueprints.htmx import go
from services import people
from services.waiting import joining, reading


@bp.get("/courses/<int:course_id>/waiting")
def waiting_list(course_id: int) -> str:
    line = reading.line(me(), course_id)
    can = {"keep": reading.may_keep(me(), line.course), "let_ahead": reading.may_let_ahead(me(), line.course)}
    return render_template("center/waiting/list.html", line=line, can=can, masked=people.masked_code)


@bp.get("/waiting/<int:entry_id>/ahead")
def waiting_ahead_ask(entry_id: int) -> Response:
    return _page(entry_id, ReasonForm(formdata=None), "ahead")


@bp.post("/waiting/<int:entry_id>/ahead")
def waiting_ahead(entry_id: int) -> Response:
    done = "از این پس پیش از همه است و جای خالی بعدی به این نفر می‌رسد. دلیل در تاریخچه ماند."
    return _act(entry_id, "ahead", joining.let_ahead, done, "این نفر پیش‌تر جلو انداخته شده بود؛ چیزی تغییر نکرد.")


@bp.get("/waiting/<int:entry_id>/remove")
def waiting_remove_ask(entry_id: int) -> Response:
    return _page(entry_id, ReasonForm(formdata=None), "remove")


@bp.post("/waiting/<int:entry_id>/remove")
def waiting_remove(entry_id: int) -> Response:
    done = "از فهرست انتظار بیرون آورده شد، نوبت به نفر بعد رسید و پیامک خبر در راه است."
    return _act(entry_id, "remove", joining.remove, done, "این نفر پیش‌تر از فهرست بیرون آمده بود؛ چیزی تغییر نکرد.")


READ = {"ahead": reading.to_let_ahead, "remove": reading.of_unit}


# -- Support -----------------------------------------------------------------------


def _act(entry_id: int, what: str, act: Callable[..., bool], done: str, before: str) -> Response:
    form = ReasonForm()
    entry = READ[what](me(), entry_id)
    sent = (me(), entry_id, form.reason.data or "")
    was_done = tried(form, lambda: (act(*sent),)) if form.validate() else None
    if was_done is None:
        return _page(entry_id, form, what, 422)
    back = go(url_for(".waiting_list", course_id=entry.course_id))
    return notices.tell(back, "ok" if was_done[0] else "", done if was_done[0] else before)


def _page(entry_id: int, form: ReasonForm, what: str, status: int = 200) -> Response:
    entry = READ[what](me(), entry_id)
    place = reading.place_of(entry_id)
    html = render_template("center/waiting/act.html", entry=entry, place=place, form=form, what=what)
    return Response(html, status)
