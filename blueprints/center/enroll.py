"""The clerk's desk: a national code, a draft with its own address, one press to enroll, the next person."""

from uuid import UUID

from flask import Response, current_app, render_template, request, url_for

from blueprints import notices, payers
from blueprints.center import bp
from blueprints.forms.enrollment import DeskForm, StartForm, changed_elsewhere
from blueprints.guards import me
from blueprints.htmx import go
from models import Course, DebitSource, EnrollmentDraft
from services import baskets, counters, enrollment, ledger, standing
from services.baskets.values import Owner
from services.enrollment import drafts, reach
from services.enrollment.desk import Desk, desk
from services.errors import Conflict, DomainError

SENT_BEFORE = notices.sent_before("چیزی دوباره ثبت یا کسر نشد")
# What `do` may ask for instead of enrolling; `keep` is what Enter in a field does where no script runs.
SAVED = {
    "draft": "پیش‌نویس ذخیره شد.",
    "keep": "پیش‌نویس ذخیره شد و هنوز کسی ثبت‌نام نشده است. برای ثبت‌نام «ثبت‌نام و نفر بعد» را بزنید.",
}


@bp.route("/enroll", methods=["GET", "POST"])
def enroll_start() -> Response:
    """Ask for the national code; the person before may stand above with a way to undo."""
    form = StartForm(request.args) if request.method == "GET" else StartForm()
    before = drafts.finished(me(), form.after.data)
    after, course = before.draft if before else None, reach.course_by_code(me(), form.course.data)
    form.offer(reach.units_to_choose(me(), course, after))
    if form.validate_on_submit() and (key := start(form, course, after)):
        return go(url_for(".enroll_desk", key=key))
    reach.may_enroll(me())
    course = course or (before.enrollment.course if before else None)
    unfinished = [] if before else drafts.unfinished(me())
    context = {"form": form, "before": before, "course": course, "unfinished": unfinished}
    return Response(
        render_template("center/enroll/start.html", ending=counters.ending(me()), **context),
        422 if form.is_submitted() else 200,
    )


def start(form: StartForm, course: Course | None, after: EnrollmentDraft | None) -> str | None:
    """The key of a new draft; None when the code needs a word more or the unit is missing: that stands at its field."""
    reason = form.code_reason.data or ""
    course_id, unit_id = course.id if course else None, form.unit.data if "unit" in form else None
    try:
        return drafts.start(me(), form.whose(), course_id=course_id, after=after, code_reason=reason, unit_id=unit_id)
    except DomainError as refusal:
        if refusal.field not in ("code_reason", "unit", "foreign_code", "foreign_kind") or refusal.field not in form:
            raise
        form[refusal.field].errors = [str(refusal)]
        return None


@bp.get("/enroll/<uuid:key>")
def enroll_desk(key: UUID) -> Response:
    draft = drafts.get(me(), str(key))
    if draft.used_at:
        return go(url_for(".enroll_start", after=draft.key))
    view = desk(me(), draft)
    form = DeskForm(None, data=form_values(draft))
    return show(view, form)


@bp.post("/enroll/<uuid:key>")
def enroll_confirm(key: UUID) -> Response:
    """Save what was typed, then enroll; with a `do` only save. `switch` is the one-click repair of a shortage."""
    draft = drafts.get(me(), str(key))
    if draft.used_at:
        return show_once(draft.key)
    form = DeskForm()
    if not form.validate():
        return show(desk(me(), draft), form, 422)
    try:
        draft = drafts.save(me(), draft.key, form.version.data, form.entry(request.form.get("switch")))
    except Conflict as conflict:
        return show_stale(draft.key, form, conflict)
    except DomainError as refusal:
        if refusal.field is None:
            raise
        return show_refusal(draft, form, refusal)
    if short := request.form.get("top_up"):
        return top_up(draft, short)
    if request.form.get("do") == "wait":
        return wait(draft, form)
    if saved := SAVED.get(request.form.get("do", "")):
        return notices.tell(go(url_for(".enroll_desk", key=key)), "ok", saved)
    return enroll(draft, form)


def enroll(draft: EnrollmentDraft, form: DeskForm) -> Response:
    """Enroll the person of a draft that has just been saved, or show what stands in the way."""
    if gaps := drafts.gaps(draft):
        form.take(draft, *gaps)
        return show(desk(me(), draft), form, 422)
    try:
        outcome = drafts.confirm(me(), draft, must_ask="schooling" not in request.form)
    except DomainError as refusal:
        return show_refusal(draft, form, refusal)
    return show_once(draft.key) if outcome.repeated else go(url_for(".enroll_start", after=draft.key))


def wait(draft: EnrollmentDraft, form: DeskForm) -> Response:
    """Into the waiting list of the full course, then the next person."""
    try:
        place = drafts.wait(me(), draft)
    except DomainError as refusal:
        return show_refusal(draft, form, refusal)
    said = f"این شخص {place.said} است" + ("." if place.is_new else "؛ چیزی دوباره ثبت نشد.")
    course = desk(me(), draft).course
    start_at = url_for(".enroll_start", course=course.code if course else None)
    return notices.tell(go(start_at), "ok" if place.is_new else "", said)


def top_up(draft: EnrollmentDraft, source: str) -> Response:
    """To the bank with what one of the two purses lacks; the receipt leads back to this draft."""
    wanted = DebitSource.TRAINEE if source == DebitSource.TRAINEE else DebitSource.PORTAL_USER
    view, here = desk(me(), draft), url_for(".enroll_desk", key=UUID(draft.key))
    owner = purses_of(view)[wanted is DebitSource.PORTAL_USER]
    key = baskets.start_own(payers.of_actor(me(), draft.unit_id), owner, view.purses.lacks(wanted), here)
    return go(url_for("public.pay_basket", key=UUID(key)))


@bp.post("/enroll/<uuid:key>/undo")
def enroll_undo(key: UUID) -> Response:
    drafts.get(me(), str(key))  # refuses another unit's
    before = drafts.finished(me(), str(key))
    if before is None:
        return go(url_for(".enroll_start"))
    enrollment.undo(me(), before.enrollment.id)
    return go(url_for(".enroll_start", after=key))


def show(view: Desk, form: DeskForm, status: int = 200, **more: object) -> Response:
    form.offer(view)
    systems = standing.systems(current_app.config)
    outside = [(system.title.split(" (")[0], system.state, system.kind) for system in systems]
    context = {
        "refusal": None,
        "elsewhere": [],
        "causes": baskets.NONE,
        "outside": outside,
        **more,
    }
    return Response(render_template("center/enroll/desk.html", desk=view, form=form, **context), status)


def show_refusal(draft: EnrollmentDraft, form: DeskForm, refusal: DomainError) -> Response:
    """The same form, filled, with what happened above it; a refusal that belongs to a field stands there too."""
    form.take(draft, refusal)
    slip, view = getattr(refusal, "tracking_code", None), desk(me(), draft)
    is_short = isinstance(refusal, enrollment.Shortage) and refusal.other is None
    causes = baskets.causes(payers.of_actor(me()), purses_of(view)) if is_short else baskets.NONE
    return show(view, form, refusal.status, refusal=refusal, standing=slip, causes=causes)


def purses_of(view: Desk) -> list[Owner]:
    """The two purses that a draft can be paid from: the trainee's and the portal user's."""
    return [ledger.owner_of(view.draft), view.user.owner]


def show_once(key: str) -> Response:
    """The form came again: the page after the first time, and that nothing has happened since."""
    return notices.tell(go(url_for(".enroll_start", after=key)), "", SENT_BEFORE)


def show_stale(key: str, form: DeskForm, conflict: Conflict) -> Response:
    """Another tab has saved since: what is typed here stays, what differs there stands beside it."""
    newest = drafts.get(me(), key)
    if newest.used_at:
        return show_once(key)
    differences = changed_elsewhere(form, newest)
    form.version.raw_data, form.version.data = None, newest.version
    return show(desk(me(), newest), form, 409, refusal=conflict, elsewhere=differences)


def form_values(draft: EnrollmentDraft) -> dict[str, object]:
    entry = drafts.entry_of(draft)
    return {
        "version": draft.version,
        "course": entry.course_id,
        "birth_date": entry.birth_date,
        "mobile": entry.mobile,
        "first_name": entry.first_name,
        "last_name": entry.last_name,
        "target_group": entry.target_group_id,
        "evidence": entry.evidence,
        "debit_source": (entry.debit_source or DebitSource.NONE).value,
        "schooling": entry.schooling,
        "prerequisite": entry.prerequisite,
        **entry.guardian.as_fields(),
        "in_person": entry.in_person and entry.in_person[0].value,
        "in_person_level": entry.in_person and entry.in_person[1].value,
    }
