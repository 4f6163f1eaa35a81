"""The decile of somebody's household, asked of the ministry where a tariff depends on it; nothing waits for it."""

from datetime import date

from flask import current_app
from sqlalchemy import or_, select

import gateways
from models import IncomeDecile, InquiryKind, InquiryOutcome, Mode, OutboxState, Person, Tariff, db, utcnow
from services import inquiries, outbox, outside, people, policy
from services.inquiries import Question, Settled, Way
from services.outbox import Claim, Topic
from services.sql import add_once
from services.tariffs import ANY_DECILE
from services.transaction import atomic

SOURCE = "inquiry"


def owe(person: Person, actor_id: int | None = None) -> None:
    """Owe the decile of somebody whose fee may depend on it and of whom none is known that holds.

    Source: docs/rules.md R-802.
    """
    if "DECILE" not in current_app.config["SET_UP"] or not person.national_code:
        return
    if outside.mode_of(Topic.DECILE) is Mode.OFF or not _counts() or _is_known(person.id):
        return
    before = outbox.states_of(Topic.DECILE, person.id)
    if OutboxState.OPEN not in before:
        outbox.owe(Topic.DECILE, person.id, f"decile:{person.id}:{len(before)}", actor_id)


def _counts() -> bool:
    """Whether any tariff of today or later is for a decile of its own."""
    today = policy.today()
    query = select(Tariff.id).where(Tariff.decile != ANY_DECILE)
    return db.session.scalar(query.where(or_(Tariff.valid_to.is_(None), Tariff.valid_to >= today)).limit(1)) is not None


def _is_known(person_id: int) -> bool:
    """Whether a decile holds; one that HQ has written holds until HQ writes another."""
    query = select(IncomeDecile.valid_from, IncomeDecile.source).where(IncomeDecile.person_id == person_id)
    row = db.session.execute(query.order_by(IncomeDecile.valid_from.desc()).limit(1)).first()
    if row is None:
        return False
    months = int(policy.value_in("decile_months", "*", "*"))
    return row.source != SOURCE or not months or (policy.today() - row.valid_from).days < months * 30


@outbox.handles(Topic.DECILE)
def look_up(claim: Claim) -> None:
    """Ask for one person's decile."""
    person = db.session.get_one(Person, claim.ref_id, populate_existing=True)
    if not person.national_code or _is_known(person.id):
        outbox.done(claim)
        return
    ministry, code = gateways.decile(), person.national_code
    if inquiries.is_held(claim, Topic.DECILE, can_be_called=ministry is not None) or ministry is None:
        return
    question = question_of(person, f"{claim.id}-{claim.attempt}")
    answer = inquiries.ask(claim, question, lambda: ministry.of(code))
    if answer is not None:
        settle(question, answer.value, Way(SOURCE, claim))


def question_of(person: Person, request_id: str) -> Question:
    return Question(InquiryKind.DECILE, person.id, f"{person.national_code}", request_id)


def settle(question: Question, found: int | None, way: Way) -> Settled:
    """Take in a decile from today on, or that the ministry knows none; fees that were taken stay as they are."""
    with atomic():
        people.locked(question.person_id)
        outcome = InquiryOutcome.MATCH if found else InquiryOutcome.NO_MATCH
        inquiries.note(question, outcome, way.claim)
        if found:
            _write(question.person_id, found, policy.today(), way)
        inquiries.close(way, Topic.DECILE, question, Settled.TAKEN, "")
    return Settled.TAKEN


def _write(person_id: int, decile: int, day: date, way: Way) -> None:
    """One row a day: what HQ has written of the same day stands."""
    values = {"person_id": person_id, "decile": decile, "source": SOURCE, "valid_from": day}
    add_once(IncomeDecile, **values, recorded_by_id=way.actor_id, created_at=utcnow())
