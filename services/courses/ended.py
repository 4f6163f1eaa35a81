"""What became of the people of a course that was canceled."""

from dataclasses import dataclass

from sqlalchemy import func, select

from models import Course, CourseStatus, Enrollment, EnrollmentEvent, db
from services import text


@dataclass(frozen=True)
class Ended:
    """How many got how much credit back, how many had paid nothing, and how many went to another course."""

    returned: int = 0
    rials: int = 0
    free: int = 0
    moved: int = 0

    @property
    def said(self) -> str:
        """The same in words; that nobody was in it, where that is so."""
        parts = [
            f"اعتبار {text.persian_digits(self.returned)} نفر برگشت (جمع {text.rial(self.rials)})"
            if self.returned
            else "",
            f"ثبت‌نام {text.persian_digits(self.free)} نفر که چیزی نپرداخته بودند تمام شد" if self.free else "",
            f"{text.persian_digits(self.moved)} نفر با همان پرداخت به دورهٔ دیگری رفتند" if self.moved else "",
        ]
        return "؛ ".join(filter(None, parts)) or "هنگام لغو کسی در آن ثبت‌نام نداشت"


def of(course: Course) -> Ended | None:
    """What became of everybody whom the end of a course has met; None of one that was not canceled. One query.

    Source: docs/rules.md R-427.
    """
    if course.status is not CourseStatus.CANCELED:
        return None
    paid = Enrollment.fee_rials > 0
    query = select(EnrollmentEvent.action, paid, func.count(), func.sum(Enrollment.fee_rials))
    query = query.join(Enrollment, Enrollment.id == EnrollmentEvent.enrollment_id)
    met = (Enrollment.course_id == course.id, EnrollmentEvent.action.in_(("course_canceled", "moved")))
    rows = db.session.execute(query.where(*met).group_by(EnrollmentEvent.action, paid)).all()
    back = {bool(fee): (count, rials) for action, fee, count, rials in rows if action == "course_canceled"}
    moved = sum(count for action, _, count, _ in rows if action == "moved")
    return Ended(*back.get(True, (0, 0)), back.get(False, (0, 0))[0], moved)
