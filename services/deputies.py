"""Who decides for somebody away: one role in one unit, from a day to a day.

The role itself is given in `services.access.roles_of`; here it is written down who has it when.

Source: docs/rules.md R-365 to R-369.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, update
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from models import Deputy, Person, Role, Unit, UnitKind, User, UserRole, db, utcnow
from services import audit, jalali, policy, staff, submissions, trail
from services.access import Actor, Level
from services.errors import DomainError, NotAllowed, NotFound, OutsideTerritory
from services.text import clean, persian_digits
from services.transaction import atomic

DECIDING = (Role.MANAGER, Role.REVIEWER)  # the roles in which somebody can be replaced
# Who names a deputy: for themselves, or for those whose accounts they keep.
NAMES = {
    Level.CENTER: (Role.MANAGER,),
    Level.PROVINCE: (Role.REVIEWER, Role.DIRECTOR),
    Level.HQ: (Role.REVIEWER, Role.ADMIN),
}
HAVE = (UnitKind.CENTER, UnitKind.ACADEMY, UnitKind.DIRECTORATE, UnitKind.HQ)
NEVER = (Role.INSTRUCTOR, Role.COUNTER, Role.OPERATOR)  # alone they make nobody a deputy
MOST, PAST = 200, 25
_ROLES = joinedload(Deputy.user).joinedload(User.roles).joinedload(UserRole.unit)


@dataclass(frozen=True)
class Named:
    """What somebody writes: the role (a row of `user_role`) of the person away, and who stands in from when to when."""

    of: int | None
    deputy_id: int | None
    first_on: date | None
    last_on: date | None
    reason: str = ""


# -- Reading -----------------------------------------------------------------------


def may_name(actor: Actor) -> bool:
    """Whether this person names deputies at all; a deputy does not name another one."""
    return actor.own.has(*NAMES.get(actor.level, ()))


def require(actor: Actor) -> None:
    """
    Raises:
        NotAllowed: this person names nobody.
    """
    if not may_name(actor):
        raise NotAllowed("جانشین را خود شخص، یا کسی که حساب او را اداره می‌کند، معرفی می‌کند.")


def standing(actor: Actor) -> Sequence[Deputy]:
    """Deputies of the territory now and to come, those who begin first."""
    today = policy.today()
    query = _with_names(select(Deputy).where(_within(actor), Deputy.ended_at.is_(None), Deputy.last_on >= today))
    return db.session.scalars(query.options(_ROLES).order_by(Deputy.first_on, Deputy.id).limit(MOST)).unique().all()


def past(actor: Actor) -> Sequence[Deputy]:
    """Those that are over or were taken back, newest first."""
    is_over = or_(Deputy.ended_at.is_not(None), Deputy.last_on < policy.today())
    query = _with_names(select(Deputy).where(_within(actor), is_over))
    return db.session.scalars(query.order_by(Deputy.last_on.desc(), Deputy.id.desc()).limit(PAST)).all()


def may_end(actor: Actor, row: Deputy) -> bool:
    """The person away, their deputy, whoever wrote it, and those who name deputies for that person."""
    if actor.user_id in (row.user_id, row.deputy_id, row.made_by_id):
        return True
    return may_name(actor) and _is_above(actor, row.user)


def replaceable(actor: Actor) -> list[UserRole]:
    """The roles for which this person may name a deputy: their own ones first, then those of people below them."""
    if not may_name(actor):
        return []
    query = _roles().where(UserRole.role.in_(DECIDING), or_(UserRole.user_id == actor.user_id, _in_territory(actor)))
    query = query.order_by(UserRole.user_id != actor.user_id, Unit.title_sort, Person.name_sort, UserRole.id)
    return [role for role in db.session.scalars(query.limit(MOST)) if _may_replace(actor, role)]


def candidates(role: UserRole) -> list[User]:
    """Who can stand in for a role, colleagues of the unit first."""
    query = select(User).join(User.person).where(*_can_stand_in(role))
    query = query.options(contains_eager(User.person), selectinload(User.roles).joinedload(UserRole.unit))
    elsewhere = User.id.not_in(select(UserRole.user_id).where(_in_its_unit(role)))
    return list(db.session.scalars(query.order_by(elsewhere, Person.name_sort, User.id).limit(MOST)))


def role_of(actor: Actor, user_role_id: int) -> UserRole:
    """One of `replaceable`.

    Raises:
        NotFound: there is none such for this person.
    """
    role = db.session.scalar(_roles().where(UserRole.id == user_role_id))
    if role is None or not _may_replace(actor, role):
        raise NotFound("این نقش پیدا نشد. شاید برداشته شده است؛ از فهرست جانشینان دوباره شروع کنید.")
    return role


# -- Writing -----------------------------------------------------------------------


def name(actor: Actor, named: Named, key: str) -> bool:
    """Write down who stands in; False when this form was carried out before.

    Raises:
        NotAllowed, NotFound: not for this person to say. DomainError: what is wrong with which field.
    """
    require(actor)
    with atomic():
        role = role_of(actor, named.of or 0)
        if submissions.begin(key, actor.user_id) is not None:
            return False
        first, last = _days(named)
        one = select(User.id).where(User.id == named.deputy_id, *_can_stand_in(role))
        if db.session.scalar(one) is None:
            raise DomainError("جانشین را از فهرست انتخاب کنید", field="deputy")
        # One writer for each person away, so that two forms at once do not both find the days free; the
        # keys of forms point to people, so that only what lets such rows be written does not end in a deadlock.
        db.session.execute(select(User.id).where(User.id == role.user_id).with_for_update(key_share=True))
        _refuse_overlap(role, first, last)
        row = Deputy(
            user_id=role.user_id,
            deputy_id=named.deputy_id,
            unit_id=role.unit_id,
            made_by_id=actor.user_id,
            role=role.role,
            first_on=first,
            last_on=last,
            reason=clean(named.reason)[:300],
        )
        db.session.add(row)
        db.session.flush()
        submissions.finish(key, f"deputy:{row.id}")
        _tell(actor, "deputy_named", row)
    return True


def end(actor: Actor, deputy_id: int) -> bool:
    """Take it back from now on; False when it is over already. What was decided meanwhile stays.

    Raises:
        NotFound, OutsideTerritory: no such row for this person. NotAllowed: not for this person to say.
    """
    with atomic():
        row = _get(actor, deputy_id)
        if not may_end(actor, row):
            raise NotAllowed("جانشینی را خود شخص، جانشین او، یا کسی که معرفی کرده است پایان می‌دهد.")
        open_ = (Deputy.id == row.id, Deputy.ended_at.is_(None), Deputy.last_on >= policy.today())
        ended = update(Deputy).where(*open_).values(ended_at=utcnow()).returning(Deputy.id)
        if db.session.scalar(ended) is None:
            return False
        _tell(actor, "deputy_ended", row)
    return True


# -- Support -----------------------------------------------------------------------


def _days(named: Named) -> tuple[date, date]:
    first, last, today = named.first_on, named.last_on, policy.today()
    if first is None or last is None:
        raise DomainError("نخستین و آخرین روز را بنویسید", field="first_on" if first is None else "last_on")
    if first < today:
        raise DomainError("جانشینی از امروز یا روزی پس از آن آغاز می‌شود", field="first_on")
    if last < first:
        raise DomainError("آخرین روز پیش از نخستین روز است", field="last_on")
    most = int(policy.value("deputy_days"))
    if last > first + timedelta(days=most - 1):
        raise DomainError(f"جانشینی حداکثر {persian_digits(most)} روز است", field="last_on")
    return first, last


def _refuse_overlap(role: UserRole, first: date, last: date) -> None:
    same = Deputy.user_id == role.user_id, Deputy.unit_id == role.unit_id, Deputy.role == role.role
    query = select(Deputy).where(*same, Deputy.ended_at.is_(None), Deputy.first_on <= last, Deputy.last_on >= first)
    if row := db.session.scalar(_with_names(query).limit(1)):
        days = f"{jalali.day_month_year(row.first_on)} تا {jalali.day_month_year(row.last_on)}"
        who = trail.name_of(row.deputy)
        said = f"از {days} {who} جانشین است. نخست آن را پایان دهید یا روزهای دیگری بنویسید."
        raise DomainError(said, field="first_on")


def _get(actor: Actor, deputy_id: int) -> Deputy:
    query = _with_names(select(Deputy).where(Deputy.id == deputy_id, _within(actor))).options(_ROLES)
    row = db.session.scalars(query).unique().first()
    if row is not None:
        return row
    if db.session.scalar(select(Deputy.id).where(Deputy.id == deputy_id)):
        raise OutsideTerritory("deputy", deputy_id)
    raise NotFound("این جانشینی پیدا نشد.")


def _within(actor: Actor) -> ColumnElement[bool]:
    """The deputies that somebody sees: those of their territory."""
    if actor.level is Level.CENTER:
        return Deputy.unit_id.in_(actor.units)
    if actor.level is Level.PROVINCE:
        return Deputy.unit_id.in_(select(Unit.id).where(Unit.province_id.in_(actor.provinces)))
    if actor.level is Level.HQ:
        return Deputy.unit_id.in_(select(Unit.id).where(Unit.kind.in_((UnitKind.HQ, UnitKind.DIRECTORATE))))
    return false()


def _in_territory(actor: Actor) -> ColumnElement[bool]:
    if actor.level is Level.PROVINCE:
        return Unit.province_id.in_(actor.own.provinces)
    if actor.level is Level.HQ:
        return Unit.kind.in_((UnitKind.HQ, UnitKind.DIRECTORATE))
    return Unit.id.in_(actor.own.units)


def _may_replace(actor: Actor, role: UserRole) -> bool:
    if role.role not in DECIDING or role.unit.kind not in HAVE:
        return False
    if role.user_id == actor.user_id:
        return any((each.role, each.unit_id) == (role.role, role.unit_id) for each in actor.own.held)
    return _is_above(actor, role.user)


def _is_above(actor: Actor, user: User) -> bool:
    try:
        return staff.may_change(actor, user)
    except NotAllowed:  # somebody who keeps no accounts
        return False


def _can_stand_in(role: UserRole) -> tuple[ColumnElement[bool], ...]:
    """Colleagues of the unit, and those who have the same role in a unit of the same kind of the province."""
    near = and_(UserRole.role == role.role, Unit.kind == role.unit.kind, Unit.province_id == role.unit.province_id)
    either = or_(_in_its_unit(role), near)
    able = select(UserRole.user_id).join(UserRole.unit).where(Unit.is_active, either)
    return User.disabled_at.is_(None), User.id != role.user_id, User.id.in_(able)


def _in_its_unit(role: UserRole) -> ColumnElement[bool]:
    return and_(UserRole.unit_id == role.unit_id, UserRole.role.not_in(NEVER))


def _roles() -> Select[UserRole]:
    query = select(UserRole).join(UserRole.unit).join(UserRole.user).join(User.person)
    query = query.where(Unit.is_active, User.disabled_at.is_(None), Unit.kind.in_(HAVE))
    loaded = contains_eager(UserRole.user)
    return query.options(
        contains_eager(UserRole.unit),
        loaded.contains_eager(User.person),
        loaded.selectinload(User.roles).joinedload(UserRole.unit),
    )


def _with_names(query: Select[Deputy]) -> Select[Deputy]:
    return query.options(
        joinedload(Deputy.user).joinedload(User.person),
        joinedload(Deputy.deputy).joinedload(User.person),
        joinedload(Deputy.unit),
    )


def _tell(actor: Actor, action: str, row: Deputy) -> None:
    detail: dict[str, Any] = {"user_id": row.user_id, "deputy_id": row.deputy_id, "unit_id": row.unit_id}
    audit.record(action, "deputy", row.id, actor_id=actor.user_id, role=row.role.value, **detail)
