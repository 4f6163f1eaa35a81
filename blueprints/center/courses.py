"""The courses of a center: the list, new ones from the catalog or a former course, and another standard."""

import datetime as dt
import re

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices
from blueprints.center import bp
from blueprints.center.course_words import said_of_end
from blueprints.forms.courses import CopyForm, StandardForm
from blueprints.guards import me
from blueprints.htmx import go
from models import Course
from services import courses, jalali, policy, standards, submissions
from services.errors import DomainError
from services.text import persian_digits

CURSOR = f"([0-9]{{0,400}})_([0-9]{{1,{addresses.DIGITS}}})"  # sort key and id of a standard
COPIED_AHEAD = dt.timedelta(days=14)  # a copy is proposed for the same weekday so many days from now


# -- New ---------------------------------------------------------------------------


@bp.get("/courses/new")
def course_new() -> str:
    """The catalog to choose from, and former courses to copy; `former` puts one of them alone."""
    return _new(_standard_form())


def _standard_form() -> StandardForm:
    form = StandardForm()
    form.offer(courses.own_units(me()))
    return form


def _new(form: StandardForm, refused: DomainError | None = None) -> str:
    if refused and refused.field == "unit" and "unit" in form:
        form.unit.errors = [str(refused)]
    one = addresses.number(request.args.get("former"))
    former = [courses.get(me(), one)] if one else courses.former(me())
    key = submissions.new_key()
    return _choose_standard("center/courses/new.html", refused, former=former, form_key=key, form=form)


@bp.post("/courses/new")
def course_create() -> Response:
    form = _standard_form()
    standard = addresses.number(form.standard.data)
    if not form.validate() or standard is None:
        return Response(_new(form), 422)
    try:
        unit_id = form.unit.data if "unit" in form else None
        course = courses.create(me(), standard, form.form_key.data, unit_id)
    except DomainError as refused:
        if refused.status != 422:
            raise
        return Response(_new(form, refused), 422)
    return notices.tell(go(_edit_url(course)), "ok", f"پیش‌نویس دورهٔ {persian_digits(course.code)} ساخته شد.")


@bp.get("/courses/<int:course_id>/copy")
def course_copy_page(course_id: int) -> Response:
    course = courses.get(me(), course_id)
    likely = course.start_on and courses.first_like(course.start_on, policy.today() + COPIED_AHEAD)
    return _copy(course, CopyForm(formdata=None, data={"form_key": submissions.new_key(), "start_from": likely}))


@bp.post("/courses/<int:course_id>/copy")
def course_copy(course_id: int) -> Response:
    form = CopyForm()
    if not form.validate():
        return _copy(courses.get(me(), course_id), form, 422)
    try:
        course = courses.copy(me(), course_id, form.form_key.data, form.start_from.data)
    except DomainError as refused:
        if refused.status != 422:
            raise
        return _copy(courses.get(me(), course_id), form, 422, refused)
    rest = "تاریخ‌ها و مهلت ثبت‌نام را بنویسید."
    if course.start_on and course.end_on:
        rest = f"از {jalali.long(course.start_on)} تا {jalali.long(course.end_on)}؛ تفاوت‌ها در هر بخش نوشته شده است."
    return notices.tell(go(_edit_url(course)), "ok", f"دوره کپی شد. {rest}")


def _copy(course: Course, form: CopyForm, status: int = 200, refused: DomainError | None = None) -> Response:
    weekday = jalali.WEEKDAYS[jalali.weekday(course.start_on)] if course.start_on else ""
    context = {"course": course, "form": form, "weekday": weekday, "refused": refused, "failed": status != 200}
    return Response(render_template("center/courses/copy.html", **context), status)


@bp.get("/courses/<int:course_id>/standard")
def course_standard(course_id: int) -> Response:
    course = courses.get(me(), course_id)
    if not courses.is_editable(course, me()):
        return go(_case_url(course.id))
    return Response(_choose_standard("center/courses/standard.html", course=course))


@bp.post("/courses/<int:course_id>/standard")
def course_set_standard(course_id: int) -> Response:
    standard, version = addresses.number(request.form.get("standard")), request.form.get("version")
    try:
        saved = courses.choose_standard(me(), course_id, addresses.version(version), standard or 0)
    except DomainError as refused:
        if refused.status not in (409, 422):
            raise
        course = courses.get(me(), course_id)
        if not courses.is_editable(course, me()):
            return notices.tell(go(_case_url(course.id)), "warn", str(refused))
        return Response(_choose_standard("center/courses/standard.html", refused, course=course), refused.status)
    said = "این استاندارد یک بار انتخاب شده است؛ چیزی دوباره عوض نشد." if saved.is_repeat else "استاندارد عوض شد."
    said = f"{said} {said_of_end(saved)}".rstrip()
    return notices.tell(go(_edit_url(saved.course)), "ok", f"{said} کارگاه و مربی را دوباره نگاه کنید.")


def _choose_standard(template: str, refused: DomainError | None = None, **context: object) -> str:
    words, after = request.values.get("q", "")[:80], request.values.get("after", "")
    at = re.fullmatch(CURSOR, after)
    found = standards.search(words, after=(at[1], int(at[2])) if at else None)
    last = found[24] if len(found) > 25 else None
    next_after = f"{last.title_sort}_{last.id}" if last else ""
    context |= {"words": words, "after": after if at else "", "found": found[:25], "next_after": next_after}
    return render_template(template, refused=refused, failed=refused is not None, **context)


def _case_url(course_id: int) -> str:
    return url_for(".course_page", course_id=course_id)


def _edit_url(course: Course) -> str:
    return url_for(".course_edit", course_id=course.id)
