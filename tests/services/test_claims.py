"""A group that somebody names when they enroll themselves: it holds at once, and is looked at afterwards."""

import uuid

import pytest
from sqlalchemy import select

from models import (
    Channel,
    DebitSource,
    Enrollment,
    EnrollmentEvent,
    LedgerTransfer,
    Message,
    Role,
    TargetGroup,
    Tariff,
    UnitKind,
    db,
)
from services import books, claims, enrollment, ledger, policy
from services.claims import State, Word
from services.claims.reading import is_owed
from services.enrollment import resuming
from services.errors import Conflict, DomainError, NotAllowed, OutsideTerritory
from tests import course_cases as cases
from tests import make

FEE = 50_000


@pytest.fixture
def course():
    make.tariff(FEE)
    return make.course()


@pytest.fixture
def clerk(course):
    return cases.staff(Role.CLERK, course.unit)


def named(course, *, exempt=True, money=0, **over) -> Enrollment:
    """Somebody enrolls themselves and says that they are in a group."""
    code = uuid.uuid4().hex[:20]
    group = make.save(TargetGroup(code=code, title="معلولان", is_fee_exempt=exempt))
    if not exempt:
        row = {"unit_kind": "*", "delivery": "*", "decile": 0, "valid_from": make.first(Tariff).valid_from}
        make.save(Tariff(fee_kind="enroll_credit", target_group=code, amount_rials=20_000, **row))
    person = make.person()
    make.purse(person, money)
    values = {"channel": Channel.SELF, "debit_source": DebitSource.TRAINEE, "payer": ledger.owner_of(person)}
    values |= {"target_group_id": group.id, "group_evidence": "کارت ۱۲", "free_because": "گروه" if exempt else None}
    form = enrollment.Application(str(uuid.uuid4()), course.id, person.id, **{**values, **over})
    return db.session.get_one(Enrollment, enrollment.enroll(form).enrollment_id)


def word(holds=False, reason="کارت از آنِ شخص دیگری است") -> Word:
    return Word(holds, reason, "/trainee")


def waiting(actor, state=State.WAITING) -> list[int]:
    return [claim.enrollment.id for claim in claims.page(actor, state)[0]]


def owes() -> list[int]:
    return list(db.session.scalars(select(Enrollment.id).where(is_owed()).order_by(Enrollment.id)))


def test_what_staff_enrolled_and_what_spares_nothing_waits_for_no_look(course, clerk):
    mine = named(course)
    by_staff = named(course, channel=Channel.CLERK)
    plain = named(course)
    db.session.get_one(TargetGroup, plain.target_group_id).is_fee_exempt = False
    db.session.commit()
    assert waiting(clerk) == [mine.id]
    with pytest.raises(NotAllowed):
        claims.of_unit(clerk, by_staff.id)


def test_one_that_holds_stays_as_it_is_and_is_said_once(course, clerk):
    made = named(course)
    assert [claims.decide(clerk, made.id, word(holds=True)).state for _ in range(2)] == [State.HOLDS] * 2
    assert (waiting(clerk), made.fee_rials, owes()) == ([], 0, [])
    with pytest.raises(Conflict, match="پذیرفته شده"):
        claims.decide(clerk, made.id, word())
    assert db.session.query(EnrollmentEvent).filter_by(action="group_proved").count() == 1


def test_one_that_does_not_hold_is_owed_and_nothing_is_taken_until_the_person_pays(course, clerk):
    made = named(course, money=FEE)
    with pytest.raises(DomainError, match="دلیل"):
        claims.decide(clerk, made.id, word(reason=" "))
    for _ in range(2):
        assert claims.decide(clerk, made.id, word()).state is State.OWED
    told = db.session.scalars(select(Message.body).filter_by(template="group_refuted")).one()
    assert ("کارت از آنِ" in told, "۵۰٬۰۰۰" in told) == (True, True)
    assert (owes(), waiting(clerk, State.OWED), ledger.balance(*ledger.owner_of(made.person))) == (
        [made.id], [made.id], FEE,
    )  # fmt: skip
    with pytest.raises(Conflict, match="اکنون"):
        claims.pay(made.person, made.id, FEE - 1)
    assert [claims.pay(made.person, made.id, FEE) for _ in range(2)] == [True, False]
    db.session.refresh(made)
    assert (made.fee_rials, made.debit_source, made.fee_reason, owes()) == (FEE, "trainee", None, [])
    assert (ledger.balance(*ledger.owner_of(made.person)), books.check().count) == (0, 0)


def test_of_a_group_with_a_price_of_its_own_the_rest_is_owed_and_leaving_gives_both_back(course, clerk):
    made = named(course, exempt=False, money=FEE)
    assert (made.fee_rials, waiting(clerk)) == (20_000, [made.id])
    claims.decide(clerk, made.id, word())
    assert claims.own(made.person, made.id).rest == 30_000
    assert claims.pay(made.person, made.id, 30_000)
    assert books.check().count == 0
    enrollment.withdraw(made.person, made.id)
    assert (ledger.balance(*ledger.owner_of(made.person)), books.check().count) == (FEE, 0)
    kinds = db.session.scalars(select(LedgerTransfer.kind).filter_by(enrollment_id=made.id).order_by(LedgerTransfer.id))
    assert list(kinds) == ["debit", "debit", "refund", "refund"]


def test_a_better_paper_makes_it_hold_after_all_and_an_empty_purse_loses_nothing(course, clerk):
    made = named(course)
    claims.decide(clerk, made.id, word())
    with pytest.raises(DomainError, match="کسر نشد"):
        claims.pay(made.person, made.id, FEE)
    assert claims.decide(clerk, made.id, word(holds=True)).state is State.HOLDS
    with pytest.raises(Conflict, match="بدهکار نیستید"):
        claims.pay(made.person, made.id, FEE)


def test_others_decide_and_pay_nothing(course, clerk):
    made = named(course)
    with pytest.raises(OutsideTerritory):
        claims.decide(cases.staff(Role.MANAGER, make.unit()), made.id, word())
    for actor in (cases.staff(Role.COUNSELOR, course.unit), cases.staff(Role.COUNTER, make.unit(UnitKind.COUNTER))):
        with pytest.raises(NotAllowed):
            claims.decide(actor, made.id, word())
    with pytest.raises(OutsideTerritory):
        claims.pay(make.person(), made.id, FEE)
    made.person_id = clerk.person_id
    db.session.commit()
    with pytest.raises(NotAllowed, match="خودتان"):
        claims.decide(clerk, made.id, word(holds=True))


def test_a_group_with_prices_of_its_own_asks_for_the_paper(course):
    plain, priced = (make.save(TargetGroup(code=code, title=code)) for code in ("plain", "priced"))
    row = {"unit_kind": "*", "delivery": "*", "decile": 0, "valid_from": policy.today()}
    make.save(Tariff(fee_kind="enroll_credit", target_group="priced", amount_rials=1, **row))
    assert [resuming.is_proven_by_paper(each) for each in (plain, priced)] == [False, True]
