"""Numbers that are typed at the desk only to get past a field: made-up codes, and mobiles of whoever enrolls."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import ScalarSelect, or_, select

from models import Course, EnrollmentDraft, IdentityStatus, MobileStatus, Person, Unit, User, UserRole, db
from services import codes, people, text
from services.access import Actor
from services.errors import DomainError

DUMMY = (
    "این کد ملی از کدهایی است که بیشتر برای پر کردن جای خالی نوشته می‌شوند. "
    "اگر کد ملی خود کارآموز است، بنویسید آن را روی چه مدرکی دیده‌اید و دوباره «ادامه» را بزنید."
)
DUMMY_IN_LIST = (
    "این کد ملی از کدهایی است که بیشتر برای پر کردن جای خالی نوشته می‌شوند. "
    "اگر کد ملی خود کارآموز است، او را از «ثبت‌نام کارآموز» با نوشتن مدرک ثبت کنید."
)
OWN_MOBILE = "این شمارهٔ همراه خود شماست. شماره‌ای به نام کارآموز بنویسید، یا جای آن را خالی بگذارید."
COLLEAGUES_MOBILE = (
    "این شمارهٔ همراه یکی از کارکنان همین واحد است. شماره‌ای به نام کارآموز بنویسید، یا جای آن را خالی بگذارید."
)
UNITS_MOBILE = "این شمارهٔ خود این واحد است. شماره‌ای به نام کارآموز بنویسید، یا جای آن را خالی بگذارید."


def ask_why(code: str, reason: str) -> str | None:
    """The reason to keep with a national code that looks made up; None where none is needed.

    Raises:
        DomainError: it needs one. It is a valid code, so one more press with a reason goes on.

    Source: docs/rules.md R-84.
    """
    if not codes.is_suspicious_national_code(code):
        return None
    person = people.by_national_code(code)
    if person is not None and person.identity_status is IdentityStatus.VERIFIED:
        return None
    if not reason.strip():
        raise DomainError(DUMMY, field="code_reason")
    return reason.strip()[:200]


def of_staff_each(actor: Actor, units: Collection[int], said: Mapping[str, tuple[str, int]]) -> dict[str, str]:
    """Why mobiles are not the trainees' own, for those that are staff's or the units'; by the key of each.

    Args:
        said: by key the mobile and the id of the person who is said to have it.

    Source: docs/rules.md R-39.
    """
    if not said:
        return {}
    staff = select(Person.mobile, Person.id).join(User, User.person_id == Person.id).join(UserRole)
    here = (
        UserRole.unit_id.in_(units),
        User.disabled_at.is_(None),
        Person.mobile.in_({each[0] for each in said.values()}),
    )
    owners: dict[str, set[int]] = {}
    for row in db.session.execute(staff.where(*here)):
        owners.setdefault(row.mobile, set()).add(row.id)
    phones = db.session.scalars(select(Unit.phone).where(Unit.id.in_(units))).all()
    found = {}
    for key, (mobile, person_id) in said.items():
        whose = _sentence(actor, mobile, owners.get(mobile, set()) - {person_id}, phones)
        if whose:
            found[key] = whose
    return found


def refuse_of_staff(actor: Actor, person: Person, draft: EnrollmentDraft) -> None:
    """No number of a colleague or of the unit itself, typed to get past the field: it is not the trainee's.

    Raises:
        DomainError: it is one of those.

    Source: docs/rules.md R-39.
    """
    number = codes.mobile(draft.fields["mobile"])
    if number is None or (number == person.mobile and person.mobile_status is MobileStatus.MATCHED):
        return
    here = or_(Unit.id == draft.unit_id, Unit.id == _unit_of_course(draft))
    staff = select(Person.id).join(User, User.person_id == Person.id).join(UserRole).join(UserRole.unit)
    colleagues = staff.where(here, User.disabled_at.is_(None), Person.mobile == number, Person.id != person.id)
    owners = set(db.session.scalars(colleagues))
    phones = [] if owners else db.session.scalars(select(Unit.phone).where(here)).all()
    if whose := _sentence(actor, number, owners, phones):
        raise DomainError(whose, field="mobile")


def _sentence(actor: Actor, number: str, owners: Collection[int], phones: Iterable[str | None]) -> str | None:
    if owners:
        return OWN_MOBILE if actor.person_id in owners else COLLEAGUES_MOBILE
    return UNITS_MOBILE if any(_is_among(number, phone) for phone in phones) else None


def _unit_of_course(draft: EnrollmentDraft) -> ScalarSelect[int]:
    return select(Course.unit_id).where(Course.id == draft.course_id).scalar_subquery()


def _is_among(number: str, phones: str | None) -> bool:
    """Whether a mobile is one of the numbers in a free text, however they are grouped."""
    return number.removeprefix("0") in "".join(filter(str.isdigit, text.digits(phones)))
