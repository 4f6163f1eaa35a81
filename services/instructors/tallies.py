"""The numbers of a report about instructors in words, as its page and its workbook show them."""

from models import Gender
from services.instructors import reports
from services.instructors.labels import DEGREE, EMPLOYMENT
from services.instructors.reports import Staff
from services.text import persian_digits

NOT_VERIFIED, NOT_SAID = "تأیید نشده", "ثبت نشده"


def degrees(found: Staff) -> list[tuple[str, int]]:
    return [(DEGREE[key] if key else NOT_VERIFIED, count) for key, count in found.degrees.items()]


def employments(found: Staff) -> list[tuple[str, int]]:
    return [(EMPLOYMENT[key] if key else NOT_VERIFIED, count) for key, count in found.employments.items()]


def retraining(found: Staff) -> list[tuple[str, int]]:
    hours = persian_digits(found.rule[0])
    return [
        ("هیچ", found.retraining["none"]),
        (f"کمتر از {hours} ساعت", found.retraining["some"]),
        (f"{hours} ساعت و بیشتر", found.retraining["enough"]),
    ]


def ages(found: Staff) -> list[tuple[str, dict[Gender | None, int]]]:
    return [(_age(age), counts) for age, counts in found.ages.items()]


def _age(age: int | None) -> str:
    if age is None:
        return NOT_SAID
    following = next((years for years in reports.AGES if years > age), None)
    if not age:
        return f"زیر {persian_digits(following)} سال"
    if following is None:
        return f"{persian_digits(age)} سال و بیشتر"
    return f"{persian_digits(age)} تا {persian_digits(following - 1)} سال"
