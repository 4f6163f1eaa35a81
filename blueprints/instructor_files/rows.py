"""The rows of a file: a new one, the page of one with its papers, corrections, changes, and the way to the center."""

from typing import Any

from flask import Response, abort, render_template, url_for

from blueprints import addresses, notices, routes, uploads
from blueprints.forms import tried
from blueprints.forms.instructors import FileForm, RecordForm, filled_record, own_fields, record_form, record_values
from blueprints.guards import me
from blueprints.htmx import go, render
from blueprints.instructor_files import frame
from models import Instructor, RecordKind
from services import files
from services.errors import DomainError
from services.files.reasons import words
from services.instructors import evidence, offers, records, wording
from services.instructors import labels as words_of
from services.instructors.records import Opened
from services.instructors.values import values_of
from services.late import LateSaving

SENT_BEFORE = "این فرم پیش‌تر فرستاده شده بود. همان یک بار ثبت شد و ردیف دیگری ساخته نشد."
DRAFTED = "پیش‌نویس ذخیره شد. عکس یا سند آن را بفرستید و بعد برای بررسی بفرستید."


def record_new(instructor_id: int, kind: str) -> Response:
    return _new(records.writer(me(), instructor_id, _kind(kind)), kind)


def own_record_new(kind: str) -> Response:
    return _new(records.writer(me(), None, _kind(kind)), kind)


def record_page(record_id: int) -> Response:
    return show(records.get(me(), record_id))


def record_edit(record_id: int) -> Response:
    opened = records.get(me(), record_id)
    if not opened.may_edit:
        return go(url_for(".record_page", record_id=record_id))
    row = opened.record
    form = filled_record(row.kind, offers.choices(row.person_id, row.kind, row), values_of(row), row.version)
    return _form_page(opened.instructor, row.kind, form, opened=opened)


def record_save(record_id: int) -> Response:
    opened = records.get(me(), record_id)
    row = opened.record
    choices = offers.choices(row.person_id, row.kind, row)
    form, kind = record_form(row.kind, choices), row.kind
    version = addresses.version(form.version.data)
    try:
        valid = form.validate()
        act = lambda: (records.save(me(), record_id, version, record_values(kind, form)),)  # noqa: E731
        done = tried(form, act) if valid else None
    except LateSaving as stale:
        form = filled_record(kind, choices, stale.merged, stale.row.version)
        return _form_page(opened.instructor, kind, form, 409, stale=stale, opened=opened)
    if done is None:
        return _form_page(opened.instructor, kind, form, 422, opened=opened)
    return _back(record_id, "ذخیره شد." if done[0] else "چیزی برای ذخیره نبود؛ ردیف همین است.", is_done=done[0])


def record_change(record_id: int) -> Response:
    """A change of a verified row: another row, filled with what the first one says."""
    opened = records.get(me(), record_id)
    row = opened.record
    choices = offers.choices(row.person_id, row.kind, row)
    kind, form = row.kind, record_form(row.kind, choices)
    if not form.is_submitted():
        if not opened.may_change:
            return go(url_for(".record_page", record_id=record_id))
        return _form_page(opened.instructor, kind, filled_record(kind, choices, values_of(row), 0), opened=opened)
    act = lambda: records.change(me(), form.key(), record_id, record_values(kind, form))  # noqa: E731
    made = tried(form, act) if form.validate() else None
    if made is None:
        return _form_page(opened.instructor, kind, form, 422, opened=opened)
    return _made(made)


def record_send(record_id: int) -> Response:
    try:
        done = records.send(me(), record_id)
    except DomainError as error:
        if error.field != "file":
            raise
        form = FileForm(formdata=None).prepare()
        form.file.errors = [str(error)]
        return show(records.get(me(), record_id), 422, file=form)
    said = "برای بررسی فرستاده شد. نتیجه در همین صفحه دیده می‌شود."
    return _back(record_id, said if done else "این ردیف پیش‌تر فرستاده شده بود.", is_done=done)


def record_withdraw(record_id: int) -> Response:
    done = records.withdraw(me(), record_id)
    said = "پس گرفته شد. هر زمان خواستید آن را اصلاح کنید و دوباره بفرستید."
    return _back(record_id, said if done else "این ردیف پیش‌تر پس گرفته شده بود.", is_done=done)


@uploads.accepts_file
def record_file(record_id: int) -> Response:
    row, form = records.changeable(me(), record_id), FileForm().prepare()
    if tried(form, lambda: uploads.take(me(), evidence.place_of(row))) is None:
        return show(records.get(me(), record_id), 422, file=form)
    return _back(record_id, "سند رسید و پس از بررسی نشان داده می‌شود.", is_done=True)


def record_file_remove(record_id: int, key: str) -> Response:
    done = records.remove_file(me(), record_id, key)
    return _back(record_id, "سند برداشته شد." if done else "این سند پیش‌تر برداشته شده بود.", is_done=done)


# -- Support -----------------------------------------------------------------------


def show(opened: Opened, status: int = 200, *, file: FileForm | None = None) -> Response:
    """The page of a row; after a refusal with the form that was sent."""
    row = opened.record
    context = frame.context(opened.instructor, _part_of(row.kind)) | {
        "opened": opened,
        "record": row,
        "title": wording.title(row),
        "facts": wording.facts(row),
        "papers": files.of_owner(evidence.OWNER, row.id),
        "file": file or FileForm(formdata=None).prepare(),
        "why_refused": words,
        "history": records.history(row.id),
        "labels": words_of,
        "failed": status != 200,
    }
    fragment = "instructors/_paper.html" if file else "instructors/record.html"
    return render("instructors/record.html", fragment, status, **context)


def _new(instructor: Instructor, raw_kind: str) -> Response:
    kind = _kind(raw_kind)
    form = record_form(kind, offers.choices(instructor.person_id, kind))
    act = lambda: records.enter(me(), form.key(), instructor.id, kind, record_values(kind, form))  # noqa: E731
    if form.validate_on_submit() and (made := tried(form, act)):
        return _made(made)
    return _form_page(instructor, kind, form, 422 if form.is_submitted() else 200)


def _form_page(
    instructor: Instructor,
    kind: RecordKind,
    form: RecordForm,
    status: int = 200,
    *,
    stale: LateSaving | None = None,
    opened: Opened | None = None,
) -> Response:
    context = frame.context(instructor, _part_of(kind)) | {"form": form, "fields": own_fields(form), "stale": stale}
    context |= {"kind": kind, "opened": opened, "labels": words_of, "failed": status != 200}
    return Response(render_template("instructors/record_form.html", **context), status)


def _kind(raw: str) -> RecordKind:
    if raw not in set(RecordKind):
        abort(404)
    return RecordKind(raw)


def _part_of(kind: RecordKind) -> str:
    return next(part for part, (_, kinds) in frame.PARTS.items() if kind in kinds)


def _made(made: Any) -> Response:
    kind, said = ("", SENT_BEFORE) if made.repeated else ("ok", DRAFTED)
    return notices.tell(go(url_for(".record_page", record_id=made.id)), kind, said)


def _back(record_id: int, said: str, *, is_done: bool) -> Response:
    return notices.tell(go(url_for(".record_page", record_id=record_id)), "ok" if is_done else "", said)


_ONE = "/records/<int:record_id>"
LOOKING: tuple[routes.Route, ...] = ((_ONE, record_page, ("GET",)),)
OF_A_CENTER: tuple[routes.Route, ...] = (("/<int:instructor_id>/new/<kind>", record_new, ("GET", "POST")),)
OWN: tuple[routes.Route, ...] = (("/new/<kind>", own_record_new, ("GET", "POST")),)
WRITING: tuple[routes.Route, ...] = (
    (f"{_ONE}/edit", record_edit, ("GET",)),
    (f"{_ONE}/edit", record_save, ("POST",)),
    (f"{_ONE}/change", record_change, ("GET", "POST")),
    (f"{_ONE}/send", record_send, ("POST",)),
    (f"{_ONE}/withdraw", record_withdraw, ("POST",)),
    (f"{_ONE}/files", record_file, ("POST",)),
    (f"{_ONE}/files/<key>/remove", record_file_remove, ("POST",)),
)
