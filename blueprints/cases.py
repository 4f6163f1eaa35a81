"""Queues and cases of courses: the same pages for a center's manager, a province and HQ, each in its territory."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import addresses, notices, queues, routes
from blueprints.cases_together import BULK
from blueprints.cases_together import ROUTES as TOGETHER
from blueprints.forms.courses import DecisionForm, StepForm
from blueprints.guards import me
from blueprints.htmx import go
from blueprints.queues import Line
from models import Course, utcnow
from services import courses, labels
from services.access import Level
from services.courses import Action, Case, deadlines, holding, wording
from services.courses.steps import DECIDES
from services.errors import DomainError, NotFound
from services.text import persian_digits

PANE = "shared/cases/_case.html"
KEYS = (("J", "پروندهٔ بعدی"), ("K", "پیشین"), ("X", "انتخاب"), ("A", "تأیید"), ("R", "برگشت"))
EMPTY = {
    "waiting": "پرونده‌ای در انتظار شما نیست.",
    "due": "پرونده‌ای با مهلت امروز یا گذشته نمانده است.",
    "came_up": "پرونده‌ای در سطح پایین از مهلت نگذشته است.",
    "returned": "دورهٔ برگشت‌خورده‌ای در راه اصلاح نیست.",
    "decided": "امروز هنوز دربارهٔ پرونده‌ای تصمیم نگرفته‌اید.",
}


def register(bp: Blueprint) -> None:
    """Add the pages to a role's blueprint."""
    bp.context_processor(
        lambda: {"labels": labels, "said_of": courses.said_of, "held_by": holding.said, "field_names": wording.FIELD}
    )
    bp.add_url_rule("/queue", view_func=queue)
    bp.add_url_rule("/queue/<int:course_id>", view_func=case_pane)
    routes.add(bp, "", TOGETHER)
    bp.add_url_rule("/courses/<int:course_id>", view_func=course_page)
    bp.add_url_rule("/courses/<int:course_id>/decide", view_func=course_decide, methods=["POST"])
    bp.add_url_rule("/courses/<int:course_id>/undo", view_func=course_undo, methods=["POST"])
    hand = "/courses/<int:course_id>/<any(claim,release):hand>"
    bp.add_url_rule(hand, view_func=course_hand, methods=["POST"])
    step = "/courses/<int:course_id>/<any(discard,cancel,close,start,finish):action>"
    bp.add_url_rule(step, view_func=course_step, methods=["POST"])


# -- Pages -------------------------------------------------------------------------


def queue() -> str:
    """The list of a tab with one case beside it; without `case` the first one, on wide screens only."""
    chosen, did = (addresses.number(request.args.get(name)) for name in ("case", "did"))
    tab, now = _tab(request.args.get("tab")), utcnow()
    page = courses.queue(me(), tab, now, after=_cursor(request.args.get("after")))
    case_id = chosen or (page.rows[0].id if page.rows else None)
    case = courses.case(me(), case_id) if case_id else None
    near = queues.neighbors([row.id for row in page.rows], case_id)
    return render_template(
        "shared/cases/queue.html",
        lines=_lines(page, tab, case_id, now),
        tabs=_tabs(page, tab),
        empty=EMPTY[tab],
        picked=bool(chosen),
        next_url=url_for(".queue", tab=tab, after=_cursor_text(page)) if page.after else "",
        sections="shared/cases/_undo.html",
        undoable=courses.undoable(me(), did, now) if did else None,
        title=f"کارتابل {me().unit_title}",
        **_bulk(tab),
        pane=PANE,
        case=case,
        **(_case_context(case, tab, near) | {"tag": due_tag(case.course, page.rules, now)} if case else {}),
    )


def case_pane(course_id: int) -> Response:
    """The pane alone, for htmx; anybody else gets the queue around it."""
    tab = _tab(request.args.get("tab"))

    def told(near: queues.Near[int]) -> dict[str, Any]:
        case = courses.case(me(), course_id)
        tag = due_tag(case.course, deadlines.known(), utcnow())
        return {"case": case, "tag": tag, **_case_context(case, tab, near)}

    return queues.pane(PANE, url_for(".queue", tab=tab, case=course_id), told)


def course_page(course_id: int) -> Response:
    return _page(courses.case(me(), course_id))


def course_decide(course_id: int) -> Response:
    form = DecisionForm()
    if request.form.get("do") == "more":  # the whole page has the letter and the fields; what was written goes along
        return _page(courses.case(me(), course_id), decision=form, told={"more": True})
    if not form.validate_on_submit():
        return _page(courses.case(me(), course_id), 422, decision=form)
    try:
        action, version = Action(form.decision.data), addresses.version(form.version.data)
        course = courses.decide(me(), course_id, action, form.said(), version=version)
    except NotFound:
        raise
    except DomainError as refused:
        return _refused(course_id, refused, decision=form)
    return notices.tell(go(_after_decision(form, course_id)), "ok", done(course, action))


def course_undo(course_id: int) -> Response:
    """Take back what one has just decided; the case is in the queue again, and on the screen."""
    try:
        courses.undo(me(), course_id, addresses.version(request.form.get("version")))
    except DomainError as refused:
        if refused.status not in (409, 422):
            raise
        return notices.tell(go(url_for(".course_page", course_id=course_id)), "warn", str(refused))
    said = "تصمیم شما برگشت و پرونده دوباره در صف است. برگرداندن در تاریخچه می‌ماند."
    return notices.tell(go(url_for(".queue", case=course_id)), "ok", said)


def course_hand(course_id: int, hand: str) -> Response:
    """Take a case in hand, or let go of it."""
    if hand == "release":
        courses.release(me(), course_id)
        said = "پرونده را رها کردید؛ همکاران می‌توانند آن را در دست بگیرند."
    else:
        former = courses.claim(me(), course_id).former
        said = "پرونده در دست شماست؛ همکاران این را می‌بینند."
        said = f"{said} تا این دم در دست {former} بود؛ خوب است به او بگویید." if former else said
    return notices.tell(go(url_for(".queue", case=course_id)), "ok", said)


def course_step(course_id: int, action: str) -> Response:
    form = StepForm()
    form.of(action)
    if not form.validate():
        return _page(courses.case(me(), course_id), 422, step=form)
    try:
        version = addresses.version(form.version.data)
        course = courses.advance(me(), course_id, Action(action), reason=form.reason.data or "", version=version)
    except NotFound:
        raise
    except DomainError as refused:
        return _refused(course_id, refused, step=form)
    return notices.tell(go(url_for(".course_page", course_id=course.id)), "ok", done(course, Action(action)))


def _refused(
    course_id: int, refused: DomainError, *, decision: DecisionForm | None = None, step: StepForm | None = None
) -> Response:
    """The case as it is now with the form as it was sent; what it wrote is said where the form is gone."""
    case, form = courses.case(me(), course_id), decision or step
    assert form is not None  # noqa: S101 (one of the two)
    if refused.field in form:
        form[refused.field].errors = [str(refused)]
        return _page(case, refused.status, decision=decision, step=step)
    if refused.status == 409:
        form.version.data = case.course.version
    typed = form.reason.data
    is_shown = bool(case.decisions) if decision else step is not None and step.action in [s.action for s in case.others]
    told = {"refused": refused, "typed": "" if is_shown else typed}
    return _page(case, refused.status, decision=decision, step=step, told=told)


def _page(
    case: Case,
    status: int = 200,
    *,
    decision: DecisionForm | None = None,
    step: StepForm | None = None,
    told: dict[str, Any] | None = None,
) -> Response:
    """The page of a case; after a refusal with the form that was sent, and what is told above it."""
    context = _case_context(case, (decision and decision.tab.data) or "", {})
    if decision:
        decision.offer(case.reasons)
        context["form"] = decision
    if step:
        context["step_forms"] |= {step.action: step}
    context |= {"failed": status != 200, "refused": None, "typed": "", "is_whole": True, **(told or {})}
    return Response(render_template("shared/cases/page.html", case=case, **context), status)


# -- What the pages are told -------------------------------------------------------


def _lines(page: courses.Page, tab: str, case_id: int | None, now: dt.datetime) -> list[Line]:
    ids = [row.id for row in page.rows]
    return [
        Line(
            title=row.title,
            sub=(row.unit_title, persian_digits(row.code)),
            tag=due_tag(row, page.rules, now),
            note=_held(row),
            url=url_for(".queue", tab=tab, case=row.id),
            pane=url_for(".case_pane", course_id=row.id, tab=tab, **queues.neighbors(ids, row.id)),
            is_current=row.id == case_id,
            box=str(row.id) if _chooses(tab) else None,
        )
        for row in page.rows
    ]


def _case_context(case: Case, tab: str, near: dict[str, int | None]) -> dict[str, Any]:
    """`near` has the ids before and after the case in its list."""
    around = {
        name: url_for(".queue", tab=tab, case=key) if (key := near.get(name)) else "" for name in ("prev", "next")
    }
    form = DecisionForm(formdata=None, data={"version": case.course.version, "tab": tab, "next": near.get("next")})
    form.offer(case.reasons)
    list_url = url_for(".queue", tab=tab) if tab or me().level is Level.HQ else url_for(".course_list")
    can_edit = courses.is_editable(case.course, me())
    steps = {step.action.value: _step_form(case, step.action) for step in case.others}
    return {
        "form": form,
        "tab": tab,
        "around": around,
        "list_url": list_url,
        "can_edit": can_edit,
        "step_forms": steps,
        "me_id": me().user_id,
    }


def _step_form(case: Case, action: Action) -> StepForm:
    form = StepForm(formdata=None, data={"version": case.course.version})
    form.of(action.value)
    return form


def _tabs(page: courses.Page, tab: str) -> list[tuple[str, str, bool]]:
    return [
        (f"{label} {persian_digits(page.counts[name])}", url_for(".queue", tab=name), name == tab)
        for name, label in courses.queue_tabs(me())
    ]


def _chooses(tab: str) -> bool:
    """Whether this person may decide several cases of a tab together."""
    return tab in ("waiting", "due") and me().has(DECIDES[me().level])


def _bulk(tab: str) -> dict[str, Any]:
    """What a list has for deciding several cases together, and the keys that go with it."""
    if not _chooses(tab):
        return {"keys": KEYS[:2], "bulk": ()}
    return {"keys": KEYS, "bulk": BULK, "bulk_url": url_for(".course_together")}


def _held(row: Any) -> str:
    """In whose hand a case of the list is."""
    if row.holder_id is None:
        return ""
    name = " ".join(part for part in (row.first_name, row.last_name) if part) or "همکار شما"
    return "در دست شما" if row.holder_id == me().user_id else f"در دست {name}"


def due_tag(course: Any, rules: Mapping[str, deadlines.Days], now: dt.datetime) -> tuple[str, str]:
    """How long a case may still wait at its level; only cases under review have a time."""
    level = course.status.removesuffix("_review")
    if level == course.status:
        return labels.STATUS[course.status], labels.STATUS_TONE.get(course.status, "")
    days = rules[deadlines.name_of(Level(level))].for_(course.province_id)
    return queues.due(course.level_since, now, days)


def done(course: Course, action: Action) -> str:
    """What a step has led to."""
    did, now = labels.ACTION[action], labels.STATUS[course.status]
    return f"دورهٔ {persian_digits(course.code)}: {did} ثبت شد. اکنون «{now}» است."


def _after_decision(form: DecisionForm, course_id: int) -> str:
    if not form.tab.data:
        return url_for(".queue", did=course_id)
    return url_for(".queue", tab=_tab(form.tab.data), case=addresses.number(form.next.data), did=course_id)


def _tab(asked: str | None) -> str:
    return asked if asked in dict(courses.queue_tabs(me())) else "waiting"


def _cursor(raw: str | None) -> tuple[dt.datetime, int] | None:
    moment, _, row_id = (raw or "").partition("_")
    since, number = queues.moment(moment), addresses.number(row_id)
    return None if since is None or number is None else (since, number)


def _cursor_text(page: courses.Page) -> str:
    return f"{queues.moment_text(page.after[0])}_{page.after[1]}" if page.after else ""
