"""On what terms somebody leaves a course: by which rule the credit comes back to the purse that paid, or does not.

Source: docs/rules.md R-640.
"""

from dataclasses import dataclass
from enum import StrEnum

from models import CourseStatus, EndCause, Enrollment
from services import policy, text
from services.policy import today


class Way(StrEnum):
    """Each has its policy row, which says whether the credit comes back."""

    EARLY = "refund_withdraw"
    LATE = "refund_withdraw_late"
    CENTER = "refund_center"
    NO_SHOW = "refund_no_show"


TITLES = {
    Way.EARLY: "انصراف پیش از شروع دوره",
    Way.LATE: "انصراف پس از شروع دوره",
    Way.CENTER: "لغو از سوی مرکز",
    Way.NO_SHOW: "نیامدن به دوره",
}
# Why an enrollment is over: to its person, and in lists of staff.
ENDED = {
    EndCause.UNDO: ("مرکز این ثبت‌نام را همان هنگام برگرداند", "برگردانده شد"),
    EndCause.WITHDRAW: ("از این دوره انصراف داده‌اید", "انصراف"),
    EndCause.OBJECTION: ("اعتراض شما به کسر اعتبار پذیرفته شد و این ثبت‌نام پایان یافت", "اعتراض پذیرفته"),
    EndCause.CENTER: ("مرکز این ثبت‌نام را لغو کرده است", "لغو مرکز"),
    EndCause.NO_SHOW: ("به دوره نیامدید و جای شما آزاد شد", "نیامد"),
    EndCause.COURSE_CANCELED: ("دوره لغو شد و ثبت‌نام شما پایان یافت", "دوره لغو شد"),
    EndCause.MOVED: ("به دورهٔ دیگری منتقل شدید که در همین فهرست است", "جابه‌جا شد"),
}


@dataclass(frozen=True)
class Terms:
    """By which rule an enrollment ends, and what comes of the credit; no way where it always comes back."""

    rials: int
    returns: bool
    way: Way | None = None

    @property
    def is_started(self) -> bool:
        return self.way in (Way.LATE, Way.NO_SHOW)

    @property
    def said(self) -> str:
        """What will happen, with the rule by its name; nothing where nothing was paid."""
        return self._sentence("برمی‌گردد", "برنمی‌گردد")

    @property
    def done(self) -> str:
        """What has happened."""
        return self._sentence("برگشت", "برنگشت")

    def _sentence(self, back: str, kept: str) -> str:
        if not self.rials:
            return ""
        rule = f"قاعدهٔ «{TITLES[self.way]}»: " if self.way else ""
        what = f"به همان اعتباری که پرداخت کرده بود {back}" if self.returns else f"به اعتبار {kept}"
        return f"{rule}{text.rial(self.rials)} {what}."


def terms(enrollment: Enrollment, cause: EndCause) -> Terms:
    """The terms of today for an enrollment that is read with its course, unit and province."""
    way = _way(enrollment, cause)
    returns = way is None or bool(policy.value(way.value, enrollment.course.unit))
    return Terms(enrollment.fee_rials, returns, way)


def has_begun(enrollment: Enrollment) -> bool:
    start_on = enrollment.course.start_on
    return start_on is not None and start_on <= today()


def is_over(enrollment: Enrollment) -> bool:
    """Whether the course has ended, so that nobody leaves it any more."""
    course = enrollment.course
    return course.status is CourseStatus.FINISHED or (course.end_on is not None and course.end_on < today())


def _way(enrollment: Enrollment, cause: EndCause) -> Way | None:
    if cause is EndCause.WITHDRAW:
        return Way.LATE if has_begun(enrollment) else Way.EARLY
    return {EndCause.CENTER: Way.CENTER, EndCause.NO_SHOW: Way.NO_SHOW}.get(cause)
