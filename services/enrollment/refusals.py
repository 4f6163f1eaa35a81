"""Why an enrollment is not made, each in a sentence that says what to do; nothing is taken or debited."""

from dataclasses import dataclass

from models import DebitSource
from services import text
from services.enrollment.rules import Finding
from services.enrollment.wording import Words
from services.errors import Conflict, DomainError

# What belongs at a field that would answer a rule; the whole sentence stands above the form.
AT_FIELD = {
    "guardian_code": "کد ملی سرپرست را بنویسید",
    "schooling": "تحصیلات را انتخاب کنید",
    "prerequisite": "نوع و شمارهٔ مدرک را بنویسید",
    "target_group": "گروه هدف را انتخاب کنید",
}
FAMILIAR = "عدم موجودی کافی"


class CourseFull(Conflict):
    is_full = True  # so that a page offers the waiting list

    def __init__(self) -> None:
        super().__init__("ظرفیت دوره همین حالا پر شد. چیزی کسر نشد. دورهٔ دیگری انتخاب کنید.")


class CourseNotOpen(Conflict):
    def __init__(self) -> None:
        super().__init__("ثبت‌نام این دوره باز نیست. چیزی کسر نشد. زمان ثبت‌نام را در صفحهٔ دوره ببینید.")


class AlreadyEnrolled(Conflict):
    """`tracking_code` is that of the enrollment that stands."""

    def __init__(self, tracking_code: str, words: Words) -> None:
        super().__init__(words.standing.format(code=text.persian_digits(tracking_code)))
        self.tracking_code = tracking_code


class FormUsed(Conflict):
    def __init__(self) -> None:
        super().__init__("این فرم پیش‌تر با محتوای دیگری فرستاده شده است. فرم تازه‌ای باز کنید؛ چیزی دوباره ثبت نشد.")


class FeeRose(Conflict):
    """The fee is above the one that the person has seen.

    Source: docs/rules.md R-510.
    """

    def __init__(self, seen: int, now: int) -> None:
        rose = f"هزینهٔ ثبت‌نام از {text.rial(seen)} به {text.rial(now)} رسیده است"
        super().__init__(f"{rose}. چیزی کسر نشد. اگر می‌خواهید با مبلغ تازه ثبت‌نام کنید، دوباره تأیید کنید.")


class NotEligible(DomainError):
    """One sentence for each rule that says no; `findings` are all that were looked at.

    With `must_ask` also what is not known and was not asked for yet. `at_fields` says by field what is missing there.
    """

    def __init__(self, findings: list[Finding], *, must_ask: bool = False) -> None:
        self.findings = findings
        standing = [each for each in findings if each.refuses or (must_ask and each.asks_for)]
        self.reasons = [each.text for each in standing]
        self.at_fields = {each.field: _at_field(each.field, each) for each in standing if each.field}
        super().__init__(" ".join(self.reasons))


def _at_field(field: str, found: Finding) -> str:
    is_known = field == "schooling" and found.refuses
    return "کمتر از آن است که دوره می‌خواهد" if is_known else AT_FIELD[field]


@dataclass(frozen=True)
class Purses:
    """What both purses held when it was looked; `portal_user` is None where there is no portal user."""

    fee_rials: int
    trainee: int
    portal_user: int | None = None

    def covers(self, source: DebitSource) -> bool:
        held = self._held(source)
        return held is not None and held >= self.fee_rials

    def lacks(self, source: DebitSource) -> int:
        """What brings this purse to the fee; the whole fee where it holds enough, for the next one."""
        return max(self.fee_rials - (self._held(source) or 0), 0) or self.fee_rials

    def _held(self, source: DebitSource) -> int | None:
        return self.trainee if source == DebitSource.TRAINEE else self.portal_user


class Shortage(DomainError):
    """The chosen purse holds too little; `other` is the purse that would do, when there is one."""

    def __init__(self, chosen: DebitSource, purses: Purses) -> None:
        self.chosen, self.purses = chosen, purses
        rest = DebitSource.TRAINEE if chosen is DebitSource.PORTAL_USER else DebitSource.PORTAL_USER
        self.other = rest if purses.covers(rest) else None
        super().__init__(f"{FAMILIAR}. {self.fact}", field="debit_source")

    @property
    def at_field(self) -> str:
        """The sentence beside the choice itself; the numbers stand above the form."""
        whose = "کاربر پورتال" if self.chosen == DebitSource.PORTAL_USER else "کارآموز"
        if self.other is None:
            return f"اعتبار {whose} کافی نیست. اعتبار را افزایش دهید و همین فرم را بفرستید."
        other = "کارآموز" if self.other == DebitSource.TRAINEE else "کاربر پورتال"
        return f"اعتبار {whose} کافی نیست. کسر از {other} را انتخاب کنید یا اعتبار را افزایش دهید."

    @property
    def fact(self) -> str:
        """The numbers behind the familiar words, and that nothing happened."""
        trainee, user = text.rial(self.purses.trainee), text.rial(self.purses.portal_user or 0)
        kept = "چیزی کسر نشد و جایی گرفته نشد."
        if self.purses.portal_user is None:
            fee = text.rial(self.purses.fee_rials)
            return f"اعتبار شما {trainee} است و هزینهٔ ثبت‌نام {fee}. {kept}"
        if self.other is DebitSource.TRAINEE:
            return f"اعتبار کاربر پورتال {user} است، ولی کارآموز {trainee} اعتبار دارد. {kept}"
        if self.other is DebitSource.PORTAL_USER:
            return f"اعتبار کارآموز {trainee} است، ولی کاربر پورتال {user} اعتبار دارد. {kept}"
        fee = text.rial(self.purses.fee_rials)
        return f"هیچ‌یک از دو اعتبار به {fee} نمی‌رسد (کاربر پورتال {user}، کارآموز {trainee}). {kept}"
