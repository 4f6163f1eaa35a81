"""Many people into one course: a list is pasted or sent, looked through and enrolled by one press."""

from functools import partial
from uuid import UUID

from flask import Response, g, render_template, request, url_for

from blueprints import addresses, notices, payers, uploads
from blueprints.center import bp
from blueprints.forms import tried
from blueprints.forms.many import PeopleForm, RunForm
from blueprints.guards import me
from blueprints.htmx import go
from models import Course, DebitSource
from services import imports, many
from services.enrollment import reach
from services.many import sheet, wording
from services.many.looking import Look, State
from services.text import persian_digits

PAGE = 25


# -- Making --------------------------------------------------------------------------


@bp.get("/courses/<int:course_id>/list")
def list_new(course_id: int) -> Response:
    return _people(many.course_of(me(), course_id), PeopleForm(formdata=None))


@bp.post("/courses/<int:course_id>/list")
@partial(uploads.accepts_file, most=imports.MOST_BYTES)
def list_make(course_id: int) -> Response:
    """A pasted list is read at once; a sheet by a job, whose page leads to the list that has come of it."""
    course, form = many.course_of(me(), course_id), PeopleForm()
    if not form.validate():
        return _people(course, form, 422)
    file = form.sheet(imports.MOST_BYTES)
    made = tried(form, lambda: _sent(course, form, file) if file[0] else _pasted(course, form))
    return go(made) if made else _people(course, form, 422)


def _sent(course: Course, form: PeopleForm, file: tuple[str, bytes]) -> str:
    unit = form.unit.data or _unit(course)
    options = {"course": course.id, **({"unit": unit} if unit else {})}
    sent = imports.send(me(), sheet.FORM, form.key(), file, options)
    return url_for(".import_batch", batch_id=sent.batch_id)


def _pasted(course: Course, form: PeopleForm) -> str:
    key = many.start(me(), form.key(), course.id, many.read(form.codes.data), form.unit.data)
    return url_for(".list_page", key=UUID(key))


def _unit(course: Course) -> int | None:
    """The unit of the list where it is clear; else the import asks."""
    return None if reach.units_to_choose(me(), course, None) else reach.require_unit(me(), course.id, None)


def _people(course: Course, form: PeopleForm, status: int = 200) -> Response:
    g.section = "/center/courses"
    form.offer(reach.units_to_choose(me(), course, None))
    context = {"course": course, "form": form, "recent": many.recent(me(), course.id), "failed": status != 200}
    context["known"] = many.known_words()
    return Response(render_template("center/many/new.html", **context), status)


# -- One list ------------------------------------------------------------------------


@bp.get("/lists/<uuid:key>")
def list_page(key: UUID) -> Response:
    seen = many.look(me(), str(key))
    chosen = seen.kept.debit_source
    return _list(seen, RunForm(formdata=None, data={"debit_source": chosen.value if chosen else None}))


@bp.post("/lists/<uuid:key>")
def list_run(key: UUID) -> Response:
    """Enroll everybody who is good, or fill the purses that hold too little."""
    form = RunForm()
    if request.form.get("do") == "top_up":
        seen = many.look(me(), str(key))
        paid = tried(form, lambda: many.to_the_bank(payers.of_actor(me()), seen, form.source(), _here(key)))
        return _to_pay(*paid) if paid else _list(many.look(me(), str(key)), form, 422)
    ran = tried(form, lambda: many.run(me(), str(key), form.source()))
    if ran is None:
        return _list(many.look(me(), str(key)), form, 422)
    return notices.tell(go(_here(key)), *wording.said_of(ran))


@bp.post("/lists/<uuid:key>/people")
def list_add(key: UUID) -> Response:
    form = PeopleForm()
    many.get(me(), str(key))
    come = lambda: many.add(me(), form.key(), str(key), many.read(form.codes.data))  # noqa: E731 (one line)
    count = tried(form, come) if form.validate() else None
    if count is None:
        return _list(many.look(me(), str(key)), RunForm(formdata=None), 422, people=form)
    said = f"{persian_digits(count)} نفر به فهرست افزوده شد." if count else "این‌ها پیش‌تر به فهرست افزوده شده‌اند."
    return notices.tell(go(_here(key)), "ok" if count else "", said)


@bp.post("/lists/<uuid:key>/rows")
def list_row(key: UUID) -> Response:
    """One person out of the runs, or back into them."""
    back = addresses.number(request.form.get("back"))
    row_id = back or addresses.number(request.form.get("leave")) or 0
    done = many.leave_out(me(), str(key), row_id, back=back is not None)
    said = "به فهرست برگشت." if back else "کنار گذاشته شد و ثبت‌نام نمی‌شود."
    if not done:
        said = "این ردیف در این میان تغییر کرده است؛ وضع کنونی آن را می‌بینید."
    show, after = request.args.get("show") or None, request.args.get("after") or None
    return notices.tell(go(url_for(".list_page", key=key, show=show, after=after)), "ok" if done else "", said)


# -- Support -------------------------------------------------------------------------


def _here(key: UUID) -> str:
    return url_for(".list_page", key=key)


def _to_pay(basket: str, waiting: int) -> Response:
    response = go(url_for("public.pay_basket", key=UUID(basket)))
    if not waiting:
        return response
    told = f"{persian_digits(waiting)} نفر دیگر در این پرداخت جا نشد؛ پس از آن، از فهرست پرداخت بعدی را بسازید."
    return notices.tell(response, "", told)


def _list(seen: Look, form: RunForm, status: int = 200, *, people: PeopleForm | None = None) -> Response:
    g.section = "/center/courses"
    if people is None:
        people = PeopleForm(formdata=None)
    show = request.args.get("show", "")
    states = (State(show),) if show in set(State) else tuple(State)
    lines, after = seen.of(*states), addresses.number(request.args.get("after")) or 0
    shown = [line for line in lines if line.line > after][: PAGE + 1]
    key = UUID(seen.kept.key)
    more = url_for(".list_page", key=key, show=show or None, after=shown[PAGE - 1].line) if len(shown) > PAGE else ""
    html = render_template(
        "center/many/list.html",
        seen=seen,
        course=seen.kept.course,
        form=form.prepare(),
        people=people.offer([]),
        tabs=_tabs(seen, key, show),
        lines=shown[:PAGE],
        more=more,
        here=url_for(".list_row", key=key, show=show or None, after=after or None),
        failed=status != 200,
        STATE=wording.STATE,
        trainee=DebitSource.TRAINEE,
    )
    return Response(html, status)


def _tabs(seen: Look, key: UUID, show: str) -> list[tuple[str, str, bool]]:
    counted = [(each.value, wording.STATE[each][0], len(seen.of(each))) for each in State]
    counted.insert(0, ("", "همه", len(seen.lines)))
    return [
        (f"{label} {persian_digits(count)}", url_for(".list_page", key=key, show=name or None), name == show)
        for name, label, count in counted
        if count or name in ("", show)
    ]
