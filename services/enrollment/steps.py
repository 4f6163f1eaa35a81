"""What a trainee has to do next for an enrollment, in one sentence."""

import datetime as dt
from dataclasses import dataclass

from models import Completion, CourseStatus, Enrollment, EnrollmentStatus
from services import jalali, policy
from services.enrollment import leaving


@dataclass(frozen=True)
class NextStep:
    """`state` and its kind are the tag; `text` is the sentence; `can_withdraw` draws the link.

    `until` is the last day on which leaving brings the credit back.
    """

    state: str
    kind: str
    text: str
    can_withdraw: bool = False
    until: dt.date | None = None


def next_step(enrollment: Enrollment) -> NextStep:
    course = enrollment.course
    if enrollment.status is EnrollmentStatus.CANCELED and course.status is CourseStatus.CANCELED:
        went = "اعتبار آن برگشت، یا در دورهٔ دیگری که در همین فهرست است به کار رفت."
        return NextStep("دوره لغو شد", "bad", f"این دوره برگزار نمی‌شود. {went}")
    if enrollment.status is EnrollmentStatus.CANCELED:
        why = leaving.ENDED[enrollment.end_cause][0] if enrollment.end_cause else "این ثبت‌نام لغو شده است"
        return NextStep("لغوشده", "", f"{why} و کاری لازم نیست.")
    if course.status is CourseStatus.CANCELED:
        return NextStep("دوره لغو شد", "bad", "این دوره برگزار نمی‌شود. با مرکز برگزارکننده تماس بگیرید.")
    if course.status is CourseStatus.FINISHED or enrollment.completion:
        return _after(enrollment.completion)
    if course.start_on and course.start_on > policy.today():
        when = jalali.long(course.start_on)
        clock = f" ساعت {jalali.clock(course.start_time)}" if course.start_time else ""
        text, until = f"{when}{clock} با رسید و کارت ملی در محل برگزاری باشید.", course.start_on - dt.timedelta(days=1)
        return NextStep("قطعی", "ok", text, can_withdraw=True, until=until)
    return NextStep(
        "در حال برگزاری", "info", "در جلسه‌های دوره حاضر شوید.", can_withdraw=not leaving.is_over(enrollment)
    )


def _after(completion: Completion | None) -> NextStep:
    """What follows once the course is over; what is lacking for the exam is said by services/enrollment/exam.py."""
    if completion is Completion.COMPLETED:
        return NextStep("به پایان رسانده", "ok", "دوره را به پایان رسانده‌اید. خبر آزمون با پیامک می‌رسد.")
    if completion is Completion.INCOMPLETE:
        return NextStep("ناتمام", "bad", "دوره برای شما ناتمام ثبت شده است و به آزمون معرفی نمی‌شوید.")
    return NextStep("پایان‌یافته", "", "دوره به پایان رسیده است. مرکز پایان آن را برای شما ثبت می‌کند.")
