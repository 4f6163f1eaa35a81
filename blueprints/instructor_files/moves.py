"""Moves of instructors: asked for at the page of one, answered by the other unit or the province."""

from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices, routes
from blueprints.forms import tried
from blueprints.forms.instructors import MoveForm, RefuseForm
from blueprints.guards import me
from blueprints.htmx import go
from blueprints.instructor_files import frame
from services import people
from services.access import Level
from services.errors import DomainError
from services.instructors import engaging, moves, reading
from services.instructors import labels as words_of
from services.instructors.engaging import StillTeaching
from services.instructors.moves import Wish

SENT_BEFORE = "این فرم پیش‌تر فرستاده شده بود. همان یک بار ثبت شد."
ASKED = "درخواست جابه‌جایی ثبت شد. واحد مقصد یا استان پاسخ می‌دهد؛ تا آن روز چیزی تغییر نمی‌کند."


def instructor_moves() -> str:
    tab, before = request.args.get("tab", ""), addresses.number(request.args.get("before"))
    tab = "all" if tab == "all" else "waiting"
    found, following = moves.listing(me(), tab, before)
    next_url = url_for(".instructor_moves", tab=tab, before=following) if following else ""
    tabs = [(label, url_for(".instructor_moves", tab=name), name == tab) for name, label in TABS]
    context = {"rows": found, "tabs": tabs, "tab": tab, "next_url": next_url, "labels": words_of}
    return render_template("instructors/moves.html", name_of=people.shown_name, **context)


def instructor_move_new(instructor_id: int) -> Response:
    found = reading.changeable(me(), instructor_id)
    form = MoveForm()
    form.offer(moves.targets(found))
    if form.validate_on_submit():
        on_date: Any = form.on_date.data
        wish = Wish(form.to_unit.data, on_date, form.reason.data or "")
        made = tried(form, lambda: moves.ask(me(), form.key(), instructor_id, wish))
        if made:
            kind, said = ("", SENT_BEFORE) if made.repeated else ("ok", ASKED)
            return notices.tell(go(url_for(".instructor_page", instructor_id=instructor_id)), kind, said)
    context = frame.context(found, "") | {"form": form, "failed": form.is_submitted()}
    return Response(render_template("instructors/move_new.html", **context), 422 if form.is_submitted() else 200)


def instructor_move_page(move_id: int) -> Response:
    return _page(move_id, RefuseForm(formdata=None))


def instructor_move_accept(move_id: int) -> Response:
    try:
        moves.accept(me(), move_id)
    except StillTeaching as error:
        return _page(move_id, RefuseForm(formdata=None), 422, error)
    return _back(move_id, "جابه‌جایی پذیرفته شد. مربی از آن روز در فهرست واحد مقصد است.")


def instructor_move_refuse(move_id: int) -> Response:
    form = RefuseForm()
    if tried(form, lambda: moves.refuse(me(), move_id, form.reason.data or "")) is None:
        return _page(move_id, form, 422)
    return _back(move_id, "جابه‌جایی پذیرفته نشد و واحد فرستنده دلیل را می‌بیند.")


def instructor_move_withdraw(move_id: int) -> Response:
    done = moves.withdraw(me(), move_id)
    return _back(move_id, "درخواست پس گرفته شد." if done else "این درخواست پیش‌تر پس گرفته شده بود.", is_done=done)


# -- Support -----------------------------------------------------------------------

TABS = (("waiting", "در انتظار پاسخ"), ("all", "همه"))


def _page(move_id: int, form: RefuseForm, status: int = 200, refused: DomainError | None = None) -> Response:
    move = moves.get(me(), move_id)
    waits = move.state == "waiting"
    context: dict[str, Any] = {
        "move": move,
        "form": form,
        "refused": refused,
        "courses": getattr(refused, "courses", ()),
    }
    context |= {"decides": waits and moves.may_decide(me(), move), "labels": words_of, "failed": status != 200}
    context |= {"withdraws": waits and move.from_unit_id in reading.kept_units(me())}
    context |= {"name": people.shown_name(move.instructor.person), "sees": _sees(move.instructor)}
    context |= {"history": engaging.history(move.instructor_id) if _sees(move.instructor) else []}
    return Response(render_template("instructors/move.html", **context), status)


def _sees(instructor: Any) -> bool:
    """Whether the page of the instructor is this person's to open: of a unit that only receives it is not yet."""
    if me().level is Level.CENTER:
        return instructor.unit_id in reading.kept_units(me())
    return me().covers(instructor.unit_id, instructor.province_id)


def _back(move_id: int, said: str, *, is_done: bool = True) -> Response:
    return notices.tell(go(url_for(".instructor_move_page", move_id=move_id)), "ok" if is_done else "", said)


_ONE = "/moves/<int:move_id>"
LOOKING: tuple[routes.Route, ...] = (
    ("/moves", instructor_moves, ("GET",)),
    (_ONE, instructor_move_page, ("GET",)),
)
DECIDING: tuple[routes.Route, ...] = (
    (f"{_ONE}/accept", instructor_move_accept, ("POST",)),
    (f"{_ONE}/refuse", instructor_move_refuse, ("POST",)),
)
WRITING: tuple[routes.Route, ...] = (
    ("/<int:instructor_id>/move", instructor_move_new, ("GET", "POST")),
    (f"{_ONE}/withdraw", instructor_move_withdraw, ("POST",)),
)
