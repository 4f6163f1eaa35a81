"""A course before it is sent: the list of its parts, a page for each that saves itself, and the page that sends it."""

from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import notices
from blueprints.center import bp
from blueprints.center.course_words import SENT_TO, said_of_saving, said_to_typist
from blueprints.forms.course_parts import FORMS, PartForm, note, shown
from blueprints.forms.signing import SigningForm
from blueprints.guards import me
from blueprints.htmx import go, wants_fragment
from models import Course, CourseEvent, utcnow
from services import courses, labels, submissions
from services.access import Level
from services.courses import checks
from services.courses.conflicts import Clash
from services.courses.overview import TITLE
from services.courses.steps import sent_back
from services.errors import Conflict, DomainError
from services.text import persian_digits

PART = "<any(time,workshop,teacher,terms):part>"
ORDER = (*FORMS, "send")


@bp.get("/courses/<int:course_id>/edit")
def course_edit(course_id: int) -> Response:
    """The list of tasks."""
    course = courses.get(me(), course_id)
    if not courses.is_editable(course, me()):
        return go(_case_url(course.id))
    back = sent_back(course)
    seen = courses.overview(me(), course, utcnow())
    comments = _count_comments(back)
    html = render_template("center/courses/tasks.html", course=course, seen=seen, sent_back=back, comments=comments)
    return Response(html)


# -- One part ----------------------------------------------------------------------


@bp.get(f"/courses/<int:course_id>/edit/{PART}")
def course_part(course_id: int, part: str) -> Response:
    course = courses.get(me(), course_id)
    if not courses.is_editable(course, me()):
        return go(_case_url(course.id))
    values = courses.values_of(course)
    return _show(course, part, FORMS[part](formdata=None, data=shown(course.version, values)), values=values)


@bp.post(f"/courses/<int:course_id>/edit/{PART}")
def course_save(course_id: int, part: str) -> Response:
    """Save a part: quietly while somebody types, else as the button says, and on to the next part or back here."""
    form, wish = FORMS[part](), request.form.get("do", "save")
    if wants_fragment():
        return _typed(course_id, part, form)
    if not form.validate():
        return _show(courses.get(me(), course_id), part, form, 422)
    try:
        version, page = form.seen_version(), form.page.data or ""
        propose = wish == "propose"
        saved = courses.save_part(me(), course_id, version, form.values(), propose_end=propose, page=page)
    except courses.StaleEdit as stale:
        merged = FORMS[part](formdata=None, data=shown(stale.course.version, stale.merged))
        return _show(stale.course, part, merged, 409, stale=stale)
    except courses.Refused as refused:
        _put_at_fields(form, refused)
        return _show(courses.get(me(), course_id), part, form, 422)
    next_ = ORDER[ORDER.index(part) + 1] if wish == "next" else part
    return notices.tell(go(_url(course_id, next_)), "ok", said_of_saving(saved, is_asked=wish == "propose"))


def _typed(course_id: int, part: str, form: PartForm) -> Response:
    """What is written so far is saved as far as it stands; the answer is a line, and what follows from it."""
    why, status, saved = "", 200, None
    if not form.validate():
        why, status = "این بخش پس از درست شدن آنچه نوشته‌اید ذخیره می‌شود.", 422
    else:
        try:
            version, page = form.seen_version(), form.page.data or ""
            saved = courses.save_part(me(), course_id, version, form.values(), page=page, is_typed=True)
        except courses.StaleEdit as stale:
            why, status = f"{stale} با «ذخیره» هر دو نوشته را می‌بینید.", 409
        except courses.Refused as refused:
            why, status = f"ذخیره نشد: {refused}", 422
    course = saved.course if saved else courses.get(me(), course_id)
    moved = bool(saved) and part == "time" and form["end_on"].data != course.end_on
    if moved:
        form = FORMS[part](formdata=None, data=shown(course.version, courses.values_of(course)))
    line = said_to_typist(saved, moved=moved) if saved else ""
    context = {"form": form, "now": utcnow(), "why": why, "line": line, "moved": moved, **_live(course, part)}
    html = render_template("center/courses/_typed.html", **context)
    return Response(html, status, headers={"Vary": "HX-Request"})


def _show(
    course: Course,
    part: str,
    form: PartForm,
    status: int = 200,
    *,
    stale: courses.StaleEdit | None = None,
    values: courses.CourseValues | None = None,
) -> Response:
    offered, back = courses.options_of(course, part), sent_back(course)
    form.offer(offered)
    copied = courses.copied(course, values or courses.values_of(course))
    note(form, _notes(copied, back))
    html = render_template(
        "center/courses/part.html",
        form=form,
        title=TITLE[part],
        offered=offered,
        copied=copied,
        stale=stale,
        failed=status != 200,
        sent_back=back,
        can_edit=courses.is_editable(course, me()),
        page_key=form.page.data or submissions.new_key(),
        **_live(course, part),
    )
    return Response(html, status, headers={"Vary": "HX-Request"})


def _live(course: Course, part: str) -> dict[str, Any]:
    """What the page and the answer to typing both say of a part: what is missing, what collides, what is short."""
    seen = courses.look(me(), course, utcnow())
    clashes = [each for each in seen.clashes if _belongs(each, part)]
    told = {clash.text for clash in clashes}
    gaps = [gap for gap in courses.gaps_in(seen.gaps, part) if gap.text not in told]
    short = checks.short_of(course) if part == "workshop" else []
    return {"course": course, "part": part, "gaps": gaps, "clashes": clashes, "short": short}


def _belongs(clash: Clash, part: str) -> bool:
    """What lies at the hours stands with them as well as with the room or the person it is about."""
    return courses.part_of(clash.field) == part or (part == "time" and clash.is_of_hours)


def _notes(copied: courses.Copied, back: CourseEvent | None) -> dict[str, list[str]]:
    """By field, what the reviewer has said there, and what stood in the course that this one is a copy of."""
    said = {name: [f"بررسی‌کننده: {text}"] for name, text in ((back and back.comments) or {}).items()}
    for name, differs in copied.differences.items():
        said.setdefault(name, []).append(f"دورهٔ پیشین: {differs.stored}")
    return said


def _count_comments(back: CourseEvent | None) -> dict[str, int]:
    """In how many fields of each part the reviewer asks for something."""
    names = [courses.part_of(name) for name in ((back and back.comments) or {})]
    return {part: names.count(part) for part in names}


def _put_at_fields(form: PartForm, refused: courses.Refused) -> None:
    for problem in refused.problems:
        field = form.at(problem.field)
        if field is not None:
            field.errors = [*field.errors, problem.text]


# -- Sending -----------------------------------------------------------------------


@bp.get("/courses/<int:course_id>/edit/send")
def course_check(course_id: int) -> Response:
    course = courses.get(me(), course_id)
    if not courses.is_editable(course, me()):
        return go(_case_url(course.id))
    return _check(course, SigningForm(formdata=None))


@bp.post("/courses/<int:course_id>/edit/send")
def course_send(course_id: int) -> Response:
    signing, version = SigningForm(), PartForm().seen_version()
    if not signing.validate():
        return _check(courses.get(me(), course_id), signing, 422)
    try:
        course, is_new = courses.send(me(), course_id, version, signing.signed())
    except courses.Incomplete as incomplete:
        _put_at_boxes(signing, incomplete)
        return _check(courses.get(me(), course_id), signing, 422)
    except Conflict as late:
        course = courses.get(me(), course_id)
        if not courses.is_editable(course, me()):
            return notices.tell(go(_case_url(course.id)), "", str(late))
        return _check(course, signing, 409, refused=late)
    return notices.tell(go(_case_url(course.id)), "ok" if is_new else "", _said_of_sending(course, is_new=is_new))


def _said_of_sending(course: Course, *, is_new: bool) -> str:
    if not is_new:
        return f"این دوره یک بار فرستاده شده است و اکنون «{labels.STATUS[course.status]}» است. چیزی دوباره فرستاده نشد."
    to = SENT_TO[Level((course.levels or "center").split(",")[0])]
    return f"دورهٔ {persian_digits(course.code)} برای {to} فرستاده شد."


def _check(course: Course, signing: SigningForm, status: int = 200, *, refused: DomainError | None = None) -> Response:
    seen = courses.overview(me(), course, utcnow())
    html = render_template(
        "center/courses/send.html",
        course=course,
        seen=seen,
        signing=signing,
        short=checks.short_of(course),
        refused=refused,
        failed=status != 200,
        sent_back=sent_back(course),
        sends_to=SENT_TO[courses.first_level(course)],
    )
    return Response(html, status)


def _put_at_boxes(signing: SigningForm, incomplete: courses.Incomplete) -> None:
    for gap in incomplete.gaps:
        if gap.field in signing:
            signing[gap.field].errors = [gap.text]


def _case_url(course_id: int) -> str:
    return url_for(".course_page", course_id=course_id)


def _url(course_id: int, part: str) -> str:
    if part == "send":
        return url_for(".course_check", course_id=course_id)
    return url_for(".course_part", course_id=course_id, part=part)
