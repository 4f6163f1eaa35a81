"""Classes and the sheets of their meetings: an instructor marks them, the center sees and corrects them."""

from collections.abc import Callable, Sequence

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from blueprints import addresses, notices, routes
from blueprints.forms import tried
from blueprints.forms.attendance import SheetForm, sent_marks
from blueprints.guards import me
from blueprints.htmx import go
from models import utcnow
from services import jalali
from services.access import Level
from services.attendance import absence, marking, reading, sheets, wording
from services.attendance.marking import Outcome
from services.attendance.sheets import Sheet
from services.enrollment import completion
from services.errors import Conflict, DomainError
from services.papers import document, lists
from services.text import persian_digits

COLUMNS = 12  # meetings on one printed sheet
TOLD = 4  # sentences after a form; the sheet itself shows the rest


def register(bp: Blueprint) -> None:
    """Add the pages to a role's blueprint."""
    routes.add(bp, "", ROUTES)


def class_page(course_id: int) -> str:
    found = sheets.whole(me(), course_id)
    if me().level is Level.INSTRUCTOR:
        back = (url_for(".class_list"), "بازگشت به کلاس‌ها")
    else:
        back = (url_for(".course_page", course_id=course_id), "بازگشت به دوره")
    ends = me().level is Level.CENTER and completion.is_over(found.course)
    context = {"found": found, "back": back, "ends": ends, "rule": absence.rule(found.course.unit)}
    return render_template("attendance/class.html", today=jalali.tehran_today(utcnow()), **context)


def class_print(course_id: int) -> str:
    found = sheets.whole(me(), course_id)
    count = max(1, -(-len(found.meetings) // COLUMNS))
    number = min(addresses.number(request.args.get("sheet"), 4) or _sheet_of_today(found.meetings), count)
    part = found.meetings[(number - 1) * COLUMNS : number * COLUMNS]
    urls = {
        name: url_for(".class_print", course_id=course_id, sheet=other) if 1 <= other <= count else ""
        for name, other in (("before", number - 1), ("after", number + 1))
    }
    return render_template(
        "attendance/print.html", found=found, part=part, number=number, count=count, urls=urls, wording=wording
    )


def class_pdf(course_id: int) -> Response:
    """Every sheet of the class as a document."""
    found = lists.attendance(sheets.whole(me(), course_id))
    title = found[0].title if found else ""
    response = Response(document.tables(title, found), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="attendance-{course_id}.pdf"'
    return response


def meeting_sheet(meeting_id: int) -> Response:
    return _sheet_page(meeting_id, SheetForm(formdata=None))


def meeting_record(meeting_id: int) -> Response:
    if request.accept_mimetypes.best == "application/json":
        return _told(lambda: marking.record(me(), meeting_id, sent_marks(request.form.getlist("mark"))))
    form = SheetForm()
    told = tried(form, lambda: marking.record(me(), meeting_id, form.marks(request.form), form.reason.data or ""))
    if told is None:
        return _sheet_page(meeting_id, form, 422)
    response = go(url_for(".meeting_sheet", meeting_id=meeting_id))
    taken = sum(each.is_taken for each in told)
    said = f"{persian_digits(taken)} علامت ثبت شد." if taken else "چیزی برای ثبت نبود."
    notices.tell(response, "ok" if taken else "", said)
    for sentence in [each.said for each in told if each.said][:TOLD]:
        notices.tell(response, "warn", sentence)
    return response


# -- Support -----------------------------------------------------------------------


def _sheet_page(meeting_id: int, form: SheetForm, status: int = 200) -> Response:
    sheet = sheets.sheet(me(), meeting_id)
    form.offer(sheet.standing)
    chosen = form.chosen(request.form) if status != 200 else {}
    may, why_not = _may(sheet)
    context = {"sheet": sheet, "form": form, "chosen": chosen, "may": may, "why_not": why_not, "wording": wording}
    context |= {"corrections": sheets.corrections(meeting_id), "corrects": me().level is Level.CENTER}
    return Response(render_template("attendance/sheet.html", **context), status)


def _may(sheet: Sheet) -> tuple[bool, str]:
    """Whether this person may mark the sheet now, and a sentence where it is only to be looked at."""
    today = jalali.tehran_today(utcnow())
    if sheet.session.on_date > today:
        return False, wording.early(sheet.session.on_date)
    if me().level is not Level.INSTRUCTOR:
        return reading.may_correct(me(), sheet.course), ""
    until = jalali.day_month_year(sheet.until)
    return today <= sheet.until, "" if today <= sheet.until else f"ثبت این جلسه تا {until} بود. تصحیح آن با مرکز است."


def _told(act: Callable[[], list[Outcome]]) -> Response:
    """Marks that the script sent: what became of each. What another sending may mend is not caught."""
    try:
        told = act()
    except DomainError as error:
        if error.status not in (DomainError.status, Conflict.status):
            raise
        response = jsonify(said=str(error))
        response.status_code = error.status
        return response
    names = ("key", "enrollment_id", "stands", "is_taken", "said")
    return jsonify(marks=[{name: getattr(each, name) for name in names} for each in told])


def _sheet_of_today(meetings: Sequence[reading.Meeting]) -> int:
    """The printed sheet on which the next meeting stands."""
    today = jalali.tehran_today(utcnow())
    past = sum(each.session.on_date < today for each in meetings)
    return past // COLUMNS + 1


ROUTES: tuple[routes.Route, ...] = (
    ("/classes/<int:course_id>", class_page, ("GET",)),
    ("/classes/<int:course_id>/print", class_print, ("GET",)),
    ("/classes/<int:course_id>/print.pdf", class_pdf, ("GET",)),
    ("/meetings/<int:meeting_id>", meeting_sheet, ("GET",)),
    ("/meetings/<int:meeting_id>", meeting_record, ("POST",)),
)
