"""Money under the wrong code as the walkers of pages and forms see it: asked back by a center or a trainee, decided."""

from models import CreditCase, Payment, Person, User, db
from services import credit_cases
from services.access import Actor, Level, actor, roles_of
from tests import attachments, make, misfiled


def begun(world) -> None:
    """A request of a center and one of a trainee, written straight down, because every walker builds them."""
    purse = make.purse(world.trainee)
    for by in (
        {"asked_by_id": world.staff["center"].id, "unit_id": world.unit.id},
        {"asked_by_person_id": world.trainee.id},
    ):
        wrong = make.purse(balance=misfiled.RIALS)
        entry = make.first(misfiled.LedgerTransfer, to_account_id=wrong.id)
        ends = {"transfer_id": entry.id, "from_account_id": wrong.id, "to_account_id": purse.id, "amount": entry.amount}
        row = CreditCase(kind="move", province_id=world.unit.province_id, reason="یک رقم اشتباه شد", **ends, **by)
        make.save(row)


def asked_by(world, who: str = "center") -> CreditCase:
    """A request of the world's clerk, or of its trainee, that waits for its first approval."""
    by = {"asked_by_person_id": world.trainee.id} if who == "trainee" else {"asked_by_id": world.staff["center"].id}
    return make.first(CreditCase, state="asked", **by) or new(world, who)


def new(world, who: str) -> CreditCase:
    trainee = who == "trainee"
    asker = misfiled.visitor(world.trainee) if trainee else attachments.actor(world.staff["center"])
    paid = misfiled.payment(make.person().national_code, by=world.trainee if trainee else world.staff["center"])
    made = credit_cases.ask(asker, misfiled.wish(paid, province_id=world.unit.province_id))
    return db.session.get(CreditCase, made.case_id)


def reviewer(world) -> Actor:
    user = world.staff["province"]
    return actor(user, Level.PROVINCE, roles_of(user.id))


def seconded(world) -> CreditCase:
    """A case of which somebody else than the world's reviewer was the first."""
    case = new(world, "center")
    misfiled.decide(misfiled.reviewer(), case.id)
    return case


def correction(world, by: Actor | None = None) -> CreditCase:
    misfiled.payment(code := make.person().national_code)
    entry = make.first(misfiled.LedgerTransfer, to_account_id=misfiled.account(code).id)
    return misfiled.correction(by or misfiled.reviewer(), entry)


def grown(world, n: int) -> None:
    for who in ("center", "trainee"):
        new(world, who)
    seconded(world)
    correction(world)
    misfiled.decide(misfiled.reviewer(), new(world, "center").id, "refuse", f"رسید {n} خوانا نیست")
    misfiled.payment(make.person().national_code, by=world.trainee)
    paid = make.first(Payment, user_id=world.staff["center"].id)
    line = misfiled.PaymentLine(payment_id=paid.id, owner_kind="national", owner_code=make.national_code(), amount=9)
    misfiled.credit(make.save(line))


# -- Forms -------------------------------------------------------------------------


def found(who: str):
    def scene(world) -> tuple:
        paid = misfiled.payment(make.national_code())
        typed = {"number": paid.reference or "", "amount": str(paid.amount)}
        return f"/{who}/credit/cases/new", {}, typed

    return scene


def sent(who: str):
    def scene(world) -> tuple:
        by: User | Person = world.trainee if who == "trainee" else world.staff["center"]
        paid = misfiled.payment(make.national_code(), by=by)
        typed = {"code": make.person().national_code, "reason": "یک رقم اشتباه شد"}
        files = (("file", "رسید.jpg", attachments.jpeg()),)
        return f"/{who}/credit/cases/new?receipt={paid.receipt_key}", {}, typed, "", None, files

    return scene


def withdrawn(who: str):
    def scene(world) -> tuple:
        row = asked_by(world, who)
        return f"/{who}/credit/cases/{row.id}", {"credit_id": row.id}, {}

    return scene


def decided(decision: str):
    def scene(world) -> tuple:
        row = seconded(world)
        page = f"/province/credit?tab=waiting&case={row.id}"
        return page, {"credit_id": row.id}, {"decision": decision, "reason": "رسید خوانا نیست"}

    return scene


def corrected(world) -> tuple:
    misfiled.payment(code := make.national_code())
    entry = make.first(misfiled.LedgerTransfer, to_account_id=misfiled.account(code).id)
    typed = {"number": str(entry.id), "entry_rials": str(entry.amount), "reason": "نامهٔ بانک"}
    return "/province/credit/correction", {}, typed, "", None, (("file", "نامه.pdf", attachments.pdf()),)


def correction_withdrawn(world) -> tuple:
    row = correction(world, reviewer(world))
    return f"/province/credit?case={row.id}", {"credit_id": row.id}, {}


SCENES = {
    **{f"{who}.credit_case_find": found(who) for who in ("center", "trainee")},
    **{f"{who}.credit_case_ask": sent(who) for who in ("center", "trainee")},
    **{f"{who}.credit_case_withdraw": withdrawn(who) for who in ("center", "trainee")},
    **{f"province.credit_decide {decision}": decided(decision) for decision in ("approve", "refuse")},
    "province.credit_correct": corrected,
    "province.credit_withdraw": correction_withdrawn,
}
