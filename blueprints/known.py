"""Who people are: those without a name yet, and where the name, birth date and mobile of one came from."""

from flask import Blueprint, Response, current_app, render_template, request, url_for

from blueprints import addresses, notices, routes, workbooks
from blueprints.forms import tried
from blueprints.forms.known import BirthDateForm
from blueprints.guards import me
from blueprints.htmx import go
from services import known, labels, nameless
from services.access import Level

PARTS = {Level.CENTER: "دوره", Level.PROVINCE: "واحد", Level.HQ: "استان"}
TOLD = "تاریخ تولد ثبت شد و از ثبت احوال دوباره پرسیده می‌شود."


def register(bp: Blueprint, *, writes: bool = False) -> None:
    """Add the pages to a role's blueprint."""
    routes.add(bp, "", ROUTES + (WRITING if writes else ()))


def nameless_list() -> str:
    part = addresses.number(request.args.get("part"))
    found = nameless.page(me(), part, addresses.number(request.args.get("after")) or 0)
    return render_template(
        "known/nameless.html",
        page=found,
        part=part,
        parts_of=PARTS[me().level],
        window=current_app.config["BASE_URL"].split("//")[-1],
        more_url=url_for(".nameless_list", part=part, after=found.after) if found.after else "",
    )


def nameless_sheet() -> Response:
    actor, part = me(), addresses.number(request.args.get("part"))
    return workbooks.sent("nameless", lambda into: nameless.write_sheet(into, actor, part))


def person_known(person_id: int) -> str:
    return _page(person_id, BirthDateForm(formdata=None))


def birth_date_write(person_id: int) -> Response:
    known.check_writer(me(), person_id)
    form = BirthDateForm()

    def write() -> bool:
        if form.birth_date.data is None:
            raise AssertionError("asked for by the form")
        known.correct(me(), person_id, form.birth_date.data)
        return True

    if form.validate() and tried(form, write):
        return notices.tell(go(url_for(".person_known", person_id=person_id)), "ok", TOLD)
    return Response(_page(person_id, form), 422)


def _page(person_id: int, form: BirthDateForm) -> str:
    found = known.known(me(), person_id)
    settles = me().level in (Level.CENTER, Level.PROVINCE)
    return render_template("known/person.html", found=found, form=form, known=known, labels=labels, settles=settles)


ROUTES: tuple[routes.Route, ...] = (
    ("/nameless", nameless_list, ("GET",)),
    ("/nameless.xlsx", nameless_sheet, ("GET",)),
    ("/people/<int:person_id>", person_known, ("GET",)),
)
WRITING: tuple[routes.Route, ...] = (("/people/<int:person_id>", birth_date_write, ("POST",)),)
