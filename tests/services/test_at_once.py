"""The short way of an enrollment: it writes what the long one writes or nothing, and sees who has changed."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH
from sqlalchemy import inspect, select, text, update

from models import (
    Channel,
    Course,
    DebitSource,
    Enrollment,
    EnrollmentDraft,
    EnrollmentEvent,
    EnrollmentStatus,
    InPersonLevel,
    InPersonReason,
    LedgerTransfer,
    Message,
    Outbox,
    Person,
    Policy,
    TargetGroup,
    db,
    utcnow,
)
from services import enrollment, ledger, policy
from services.enrollment import Application, at_once, commit
from tables import functions
from tests import make

WRITTEN = (Enrollment, EnrollmentEvent, LedgerTransfer, Message, Outbox)
# What differs from one enrollment to the next, whichever way it was made.
OWN = {"id", "form_key", "form_hash", "tracking_code", "person_id", "enrollment_id", "ref_id", "payer_account_id"}
OWN |= {"from_account_id", "cause_key", "dedup_key", "body"}


@pytest.fixture(autouse=True)
def tariff():
    make.tariff(50_000)


def is_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


def form(course: Course, money: int = 50_000, **over) -> Application:
    person = make.person()
    make.purse(person, money)
    values = {"channel": Channel.SELF, "debit_source": DebitSource.TRAINEE, "payer": ledger.owner_of(person)}
    return Application(str(uuid.uuid4()), course.id, person.id, **{**values, **over})


def written(of: Application) -> list[dict[str, object]]:
    """Every row that this enrollment has made, without what is its own; times as whether they are there."""
    made = db.session.scalars(select(Enrollment.id).where(Enrollment.form_key == of.form_key)).one()
    told = db.session.scalars(select(Message.id).where(Message.enrollment_id == made)).one()
    whose = (Enrollment.id == made, EnrollmentEvent.enrollment_id == made, LedgerTransfer.enrollment_id == made)
    rows = []
    for model, where in zip(WRITTEN, (*whose, Message.id == told, Outbox.ref_id == told), strict=True):
        for row in db.session.scalars(select(model).where(where)):
            values = {column.key: getattr(row, column.key) for column in inspect(model).columns}
            rows.append({name: plain(value) for name, value in values.items() if name not in OWN})
    return rows


def plain(value: object) -> object:
    return "a time" if hasattr(value, "hour") else value


def keys(of: Application) -> tuple[str, ...]:
    """The keys and words of what was written, with the ids in them named."""
    row = db.session.scalars(select(Enrollment).where(Enrollment.form_key == of.form_key)).one()
    told = db.session.scalars(select(Message).where(Message.enrollment_id == row.id)).one()
    owed = db.session.scalars(select(Outbox.dedup_key).where(Outbox.ref_id == told.id)).one()
    moved = db.session.scalars(select(LedgerTransfer.cause_key).where(LedgerTransfer.enrollment_id == row.id)).all()
    words = told.body[: told.body.index("کد رهگیری")]
    found = (*(each.replace(str(row.id), "ID") for each in (told.cause_key, *moved)), words)
    return (*found, owed.replace(str(told.id), "ID"))


def draft() -> int:
    return make.save(EnrollmentDraft(key=str(uuid.uuid4()), fields={}, created_at=utcnow(), updated_at=utcnow())).id


@pytest.mark.parametrize("over", ["plain", "in person for a group", "free"])
def test_both_ways_write_the_same(over):
    course, actor = make.course(), make.user()
    group = make.save(TargetGroup(code="nomad", title="عشایر"))
    more = {
        "plain": {},
        "in person for a group": {
            "channel": Channel.CLERK, "actor_id": actor.id, "unit_id": course.unit_id, "group_evidence": "کارت ۱۲",
            "target_group_id": group.id, "in_person": (InPersonReason.IDENTITY, InPersonLevel.COUNTY),
        },
        "free": {"free_because": "گروه هدف", "debit_source": DebitSource.NONE},
    }[over]  # fmt: skip
    short, long = (form(course, draft_id=draft(), **more) for _ in range(2))
    assert not enrollment.enroll(short).repeated
    assert not commit.the_long_way(long).repeated
    assert written(short) == written(long)
    assert keys(short) == keys(long)
    db.session.expire_all()
    used = [db.session.get_one(EnrollmentDraft, each.draft_id).used_at for each in (short, long)]
    assert (db.session.get_one(Course, course.id).taken, all(used)) == (2, True)
    assert [ledger.balance(*each.payer) for each in (short, long)] == [50_000 * (over == "free")] * 2


def full() -> Application:
    course = make.course(capacity_max=1)
    commit.the_long_way(form(course))
    return form(course)


def known() -> Application:
    first = form(make.course(), 150_000)
    commit.the_long_way(first)
    return replace(first, form_key=str(uuid.uuid4()))


def dead() -> Application:
    asked = form(make.course())
    db.session.execute(update(Person).where(Person.id == asked.person_id).values(is_alive=False))
    db.session.commit()
    return asked


def warned() -> Application:
    """What is only warned about is remembered, which the short way does not."""
    make.save(Policy(name="max_active_courses", scope="*", valid_from=dt.date(2020, 1, 1), value=0))
    ruled = {**policy.DEFAULTS["eligible_active_courses"], "mode": "warn"}
    make.save(Policy(name="eligible_active_courses", scope="*", valid_from=dt.date(2020, 1, 1), value=ruled))
    return form(make.course())


LEFT = {
    "the course is full": full,
    "the purse is short": lambda: form(make.course(), 49_999),
    "the course takes nobody": lambda: form(make.course(enroll_close_at=utcnow())),
    "the person is in it": known,
    "a rule refuses": dead,
    "a rule warns": warned,
    "the fee rose": lambda: form(make.course(), seen_fee=49_999),
}


@pytest.mark.parametrize("why", LEFT)
def test_what_is_not_plain_is_left_to_the_long_way(why):
    asked = LEFT[why]()
    before = [db.session.scalars(select(model.id)).all() for model in WRITTEN]
    assert at_once.enroll(asked) is None
    assert [db.session.scalars(select(model.id)).all() for model in WRITTEN] == before


def test_what_is_plain_is_done_at_once():
    assert (at_once.enroll(form(make.course())) is not None) is is_postgresql()


def meanwhile(monkeypatch, change) -> None:
    """`change` is made by somebody else between the look and the call."""
    draw = at_once.codes.tracking_code

    def draw_late() -> str:
        with db.engine.begin() as connection:
            connection.execute(change)
        return draw()

    monkeypatch.setattr(at_once.codes, "tracking_code", draw_late)


def elsewhere(asked: Application) -> Application:
    """The same person is about to be enrolled elsewhere too: an enrollment that was canceled stands again."""
    other = replace(asked, form_key=str(uuid.uuid4()), course_id=make.course().id)
    made = commit.the_long_way(other).enrollment_id
    gone = {"status": EnrollmentStatus.CANCELED, "canceled_at": utcnow()}
    db.session.execute(update(Enrollment).where(Enrollment.id == made).values(gone))
    db.session.commit()
    return other


def again(other: Application):
    return update(Enrollment).where(Enrollment.form_key == other.form_key).values(status=EnrollmentStatus.ACTIVE)


CHANGES = {
    "the enrollments of the person": lambda asked: again(elsewhere(asked)),
    "the person": lambda asked: update(Person).where(Person.id == asked.person_id).values(is_alive=False),
}


@pytest.mark.parametrize("what", CHANGES)
def test_whoever_has_changed_since_the_look_is_left_to_the_long_way(monkeypatch, what):
    asked = form(make.course(), 150_000)
    meanwhile(monkeypatch, CHANGES[what](asked))
    assert at_once.enroll(asked) is None
    assert db.session.get_one(Course, asked.course_id, populate_existing=True).taken == 0


@pytest.fixture
def overlooking():
    """The function without its look at what was seen."""
    whole = functions.ENROLL
    blind = whole.replace("AND p_seen = concat_ws", "AND p_seen IS NOT DISTINCT FROM p_seen OR '' = concat_ws")
    assert blind != whole
    for made in (blind, whole):
        if is_postgresql():
            db.session.remove()
            with db.engine.begin() as connection:
                connection.execute(text(made.replace(":", r"\:")))
        if made is blind:
            yield


def test_control_without_the_version_a_person_gets_two_courses_and_the_dead_get_one(monkeypatch, overlooking):
    done = []
    for change in CHANGES.values():
        asked = form(make.course(), 150_000)
        with monkeypatch.context() as patch:
            meanwhile(patch, change(asked))
            done.append(at_once.enroll(asked) is not None)
    assert done == [is_postgresql()] * 2


def test_the_driver_keeps_the_text_of_the_look():
    """A longer text is taken to pieces anew at each call, which costs more than the look itself."""
    seen = str(at_once._looking().compile(dialect=db.engine.dialect))
    assert len(seen) < MAX_CACHED_STATEMENT_LENGTH
