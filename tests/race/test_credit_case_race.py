"""Many at once at one case: the money moves once, and never money that is spent at the same moment."""

import uuid

import pytest

from models import CreditCase, CreditCaseState, LedgerTransfer, TransferKind, db
from services import credit_cases, enrollment
from services.credit_cases import Key, reading
from services.errors import Conflict
from tests import change_cases, make, misfiled
from tests.race.crowd import storm

CROWD = 8


@pytest.fixture(autouse=True)
def tariff():
    make.tariff(50_000)


def moves() -> int:
    db.session.rollback()
    return db.session.query(LedgerTransfer).filter_by(kind=TransferKind.MOVE).count()


def seconded(**over) -> CreditCase:
    case = misfiled.asked(**over)
    misfiled.decide(misfiled.reviewer(), case.id)
    return case


def test_of_many_second_approvals_at_once_one_moves_the_money_and_the_others_read_who(app):
    wrong = make.national_code()
    case_id, said = seconded(wrong=wrong).id, []

    def approve(who) -> str:
        try:
            return credit_cases.decide(who, str(uuid.uuid4()), Key(case_id, 2), "approve").what.state.value
        except Conflict as late:
            said.append(str(late))
            raise

    seen = storm(app, approve, [misfiled.reviewer() for _ in range(CROWD)])
    assert seen == {"done": 1, "Conflict": CROWD - 1}
    assert (moves(), misfiled.held(wrong)) == (1, 0)
    assert all("تأیید دوم را داد" in each for each in said)


def spend_or_move(app) -> tuple[CreditCase, dict, int]:
    """The money is moved by one while others enroll from the same purse, and as many as it has room for do."""
    person = make.person()
    case, second = seconded(wrong=person.national_code), misfiled.reviewer()
    case_id, code = case.id, person.national_code
    forms = [change_cases.application(make.course(), make.person(), person) for _ in range(3)]

    def act(what) -> str:
        if what == "move":
            return credit_cases.decide(second, str(uuid.uuid4()), Key(case_id, 2), "approve").what.state.value
        return type(enrollment.enroll(what)).__name__

    return case, storm(app, act, [forms[0], "move", *forms[1:]]), misfiled.held(code)


def test_money_that_is_spent_at_the_same_moment_is_moved_or_spent_and_never_both(app):
    case, seen, left = spend_or_move(app)
    state = db.session.get(CreditCase, case.id, populate_existing=True).state
    if state is CreditCaseState.DONE:
        assert (seen, left, moves()) == ({"done": 1, "Shortage": 3}, 0, 1)
    else:
        assert (seen, left, moves()) == ({"DomainError": 1, "Outcome": 2, "Shortage": 1}, 0, 0)
    assert change_cases.odd() == []


def test_control_without_the_look_under_the_lock_the_database_itself_refuses(app, monkeypatch):
    """The purse is then emptied first by those who enroll, and what is left for the move is not enough."""
    person = make.person()
    case = seconded(wrong=person.national_code)
    enrollment.enroll(change_cases.application(make.course(), make.person(), person))
    monkeypatch.setattr(reading, "against", lambda row: None)
    seen = storm(app, lambda who: misfiled.decide(who, case.id).state.value, [misfiled.reviewer()])
    assert (seen, moves()) == ({"IntegrityError": 1}, 0)


def test_two_moves_between_the_same_two_purses_in_both_directions_do_not_wait_in_a_ring(app):
    one, two = make.person().national_code, make.person().national_code
    found = [seconded(wrong=a, to=b).id for a, b in ((one, two), (two, one)) for _ in range(CROWD // 2)]
    turns = [(misfiled.reviewer(), case_id) for case_id in found]
    seen = storm(app, lambda turn: misfiled.decide(*turn).state.value, turns)
    assert seen == {"done": CROWD}
    assert (misfiled.held(one), misfiled.held(two), moves()) == (400_000, 400_000, CROWD)


def test_one_top_up_has_one_request_however_many_ask_at_once(app):
    paid = misfiled.payment(make.national_code())
    clerk, other = misfiled.clerk(), misfiled.clerk()
    wish = misfiled.wish(paid)
    turns = [(who, misfiled.paper(who)) for who in [clerk, other] * (CROWD // 2)]
    seen = storm(app, lambda turn: str(credit_cases.ask(turn[0], wish, turn[1]).repeated), turns)
    assert seen == {"False": 1, "True": CROWD // 2 - 1, "Conflict": CROWD // 2}
    db.session.rollback()
    assert db.session.query(CreditCase).count() == 1
