"""Who acts: a staff user seen from one level (center, province, HQ, operation), with roles and territory."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from sqlalchemy import Select, and_, select, union_all
from sqlalchemy.orm import contains_eager

from models import Deputy, Role, Unit, UnitKind, User, UserRole, db, utcnow
from services.jalali import tehran_today
from services.text import persian_digits


class Level(StrEnum):
    CENTER = "center"
    PROVINCE = "province"
    HQ = "hq"
    INSTRUCTOR = "instructor"
    OPS = "ops"


LEVEL_OF_KIND = {
    UnitKind.CENTER: Level.CENTER,
    UnitKind.ACADEMY: Level.CENTER,
    UnitKind.COUNTER: Level.CENTER,
    UnitKind.DIRECTORATE: Level.PROVINCE,
    UnitKind.HQ: Level.HQ,
}


@dataclass(frozen=True)
class Held:
    """One role of an actor: what it is, where it counts, and for a deputy whose it is."""

    role: Role
    unit_id: int
    province_id: int | None
    can_enroll_others: bool
    unit_kind: UnitKind
    for_id: int | None = None


@dataclass(frozen=True)
class Actor:
    """A staff user acting at one level. `units` and `provinces` are the ids of the territory there.

    Roles may differ from unit to unit: to look, the whole territory counts; to act, that of `acting`.
    """

    user_id: int
    person_id: int
    name: str
    level: Level
    roles: frozenset[Role]
    units: tuple[int, ...]
    provinces: tuple[int, ...]
    can_enroll_others: bool
    unit_title: str
    held: tuple[Held, ...] = ()

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    def acting(self, *roles: Role) -> "Actor":
        """The same person with these roles alone, and so with the territory that one of them gives."""
        return _narrowed(self, (each for each in self.held if each.role in roles))

    def enrolling(self) -> "Actor":
        """The same person where they have the permission to enroll others."""
        return _narrowed(self, (each for each in self.held if each.can_enroll_others))

    @cached_property
    def own(self) -> "Actor":
        """The same person without the roles of those they stand in for."""
        return _narrowed(self, (each for each in self.held if each.for_id is None))

    @property
    def stands_for(self) -> tuple[int, ...]:
        """The people whose roles this person has as their deputy."""
        return tuple(sorted({each.for_id for each in self.held if each.for_id is not None}))

    def standing_in(self, unit_id: int, province_id: int | None, *roles: Role) -> int | None:
        """Whose deputy acts with one of these roles there: None where a role of their own is enough.

        Source: docs/rules.md R-367.
        """
        able = [each for each in self.acting(*roles).held if _narrowed(self, (each,)).covers(unit_id, province_id)]
        if any(each.for_id is None for each in able):
            return None
        return next((each.for_id for each in able), None)

    def covers(self, unit_id: int, province_id: int | None) -> bool:
        """Whether what belongs to this unit and province lies in the territory."""
        if self.level is Level.PROVINCE:
            return province_id in self.provinces
        return bool(self.roles) if self.level is Level.HQ else self.level is Level.CENTER and unit_id in self.units

    @cached_property
    def own_acts_only(self) -> frozenset[int]:
        """The units whose colleagues' acts are not for this person: counters see their own."""
        other = {each.unit_id for each in self.held if each.role is not Role.COUNTER}
        return frozenset(self.units) - other


@dataclass(frozen=True)
class Visitor:
    """A signed-in trainee: the few columns of the person that every page needs."""

    id: int
    national_code: str | None
    foreign_code: str | None
    first_name: str | None
    last_name: str | None
    mobile: str | None

    @property
    def full_name(self) -> str | None:
        return " ".join(part for part in (self.first_name, self.last_name) if part) or None


def level_of(role: UserRole) -> Level:
    """The level at which a role is exercised: by the role for instructors and operators, else by the unit."""
    if role.role is Role.INSTRUCTOR:
        return Level.INSTRUCTOR
    if role.role is Role.OPERATOR:
        return Level.OPS
    return LEVEL_OF_KIND[role.unit.kind]


def roles_of(user_id: int) -> list[UserRole]:
    """Every role that a user has today in a unit that is not switched off, with its unit, in one query.

    Their own ones come first, oldest first; then those of people for whom they are deputy, which are still rows of
    those people.

    Source: docs/rules.md R-72, R-366.
    """
    own = select(UserRole.id).where(UserRole.user_id == user_id)
    query = (
        select(UserRole).join(UserRole.unit).where(Unit.is_active, UserRole.id.in_(union_all(own, _stood_in(user_id))))
    )
    query = query.options(contains_eager(UserRole.unit)).order_by(UserRole.user_id != user_id, UserRole.id)
    return list(db.session.scalars(query))


def _stood_in(deputy_id: int) -> Select[int]:
    """The roles of others that somebody has as their deputy today, as long as those still have them themselves."""
    today = tehran_today(utcnow())
    same = and_(Deputy.user_id == UserRole.user_id, Deputy.unit_id == UserRole.unit_id, Deputy.role == UserRole.role)
    query = select(UserRole.id).join(Deputy, same).join(User, User.id == UserRole.user_id)
    return query.where(
        Deputy.deputy_id == deputy_id,
        Deputy.first_on <= today,
        Deputy.last_on >= today,
        Deputy.ended_at.is_(None),
        User.disabled_at.is_(None),
    )


def shared(user_id: int, units: Collection[int], *roles: Role) -> set[int]:
    """Those of these units in which somebody else works too, in one of these roles; one query.

    Where nobody does, nobody else could look at what this person has done, and the rules that ask for one do not hold.
    """
    query = select(UserRole.unit_id).join(User, User.id == UserRole.user_id).where(User.disabled_at.is_(None))
    query = query.where(UserRole.unit_id.in_(units), UserRole.role.in_(roles), UserRole.user_id != user_id)
    return set(db.session.scalars(query)) if units else set()


def actor(user: User, level: Level, roles: list[UserRole]) -> Actor | None:
    """`user` as seen from `level`, or None when no role of theirs is exercised there."""
    held = [role for role in roles if level_of(role) is level]
    if not held:
        return None
    name, titles = user.person.full_name or user.username, list(dict.fromkeys(role.unit.title for role in held))
    title = titles[0] if len(titles) == 1 else f"{titles[0]} و {persian_digits(len(titles) - 1)} واحد دیگر"
    nothing = Actor(
        user.id, user.person_id, name, level, frozenset(), (), (), can_enroll_others=False, unit_title=title
    )
    return _narrowed(nothing, (_held(role, user.id) for role in held))


def _held(role: UserRole, user_id: int) -> Held:
    is_own = role.user_id == user_id
    # Enrolling others is a permission of the person, not of the chair.
    may, for_id = is_own and role.can_enroll_others, None if is_own else role.user_id
    return Held(role.role, role.unit_id, role.unit.province_id, may, role.unit.kind, for_id)


def _narrowed(actor: Actor, held: Iterable[Held]) -> Actor:
    kept = tuple(held)
    return replace(
        actor,
        held=kept,
        roles=frozenset(each.role for each in kept),
        units=tuple(sorted({each.unit_id for each in kept})),
        provinces=tuple(sorted({each.province_id for each in kept if each.province_id})),
        can_enroll_others=any(each.can_enroll_others for each in kept),
    )


def levels_of(roles: list[UserRole]) -> list[Level]:
    """The levels a user may enter, in the order of their roles."""
    return list(dict.fromkeys(level_of(role) for role in roles))
