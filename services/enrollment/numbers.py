"""Numbers that are typed at the desk only to get past a field: made-up codes, and mobiles of whoever enrolls."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from models import Course, EnrollmentDraft, IdentityStatus, Person, Unit, User, UserRole, db
from services import codes, mobiles, people
from services.access import Actor
from services.errors import DomainError
from services.mobiles import By
from services.provenance import Place

DUMMY = (
    "این کد ملی از کدهایی است که بیشتر برای پر کردن جای خالی نوشته می‌شوند. "
    "اگر کد ملی خود کارآموز است، بنویسید آن را روی چه مدرکی دیده‌اید و دوباره «ادامه» را بزنید."
)
DUMMY_IN_LIST = (
    "این کد ملی از کدهایی است که بیشتر برای پر کردن جای خالی نوشته می‌شوند. "
    "اگر کد ملی خود کارآموز است، او را از «ثبت‌نام کارآموز» با نوشتن مدرک ثبت کنید."
)


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
        whose = owners.get(mobile, set()) - {person_id}
        is_own = actor.person_id in whose
        if why := mobiles.of_staff(mobile, is_own=is_own, is_colleagues=bool(whose), phones=phones):
            found[key] = why
    return found


def fill_mobile(actor: Actor, person: Person, draft: EnrollmentDraft) -> None:
    """The mobile that was typed at the desk, where none stands that is matched.

    Raises:
        DomainError: it is none, or a number of a colleague or of one of the two units.
    """
    typed = draft.fields.get("mobile")
    if not typed or people.has_settled_mobile(person):
        return
    query = select(Course.unit_id, Course.province_id).where(Course.id == draft.course_id)
    course = db.session.execute(query).first()
    place = Place(*course) if course else None
    here = {unit for unit in (draft.unit_id, place and place.unit_id) if unit}
    mobiles.refuse_of_staff(person, typed, here, actor.user_id)
    mobiles.put(person, typed, people.CLERK, By(actor.user_id, draft.unit_id, place=place))
