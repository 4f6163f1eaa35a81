"""One person of a course goes to another course."""

from flask import Response, render_template, url_for

from blueprints import notices
from blueprints.center import bp
from blueprints.forms import tried
from blueprints.forms.transfer import TransferForm
from blueprints.guards import me
from blueprints.htmx import go
from models import Enrollment
from services.enrollment import transfer
from services.text import persian_digits


@bp.get("/enrollments/<int:enrollment_id>/move")
def enrollment_move(enrollment_id: int) -> Response:
    row = transfer.get(me(), enrollment_id)
    if row.status != "active" or not transfer.may_move(me(), row.course):
        told = "این ثبت‌نام اکنون جابه‌جا نمی‌شود: لغو یا جابه‌جا شده، یا دوره آغاز شده است."
        return notices.tell(go(_roster(row)), "", told)
    return _page(row, TransferForm(formdata=None).prepare())


@bp.post("/enrollments/<int:enrollment_id>/move")
def enrollment_move_do(enrollment_id: int) -> Response:
    row, form = transfer.get(me(), enrollment_id), TransferForm()
    if not form.validate():
        return _page(row, form, 422)
    sent = (form.key(), enrollment_id, form.other.data, form.reason.data or "")
    new = tried(form, lambda: transfer.move(me(), *sent))
    if new is None:
        return _page(transfer.get(me(), enrollment_id), form, 422)
    name = new.person.full_name or "کارآموز"
    told = (
        f"{name} به دورهٔ «{new.course.title}» در {new.course.unit.title} رفت، کد رهگیری تازه "
        f"{persian_digits(new.tracking_code)}. چیزی از اعتبار کم یا زیاد نشد و خبر با پیامک در راه است."
    )
    return notices.tell(go(_roster(row)), "ok", told)


# -- Support -----------------------------------------------------------------------


def _roster(row: Enrollment) -> str:
    return url_for(".course_enrollments", course_id=row.course_id)


def _page(row: Enrollment, form: TransferForm, status: int = 200) -> Response:
    form.of(transfer.targets(row.course), row.course)
    html = render_template("center/transfer.html", row=row, form=form, back_url=_roster(row), failed=status != 200)
    return Response(html, status)
