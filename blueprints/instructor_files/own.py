"""An instructor's own file: the same pages, under an address that names nobody."""

from flask import Response, render_template

from blueprints import routes, uploads
from blueprints.guards import me
from blueprints.instructor_files import people
from services.instructors import records


def own_file() -> Response:
    found = records.own(me())
    if found is None:
        return Response(render_template("instructors/none.html", why=records.NOT_HIRED))
    return people.show(found)


def own_part(part: str) -> Response:
    found = records.own(me())
    return own_file() if found is None else people.show_part(found, part)


def own_profile_edit() -> Response:
    return people.begun_profile_page(records.writer(me(), None))


def own_profile_save() -> Response:
    return people.save_profile(records.writer(me(), None))


@uploads.accepts_file
def own_photo() -> Response:
    return people.take_photo(records.writer(me(), None))


ROUTES: tuple[routes.Route, ...] = (
    ("", own_file, ("GET",)),
    ("/file/<part>", own_part, ("GET",)),
    ("/profile", own_profile_edit, ("GET",)),
    ("/profile", own_profile_save, ("POST",)),
    ("/photo", own_photo, ("POST",)),
)
