"""The courses of a center: the list, entry from the catalog, saving, sending."""

import re
from collections.abc import Sequence

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices
from blueprints.center import bp
from blueprints.forms.courses import FIELD_OF, CourseForm, StandardForm, shown
from blueprints.forms.signing import SigningForm
from blueprints.guards import me
from blueprints.htmx import go
from models import Course, utcnow
from services import courses, jalali, labels, standards, submissions
from services.access import Level
from services.courses import Gap
from services.courses.steps import sent_back
from services.errors import Conflict, DomainError
from services.text import persian_digits

CURSOR = f"([0-9]{{0,400}})_([0-9]{{1,{addresses.DIGITS}}})"  # sort key and id of a standard
SAVED_BEFORE = "این نوشته‌ها یک بار ذخیره شده است؛ چیزی دوباره ذخیره نشد."
SENT_TO = {Level.CENTER: "مدیر مرکز", Level.PROVINCE: "استان", Level.HQ: "ستاد"}


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


@bp.post("/courses/<int:course_id>/copy")
def course_copy(course_id: int) -> Response:
    course = courses.copy(me(), course_id, request.form.get("form_key", "")[:36] or submissions.new_key())
    return notices.tell(go(_edit_url(course)), "ok", "دوره کپی شد. تاریخ‌ها و مهلت ثبت‌نام را بنویسید.")


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
    return notices.tell(go(_edit_url(saved.course)), "ok", f"{said} کارگاه و مربی را دوباره نگاه کنید.")


def _choose_standard(template: str, refused: DomainError | None = None, **context: object) -> str:
    words, after = request.values.get("q", "")[:80], request.values.get("after", "")
    at = re.fullmatch(CURSOR, after)
    found = standards.search(words, after=(at[1], int(at[2])) if at else None)
    last = found[24] if len(found) > 25 else None
    next_after = f"{last.title_sort}_{last.id}" if last else ""
    context |= {"words": words, "after": after if at else "", "found": found[:25], "next_after": next_after}
    return render_template(template, refused=refused, failed=refused is not None, **context)


# -- Edit --------------------------------------------------------------------------


@bp.get("/courses/<int:course_id>/edit")
def course_edit(course_id: int) -> Response:
    course = courses.get(me(), course_id)
    if not courses.is_editable(course, me()):
        return go(_case_url(course.id))
    form = CourseForm(formdata=None, data=shown(course, courses.values_of(course)))
    missing = courses.gaps(course, utcnow()) if "check" in request.args else None
    return _show(course, form, missing=missing)


@bp.post("/courses/<int:course_id>/edit")
def course_save(course_id: int) -> Response:
    """Save; then, as the button says, look for gaps, propose the end date or send."""
    form, wish = CourseForm(), request.form.get("do", "save")
    if not form.validate():
        return _show(courses.get(me(), course_id), form, 422)
    version, values = form.seen_version(), form.values()
    try:
        if wish == "send":
            return _sent(courses.save_and_send(me(), course_id, version, values, SigningForm().signed()))
        return _saved(courses.save(me(), course_id, version, values, propose_end=wish == "propose"), wish)
    except courses.StaleEdit as stale:
        merged = CourseForm(formdata=None, data=shown(stale.course, stale.merged))
        return _show(stale.course, merged, 409, stale=stale)
    except courses.Refused as refused:
        _put_at_fields(form, refused)
        return _show(courses.get(me(), course_id), form, 422)
    except Conflict as late:
        return notices.tell(go(_case_url(course_id)), "", str(late))


def _sent(saved: courses.Saved) -> Response:
    course, code = saved.course, persian_digits(saved.course.code)
    if saved.missing:
        form = CourseForm(formdata=None, data=shown(course, courses.values_of(course)))
        return _show(course, form, 422, missing=saved.missing)
    if saved.is_sent:
        said = f"این دوره یک بار فرستاده شده است و اکنون «{labels.STATUS[course.status]}» است. چیزی دوباره فرستاده نشد."
        return notices.tell(go(_case_url(course.id)), "", said)
    to = SENT_TO[Level((course.levels or "center").split(",")[0])]
    return notices.tell(go(_case_url(course.id)), "ok", f"دورهٔ {code} برای {to} فرستاده شد.")


def _saved(saved: courses.Saved, wish: str) -> Response:
    said = SAVED_BEFORE if saved.is_repeat else "پیش‌نویس ذخیره شد."
    if saved.proposed_end:
        said += f" تاریخ پایان از ساعت‌های استاندارد حساب شد: {jalali.long(saved.proposed_end)}."
    elif wish == "propose":
        said += " برای پیشنهاد تاریخ پایان، تاریخ شروع، روزها و ساعت‌های کلاس لازم است."
    return notices.tell(go(_edit_url(saved.course, check=1 if wish == "check" else None)), "ok", said)


def _show(
    course: Course,
    form: CourseForm,
    status: int = 200,
    *,
    missing: Sequence[Gap] | None = None,
    stale: courses.StaleEdit | None = None,
) -> Response:
    offered = courses.options(course)
    form.offer(offered)
    html = render_template(
        "center/courses/edit.html",
        course=course,
        form=form,
        signing=SigningForm(),
        offered=offered,
        missing=missing,
        warned=courses.warnings(course) if missing is not None else [],
        stale=stale,
        failed=status != 200,
        sent_back=sent_back(course),
        anchors=FIELD_OF,
        can_edit=courses.is_editable(course, me()),
        sends_to=SENT_TO[courses.first_level(course)],
    )
    return Response(html, status)


def _put_at_fields(form: CourseForm, refused: courses.Refused) -> None:
    for problem in refused.problems:
        field = form[FIELD_OF.get(problem.field, problem.field)]
        field.errors = [*field.errors, problem.text]


def _case_url(course_id: int) -> str:
    return url_for(".course_page", course_id=course_id)


def _edit_url(course: Course, check: int | None = None) -> str:
    return url_for(".course_edit", course_id=course.id, check=check)
