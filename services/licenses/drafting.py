"""An academy writes its license and sends it: a first one, or a renewal beside the one that counts."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import aliased

from models import FounderKind, License, LicenseState, LicenseTrade, Person, SkillStandard, TradeField, Unit, db, utcnow
from services import audit, codes, identity, jalali, late, mobiles, people, policy, submissions
from services.access import Actor
from services.courses.licensing import COUNTS
from services.errors import Conflict, DomainError, NotAllowed, NotFound
from services.licenses import papers, reading, trail
from services.licenses.reading import OPEN, S
from services.licenses.values import LicenseSaid, LicenseValues, PersonSaid, columns, tidy, values_of
from services.licenses.wording import LABEL, show
from services.mobiles import By
from services.sql import add_once
from services.transaction import atomic

_WORDS = late.Words("license", "license_edited", "این پروانه", LABEL, show)
TAKEN = "این شماره برای پروانهٔ آموزشگاه دیگری ثبت شده است؛ شماره را با برگهٔ پروانه تطبیق دهید"


@dataclass(frozen=True)
class Made:
    """A license, and whether the same form had made it before."""

    license: License
    repeated: bool


def create(actor: Actor, form_key: str, unit_id: int, said: LicenseSaid) -> Made:
    """A new draft of an academy, with the trades of the license that counts; the same form sent again finds the first.

    Source: docs/rules.md R-250, R-253.
    Raises:
        NotAllowed: it is not the actor's academy.
        Conflict: the academy has one that is not decided yet.
        DomainError: what is wrong with which field.
    """
    if unit_id not in reading.academies(actor):
        raise NotAllowed(reading.NOT_KEPT)
    with atomic():
        if earlier := submissions.begin(form_key, actor.user_id):
            return Made(reading.get(actor, submissions.id_of(earlier, "license")), repeated=True)
        # Locked, so that two of its staff at once do not begin two.
        unit = db.session.get_one(Unit, unit_id, with_for_update={"key_share": True}, populate_existing=True)
        if open_one(unit_id) is not None:
            raise Conflict("این آموزشگاه پروانه‌ای دارد که هنوز دربارهٔ آن تصمیم گرفته نشده است. همان را کامل کنید.")
        values = _values(actor, said)
        row = License(unit_id=unit.id, province_id=unit.province_id, entered_by_id=actor.user_id, **columns(values))
        row.created_at = utcnow()
        db.session.add(row)
        db.session.flush()
        _copy_trades(unit_id, row.id)
        trail.note(actor, row.id, "create")
        submissions.finish(form_key, f"license:{row.id}")
        return Made(row, repeated=False)


def open_one(unit_id: int) -> int | None:
    """The license of a unit that is being written or waits for a decision."""
    query = select(License.id).where(License.unit_id == unit_id, License.state.in_(OPEN))
    return db.session.scalar(query.order_by(License.id).limit(1))


def counting(unit_id: int) -> License | None:
    """The license of a unit that counts; one query."""
    return db.session.scalar(select(License).where(License.unit_id == unit_id, License.state.in_(COUNTS)))


def save(actor: Actor, license_id: int, version: int, said: LicenseSaid) -> bool:
    """Save a license that was not sent; False when nothing was written that differs, as when a form comes twice.

    Raises:
        LateSaving: somebody has saved since; it carries both values of every field that differs.
        NotAllowed, DomainError: as `create`.
    """
    with atomic():
        row = reading.writable(actor, license_id)
        values = _values(actor, said, row)
        if values == values_of(row):
            return _tells_of_people(said)
        if version != row.version:
            raise late.refusal(_WORDS, row, actor, version, values)
        late.write(_WORDS, actor, row, values, columns(values))
        trail.note(actor, license_id, "edit")
    return True


def add_trade(actor: Actor, license_id: int, *, field_id: int | None = None, standard_id: int | None = None) -> bool:
    """Say that a license allows a whole field or one standard; False when it has been said.

    Raises:
        NotAllowed: it is not the actor's to write, or not now.
        NotFound: there is no such field or standard.
    """
    with atomic():
        reading.writable(actor, license_id)
        model, wanted = (TradeField, field_id) if field_id else (SkillStandard, standard_id)
        if wanted is None or not db.session.scalar(select(exists().where(model.id == wanted))):
            raise NotFound("این رشته یا استاندارد پیدا نشد. آن را دوباره از فهرست انتخاب کنید.")
        said = (wanted, None) if field_id else (None, wanted)
        if add_once(LicenseTrade, license_id=license_id, field_id=said[0], standard_id=said[1]) is None:
            return False
        trail.note(actor, license_id, "trade_added", field_id=said[0], standard_id=said[1])
    return True


def remove_trade(actor: Actor, license_id: int, trade_id: int) -> bool:
    """Take a trade back; False when it was gone."""
    with atomic():
        reading.writable(actor, license_id)
        row = db.session.get(LicenseTrade, trade_id, populate_existing=True)
        if row is None or row.license_id != license_id:
            return False
        trail.note(actor, license_id, "trade_removed", field_id=row.field_id, standard_id=row.standard_id)
        db.session.delete(row)
    return True


def send(actor: Actor, license_id: int, version: int) -> bool:
    """Send a license to the province; False when it has been sent already.

    Source: docs/rules.md R-253.
    Raises:
        Conflict: it has changed since the page was shown.
        DomainError: what it lacks.
        NotAllowed: it is not the actor's to send.
    """
    with atomic():
        row = reading.get(actor, license_id, lock=True)
        if reading.keeps(actor, row) and row.state is S.WAITING:
            return False
        row = reading.writable(actor, license_id)
        if version != row.version:
            raise trail.late(actor, license_id)
        _require_ready(row)
        row.state, row.sent_at, row.decision, row.decided_by_id, row.decided_at = S.WAITING, utcnow(), None, None, None
        row.version += 1
        trail.note(actor, license_id, "send")
    return True


def recall(actor: Actor, license_id: int) -> bool:
    """Take back what waits for the province; False when it does not wait any more."""
    with atomic():
        row = reading.get(actor, license_id, lock=True)
        if not reading.keeps(actor, row):
            raise NotAllowed(reading.NOT_KEPT)
        if row.state is not S.WAITING:
            return False
        row.state, row.version = S.DRAFT, row.version + 1
        trail.note(actor, license_id, "recall")
    return True


# -- Support -----------------------------------------------------------------------


def _copy_trades(unit_id: int, license_id: int) -> None:
    former = counting(unit_id)
    for trade in former.trades if former else ():
        db.session.add(LicenseTrade(license_id=license_id, field_id=trade.field_id, standard_id=trade.standard_id))


def _require_ready(row: License) -> None:
    if row.expires_on < policy.today():
        raise DomainError(f"اعتبار این پروانه {jalali.long(row.expires_on)} تمام شده است. پروانهٔ تازه را بنویسید.")
    if not db.session.scalar(select(exists().where(LicenseTrade.license_id == row.id))):
        raise DomainError("دست‌کم یک رشته یا حرفه را بیفزایید، سپس بفرستید. چیزی فرستاده نشد.")
    papers.require_some(row.id)
    refuse_taken_number(row)


def refuse_taken_number(row: License) -> None:
    """Refuse a number that stands on the license of another academy.

    Raises:
        DomainError: it does.
    """
    if db.session.scalar(select(exists().where(*same_number())).where(License.id == row.id)):
        raise DomainError(TAKEN, field="number")


def same_number() -> tuple[ColumnElement[bool], ...]:
    """SQL: another academy has sent, or holds, a license with the number of the one that is asked about."""
    other, unsent = aliased(License), (LicenseState.DRAFT, LicenseState.REJECTED)
    return other.number == License.number, other.unit_id != License.unit_id, other.state.not_in(unsent)


def _values(actor: Actor, said: LicenseSaid, row: License | None = None) -> LicenseValues:
    """What is stored of what was said; its people are found or made, as at the desk."""
    tidied = tidy(said)
    wanted = {"manager": said.manager}
    if said.founder_kind is FounderKind.PERSON:
        wanted["founder"] = said.founder
    code_of = {part: _code(part, each) for part, each in wanted.items()}
    # By their codes, so that two forms which name the same two people never wait for each other in a ring.
    parts = sorted(wanted, key=code_of.__getitem__)
    known = {row.manager_id, row.founder_person_id} if row else set()
    found = {part: _person(actor, code_of[part], part, wanted[part], known).id for part in parts}
    return LicenseValues(**tidied, manager_id=found["manager"], founder_person_id=found.get("founder"))


def _tells_of_people(said: LicenseSaid) -> bool:
    """Whether something was written about the people of a license that is no part of the license."""
    return any((said.founder.birth_date, said.founder.mobile, said.manager.birth_date, said.manager.mobile))


def _code(part: str, said: PersonSaid) -> str:
    code = codes.national_code(said.national_code)
    if code is None:
        raise DomainError(codes.why_not_national_code(said.national_code), field=f"{part}_code")
    return code


def _person(actor: Actor, code: str, part: str, said: PersonSaid, known: set[int | None]) -> Person:
    person = people.find_or_create(code)
    if not person.is_alive:
        raise DomainError("ثبت احوال این شخص را درگذشته می‌داند؛ با اداره کل هماهنگ کنید", field=f"{part}_code")
    if codes.is_suspicious_national_code(code) and not people.is_official(person, "name"):
        raise DomainError("این کد ملی ساختگی به نظر می‌رسد؛ کد را با کارت ملی تطبیق دهید", field=f"{part}_code")
    if said.birth_date and not people.has_settled_birth_date(person):
        people.set_birth_date(person, said.birth_date, people.CLERK)
    mobiles.fill(person, said.mobile, By(actor.user_id))
    db.session.flush()
    identity.owe_checks(person, actor.user_id)
    if person.id not in known:
        audit.record("person_looked_up", "person", person.id, actor_id=actor.user_id, part=part)
    return person
