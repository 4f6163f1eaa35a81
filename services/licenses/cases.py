"""Licenses as cases of a province's queue: which are theirs to decide, why not, and what speaks against an approval."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from models import License, LicenseEvent, LicenseState, Role, Unit, db
from services import jalali, policy
from services.access import Actor
from services.courses.licensing import COUNTS
from services.errors import DomainError, NotAllowed, NotFound, OutsideTerritory
from services.licenses import drafting, reading
from services.licenses.reading import S
from services.text import persian_digits

MOST = 25  # licenses together; more of them a person does not look at
_WROTE = ("create", "edit", "trade_added", "trade_removed", "send")
_NO_REVIEWER = "تصمیم دربارهٔ پروانه با بررس همان استان است. چیزی ثبت نشد."
_OWN = "این پروانه را خود شما نوشته‌اید؛ تصمیم دربارهٔ آن با همکار دیگری است. پروانه همچنان در صف است."
_CLOSED = "این آموزشگاه غیرفعال است؛ پروانهٔ آن تأیید نمی‌شود. چیزی ثبت نشد."
_SUSPENDED = "پروانهٔ کنونی این آموزشگاه تعلیق است. نخست تعلیق را بردارید یا آن را لغو کنید. چیزی ثبت نشد."


class Standing(NamedTuple):
    """What is asked about a license that waits: whether the actor wrote it, whether its number stands on the license
    of another academy, and how the one of its own stands that counts until then.
    """

    is_own: bool = False
    is_taken: bool = False
    former: LicenseState | None = None


@dataclass(frozen=True)
class Case:
    """A license, why this person does not decide it (None when they do), why it cannot be approved as it stands, and
    how the one stands that counts until then.

    Of one that its academy has taken back (`is_hidden`) nothing but that is for others to see.
    """

    license: License
    denial: NotAllowed | None
    against: DomainError | None = None
    former: LicenseState | None = None

    @property
    def waits(self) -> bool:
        return self.license.state is S.WAITING

    @property
    def decides(self) -> bool:
        return self.waits and self.denial is None

    @property
    def is_hidden(self) -> bool:
        return self.license.state is S.DRAFT


def require_reviewer(actor: Actor) -> None:
    """
    Raises:
        NotAllowed: this person decides about no license.
    """
    if not is_reviewer(actor):
        raise NotAllowed(_NO_REVIEWER)


def is_reviewer(actor: Actor) -> bool:
    return bool(actor.acting(Role.REVIEWER).provinces)


def of(actor: Actor, rows: Sequence[License]) -> list[Case]:
    """Licenses with what is said of those that wait; one query, and one for the rule where some are the actor's own."""
    stands = _standing(actor, [row.id for row in rows if row.state is S.WAITING])
    return [_case(actor, row, stands.get(row.id)) for row in rows]


def case(actor: Actor, license_id: int) -> Case:
    """One license as it is now, with everything that is said of it.

    Raises:
        NotFound, OutsideTerritory: there is none, another province's, or one that was never sent.
    """
    return several(actor, [license_id])[0]


def several(actor: Actor, chosen: Collection[int]) -> list[Case]:
    """Licenses as they are now, those first that were sent the longest ago.

    Raises:
        NotFound, OutsideTerritory: one of them is not there, another province's, or was never sent.
        DomainError: they are too many.
    """
    return of(actor, theirs(actor, chosen, *reading.whole()))


def theirs(actor: Actor, chosen: Collection[int], *options: Any) -> list[License]:
    """The same without what is said of them; one query."""
    ids = set(chosen)
    if len(ids) > MOST:
        raise DomainError(f"در یک بار تا {persian_digits(MOST)} پروانه انتخاب کنید. چیزی ثبت نشد.")
    query = select(License, reading.sent_to(actor)).where(License.id.in_(ids)).options(*options)
    found = db.session.execute(query.order_by(License.sent_at, License.id).execution_options(populate_existing=True))
    rows = [_inside(row, is_theirs=is_theirs) for row, is_theirs in found]
    if len(rows) < len(ids):
        raise NotFound(reading.NO_SUCH)
    return rows


def locked(actor: Actor, license_id: int) -> License:
    """One of them, held until we have ended; inside `atomic()`."""
    query = select(License, reading.sent_to(actor)).where(License.id == license_id).with_for_update(of=License)
    found = db.session.execute(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound(reading.NO_SUCH)
    return _inside(found[0], is_theirs=found[1])


def by_role(actor: Actor, row: License) -> NotAllowed | None:
    """Why this person decides about no license of that province; None when they do."""
    return None if reading.may_decide(actor, row) else NotAllowed(_NO_REVIEWER)


# -- Support -----------------------------------------------------------------------


def _inside(row: License, *, is_theirs: bool) -> License:
    if not is_theirs:
        raise OutsideTerritory("license", row.id)
    return row


def _case(actor: Actor, row: License, stands: Standing | None) -> Case:
    if stands is None:
        return Case(row, by_role(actor, row))
    return Case(row, by_role(actor, row) or _own(actor, row, stands), _against(row, stands), stands.former)


def _own(actor: Actor, row: License, stands: Standing) -> NotAllowed | None:
    """
    Source: docs/rules.md R-254.
    """
    is_own = stands.is_own or row.entered_by_id == actor.user_id
    return NotAllowed(_OWN) if is_own and policy.value("separation_of_duties", _unit(row)) else None


def _against(row: License, stands: Standing) -> DomainError | None:
    """
    Source: docs/rules.md R-255.
    """
    if row.expires_on < policy.today():
        over = jalali.long(row.expires_on)
        return DomainError(f"اعتبار این پروانه {over} تمام شده است و تأیید نمی‌شود. آن را رد کنید.")
    if not _unit(row).is_active:
        return DomainError(_CLOSED)
    if stands.is_taken:
        return DomainError(drafting.TAKEN, field="number")
    return DomainError(_SUSPENDED) if stands.former is S.SUSPENDED else None


def _unit(row: License) -> Unit:
    return db.session.get_one(Unit, row.unit_id)  # in memory, where the license was read with it


def _standing(actor: Actor, ids: Sequence[int]) -> dict[int, Standing]:
    if not ids:
        return {}
    wrote = exists().where(LicenseEvent.license_id == License.id, LicenseEvent.actor_id == actor.user_id)
    other = aliased(License)
    counts = (other.unit_id == License.unit_id, other.state.in_(COUNTS), other.id != License.id)
    former: Any = select(other.state).where(*counts).correlate(License).scalar_subquery()
    query = select(
        License.id, wrote.where(LicenseEvent.action.in_(_WROTE)), exists().where(*drafting.same_number()), former
    )
    return {row_id: Standing(*rest) for row_id, *rest in db.session.execute(query.where(License.id.in_(ids)))}
