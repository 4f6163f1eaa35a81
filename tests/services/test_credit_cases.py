"""Two people move money from the wrong code while it is unspent; nothing is corrected without a document."""

import uuid

import pytest

from models import (
    AuditEvent,
    CreditCase,
    CreditCaseState,
    Deputy,
    LedgerTransfer,
    Message,
    OwnerKind,
    Role,
    TransferKind,
    User,
    UserRole,
    db,
)
from services import credit_cases, enrollment, files, policy
from services.credit_cases import Key, papers
from services.errors import Conflict, DomainError, NotAllowed, NotFound, TooMany
from services.files import Viewer
from tests import change_cases, make, misfiled
from tests import course_cases as cases

S = CreditCaseState


def state_of(case: CreditCase) -> CreditCaseState:
    return db.session.get(CreditCase, case.id, populate_existing=True).state


def did(case: CreditCase) -> list[str]:
    rows = db.session.query(AuditEvent).filter_by(subject="credit_case", subject_id=case.id).order_by(AuditEvent.id)
    return [row.action.removeprefix("credit_case_") for row in rows]


def ask(who, wish):
    """A request with a picture of the receipt."""
    return credit_cases.ask(who, wish, misfiled.paper(who))


def deputy_of(away: User, actor_user: User) -> None:
    role, today = make.first(UserRole, user_id=away.id), policy.today()
    who = {"user_id": away.id, "deputy_id": actor_user.id, "made_by_id": away.id}
    make.save(Deputy(unit_id=role.unit_id, role=role.role, first_on=today, last_on=today, reason="", **who))


def test_two_people_move_a_top_up_to_its_owner_and_both_owners_are_told():
    wrong, right = make.person(), make.person()
    case = misfiled.asked(wrong=wrong.national_code, to=right.national_code)
    first, second = misfiled.reviewer(), misfiled.reviewer(Role.DIRECTOR)
    assert misfiled.decide(first, case.id).state is S.SECONDED
    assert misfiled.held(wrong.national_code) == misfiled.RIALS, "one person moves nothing"
    with pytest.raises(NotAllowed, match="تأیید نخست را خود شما"):
        misfiled.decide(first, case.id)
    done = misfiled.decide(second, case.id)
    moved = db.session.get(LedgerTransfer, done.done_transfer_id)
    assert (moved.kind, moved.opposes_id, moved.amount) == (TransferKind.MOVE, case.transfer_id, misfiled.RIALS)
    assert (misfiled.held(wrong.national_code), misfiled.held(right.national_code)) == (0, misfiled.RIALS)
    assert (done.first_by_id, done.second_by_id) == (first.user_id, second.user_id)
    told = {row.person_id: row.body for row in db.session.query(Message)}
    assert set(told) == {wrong.id, right.id}
    assert not any(each in body for body in told.values() for each in (wrong.last_name, right.national_code, "***"))
    assert did(case) == ["asked", "seconded", "done"]
    detail = make.first(AuditEvent, subject="credit_case").detail
    assert detail == {"kind": "move", "transfer_id": case.transfer_id}
    assert change_cases.odd() == []
    with pytest.raises(DomainError, match="پیش‌تر جابه‌جا"):
        ask(misfiled.clerk(), misfiled.wish(make.first(misfiled.Payment), right.national_code))


def test_what_was_spent_in_between_is_not_moved_at_either_step():
    make.tariff(50_000)
    person = make.person()
    case = misfiled.asked(wrong=person.national_code)
    first, second = misfiled.reviewer(), misfiled.reviewer()
    misfiled.decide(first, case.id)
    enrollment.enroll(change_cases.application(make.course(), person))
    with pytest.raises(DomainError, match="خرج شده است"):
        misfiled.decide(second, case.id)
    assert (state_of(case), misfiled.held(person.national_code)) == (S.SECONDED, 50_000)
    assert misfiled.decide(second, case.id, "refuse", "خرج شده است").refusal == "خرج شده است"
    with pytest.raises(DomainError, match="خرج شده است"):
        ask(misfiled.clerk(), misfiled.wish(make.first(misfiled.Payment)))
    shown = credit_cases.paid(misfiled.clerk(), make.first(misfiled.Payment).receipt_key)
    assert [line.why for line in shown.lines] == ["خرج شده است"]


def test_nobody_decides_on_their_own_request_on_their_own_purse_or_in_place_of_who_has_asked():
    office, human = cases.office(), make.person()
    both = make.user(Role.REVIEWER, office, person=human)
    own = credit_cases.ask(misfiled.visitor(human), misfiled.wish(misfiled.payment(make.national_code(), by=human)))
    with pytest.raises(NotAllowed, match="خود شما درخواست"):
        misfiled.decide(cases.actor(both), own.case_id)
    gets = misfiled.asked(to=human.national_code)
    with pytest.raises(NotAllowed, match="اعتبار خود شما"):
        misfiled.decide(cases.actor(both), gets.id)
    planner = misfiled.reviewer(Role.PLANNER)
    with pytest.raises(NotAllowed, match="با بررس یا مدیر همان استان"):
        misfiled.decide(planner, gets.id)
    away, stands_in = make.user(Role.REVIEWER, office), make.user(Role.PLANNER, office)
    deputy_of(away, stands_in)
    entry = misfiled.entry(misfiled.asked())
    db.session.execute(
        CreditCase.__table__.update().where(CreditCase.transfer_id == entry.id).values(state="withdrawn")
    )
    db.session.commit()
    mine = misfiled.correction(cases.actor(away), entry)
    with pytest.raises(NotAllowed, match="جانشین کسی هستید"):
        misfiled.decide(cases.actor(stands_in), mine.id)


@pytest.mark.once
def test_who_is_away_and_their_deputy_are_one_chair_for_the_two_approvals():
    office, case = cases.office(), misfiled.asked()
    away, stands_in, third = (make.user(role, office) for role in (Role.REVIEWER, Role.PLANNER, Role.REVIEWER))
    deputy_of(away, stands_in)
    misfiled.decide(cases.actor(stands_in), case.id)
    with pytest.raises(NotAllowed, match="همکار سوم"):
        misfiled.decide(cases.actor(away), case.id)
    other = misfiled.asked()
    misfiled.decide(cases.actor(away), other.id)
    with pytest.raises(NotAllowed, match="همکار سوم"):
        misfiled.decide(cases.actor(stands_in), other.id)
    assert misfiled.decide(cases.actor(third), other.id).state is S.DONE


def test_a_payment_is_asked_back_by_who_paid_it_or_by_staff_with_its_receipt():
    payer, stranger = make.person(), make.person()
    signed, bare = misfiled.payment(make.national_code(), by=payer), misfiled.payment(make.national_code())
    assert [row.id for row in credit_cases.own(misfiled.visitor(payer))] == [signed.id]
    assert credit_cases.own(misfiled.visitor(stranger)) == []
    with pytest.raises(NotAllowed, match="شخص دیگری با حساب خود"):
        credit_cases.paid(misfiled.visitor(stranger), signed.receipt_key)
    with pytest.raises(NotAllowed, match="شخص دیگری با حساب خود"):
        credit_cases.ask(misfiled.visitor(stranger), misfiled.wish(signed))
    with pytest.raises(NotAllowed, match="کارکنان مرکز یا خود پرداخت"):
        credit_cases.ask(misfiled.reviewer(), misfiled.wish(signed))
    with pytest.raises(DomainError, match="رسید آن را پیوست") as refused:
        credit_cases.ask(misfiled.visitor(stranger), misfiled.wish(bare))
    assert refused.value.field == "file"
    made = ask(misfiled.visitor(stranger), misfiled.wish(bare))
    again = ask(misfiled.visitor(stranger), misfiled.wish(bare))
    assert (again.case_id, made.repeated, again.repeated) == (made.case_id, False, True)
    with pytest.raises(Conflict, match="درخواست دیگری در جریان"):
        ask(misfiled.clerk(), misfiled.wish(bare))
    assert ask(misfiled.clerk(), misfiled.wish(signed)).repeated is False
    with pytest.raises(NotFound):
        credit_cases.get(misfiled.visitor(payer), made.case_id)
    assert credit_cases.withdraw(misfiled.visitor(stranger), made.case_id)
    assert not credit_cases.withdraw(misfiled.visitor(stranger), made.case_id)


def test_reviewers_read_how_the_money_was_paid_and_by_whom():
    payer, wrong = make.person(), make.national_code()
    signed, bare = misfiled.payment(wrong, by=make.user(person=payer)), misfiled.payment(wrong)
    rows = [ask(misfiled.clerk(), misfiled.wish(paid)).case_id for paid in (signed, bare)]
    first, second = (credit_cases.case(misfiled.reviewer(), row).paid for row in rows)
    assert payer.full_name in first
    assert first.startswith("بانک سامان (سپ)، مرجع ۷۷")
    assert second.endswith("بدون ورود به سامانه")


def test_a_number_of_a_bank_finds_its_payment_with_the_right_amount_and_only_so_often():
    paid, asker = misfiled.payment(make.national_code()), misfiled.visitor(make.person())
    for number in (paid.reference, str(paid.order_number), " ۷۷-۰۰۰۰۰۰ "):
        assert credit_cases.by_number(asker, number, paid.amount) == paid.receipt_key
    for _ in range(10):
        with pytest.raises(DomainError, match="پیدا نشد"):
            credit_cases.by_number(asker, paid.reference, paid.amount + 1)
    with pytest.raises(TooMany):
        credit_cases.by_number(asker, paid.reference, paid.amount)
    assert credit_cases.by_number(misfiled.clerk(), paid.reference, paid.amount) == paid.receipt_key


def test_what_is_missing_or_wrong_in_a_request_is_said_at_its_field():
    wrong, unseen = make.national_code(), make.national_code()
    paid = misfiled.payment(wrong)
    for field, over in {
        "reason": {"reason": " "}, "code": {"to": wrong, "known": True}, "province": {"province_id": None},
        "line": {"line_id": 10**6},
    }.items():  # fmt: skip
        with pytest.raises(DomainError) as refused:
            ask(misfiled.visitor(make.person()), misfiled.wish(paid, **over))
        assert refused.value.field == field
    with pytest.raises(DomainError, match="هنوز در سامانه ثبت نشده"):
        ask(misfiled.clerk(), misfiled.wish(paid, unseen))
    made = ask(misfiled.clerk(), misfiled.wish(paid, unseen, known=True))
    row = db.session.get(CreditCase, made.case_id)
    assert (row.to_account.owner_kind, row.to_account.owner_code) == (OwnerKind.NATIONAL, unseen)


def test_a_step_comes_once_and_who_is_late_reads_who_was_faster():
    case, first, slow = misfiled.asked(), misfiled.reviewer(), misfiled.reviewer()
    form, seen = str(uuid.uuid4()), Key(case.id, 1)
    for repeated in (False, True):
        assert credit_cases.decide(first, form, seen, "approve").repeated is repeated
    with pytest.raises(Conflict, match="تأیید نخست را داد"):
        misfiled.decide(slow, case.id, "approve", version=1)
    with pytest.raises(DomainError, match="دلیل را بنویسید"):
        misfiled.decide(slow, case.id, "refuse", " ")
    misfiled.decide(slow, case.id, "refuse", "رسید خوانا نیست")
    with pytest.raises(Conflict, match="پذیرفته نشد"):
        misfiled.decide(first, case.id)
    assert did(case) == ["asked", "seconded", "refused"]
    with pytest.raises(NotFound):
        misfiled.decide(cases.staff(Role.REVIEWER, make.unit(make.UnitKind.DIRECTORATE, make.province())), case.id)


def test_a_correction_needs_a_document_and_a_second_person_and_undoes_no_more_than_there_is():
    code = make.national_code()
    misfiled.payment(code)
    first, second = misfiled.reviewer(), misfiled.reviewer(Role.DIRECTOR)
    entry = make.first(LedgerTransfer, to_account_id=misfiled.account(code).id)
    with pytest.raises(DomainError, match="پیدا نشد"):
        misfiled.correction(first, entry, entry_rials=1)
    with pytest.raises(DomainError, match=r"از ۱ تا ۱۰۰٬۰۰۰ ریال"):
        misfiled.correction(first, entry, rials=100_001)
    case = misfiled.correction(first, entry, rials=40_000)
    assert (case.state, case.first_by_id) == (S.SECONDED, first.user_id)
    with pytest.raises(NotAllowed, match="خود شما درخواست"):
        misfiled.decide(first, case.id)
    done = misfiled.decide(second, case.id)
    undone = db.session.get(LedgerTransfer, done.done_transfer_id)
    assert (undone.kind, undone.opposes_id, misfiled.held(code)) == (TransferKind.CORRECTION, entry.id, 60_000)
    assert (undone.from_account_id, undone.to_account_id) == (entry.to_account_id, entry.from_account_id)
    with pytest.raises(DomainError, match="پیش‌تر جابه‌جا"):
        misfiled.correction(first, entry, rials=60_001)
    rest = misfiled.correction(first, entry, rials=60_000)
    rest.document.state, rest.document.refused_reason = "refused", "broken"
    db.session.commit()
    with pytest.raises(DomainError, match="سند این اصلاح خوانده نمی‌شود"):
        misfiled.decide(second, rest.id)


def test_the_paper_of_a_case_is_for_who_sent_it_and_who_decides():
    case = misfiled.correction(misfiled.reviewer(), misfiled.entry(withdrawn()))
    file = case.document
    assert (file.owner_kind, file.owner_id, file.province_id) == (papers.OWNER, case.id, case.province_id)
    sees = [Viewer((who,)) for who in (misfiled.reviewer(), misfiled.reviewer(Role.DIRECTOR))]
    other = cases.staff(Role.REVIEWER, make.unit(make.UnitKind.DIRECTORATE, make.province()))
    strangers = [Viewer((misfiled.clerk(),)), Viewer((other,)), Viewer((), misfiled.visitor(make.person()))]
    assert [files.get(viewer, file.key).id for viewer in sees] == [file.id] * 2
    for viewer in strangers:
        with pytest.raises(NotFound):
            files.get(viewer, file.key)


def withdrawn() -> CreditCase:
    clerk = misfiled.clerk()
    case = misfiled.asked(clerk)
    assert credit_cases.withdraw(clerk, case.id)
    return case


@pytest.mark.parametrize("kind", [TransferKind.DEBIT, TransferKind.REFUND])
def test_what_an_enrollment_has_moved_is_undone_by_its_end_and_not_by_a_correction(kind):
    make.tariff(50_000)
    person = make.person()
    make.purse(person, 50_000)
    made = enrollment.enroll(change_cases.application(make.course(), person))
    enrollment.withdraw(person, made.enrollment_id)
    with pytest.raises(DomainError, match="ثبت‌نام را لغو کنید"):
        misfiled.correction(misfiled.reviewer(), make.first(LedgerTransfer, kind=kind))
