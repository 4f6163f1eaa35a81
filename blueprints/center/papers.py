"""Papers of a class: its list, its slips one after the other, and where the sheet of attendance is."""

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as ResponseBase

from blueprints import addresses, notices
from blueprints import slips as slip_pages
from blueprints.center import bp
from blueprints.guards import me
from blueprints.htmx import go
from models import Course
from services import courses
from services.enrollment import slips
from services.enrollment.slips import Viewer
from services.errors import NotAllowed
from services.papers import document, lists, prints
from services.papers.prints import By

# Slips in one go: a page stays small on a slow line, and more in a document would keep everybody else waiting for it.
ON_PAGE, IN_DOCUMENT = 20, 60
NEW = "new"
NOT_YOURS = "رسیدهای کلاس را کارشناس و مدیر مرکز برگزارکننده چاپ می‌کنند."
NOTHING = "رسیدی برای چاپ نمانده است. اگر دوباره می‌خواهید، «همه» را انتخاب کنید؛ روی هر کدام «المثنی» می‌آید."


@bp.get("/courses/<int:course_id>/papers")
def course_papers(course_id: int) -> str:
    course = _course(course_id)
    ids = [row.id for row in lists.enrolled(course_id)]
    left, firsts = len(ids) - len(prints.printed_ever(ids)), range(0, len(ids), ON_PAGE)
    counts = {"count": len(ids), "left": left, "firsts": firsts, "most": (ON_PAGE, IN_DOCUMENT)}
    return render_template("center/papers.html", course=course, **counts)


@bp.post("/courses/<int:course_id>/papers/slips")
def course_slips_print(course_id: int) -> Response:
    """Note that these slips are printed, and show or hand them out together."""
    _course(course_id)
    ids = [row.id for row in lists.enrolled(course_id)]
    before = prints.printed_ever(ids) if request.form.get("which") == NEW else set()
    is_pdf = request.form.get("do") == slip_pages.PDF
    first = 0 if before else addresses.number(request.form.get("first"), 3) or 0
    wanted = [each for each in ids if each not in before]
    chosen = wanted[first : first + (IN_DOCUMENT if is_pdf else ON_PAGE)]
    if not chosen:
        return notices.tell(go(url_for(".course_papers", course_id=course_id)), "warn", NOTHING)
    done = prints.record(By(me().user_id), chosen)
    if is_pdf:
        found = slips.several(chosen, Viewer((me(),)))
        return slip_pages.handed_out(document.slips(slip_pages.drawn(found, done)), f"slips-{course_id}.pdf")
    ids = [each.id for each in done]
    return go(url_for(".course_slips", course_id=course_id, first=min(ids), last=max(ids)))


@bp.get("/courses/<int:course_id>/papers/slips")
def course_slips(course_id: int) -> str | ResponseBase:
    """The slips of one press, each on a sheet of its own."""
    _course(course_id)
    first, last = (addresses.number(request.args.get(name)) or 0 for name in ("first", "last"))
    done = prints.between(By(me().user_id), course_id, first, last)[:ON_PAGE]
    back = url_for(".course_papers", course_id=course_id)
    if not done:
        return redirect(back, 303)
    found = slips.several([each.enrollment_id for each in done], Viewer((me(),)))
    return slip_pages.shown(slip_pages.drawn(found, done), back, "بازگشت به برگه‌های کلاس")


@bp.get("/courses/<int:course_id>/papers/list")
def course_class_list(course_id: int) -> str:
    course, paper = lists.class_list(me(), course_id)
    return render_template("center/class_list.html", course=course, paper=paper)


@bp.get("/courses/<int:course_id>/papers/list.pdf")
def course_class_list_pdf(course_id: int) -> Response:
    _, paper = lists.class_list(me(), course_id)
    return slip_pages.handed_out(document.tables(paper.title, [paper]), f"class-{course_id}.pdf")


def _course(course_id: int) -> Course:
    """A course whose slips this person prints.

    Raises:
        NotFound, OutsideTerritory: no such course, or not for this actor.
        NotAllowed: the actor is not of its unit's staff.
    """
    course = courses.get(me(), course_id)
    if course.unit_id not in courses.reading.units_of_staff(me()):
        raise NotAllowed(NOT_YOURS)
    return course
