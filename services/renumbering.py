"""Another mobile for somebody enrolled, written by staff who have seen a paper; old and new number are told.

What keeps an account from being stolen by it: the new number gets nothing before Shahkar has matched it with the
person's own code, the old one is told at once by whom it was replaced, and nobody signs in by a mobile.
"""

from dataclasses import dataclass
from datetime import time

from sqlalchemy import func, select

from models import Enrollment, Message, MobileChange, MobileStatus, StoredFile, User, db
from services import audit, enrolled, files, jalali, messages, mobiles, people, policy, seals, submissions, text, trail
from services.access import Actor
from services.errors import Conflict, DomainError
from services.mobiles import By
from services.provenance import Place
from services.transaction import atomic, retried

FORM = "mobile"
LEFT, TAKEN = "mobile_left", "mobile_taken"
PER_USER, PER_PERSON = "mobile_changes_per_day", "mobile_changes_per_person"
LONGEST = 300


@dataclass(frozen=True, repr=False)
class Wanted:
    """What the form says. `seen` marks the mobile that its page has shown; `evidence` is kind and number of a paper."""

    mobile: str
    reason: str
    evidence: str
    seen: str


def seen_of(mobile: str | None) -> str:
    """What stands for a mobile in a form."""
    return seals.mark("mobile seen", mobile or "")[:16]


@retried
def change(actor: Actor, form_key: str, enrollment_id: int, wanted: Wanted, paper: StoredFile | None) -> bool:
    """Write another mobile on evidence; False when this very form had been carried out.

    Raises:
        NotAllowed, NotFound, OutsideTerritory: as `enrolled.changeable`.
        Conflict: somebody has written another one since the page was shown.
        DomainError: what is missing, whose number it is, or that there were too many; it names the field.

    Source: docs/rules.md R-795, R-796.
    """
    enrollment = enrolled.changeable(actor, enrollment_id)
    reason = _reason(wanted, paper)
    with atomic():
        if not submissions.once(form_key, actor.user_id, f"{FORM}:{enrollment_id}"):
            return False
        person = people.locked(enrollment.person_id)
        if seen_of(person.mobile) != wanted.seen:
            raise Conflict(_somebody(actor, person.id))
        if mobiles.wanted(wanted.mobile) == person.mobile:
            raise DomainError("همین شماره برای او ثبت است", field="mobile")
        _refuse_many(actor, person.id)
        was_theirs = person.mobile_status is MobileStatus.MATCHED
        course = enrollment.course
        here = Place(course.unit_id, course.province_id)
        by = By(actor.user_id, course.unit_id, paper.id if paper else None, reason, here)
        mobiles.change(person, wanted.mobile, people.CLERK, by)
        person.version += 1
        made = _newest(person.id)
        _keep(actor, made, paper, enrollment)
        _tell(made, enrollment, was_theirs=was_theirs)
        audit.record("mobile_changed", "person", person.id, actor_id=actor.user_id, enrollment=enrollment_id)
    return True


def _reason(wanted: Wanted, paper: StoredFile | None) -> str:
    reason, evidence = text.clean(wanted.reason), text.clean(wanted.evidence)
    if not reason:
        raise DomainError("بنویسید چرا شماره عوض می‌شود", field="reason")
    if not evidence and paper is None:
        raise DomainError("نوع و شمارهٔ مدرکی را که دیده‌اید بنویسید یا تصویر آن را پیوست کنید", field="evidence")
    return (f"{reason}؛ مدرک: {evidence}" if evidence else reason)[:LONGEST]


def _newest(person_id: int) -> MobileChange:
    query = select(MobileChange).where(MobileChange.person_id == person_id).order_by(MobileChange.id.desc())
    return db.session.scalars(query.limit(1)).one()


def _somebody(actor: Actor, person_id: int) -> str:
    """Who was faster, and when, as far as it is on record."""
    again = "شمارهٔ کنونی را ببینید و اگر هنوز لازم است دوباره بنویسید."
    query = select(MobileChange).where(MobileChange.person_id == person_id).order_by(MobileChange.id.desc())
    last = db.session.scalar(query.limit(1))
    if last is None or last.actor_id is None:
        return f"شمارهٔ این کارآموز در این میان عوض شده است. {again}"
    when = jalali.clock(jalali.tehran(last.created_at).time())
    who = "خود شما" if last.actor_id == actor.user_id else trail.name_of(db.session.get(User, last.actor_id))
    return f"{who} ساعت {when} شمارهٔ این کارآموز را عوض کرد. {again}"


# -- Limits ------------------------------------------------------------------------


def _refuse_many(actor: Actor, person_id: int) -> None:
    """No more in a day than an honest desk has; counted with the user held, so that two tabs are counted in turn.

    Raises:
        DomainError: enough for today.
    """
    db.session.execute(select(User.id).where(User.id == actor.user_id).with_for_update(key_share=True))
    _limit(PER_PERSON, MobileChange.person_id == person_id, "شمارهٔ این کارآموز امروز {most} بار عوض شده است.")
    _limit(PER_USER, MobileChange.actor_id == actor.user_id, "امروز شمارهٔ {most} کارآموز را عوض کرده‌اید.")


def _limit(rule: str, whose: object, said: str) -> None:
    most = int(policy.value_in(rule, "*", "*"))
    midnight = jalali.from_tehran(policy.today(), time.min)
    today = (MobileChange.created_at >= midnight, MobileChange.reason != mobiles.WHILE_TYPING)
    count = db.session.scalar(select(func.count()).select_from(MobileChange).where(whose, *today))  # type: ignore[arg-type]
    if most and (count or 0) >= most:
        again = "فردا ادامه دهید یا از مدیر مرکز بخواهید."
        raise DomainError(f"{said.format(most=text.persian_digits(most))} {again}", field="mobile")


# -- Telling -----------------------------------------------------------------------


def _tell(made: MobileChange, enrollment: Enrollment, *, was_theirs: bool) -> None:
    """Both numbers, each only as far as it is or was proven to be the person's."""
    unit = enrollment.course.unit
    call = f" با تلفن {unit.phone}" if unit.phone else ""
    if was_theirs:
        body = (
            f"شمارهٔ همراه شما در سامانهٔ ثبت‌نام دوره‌های فنی و حرفه‌ای را «{unit.title}» عوض کرد "
            f"و دیگر پیامکی به این شماره نمی‌آید. اگر شما نخواسته‌اید، همین امروز{call} خبر دهید."
        )
        messages.tell(made.person_id, LEFT, body, cause_key=f"{LEFT}:{made.id}")
    body = (
        "این شماره در سامانهٔ ثبت‌نام دوره‌های فنی و حرفه‌ای برای شما ثبت شد و پیامک‌های دوره‌ها به آن می‌آید. "
        f"اگر شما نخواسته‌اید{call} به «{unit.title}» خبر دهید."
    )
    messages.tell(made.person_id, TAKEN, body, cause_key=f"{TAKEN}:{made.id}")


def _former(message: Message) -> str | None:
    """The number that a change has taken away; it was matched then, or nothing would be owed to it."""
    change_id = int(message.cause_key.rpartition(":")[2])
    made = db.session.get(MobileChange, change_id)
    return made.old_mobile if made else None


messages.ADDRESSED[LEFT] = _former


# -- The paper ---------------------------------------------------------------------


def place() -> files.Place:
    return files.Place(enrolled.MOBILE)


def _keep(actor: Actor, made: MobileChange, paper: StoredFile | None, enrollment: Enrollment) -> None:
    if paper is not None:
        files.attach(actor, [paper.key], files.Place(enrolled.MOBILE, made.id, made.unit_id, enrollment.province_id))
