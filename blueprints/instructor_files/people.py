"""Instructors of a unit: the list, taking one on, the page of one, fields, the end and the return, personal part."""

from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices, routes, uploads
from blueprints.forms import tried
from blueprints.forms.instructors import (
    EndForm,
    FieldsForm,
    PhotoForm,
    ProfileForm,
    TakeOnForm,
    filled_profile,
    own_fields,
)
from blueprints.guards import me
from blueprints.htmx import go, render
from blueprints.instructor_files import frame
from models import Instructor
from services import files, instructors, people, seals
from services.access import Level
from services.errors import DomainError
from services.files.reasons import words
from services.instructors import engaging, evidence, moves, profile, reading
from services.instructors import labels as words_of
from services.instructors.reading import Filter
from services.instructors.taking_on import take_on
from services.instructors.values import profile_values
from services.late import LateSaving

SEARCH_S = 12 * 3600  # a search stands in the address sealed, because names and national codes stand in none
STATES = (("", "شاغل"), ("waiting", "با ردیف در انتظار"), ("ended", "پایان همکاری"))
SENT_BEFORE = "این فرم پیش‌تر فرستاده شده بود. همان یک بار ثبت شد و مربی دیگری ساخته نشد."
TAKEN_ON = "مربی ثبت شد. حالا پروندهٔ او را بنویسید، یا بگذارید خودش از بخش مربی بنویسد."


def instructor_list() -> str:
    at = seals.unseal("instructors", request.args.get("at", ""), SEARCH_S) or {"q": "", "after": None}
    wanted = _wanted(at["q"])
    page = reading.listing(me(), wanted, tuple(at["after"]) if at["after"] else None)
    context: dict[str, Any] = {"page": page, "wanted": wanted, "fields": reading.taught_fields(me()), "states": STATES}
    context |= {
        "next_url": _list_url(wanted, page.after) if page.after else "",
        "keeps": bool(reading.kept_units(me())),
    }
    context |= {"first_url": _list_url(wanted) if at["after"] else "", "several": _several()}
    context |= {"answers": moves.waiting_for(me()) if me().level is Level.CENTER else 0}
    return render_template("instructors/list.html", **context)


def instructor_search() -> Response:
    reading.may_look(me())
    return go(_list_url(_wanted(request.form.get("q", "").strip()[:80])))


def instructor_new() -> Response:
    form = TakeOnForm()
    form.offer(reading.own_units(me()), reading.all_fields())
    if form.validate_on_submit() and (made := tried(form, lambda: take_on(me(), form.key(), form.new()))):
        kind, said = ("", SENT_BEFORE) if made.repeated else ("ok", TAKEN_ON)
        return notices.tell(go(url_for(".instructor_page", instructor_id=made.id)), kind, said)
    return Response(render_template("instructors/new.html", form=form), 422 if form.is_submitted() else 200)


def instructor_page(instructor_id: int) -> Response:
    return show(instructors.find(me(), instructor_id))


def instructor_part(instructor_id: int, part: str) -> Response:
    return show_part(instructors.find(me(), instructor_id), part)


def instructor_fields(instructor_id: int) -> Response:
    found = reading.changeable(me(), instructor_id)
    form = FieldsForm()
    form.offer(reading.all_fields())
    if not form.is_submitted():
        form.fields.data = [field.id for field in instructors.fields_of(found.id)]
        return _fields_page(found, form)
    chosen = [each for each in form.fields.data or () if each]
    try:
        done = instructors.set_fields(me(), instructor_id, chosen)
    except DomainError as error:
        if error.field not in form:
            raise
        form.fields.errors = [str(error)]
        return _fields_page(found, form, 422, getattr(error, "courses", ()))
    said = "رشته‌ها ذخیره شد." if done else "چیزی برای ذخیره نبود؛ رشته‌ها همین است."
    return back(instructor_id, said, is_done=done)


def instructor_end(instructor_id: int) -> Response:
    form = EndForm()
    found = reading.changeable(me(), instructor_id)
    if not form.validate():
        return show(found, 422, end=form)
    last_day: Any = form.last_day.data
    try:
        done = instructors.end(me(), instructor_id, last_day, form.reason.data or "")
    except DomainError as error:
        if error.field not in form:
            raise
        form[error.field].errors = [str(error)]
        return show(reading.find(me(), instructor_id), 422, end=form, courses=getattr(error, "courses", ()))
    return back(instructor_id, "پایان همکاری ثبت شد." if done else "همین روز پیش‌تر ثبت شده بود.", is_done=done)


def instructor_return(instructor_id: int) -> Response:
    done = instructors.bring_back(me(), instructor_id)
    return back(instructor_id, "همکاری ادامه دارد." if done else "همکاری این مربی پایان نیافته بود.", is_done=done)


# -- The personal part -------------------------------------------------------------


def profile_edit(instructor_id: int) -> Response:
    return begun_profile_page(reading.changeable(me(), instructor_id))


def begun_profile_page(found: Instructor) -> Response:
    stored = reading.profile_of(found.person_id)
    return profile_page(found, filled_profile(profile_values(stored), stored.version if stored else 1))


def profile_save(instructor_id: int) -> Response:
    return save_profile(reading.changeable(me(), instructor_id))


def save_profile(found: Instructor) -> Response:
    form = ProfileForm()
    version = addresses.version(form.version.data)
    try:
        valid = form.validate()
        done = tried(form, lambda: (profile.edit(me(), found.person_id, version, form.values()),)) if valid else None
    except LateSaving as stale:
        return profile_page(found, filled_profile(stale.merged, stale.row.version), 409, stale)
    if done is None:
        return profile_page(found, form, 422)
    said = "مشخصات ذخیره شد." if done[0] else "چیزی برای ذخیره نبود؛ مشخصات همین است."
    return notices.tell(go(frame.Where(found).home()), "ok" if done[0] else "", said)


@uploads.accepts_file
def instructor_photo(instructor_id: int) -> Response:
    return take_photo(reading.changeable(me(), instructor_id))


def take_photo(found: Instructor) -> Response:
    form = PhotoForm().prepare()
    row = profile.begun(found.person_id)
    place = files.Place(evidence.PHOTO, row.id, found.unit_id, found.province_id)
    if tried(form, lambda: uploads.take(me(), place)) is None:
        return show(found, 422, photo=form)
    evidence.keep_newest_photo(me(), row)
    return notices.tell(go(frame.Where(found).home()), "ok", "عکس رسید و پس از بررسی نشان داده می‌شود.")


# -- Support -----------------------------------------------------------------------


def show(
    found: Instructor,
    status: int = 200,
    *,
    end: EndForm | None = None,
    photo: PhotoForm | None = None,
    courses: Any = (),
) -> Response:
    """The personal part of a file, with where its person teaches; after a refusal with the form that was sent."""
    stored, writes = reading.profile_of(found.person_id), frame.writes(found)
    context = frame.context(found, "") | {
        "profile": stored,
        "portrait": evidence.photo_of(stored),
        "why_refused": words,
        "photo": photo or PhotoForm(formdata=None).prepare(),
        "fields": instructors.fields_of(found.id),
        "move": moves.waiting_of(found.id),
        "history": engaging.history(found.id),
        "end": end or EndForm(formdata=None),
        "courses": courses,
        "writes": writes,
        "keeps": found.unit_id in reading.kept_units(me()),
        "shown_name": people.shown_name(found.person),
        "labels": words_of,
        "failed": status != 200,
    }
    fragment = "instructors/_photo.html" if photo else "instructors/page.html"
    return render("instructors/page.html", fragment, status, **context)


def show_part(found: Instructor, part: str) -> Response:
    """One of the other parts of a file."""
    if part not in frame.PARTS:
        return Response(status=404)
    file = frame.file_for_me(found)
    title, kinds = frame.PARTS[part]
    sections = [(kind, words_of.RECORD_KIND[kind], file.by_kind[kind]) for kind in kinds]
    context = frame.context(found, part) | {"title": title, "sections": sections, "labels": words_of}
    return Response(render_template("instructors/part.html", writes=frame.writes(found), **context))


def profile_page(found: Instructor, form: ProfileForm, status: int = 200, stale: LateSaving | None = None) -> Response:
    context = frame.context(found, "") | {"form": form, "fields": own_fields(form), "stale": stale}
    return Response(render_template("instructors/profile.html", failed=status != 200, **context), status)


def back(instructor_id: int, said: str, *, is_done: bool) -> Response:
    answer = go(url_for(".instructor_page", instructor_id=instructor_id))
    return notices.tell(answer, "ok" if is_done else "", said)


def _fields_page(found: Instructor, form: FieldsForm, status: int = 200, courses: Any = ()) -> Response:
    context = frame.context(found, "") | {"form": form, "courses": courses, "failed": status != 200}
    return Response(render_template("instructors/fields.html", **context), status)


def _wanted(words_asked: str) -> Filter:
    asked = request.values
    state = asked.get("state", "")
    return Filter(
        words=words_asked,
        field_id=addresses.number(asked.get("field")),
        unit_id=addresses.number(asked.get("unit")),
        state=state if state in dict(STATES) else "",
    )


def _list_url(wanted: Filter, after: tuple[str, int] | None = None) -> str:
    sealed = seals.seal("instructors", {"q": wanted.words, "after": after}) if wanted.words or after else None
    kept: dict[str, Any] = {"field": wanted.field_id, "unit": wanted.unit_id, "state": wanted.state or None}
    return url_for(".instructor_list", **kept, at=sealed)


def _several() -> bool:
    """Whether a list has to say of which unit each instructor is."""
    return me().level is not Level.CENTER or len(reading.kept_units(me())) > 1


_ONE = "/<int:instructor_id>"
LOOKING: tuple[routes.Route, ...] = (
    ("", instructor_list, ("GET",)),
    ("/search", instructor_search, ("POST",)),
    (_ONE, instructor_page, ("GET",)),
    (f"{_ONE}/file/<part>", instructor_part, ("GET",)),
)
WRITING: tuple[routes.Route, ...] = (
    ("/new", instructor_new, ("GET", "POST")),
    (f"{_ONE}/fields", instructor_fields, ("GET", "POST")),
    (f"{_ONE}/end", instructor_end, ("POST",)),
    (f"{_ONE}/return", instructor_return, ("POST",)),
    (f"{_ONE}/profile", profile_edit, ("GET",)),
    (f"{_ONE}/profile", profile_save, ("POST",)),
    (f"{_ONE}/photo", instructor_photo, ("POST",)),
)
