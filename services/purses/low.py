"""A word to whoever keeps a purse of staff filled when it runs low, once for each time it does."""

from collections.abc import Sequence

from sqlalchemy import select

from models import Account, OwnerKind, Role, Unit, User, UserRole, db
from services import messages, text
from services.purses.portal import LABEL, LOW

RULE = LOW


def tell(purse_id: int, left_rials: int, *, actor_id: int | None, cause: str) -> None:
    """Owe an SMS about what a debit has left in a purse: to its owner, of the purse of a unit to its managers.

    Source: docs/rules.md R-461.
    """
    purse = db.session.execute(select(Account.owner_kind, Account.owner_code).where(Account.id == purse_id)).one()
    is_units = purse.owner_kind is OwnerKind.UNIT
    body = (
        f"اعتبار {LABEL} ({'واحد شما' if is_units else 'شما'}) به {text.rial(left_rials)} رسید و رو به پایان است. "
        "آن را در صفحهٔ «اعتبار» افزایش دهید."
    )
    for person_id in _managers(purse.owner_code) if is_units else _owner(actor_id):
        messages.tell(person_id, "low_balance", body, cause_key=f"low:{cause}:{person_id}")


def _owner(actor_id: int | None) -> Sequence[int]:
    """Nobody but a user pays from the own purse of one."""
    return db.session.scalars(select(User.person_id).where(User.id == actor_id)).all()


def _managers(unit_code: str) -> Sequence[int]:
    query = select(User.person_id).join(UserRole, UserRole.user_id == User.id).join(UserRole.unit)
    managers = (UserRole.role == Role.MANAGER, Unit.code == unit_code, User.disabled_at.is_(None))
    return db.session.scalars(query.where(*managers).order_by(User.person_id)).all()
