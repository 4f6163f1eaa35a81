"""Money under the wrong code: a payment that was credited, who asks for it back, and who decides."""

import uuid

from models import (
    Account,
    CreditCase,
    LedgerTransfer,
    OwnerKind,
    Payment,
    PaymentLine,
    PaymentState,
    Person,
    Role,
    StoredFile,
    TransferKind,
    Unit,
    UnitKind,
    User,
    db,
    utcnow,
)
from services import credit_cases, ledger
from services.access import Actor, Visitor
from services.credit_cases import Key, Wish
from services.transaction import atomic
from tests import attachments, make
from tests import course_cases as cases

RIALS = 100_000


def payment(*codes: str, by: User | Person | None = None, amount: int = RIALS) -> Payment:
    """A payment that a bank has confirmed and that has filled these purses, the same in each."""
    number = db.session.query(Payment).count()
    who = {} if by is None else {"user_id": by.id} if isinstance(by, User) else {"person_id": by.id}
    who |= {"settled_at": utcnow(), "state": PaymentState.VERIFIED}
    row = make.save(Payment(
        order_number=10_000 + number, receipt_key=uuid.uuid4().hex, form_key=str(uuid.uuid4()), gateway="sep",
        amount=amount * len(codes), reference=f"77{number:06d}", **who,
    ))  # fmt: skip
    for code in codes:
        credit(make.save(PaymentLine(payment_id=row.id, owner_kind="national", owner_code=code, amount=amount)))
    return row


def credit(line: PaymentLine) -> None:
    with atomic():
        source = ledger.account_id(OwnerKind.SYSTEM, ledger.GATEWAY)
        target = ledger.account_id(OwnerKind(line.owner_kind), line.owner_code)
        cause = ledger.Cause(f"payment:{line.id}", TransferKind.TOP_UP, payment_line_id=line.id)
        ledger.transfer(source, target, line.amount, cause)


def clerk(unit: Unit | None = None) -> Actor:
    return cases.staff(Role.CLERK, unit or make.first(Unit, kind=UnitKind.CENTER) or make.unit())


def reviewer(role: Role = Role.REVIEWER) -> Actor:
    return cases.staff(role, cases.office())


def visitor(person: Person) -> Visitor:
    codes = (person.national_code, person.foreign_code)
    return Visitor(person.id, *codes, person.first_name, person.last_name, person.mobile)


def wish(paid: Payment, to: str | None = None, **over) -> Wish:
    line = make.first(PaymentLine, payment_id=paid.id)
    code = to or make.person().national_code
    province = make.first(make.Province) or make.province()
    values = {"line_id": line.id, "reason": "یک رقم کد ملی اشتباه شد", "province_id": province.id, **over}
    return Wish(paid.receipt_key, to=(OwnerKind.NATIONAL, code), **values)


def asked(by: Actor | None = None, wrong: str | None = None, to: str | None = None) -> CreditCase:
    """A request that waits for its first approval; the money lies under a code that was never seen."""
    wrong = wrong or make.national_code()
    by = by or clerk()
    made = credit_cases.ask(by, wish(payment(wrong, by=db.session.get(User, by.user_id)), to))
    return db.session.get(CreditCase, made.case_id)


def paper(by: Actor | Visitor) -> StoredFile:
    return attachments.send(by, attachments.jpeg(), credit_cases.place_of(by))


def correction(by: Actor, entry: LedgerTransfer, **over) -> CreditCase:
    values = {"number": str(entry.id), "entry_rials": entry.amount, "rials": None, "reason": "بانک برگرداند", **over}
    made = credit_cases.correct(by, str(uuid.uuid4()), credit_cases.Correction(**values), paper(by))
    return db.session.get(CreditCase, made.case_id)


def decide(who: Actor, case_id: int, action: str = "approve", words: str = "دلیل", *, version: int = 0) -> CreditCase:
    """One step by a form of its own, on the page as it is now unless told otherwise."""
    now = db.session.get(CreditCase, case_id, populate_existing=True)
    return credit_cases.decide(who, str(uuid.uuid4()), Key(case_id, version or now.version), action, words).what


def held(code: str) -> int:
    db.session.rollback()
    return ledger.balance(OwnerKind.NATIONAL, code)


def account(code: str) -> Account:
    return make.first(Account, owner_kind="national", owner_code=code)


def entry(case: CreditCase) -> LedgerTransfer:
    return db.session.get(LedgerTransfer, case.transfer_id)
