"""Deputies in the small country of the walkers of pages and forms."""

import datetime as dt

from models import Deputy, Role, UserRole
from services import jalali, policy
from tests import make

Scene = tuple[str, dict, dict]
DECIDES = {"center": Role.MANAGER, "province": Role.REVIEWER, "hq": Role.REVIEWER}
WEEK = dt.timedelta(days=7)


def role_of(world, level: str) -> UserRole:
    return make.first(UserRole, user_id=world.staff[level].id, role=DECIDES[level])


def colleague(world, level: str):
    """Somebody of the same unit with another role."""
    role = {"center": Role.COUNSELOR, "province": Role.PLANNER, "hq": Role.ADMIN}[level]
    return make.user(role, role_of(world, level).unit)


def standing(world, level: str, weeks: int = 1) -> Deputy:
    """Somebody stands in for the person of a level some weeks from now."""
    role, first = role_of(world, level), policy.today() + weeks * WEEK
    who = {"user_id": role.user_id, "deputy_id": colleague(world, level).id, "made_by_id": role.user_id}
    days = {"first_on": first, "last_on": first + dt.timedelta(days=3)}
    return make.save(Deputy(unit_id=role.unit_id, role=role.role, **who, **days))


def grown(world, n: int) -> None:
    for level in DECIDES:
        standing(world, level, weeks=n + 2)


def named(level: str):
    def scene(world) -> Scene:
        role = role_of(world, level)
        colleague(world, level)
        far = zip("ymd", jalali.parts(policy.today() + 40 * WEEK), strict=True)
        days = {f"{name}-{part}": str(number) for part, number in far for name in ("first_on", "last_on")}
        return f"/{level}/deputies/new?of={role.id}", {}, days

    return scene


def ended(level: str):
    def scene(world) -> Scene:
        return f"/{level}/deputies", {"deputy_id": standing(world, level, weeks=60).id}, {}

    return scene


SCENES = {f"{level}.deputy_save": named(level) for level in DECIDES} | {
    f"{level}.deputy_end": ended(level) for level in DECIDES
}
