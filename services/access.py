"""Who acts: a staff user seen from one level (center, province, HQ, operation), with roles and territory."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import Role, UnitKind, User, UserRole, db


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
class Actor:
    """A staff user acting at one level. `units` and `provinces` are the ids of the territory there."""

    user_id: int
    person_id: int
    name: str
    level: Level
    roles: frozenset[Role]
    units: tuple[int, ...]
    provinces: tuple[int, ...]
    can_enroll_others: bool
    unit_title: str

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)


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
    """Every role of a user with its unit, in one query, oldest first."""
    query = select(UserRole).where(UserRole.user_id == user_id).options(joinedload(UserRole.unit)).order_by(UserRole.id)
    return list(db.session.scalars(query))


def actor(user: User, level: Level, roles: list[UserRole]) -> Actor | None:
    """`user` as seen from `level`, or None when no role of theirs is exercised there."""
    held = [role for role in roles if level_of(role) is level]
    if not held:
        return None
    return Actor(
        user_id=user.id,
        person_id=user.person_id,
        name=user.person.full_name or user.username,
        level=level,
        roles=frozenset(role.role for role in held),
        units=tuple(sorted({role.unit_id for role in held})),
        provinces=tuple(sorted({role.unit.province_id for role in held if role.unit.province_id})),
        can_enroll_others=any(role.can_enroll_others for role in held),
        unit_title=held[0].unit.title,
    )


def levels_of(roles: list[UserRole]) -> list[Level]:
    """The levels a user may enter, in the order of their roles."""
    return list(dict.fromkeys(level_of(role) for role in roles))
