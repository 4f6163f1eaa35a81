"""What a course of an academy needs of its license, when it is sent, approved and held.

Source: docs/rules.md R-256, R-257, R-258.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import exists, or_, select

from models import Course, CourseStatus, Gender, License, LicenseState, LicenseTrade, Unit, UnitKind, db
from services import jalali, labels, policy
from services.text import persian_digits

COUNTS = (LicenseState.VALID, LicenseState.SUSPENDED)  # an academy has one of these at most
OVER = (CourseStatus.FINISHED, CourseStatus.CANCELED)


class Standing(NamedTuple):
    """The license that counts for the unit of a course, and the kind of that unit; `allows` its trade."""

    kind: UnitKind
    state: LicenseState | None
    expires_on: date | None
    gender: Gender | None
    capacity: int | None
    allows: bool


def columns(course: Course | type[Course]) -> tuple[Any, ...]:
    """SQL: the fields of `Standing`, as parts of a statement that asks for other things as well."""
    counts = (License.unit_id == course.unit_id, License.state.in_(COUNTS))
    parts = [
        select(column).where(*counts).scalar_subquery()
        for column in (License.state, License.expires_on, License.gender, License.capacity)
    ]
    trade = or_(LicenseTrade.field_id == course.field_id, LicenseTrade.standard_id == course.standard_id)
    allows = exists().where(*counts, LicenseTrade.license_id == License.id, trade)
    return (select(Unit.kind).where(Unit.id == course.unit_id).scalar_subquery(), *parts, allows)


def hold(unit: Unit) -> None:
    """Keep the license of an academy as it is until the transaction that sends or approves a course of it ends.

    Whoever suspends it meanwhile waits; the course was sent before that, or is refused after it.
    """
    if unit.kind is UnitKind.ACADEMY:
        counts = (License.unit_id == unit.id, License.state.in_(COUNTS))
        db.session.execute(select(License.id).where(*counts).with_for_update(read=True))


def why_not(standing: Sequence[Any], start_on: date | None, today: date) -> tuple[str, str] | None:
    """Why a course may not be held under this license: the field it lies at, and a sentence; None when it may."""
    has = Standing._make(standing)
    if has.kind is not UnitKind.ACADEMY:
        return None
    if has.state is None or has.expires_on is None:
        return "license", "این آموزشگاه پروانهٔ معتبری ندارد؛ تا استان پروانه‌ای را تأیید نکند دوره‌ای پذیرفته نمی‌شود"
    if has.state is LicenseState.SUSPENDED:
        return "license", "پروانهٔ آموزشگاه تعلیق شده است و تا رفع تعلیق دوره‌ای پذیرفته نمی‌شود"
    if has.expires_on < today:
        return "license", f"اعتبار پروانهٔ آموزشگاه {jalali.long(has.expires_on)} تمام شده است؛ پروانه را تمدید کنید"
    if start_on and start_on > has.expires_on:
        sentence = f"پروانهٔ آموزشگاه تا {jalali.long(has.expires_on)} اعتبار دارد و دوره پس از آن شروع می‌شود"
        return "start_on", sentence
    if not has.allows:
        return "standard_id", "این استاندارد و رشتهٔ آن در پروانهٔ آموزشگاه نیست"
    return None


def facts(standing: Sequence[Any], course: Course) -> Iterator[tuple[bool, str]]:
    """What is seen of the license beside a course, as (fine, sentence); nothing for other units or when it is over.

    Source: docs/rules.md R-258.
    """
    has = Standing._make(standing)
    if has.kind is not UnitKind.ACADEMY or course.status in OVER:
        return
    if why := why_not(standing, course.start_on, policy.today()):
        yield False, why[1]
        return
    until = jalali.long(has.expires_on) if has.expires_on else ""
    yield True, f"پروانهٔ آموزشگاه تا {until} اعتبار دارد و این استاندارد در آن است"
    if has.expires_on and course.end_on and course.end_on > has.expires_on:
        yield False, f"پروانه پیش از پایان دوره ({jalali.long(course.end_on)}) تمام می‌شود"
    if has.gender is not Gender.MIXED and course.gender is not has.gender:
        wanted = labels.GENDER[course.gender or Gender.MIXED]
        yield False, f"پروانه برای {labels.GENDER[has.gender or Gender.MIXED]} است و دوره برای {wanted}"
    if has.capacity and course.capacity_max and course.capacity_max > has.capacity:
        yield False, f"ظرفیت پروانه {persian_digits(has.capacity)} نفر است"
