"""The short way of an enrollment on PostgreSQL: one look without locks, then one call that is its own transaction.

It decides nothing but that all is well. Whatever speaks against an enrollment, or has to be written beside it, is left
to the long way in `commit`, which looks again with everything locked. The call itself is in tables/functions.py: it
takes the locks, finds the person as the look has met them or does nothing, and takes the seat last. So a row that a
whole crowd waits for is held for a moment of the database's and none of ours.
"""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, TextClause, bindparam, literal_column, text
from sqlalchemy.exc import IntegrityError

from gateways import queue
from models import DebitSource, Enrollment, Person, db
from services import codes, courses, ledger, outbox
from services.enrollment import confirming, eligibility, remembering, wording
from services.enrollment.refusals import FeeRose
from services.enrollment.rules import Known
from services.enrollment.terms import Application, Outcome, Terms, asked, columns, course_and_purse, priced
from services.outbox import Topic
from services.transaction import alone, is_open


def enroll(application: Application) -> Outcome | None:
    """The outcome where nothing stood in the way; None when nothing was done, which leaves it to the long way.

    A purse of staff is left to it as well, because somebody may have to be told that it runs low.
    """
    if is_open() or db.session.get_bind().dialect.name != "postgresql":
        return None
    if application.debit_source is DebitSource.PORTAL_USER:
        return None
    with alone() as connection:
        seen = connection.execute(_looking(), asked(application) | {"leaves": 0}).first()
        terms = _terms(application, seen)
        if seen is None or terms is None:
            return None
        tracking_code = codes.tracking_code()
        try:
            made = connection.execute(_calling(), _given(application, terms, tracking_code)).one()
        except IntegrityError:  # a CHECK of the purse or of the course: there is no more
            return None
    if made.made is None:
        return None
    queue.nudge(made.owed)
    return Outcome(made.made, tracking_code, repeated=False)


def _terms(application: Application, seen: Row[Any] | None) -> Terms | None:
    """What it costs; None where anything speaks against it, is to be asked or remembered, or the purse is short."""
    if seen is None or seen.offer is not None or seen.waived:
        return None
    try:
        terms = priced(application, seen)
    except (FeeRose, LookupError):
        return None
    person = eligibility.Typed(application.person_id, seen.has_gender, seen.birth_date, seen.is_alive, seen.schooling)
    known = Known(seen.active, guarded=bool(seen.guarded)) if eligibility.is_enough(seen, terms.values) else None
    words = wording.of(application.channel)
    found = eligibility.answer(person, seen, terms.values, said=application.said, words=words, known=known)
    stands = any(each.refuses or (application.must_ask and each.asks_for) for each in found)
    if stands or remembering.events(0, application, found) or (seen.balance or 0) < terms.fee:
        return None
    return terms


@cache
def _looking() -> Select[*tuple[Any, ...]]:
    """All that an enrollment looks at; no row where the course takes nobody or is full."""
    person: Any = bindparam("person")
    stored = (Person.gender.label("has_gender"), Person.birth_date, Person.is_alive, Person.schooling)
    query = course_and_purse().add_columns(*stored, *eligibility.standing(person), _version())
    takes = (courses.enrollable(bindparam("now")), courses.has_room())
    return query.join(Person, Person.id == person).where(*takes)


def _version() -> ColumnElement[str]:
    """The transactions that have last written the person and each enrollment of theirs, as the function asks them."""
    mine = "SELECT string_agg(concat_ws('.', e.id, e.xmin), ' ' ORDER BY e.id) FROM enrollment e"
    return literal_column(f"concat_ws(' ', person.xmin, ({mine} WHERE e.person_id = person.id))").label("version")  # noqa: S608 (words of our own)


_OF_ENROLLMENT = {
    "person": "person_id",
    "course": "course_id",
    "province": "province_id",
    "unit": "unit_id",
    "actor": "created_by_id",
    "form_key": "form_key",
    "form_hash": "form_hash",
    "tracking_code": "tracking_code",
    "group": "target_group_id",
    "evidence": "group_evidence",
    "channel": "channel",
    "reason": "in_person_reason",
    "level": "in_person_level",
    "source": "debit_source",
    "purse": "payer_account_id",
    "fee": "fee_rials",
    "fee_reason": "fee_reason",
}
_BESIDE = ("seen", "draft", "income", "body", "now", "due")


@cache
def _calling() -> TextClause:
    """The call of the function, by the names of its parameters."""
    names = (*_OF_ENROLLMENT, *_BESIDE)
    call = text(f"SELECT made, owed FROM enroll_at_once({', '.join(f'p_{name} => :{name}' for name in names)})")  # noqa: S608 (names of our own)
    types = Enrollment.__table__.c
    return call.bindparams(*(bindparam(name, type_=types[column].type) for name, column in _OF_ENROLLMENT.items()))


def _given(application: Application, terms: Terms, tracking_code: str) -> dict[str, Any]:
    row = columns(application, terms, tracking_code)
    owed = outbox.born(Topic.SMS, 0, "")
    by = confirming.debited_by(application, terms.course) if terms.fee else None
    return {name: row[column] for name, column in _OF_ENROLLMENT.items()} | {
        "seen": terms.course.version,
        "draft": application.draft_id,
        "income": ledger.income_id(),
        "body": confirming.confirmation(terms.course, tracking_code, terms.fee, application.debit_source, by),
        "now": owed["created_at"],
        "due": owed["next_try_at"],
    }
