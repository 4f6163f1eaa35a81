"""Rules of eligibility set aside for one person in one course: by the manager of a center, or by the province."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import addresses, htmx, notices, routes
from blueprints.forms import tried
from blueprints.forms.waivers import TakeBackForm, WaiverForm
from blueprints.guards import me
from models import EnrollmentDraft
from services.access import Level
from services.enrollment import drafts, unwaiving, waivers, whose
from services.enrollment.waivers import Wanted

DONE = "از این شرط برای این شخص در این دوره چشم‌پوشی شد. دلیل در تاریخچهٔ ثبت‌نام می‌ماند."
TAKEN_BACK = "چشم‌پوشی پس گرفته شد؛ شرط برای این شخص در این دوره دوباره برقرار است. دلیل در همین صفحه می‌ماند."


def register(bp: Blueprint, path: str) -> None:
    """Add the page to the blueprint of centers or of provinces."""
    routes.add(bp, path, ROUTES)


def waiver_list() -> Response:
    """What was set aside, and the form; `draft`, `course` and `rule` of the address are filled in."""
    form = WaiverForm(None, data={name: request.args.get(name) for name in ("course", "rule", "draft")})
    return _page(form, _draft(form))


def waiver_add() -> Response:
    waivers.require(me())
    form = WaiverForm()
    draft = _draft(form)
    if not form.validate():
        return _page(form, draft, 422)
    done = tried(form, lambda: (_grant(form, draft),))
    if done is None:
        return _page(form, draft, 422)
    back = url_for("center.enroll_desk", key=draft.key) if draft else url_for(".waiver_list")
    return notices.tell(htmx.go(back), "ok" if done[0] else "", DONE if done[0] else notices.sent_before())


def waiver_back_ask(waiver_id: int) -> Response:
    return _back_page(waiver_id, TakeBackForm(None))


def waiver_back(waiver_id: int) -> Response:
    form = TakeBackForm()
    sent = (me(), form.key(), waiver_id, form.reason.data or "")
    done = tried(form, lambda: (unwaiving.take_back(*sent),)) if form.validate() else None
    if done is None:
        return _back_page(waiver_id, form, 422)
    back = htmx.go(url_for(".waiver_list"))
    return notices.tell(back, "ok" if done[0] else "", TAKEN_BACK if done[0] else notices.sent_before())


def _back_page(waiver_id: int, form: TakeBackForm, status: int = 200) -> Response:
    line = unwaiving.of(me(), waiver_id)
    why_not = unwaiving.why_not(me(), line)
    return Response(render_template("waiver_back.html", form=form.prepare(), line=line, why_not=why_not), status)


def _grant(form: WaiverForm, draft: EnrollmentDraft | None) -> bool:
    named = waivers.course_of(draft) if draft else waivers.course_by_code(me(), form.course.data)
    code = "" if draft else form.national_code.data or ""
    return waivers.grant(me(), form.key(), Wanted(named, form.rule.data, form.reason.data or "", code, draft))


def _draft(form: WaiverForm) -> EnrollmentDraft | None:
    """The draft that a rule stands in the way of; the form then asks for no code."""
    key = form.draft.data
    draft = drafts.get(me(), key) if key and me().level is Level.CENTER else None
    if draft is None or draft.course_id is None:
        return None
    form.of_draft()
    return draft


def _page(form: WaiverForm, draft: EnrollmentDraft | None, status: int = 200) -> Response:
    lines, older = waivers.of_territory(me(), addresses.number(request.args.get("before")))
    context: dict[str, Any] = {"lines": lines, "older": older, "draft": draft, "past": unwaiving.of_territory(me())}
    context |= {"words": whose.words(draft), "course": waivers.course_of(draft)} if draft else {}
    return Response(
        render_template("waivers.html", form=form.prepare(), grants=waivers.may_keep(me()), **context), status
    )


ROUTES: tuple[routes.Route, ...] = (
    ("", waiver_list, ("GET",)),
    ("", waiver_add, ("POST",)),
    ("/<int:waiver_id>/back", waiver_back_ask, ("GET",)),
    ("/<int:waiver_id>/back", waiver_back, ("POST",)),
)
