"""Who answers for somebody under age: named at the desk, in a list, by the person; messages may go to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Exists, exists, select, update
from sqlalchemy.orm import joinedload

from models import Guardianship, IdentityStep, Person, Relation, db, utcnow
from services import audit, codes, jalali, labels, mobiles, people, policy, provenance, text
from services.catalog.kept import for_a_minute
from services.errors import Conflict, DomainError
from services.mobiles import By
from services.transaction import atomic

RELATIONS = {
    Relation.FATHER: "پدر",
    Relation.MOTHER: "مادر",
    Relation.GRANDFATHER: "جد پدری",
    Relation.APPOINTED: "قیم",
}
AGE, DOCUMENT = "guardian_age", "guardian_document"  # policies
FIELDS = ("guardian_code", "guardian_relation", "guardian_mobile")
NO_BIRTH_DATE = "سرپرست فقط برای کسی ثبت می‌شود که به سن قانونی نرسیده است؛ تاریخ تولد را هم بنویسید"
GROWN = "این شخص به سن قانونی رسیده است و سرپرست برای او ثبت نمی‌شود"
ELSE_STANDS = (
    "سرپرست این شخص در این میان تغییر کرده است. آنچه اکنون ثبت است را ببینید و اگر هنوز لازم است دوباره بنویسید."
)


@dataclass(frozen=True)
class Said:
    """A guardian as typed: national code, what they are to the child, and a mobile of their own."""

    code: str = ""
    relation: str = ""
    mobile: str = ""

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "Said":
        """From the fields of a draft or of a line of a list."""
        return cls(*(str(fields.get(name) or "") for name in FIELDS))

    def as_fields(self) -> dict[str, str]:
        return dict(zip(FIELDS, (self.code, self.relation, self.mobile), strict=True))

    @property
    def is_empty(self) -> bool:
        return not (self.code or self.relation or self.mobile)


def age() -> int:
    """From this age on, in full years, somebody answers for themselves."""
    return for_a_minute((AGE,), lambda: int(policy.value_in(AGE, "*", "*")))


def is_minor(born: date | None, of_age: int | None = None) -> bool:
    """Whether somebody born then is under age today; of whom nothing is known, nobody says so."""
    return born is not None and jalali.full_years(born, policy.today()) < (age() if of_age is None else of_age)


def child(person_id: int) -> Person:
    """The person for whom somebody may answer."""
    return db.session.get_one(Person, person_id)


# -- Naming ------------------------------------------------------------------------


def why_not(said: Said, own_code: str | None, born: date | None, known: Person | None) -> DomainError | None:
    """What speaks against a guardian that was typed; `known` is the person of the guardian's code, if there is one.

    Source: docs/rules.md R-791.
    """
    code = codes.national_code(said.code)
    if code is None:
        return DomainError(codes.why_not_national_code(said.code), field="guardian_code")
    if code == own_code:
        return DomainError("کد ملی سرپرست همان کد ملی کارآموز است", field="guardian_code")
    if said.relation not in set(Relation):
        return DomainError("نسبت سرپرست با کارآموز را انتخاب کنید", field="guardian_relation")
    if said.mobile and codes.mobile(said.mobile) is None:
        return DomainError(codes.why_not_mobile(said.mobile), field="guardian_mobile")
    if born is None:
        return DomainError(NO_BIRTH_DATE, field="birth_date")
    if not is_minor(born):
        return DomainError(GROWN, field="guardian_code")
    return _unfit(code, known)


def _unfit(code: str, known: Person | None) -> DomainError | None:
    """Who cannot answer for anybody; of whom nothing is known, nobody says so."""
    if known is not None and not known.is_alive:
        return DomainError(
            "این کد ملی را نمی‌توان به‌عنوان سرپرست ثبت کرد؛ با سرپرست مرکز بررسی کنید", field="guardian_code"
        )
    if known is not None and is_minor(known.birth_date):
        return DomainError("سرپرست خود به سن قانونی نرسیده است", field="guardian_code")
    if codes.is_suspicious_national_code(code) and (known is None or not people.is_official(known, "name")):
        return DomainError("این کد ملی ساختگی به نظر می‌رسد؛ کد را با کارت ملی سرپرست تطبیق دهید", field="guardian_code")
    return None


def fill(person: Person, said: Said, source: str, by: By) -> bool:
    """Name a guardian where none stands; True when one was named. Inside `atomic()`, with the person locked.

    Raises:
        DomainError: the guardian cannot be; it names the field.
    """
    if said.is_empty or standing(person.id) is not None:
        return False
    _name(person, said, source, by)
    return True


@dataclass(frozen=True)
class Change:
    """A guardian in the place of the one that a page has shown; `seen` is that one's id, 0 where there was none."""

    said: Said
    seen: int


def change(person_id: int, wanted: Change, source: str, by: By) -> bool:
    """Name a guardian, or another one; False where just this one stands already.

    Raises:
        Conflict: somebody else has named another one since the page was shown.
        DomainError: the guardian cannot be, or the document is lacking; it names the field.

    Source: docs/rules.md R-792.
    """
    with atomic():
        person = people.locked(person_id)
        before = standing(person_id)
        if before is not None and _is_same(before, wanted.said):
            return _fill_mobile(before, wanted.said, source, by)
        if (before.id if before else 0) != wanted.seen:
            raise Conflict(ELSE_STANDS)
        if by.actor_id and by.document_id is None and policy.value_in(DOCUMENT, "*", "*"):
            raise DomainError("تصویر مدرک سرپرستی را پیوست کنید", field="file")
        if before is not None:
            _end(Guardianship.id == before.id)
        _name(person, wanted.said, source, by)
    return True


def by_oneself(person_id: int, wanted: Change) -> bool:
    """`change` by the child itself, as long as no staff has written who answers for it.

    Raises:
        Conflict, DomainError: as `change`.
    """
    before = standing(person_id)
    if before is not None and before.recorded_by_id is not None and not _is_same(before, wanted.said):
        raise DomainError("سرپرست شما را مرکز ثبت کرده است؛ برای تغییر آن با مدرک به مرکز بروید", field="guardian_code")
    return change(person_id, wanted, people.SELF, mobiles.NOBODY)


def _is_same(before: Guardianship, said: Said) -> bool:
    return (before.guardian.national_code, before.relation.value) == (codes.national_code(said.code), said.relation)


def _fill_mobile(standing_: Guardianship, said: Said, source: str, by: By) -> bool:
    guardian = people.locked(standing_.guardian_id)
    return bool(said.mobile) and not people.has_settled_mobile(guardian) and _call(guardian, said.mobile, source, by)


def _name(person: Person, said: Said, source: str, by: By) -> None:
    code = codes.national_code(said.code)
    guardian = people.find_or_create(code) if code else None
    if problem := why_not(said, person.national_code, person.birth_date, guardian):
        raise problem
    assert guardian is not None  # noqa: S101 (without a code there is a problem)
    db.session.flush()
    if said.mobile and not people.has_settled_mobile(guardian):
        _call(guardian, said.mobile, source, by)
    row = Guardianship(person_id=person.id, guardian_id=guardian.id, relation=Relation(said.relation))
    row.recorded_by_id, row.document_id = by.actor_id, by.document_id
    db.session.add(row)
    provenance.note_each(person, [("guardian", IdentityStep.FILLED)], source, by.actor_id, by.place)
    db.session.flush()
    if by.actor_id:
        audit.record("person_looked_up", "person", guardian.id, actor_id=by.actor_id, part="guardian")
    mobiles.owe(guardian, by.actor_id)
    mobiles.wake_messages(person.id)


def _call(guardian: Person, mobile: str, source: str, by: By) -> bool:
    """Give the guardian a mobile; a refusal stands at the guardian's field."""
    try:
        return mobiles.change(guardian, mobile, source, By(by.actor_id, by.unit_id, place=by.place))
    except DomainError as error:
        raise DomainError(str(error), field="guardian_mobile") from error


# -- Ending ------------------------------------------------------------------------


def end_grown(now: datetime) -> int:
    """End what has ended by itself: whoever has come of age answers for themselves.

    Source: docs/rules.md R-793.
    """
    year, month, day = jalali.parts(jalali.tehran_today(now))
    grown = jalali.to_gregorian(year - age(), month, min(day, jalali.month_length(year - age(), month)))
    of_age = select(Person.id).where(Person.id == Guardianship.person_id, Person.birth_date <= grown)
    with atomic():
        return _end(exists(of_age.correlate(Guardianship)))


def _end(which: Any) -> int:
    ending = update(Guardianship).where(which, Guardianship.ended_at.is_(None))
    ending = ending.values(ended_at=utcnow(), version=Guardianship.version + 1).returning(Guardianship.id)
    return len(db.session.scalars(ending.execution_options(synchronize_session=False)).all())


# -- Looking -----------------------------------------------------------------------


def words(standing_: Guardianship) -> str:
    """«مریم نوروزی (مادر)، شماره با کد ملی تطبیق دارد», for staff and the child itself."""
    who = people.shown_name(standing_.guardian)
    return (
        f"{who} ({RELATIONS[standing_.relation]})، تلفن همراه: {labels.MOBILE_STATUS[standing_.guardian.mobile_status]}"
    )


def worded(person: Person, body: str) -> str:
    """What is sent about a child to whoever answers for it: the text says for whom it is."""
    who = person.full_name or "کارآموزی"
    return f"برای {who} که سرپرست او هستید: {body}"


def of_oneself(person_id: int) -> tuple[str, bool]:
    """A person's name as it is shown, and whether somebody answers for them by their age."""
    person = db.session.get_one(Person, person_id)
    return people.shown_name(person), is_minor(person.birth_date)


def shown(field: str, value: str) -> str:
    """A typed field of a guardian in words."""
    words = RELATIONS[Relation(value)] if field == "guardian_relation" and value in set(Relation) else value
    return text.persian_digits(words) or "خالی"


def standing(person_id: int) -> Guardianship | None:
    """The guardian that stands of a person, with who that is; of whoever is of age by now none does."""
    query = select(Guardianship).where(Guardianship.person_id == person_id, Guardianship.ended_at.is_(None))
    query = query.options(joinedload(Guardianship.guardian), joinedload(Guardianship.document))
    found = db.session.scalar(query.execution_options(populate_existing=True))
    born = db.session.scalar(select(Person.birth_date).where(Person.id == person_id)) if found else None
    return found if found is not None and is_minor(born) else None


def stands(whose: Any) -> Exists:
    """SQL: a guardian has been named of this person and has not ended."""
    return exists().where(Guardianship.person_id == whose, Guardianship.ended_at.is_(None))
