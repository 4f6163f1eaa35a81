"""Changes of approved courses: a center asks, the levels of its route decide, a province also cancels by itself."""

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import addresses, notices, queues, routes
from blueprints.changes_together import BULK
from blueprints.changes_together import ROUTES as TOGETHER
from blueprints.forms import tried
from blueprints.forms.changing import ChangeDecisionForm, ChangeForm, EndForm, fill_lists, merged, shown, wish_of
from blueprints.guards import me
from blueprints.htmx import go
from models import Course, CourseChange
from services import course_changes, courses, jalali, labels, submissions
from services.access import Level
from services.course_changes import Asked
from services.course_changes import wording as words
from services.courses import Refused
from services.errors import Conflict, DomainError, NotAllowed, NotFound
from services.text import persian_digits

TAB_NAMES = {name for name, _ in course_changes.TABS}
EMPTY = {
    "waiting": "درخواست تغییری در انتظار شما نیست.",
    "open": "درخواست تغییری در جریان نیست.",
    "ended": "هنوز درخواست تغییری به پایان نرسیده است.",
}
SENT_BEFORE = notices.sent_before()


def register(bp: Blueprint, *, asks: bool = False, ends: bool = False) -> None:
    """Add the pages to a role's blueprint.

    Args:
        asks: whether changes are asked for there; `ends`: whether courses are ended there.
    """
    bp.context_processor(
        lambda: {"asks_change": lambda course: course_changes.asks(me(), course), "ends_course": _ends}
    )
    routes.add(bp, "", [*LISTS, *TOGETHER, *(ASKS if asks else ()), *(ENDS if asks or ends else ())])


# -- Asking ------------------------------------------------------------------------


def course_change(course_id: int) -> Response:
    """The form with what is approved; where a change waits already, that one."""
    course = courses.get(me(), course_id)
    change = course_changes.standing(course_id)
    if not course_changes.asks(me(), course):
        return go(url_for(".course_page", course_id=course_id))
    if change and change.state == "waiting":
        return notices.tell(go(_url(change)), "", "برای این دوره درخواست تغییری در انتظار تصمیم است.")
    data = {**shown(course, change), "form_key": submissions.new_key()}
    return _form_page(course, ChangeForm(formdata=None, data=data).of(course), change=change)


def course_change_ask(course_id: int) -> Response:
    course = courses.get(me(), course_id)
    if not course_changes.asks(me(), course):
        raise NotAllowed(f"این دوره «{labels.STATUS[course.status]}» است یا از واحد شما نیست؛ تغییری درخواست نشد.")
    form = ChangeForm().of(course)
    if not form.validate():
        return _form_page(course, form, 422)
    try:
        key = form.form_key.data or ""
        asked = tried(form, lambda: course_changes.edit(me(), key, course_id, wish_of(form, course)))
    except Refused as refused:
        _put_at_fields(form, refused)
        return _form_page(course, form, 422)
    except courses.StaleEdit as stale:
        return _form_page(stale.course, merged(form, stale), 409, stale=stale)
    except (Conflict, DomainError) as refused:
        if refused.status not in (409, 422):
            raise
        fresh = courses.get(me(), course_id)
        form.version.data = fresh.version
        return _form_page(fresh, form, refused.status, refused=refused)
    return _form_page(course, form, 422) if asked is None else _asked(asked)


def _put_at_fields(form: ChangeForm, refused: Refused) -> None:
    for problem in refused.problems:
        field = form.at(problem.field) or form.reason
        field.errors = [*field.errors, problem.text]


def _asked(asked: Asked) -> Response:
    """Where a request has led: what changed already, and what waits for whom."""
    url = _url(asked.change) if asked.change else url_for(".course_page", course_id=asked.course.id)
    if asked.repeated:
        return notices.tell(go(url), "", SENT_BEFORE)
    response = go(url)
    if asked.applied:
        names = "، ".join(courses.wording.FIELD.get(name, name) for name in asked.applied)
        response = notices.tell(response, "ok", f"همین حالا تغییر کرد: {names}.")
    if asked.change:
        to = labels.LEVEL[asked.change.level or "province"]
        told = f"درخواست برای {to} فرستاده شد؛ تا تأیید آن، دوره همان‌گونه می‌ماند که تأیید شده است."
        response = notices.tell(response, "ok", told)
    return response


# -- The end of a course ---------------------------------------------------------------


def course_end(course_id: int) -> Response:
    course = courses.get(me(), course_id)
    if not _ends(course):
        return go(url_for(".course_page", course_id=course_id))
    data = {"version": course.version, "form_key": submissions.new_key()}
    return _end_page(course, EndForm(formdata=None, data=data))


def course_end_ask(course_id: int) -> Response:
    course, form = courses.get(me(), course_id), EndForm()
    if not form.validate():
        return _end_page(course, form, 422)
    key, wish = form.form_key.data or "", form.wish()
    try:
        if me().level is Level.PROVINCE:
            done = tried(form, lambda: course_changes.cancel(me(), key, course_id, wish))
            return _end_page(course, form, 422) if done is None else _ended(done)
        asked = tried(form, lambda: course_changes.end(me(), key, course_id, wish))
        return _end_page(course, form, 422) if asked is None else _asked(asked)
    except Conflict as late:
        fresh = courses.get(me(), course_id)
        form.version.data = fresh.version
        return _end_page(fresh, form, 409, refused=late)


def _ended(change: CourseChange) -> Response:
    told = f"دورهٔ {persian_digits(change.course.code)} لغو شد. آنچه با ثبت‌نام‌ها شد در تاریخچهٔ دوره است."
    return notices.tell(go(_url(change)), "ok", told)


def _ends(course: Course) -> bool:
    if me().level is Level.PROVINCE:
        return course_changes.cancels(me(), course)
    return course_changes.asks(me(), course) and course.status in course_changes.BEFORE


# -- Looking and deciding ------------------------------------------------------------


def course_changes_list() -> str:
    tab = request.args.get("tab", "")
    tab = tab if tab in TAB_NAMES else "waiting" if me().level is not Level.CENTER else "open"
    since, _, row_id = request.args.get("after", "").partition("_")
    at, number = queues.moment(since), addresses.number(row_id)
    page = course_changes.listing(me(), tab, (at, number) if at and number else None)
    last = page.after
    after = f"{queues.moment_text(last[0])}_{last[1]}" if last else ""
    return render_template(
        "shared/cases/queue.html",
        title="تغییر دوره‌های تأییدشده",
        lines=[_line(change, tab) for change in page.rows],
        tabs=[
            (_tab_title(page, name, title), url_for(".course_changes_list", tab=name), name == tab)
            for name, title in course_changes.TABS
        ],
        empty=EMPTY[tab],
        next_url=url_for(".course_changes_list", tab=tab, after=after) if after else "",
        picked=False,
        pane="",
        **({"bulk": BULK, "bulk_url": url_for(".course_change_together")} if _chooses(tab) else {}),
    )


def _line(change: CourseChange, tab: str) -> queues.Line:
    """One request of the list; its page stands for itself, because it shows whom the change touches."""
    level = f"{labels.LEVEL[change.level]}، " if change.level and change.state == "waiting" else ""
    return queues.Line(
        title=change.course.title or "",
        sub=(words.KIND[change.kind], change.course.unit.title, persian_digits(change.course.code)),
        tag=words.STATE[change.state],
        note=f"{level}از {jalali.at(change.level_since or change.created_at)}",
        url=_url(change),
        pane="",
        is_current=False,
        box=str(change.id) if _chooses(tab) else None,
    )


def _chooses(tab: str) -> bool:
    """Whether this person may decide several requests of a tab together."""
    return tab == "waiting" and me().has(course_changes.DECIDES[me().level])


def _tab_title(page: course_changes.Page, name: str, title: str) -> str:
    return f"{title} {persian_digits(page.counts[name])}" if name in page.counts else title


def course_change_page(change_id: int) -> Response:
    return _page(change_id)


def course_change_decide(change_id: int) -> Response:
    form = ChangeDecisionForm().of(words.ACTION)
    if not form.validate() or form.decision.data not in words.ACTION:
        form.decision.errors = form.decision.errors or ["تصمیم خود را انتخاب کنید"]
        return _page(change_id, 422, form)
    args = (addresses.version(form.version.data), form.decision.data, form.reason.data or "")
    try:
        done = tried(form, lambda: course_changes.decide(me(), change_id, *args))
    except NotFound:
        raise
    except DomainError as refused:
        form.version.data = course_changes.get(me(), change_id).version
        return _page(change_id, refused.status, form, refused)
    if done is None:
        return _page(change_id, 422, form)
    told = f"{words.ACTION[form.decision.data]} ثبت شد. این درخواست اکنون «{words.STATE[done.state][0]}» است."
    return notices.tell(go(_url(done)), "ok", told)


def course_change_tell(change_id: int) -> Response:
    count = course_changes.tell(me(), change_id)
    told = f"پیامک تغییر برای {persian_digits(count)} نفر در راه است." if count else "به همه خبر داده شده است."
    return notices.tell(go(url_for(".course_change_page", change_id=change_id)), "ok" if count else "", told)


# -- Support -----------------------------------------------------------------------


def _url(change: CourseChange) -> str:
    return url_for(".course_change_page", change_id=change.id)


def _form_page(
    course: Course,
    form: ChangeForm,
    status: int = 200,
    *,
    change: CourseChange | None = None,
    refused: DomainError | None = None,
    stale: courses.StaleEdit | None = None,
) -> Response:
    fill_lists(form, course)
    waiting = course_changes.standing(course.id) if refused else None
    waiting_url = _url(waiting) if waiting and waiting.state == "waiting" else ""
    names = {"change": change, "refused": refused, "stale": stale, "waiting_url": waiting_url, "failed": status != 200}
    context = {"course": course, "form": form, "fresh_url": url_for(".course_change", course_id=course.id), **names}
    return Response(render_template("changes/form.html", labels=labels, **context), status)


def _end_page(course: Course, form: EndForm, status: int = 200, *, refused: DomainError | None = None) -> Response:
    form.of(course_changes.targets(course))
    at_once = me().level is Level.PROVINCE
    context = {"course": course, "form": form, "refused": refused, "at_once": at_once, "failed": status != 200}
    return Response(render_template("changes/end.html", labels=labels, **context), status)


def _page(
    change_id: int, status: int = 200, form: ChangeDecisionForm | None = None, refused: DomainError | None = None
) -> Response:
    look = course_changes.look(me(), change_id)
    form = form or ChangeDecisionForm(formdata=None, data={"version": look.change.version})
    form.of(look.actions)
    context = {"look": look, "form": form, "refused": refused, "failed": status != 200}
    return Response(render_template("changes/page.html", words=words, labels=labels, **context), status)


LISTS: tuple[routes.Route, ...] = (
    ("/changes", course_changes_list, ("GET",)),
    ("/changes/<int:change_id>", course_change_page, ("GET",)),
    ("/changes/<int:change_id>/decide", course_change_decide, ("POST",)),
    ("/changes/<int:change_id>/tell", course_change_tell, ("POST",)),
)
ASKS: tuple[routes.Route, ...] = (
    ("/courses/<int:course_id>/change", course_change, ("GET",)),
    ("/courses/<int:course_id>/change", course_change_ask, ("POST",)),
)
ENDS: tuple[routes.Route, ...] = (
    ("/courses/<int:course_id>/end", course_end, ("GET",)),
    ("/courses/<int:course_id>/end", course_end_ask, ("POST",)),
)
