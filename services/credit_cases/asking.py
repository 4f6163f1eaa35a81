"""Money that went to the wrong code is asked back by whoever paid it; a wrong entry is corrected with a document."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from models import (
    Account,
    CreditCase,
    CreditCaseKind,
    CreditCaseState,
    LedgerTransfer,
    OwnerKind,
    Payment,
    PaymentLine,
    Province,
    StoredFile,
    TransferKind,
    Unit,
    db,
    utcnow,
)
from services import audit, codes, files, ledger, submissions, text
from services.access import Actor
from services.credit_cases import finding, owners, papers, reading, wording
from services.credit_cases.finding import Asker
from services.errors import Conflict, DomainError, NotAllowed
from services.sql import add_once
from services.transaction import atomic, retried

LONGEST_REASON = 500
# A debit is undone by ending its enrollment, which frees the seat as well; a refund by enrolling again.
CORRECTABLE = (TransferKind.TOP_UP, TransferKind.MOVE, TransferKind.CORRECTION)
S = CreditCaseState


@dataclass(frozen=True)
class Asked:
    """Where a request has led; `repeated`: to the one that this person had made before."""

    case_id: int
    repeated: bool


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: which line of a payment goes to whose purse, and why.

    `known` is the tick of whoever means a code that was never seen; `province_id` says who decides about what a trainee
    asks, `unit_id` for which of their units staff ask.
    """

    receipt_key: str
    line_id: int
    to: tuple[OwnerKind, str]
    reason: str
    known: bool = False
    province_id: int | None = None
    unit_id: int | None = None


@dataclass(frozen=True)
class Correction:
    """A wrong entry, named by its own number or the bank's and its amount, and how many rials of it are undone."""

    number: str
    entry_rials: int
    rials: int | None
    reason: str


@retried
def ask(asker: Asker, wish: Wish, paper: StoredFile | None = None) -> Asked:
    """Ask for a top-up to be moved to another purse; the same wish again finds what it has led to.

    Raises:
        NotAllowed, NotFound: the payment is not theirs. Conflict: somebody else has asked for it.
        DomainError: it cannot be moved, or something is missing at a field.

    Source: docs/rules.md R-481, R-483.
    """
    if not reading.may_ask(asker):
        raise NotAllowed("درخواست جابه‌جایی را کارکنان مرکز یا خود پرداخت‌کننده می‌نویسند. چیزی ثبت نشد.")
    with atomic():
        transfer, has_paid = finding.top_up(asker, wish.receipt_key, wish.line_id)
        if (standing := _standing(transfer.id)) is not None:
            return _stood(asker, standing)
        reason = _said(wish.reason)
        if why := _unmovable(transfer, transfer.to_account_id, transfer.amount):
            raise why
        if paper is None and not has_paid:
            raise DomainError(wording.NO_RECEIPT, field="file")
        values = {"kind": CreditCaseKind.MOVE, "state": S.ASKED, "amount": transfer.amount, "reason": reason}
        values |= {"from_account_id": transfer.to_account_id, "to_account_id": _target(wish, transfer.to_account_id)}
        return _made(asker, transfer, values | _where(asker, wish), paper)


@retried
def correct(actor: Actor, form_key: str, wish: Correction, paper: StoredFile) -> Asked:
    """Ask for a wrong entry to be undone by an opposite one; whoever asks has said the first yes of two.

    Raises:
        NotAllowed: this person decides about no credit.
        DomainError: no such entry, not one that is corrected, or more than is left of it.

    Source: docs/rules.md R-487.
    """
    held = actor.acting(*reading.DECIDING)
    if not reading.decides(actor):
        raise NotAllowed(wording.NOT_DECIDING)
    with atomic():
        if (place := submissions.begin(form_key, actor.user_id)) is not None:
            return Asked(submissions.id_of(place, reading.SUBJECT), repeated=True)
        transfer = _entry(wish)
        if (standing := _standing(transfer.id)) is not None:
            raise Conflict(_busy(standing))
        amount = transfer.amount if wish.rials is None else wish.rials
        if not 0 < amount <= transfer.amount:
            raise DomainError(f"از ۱ تا {text.rial(transfer.amount)} از این ردیف برگردانده می‌شود", field="rials")
        reason = _said(wish.reason)
        if why := _unmovable(transfer, transfer.to_account_id, amount):
            raise why
        values: dict[str, Any] = {
            "kind": CreditCaseKind.CORRECTION, "state": S.SECONDED, "amount": amount, "reason": reason,
            "from_account_id": transfer.to_account_id, "to_account_id": transfer.from_account_id,
            "province_id": held.provinces[0], "asked_by_id": actor.user_id,
            "first_by_id": actor.user_id, "first_at": utcnow(),
        }  # fmt: skip
        made = _made(actor, transfer, values, paper)
        chair = actor.standing_in(0, held.provinces[0], *reading.DECIDING)
        note("seconded", made.case_id, actor_id=actor.user_id, **({"in_place_of": chair} if chair else {}))
        submissions.finish(form_key, f"{reading.SUBJECT}:{made.case_id}")
        return made


@retried
def withdraw(asker: Asker, case_id: int) -> bool:
    """Take a request back while nobody has carried it out; False when it is over already.

    Raises:
        NotFound, OutsideTerritory: as `reading.get`. NotAllowed: somebody else has asked for it.
    """
    with atomic():
        row = reading.get(asker, case_id)
        if not reading.is_mine(asker, row):
            raise NotAllowed("درخواست را همان کسی پس می‌گیرد که آن را نوشته است. چیزی تغییر نکرد.")
        over = {"state": S.WITHDRAWN, "settled_at": utcnow(), "version": CreditCase.version + 1}
        turn = update(CreditCase).where(CreditCase.id == case_id, CreditCase.state.in_(reading.OPEN)).values(**over)
        turn = turn.execution_options(synchronize_session=False)
        if db.session.scalar(turn.returning(CreditCase.id)) is None:
            return False
        note("withdrawn", case_id, **_actor(asker))
        return True


def note(did: str, case_id: int, **detail: Any) -> None:
    """The audit row of a step; inside its transaction."""
    audit.record(f"credit_case_{did}", reading.SUBJECT, case_id, **detail)


def place_of(asker: Asker) -> files.Place:
    """Where a paper belongs that comes with a request."""
    if isinstance(asker, Actor) and asker.units and asker.provinces:
        return files.Place(papers.OWNER, None, asker.units[0], asker.provinces[0])
    return files.Place(papers.OWNER)


# -- Support -----------------------------------------------------------------------


def _actor(asker: Asker) -> dict[str, int]:
    return {"actor_id": asker.user_id} if isinstance(asker, Actor) else {"actor_person_id": asker.id}


def _said(words: str) -> str:
    said = text.clean(words)[:LONGEST_REASON]
    if not said:
        raise DomainError("بنویسید چه شده است؛ تصمیم‌گیرندگان همین را می‌خوانند", field="reason")
    return said


def _standing(transfer_id: int) -> CreditCase | None:
    open_ = (CreditCase.transfer_id == transfer_id, CreditCase.state.in_(reading.OPEN))
    return db.session.scalar(select(CreditCase).where(*open_).execution_options(populate_existing=True))


def _stood(asker: Asker, row: CreditCase) -> Asked:
    if not reading.is_mine(asker, row):
        raise Conflict(_busy(row))
    return Asked(row.id, repeated=True)


def _busy(row: CreditCase) -> str:
    state = wording.STATE[row.state][0]
    return f"برای همین ردیف درخواست دیگری در جریان است («{state}»). چیزی دوباره ثبت نشد."


def _unmovable(transfer: LedgerTransfer, purse_id: int, amount: int) -> DomainError | None:
    """Why these rials of an entry cannot be taken back from the purse that got them, as far as is seen now."""
    if finding.undone([transfer.id]).get(transfer.id, 0) + amount > transfer.amount:
        return DomainError(wording.MOVED_BEFORE)
    purse = db.session.get_one(Account, purse_id, populate_existing=True)
    is_short = purse.owner_kind is not OwnerKind.SYSTEM and purse.balance < amount
    return DomainError(wording.spent(amount)) if is_short else None


def _target(wish: Wish, from_id: int) -> int:
    """The purse that the money belongs into.

    Raises:
        DomainError: it is there already, or the code was never seen and nobody has ticked that it is right.
    """
    kind, code = wish.to
    if kind in (OwnerKind.NATIONAL, OwnerKind.FOREIGN) and not wish.known and owners.person_of(kind, code) is None:
        said = "این کد هنوز در سامانه ثبت نشده است. آن را دوباره بخوانید؛ اگر درست است تیک «این کد درست است» را بزنید"
        raise DomainError(said, field="code")
    purse_id = ledger.account_id(kind, code)
    if purse_id == from_id:
        raise DomainError("پرداخت به همین کد رسیده است؛ کد صاحب درست مبلغ را بنویسید", field="code")
    return purse_id


def _where(asker: Asker, wish: Wish) -> dict[str, int]:
    """Who asks, and which province decides."""
    if isinstance(asker, Actor):
        units = asker.acting(*reading.ASKING).units
        unit_id = wish.unit_id if wish.unit_id in units else units[0]
        province_id = db.session.get_one(Unit, unit_id).province_id
        assert province_id is not None  # noqa: S101 (every unit below HQ lies in a province)
        return {"asked_by_id": asker.user_id, "unit_id": unit_id, "province_id": province_id}
    if wish.province_id is None or db.session.get(Province, wish.province_id) is None:
        raise DomainError("استان خود را انتخاب کنید", field="province")
    return {"asked_by_person_id": asker.id, "province_id": wish.province_id}


def _entry(wish: Correction) -> LedgerTransfer:
    """The entry that somebody has named by its number and amount, so that nobody looks through those of others.

    Raises:
        DomainError: there is none such, or it is not undone here.
    """
    by_bank = (
        select(PaymentLine.id).join(Payment, Payment.id == PaymentLine.payment_id).where(finding.numbered(wish.number))
    )
    query = select(LedgerTransfer).where(LedgerTransfer.amount == wish.entry_rials)
    bare = codes.bare(wish.number)
    found = db.session.scalar(query.where(LedgerTransfer.payment_line_id.in_(by_bank)).limit(1))
    if found is None and bare.isascii() and bare.isdigit() and len(bare) <= 18:
        found = db.session.scalar(query.where(LedgerTransfer.id == int(bare)))
    if found is None:
        raise DomainError(
            "ردیفی با این شماره و مبلغ پیدا نشد. هر دو را از روی گردش حساب یا رسید بنویسید", field="number"
        )
    if found.kind not in CORRECTABLE:
        said = "کسر و بازگشت ثبت‌نام این‌جا اصلاح نمی‌شود؛ ثبت‌نام را لغو کنید تا اعتبار خودبه‌خود برگردد"
        raise DomainError(said, field="number")
    return found


def _made(asker: Asker, transfer: LedgerTransfer, values: dict[str, Any], paper: StoredFile | None) -> Asked:
    row = {"transfer_id": transfer.id, "document_id": paper.id if paper else None, "version": 1, "created_at": utcnow()}
    case_id = add_once(CreditCase, **values, **row)
    if case_id is None:  # somebody asked for the same at this very moment
        standing = _standing(transfer.id)
        if standing is None:
            raise Conflict("این درخواست هم‌زمان تغییر کرد. صفحه را دوباره باز کنید؛ چیزی ثبت نشد.")
        return _stood(asker, standing)
    if paper is not None:
        place = files.Place(papers.OWNER, case_id, values.get("unit_id"), values["province_id"])
        files.attach(asker, [paper.key], place)
    note("asked", case_id, **_actor(asker), kind=values["kind"].value, transfer_id=transfer.id)
    return Asked(case_id, repeated=False)
