"""The lists of courses of a center, a province and HQ: narrowed, ordered, saved under a name, and as a workbook."""

from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import notices, routes, workbooks
from blueprints.forms import tried
from blueprints.forms.course_lists import ListForm, SaveForm
from blueprints.guards import me
from blueprints.htmx import go
from services import course_choices, course_lists, course_sheets, courses, labels, saved_filters
from services.access import Level
from services.course_lists import ORDERS, Order, Wanted

TITLES = {Level.CENTER: "دوره‌ها", Level.PROVINCE: "دوره‌های استان", Level.HQ: "دوره‌های کشور"}
FINDS = {Level.CENTER: "نام دوره یا کد"}


def register(bp: Blueprint) -> None:
    """Add the pages to a role's blueprint."""
    routes.add(bp, "/courses", ROUTES)


def course_list() -> Response:
    return _page(SaveForm(formdata=None))


def course_sheet() -> Response:
    wanted = _wanted()
    return workbooks.sent("courses", lambda into: course_sheets.write(into, me(), wanted))


def filter_save() -> Response:
    form = SaveForm()
    asked = course_lists.address(_read(dict(parse_qsl(form.asked.data or ""))))
    if tried(form, lambda: (saved_filters.save(me(), _saved_as(), form.title.data or "", asked),)) is None:
        return notices.tell(go(_url(asked)), "bad", str(form.title.errors[0]))
    return notices.tell(go(_url(asked)), "ok", "فهرست با این نام نگه داشته شد.")


def filter_remove(filter_id: int) -> Response:
    saved_filters.remove(me(), filter_id)
    return notices.tell(go(url_for(".course_list")), "ok", "فهرست از میان فهرست‌های شما برداشته شد.")


# -- Support -----------------------------------------------------------------------


def _page(save: SaveForm) -> Response:
    offered = course_choices.choices(me())
    form = ListForm.asked(_read(request.args), offered)
    wanted = form.dated(_read(request.args))
    saved = saved_filters.of(me(), _saved_as())
    read = [_read(dict(parse_qsl(row.query))) for row in saved]
    page = course_lists.listing(me(), wanted, request.args.get("after", ""), read)
    here = course_lists.address(wanted)
    html = render_template(
        "shared/courses/list.html",
        title=TITLES[me().level],
        finds=FINDS.get(me().level, "نام دوره، مرکز، شهرستان یا کد"),
        page=page,
        wanted=wanted,
        form=form,
        offered=offered,
        tabs=_tabs(page, wanted),
        saved=_saved(page, saved, read, wanted),
        current=next((row for row, each in zip(saved, read, strict=True) if each == wanted), None),
        orders=_orders(wanted),
        here=here,
        said=form.said(),
        save=save,
        next_url=_url(here, after=page.after) if page.after else "",
        enters=me().level is Level.CENTER and courses.is_unit_staff(me()),
        level=me().level,
        labels=labels,
    )
    return Response(html)


def _url(asked: dict[str, str], **over: str) -> str:
    """The address of a list, with some of it said otherwise."""
    values: dict[str, Any] = {name: value for name, value in (asked | over).items() if value}
    return url_for(".course_list", **values)


def _wanted() -> Wanted:
    wanted = _read(request.args)
    return ListForm.asked(wanted, course_choices.choices(me())).dated(wanted)


def _read(args: Any) -> Wanted:
    names = [name for name, *_ in courses.tabs_for(me())]
    return course_lists.read(args, names)


def _saved_as() -> str:
    return f"{me().level.value}.courses"


def _tabs(page: course_lists.Page, wanted: Wanted) -> list[tuple[str, str, bool]]:
    kept = course_lists.address(wanted)
    return [
        (
            f"{label} {course_lists.number_told(page.counts[name])}",
            _url(kept, tab=name),
            name == wanted.tab,
        )
        for name, label, _ in courses.tabs_for(me())
    ]


def _saved(page: course_lists.Page, rows: Any, read: list[Wanted], wanted: Wanted) -> list[tuple[str, str, bool]]:
    told = [f"{row.title} {course_lists.number_told(number)}" for row, number in zip(rows, page.saved, strict=True)]
    urls = [_url(course_lists.address(each)) for each in read]
    return [(label, url, each == wanted) for label, url, each in zip(told, urls, read, strict=True)]


def _orders(wanted: Wanted) -> list[tuple[str, str, bool]]:
    kept = course_lists.address(wanted)
    return [
        (
            label,
            _url(kept, sort="" if order is Order.NEWEST else order.value),
            order is wanted.order,
        )
        for order, label in ORDERS.items()
    ]


ROUTES = (
    ("", course_list, ("GET",)),
    (".xlsx", course_sheet, ("GET",)),
    ("/filters", filter_save, ("POST",)),
    ("/filters/<int:filter_id>/remove", filter_remove, ("POST",)),
)
