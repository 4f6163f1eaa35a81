"""Rules that HQ writes, in the small country of the walkers of pages and forms."""

import datetime as dt

from models import ApprovalRoute, Policy, Tariff
from services import jalali, policy, rule_values
from tests import make

Scene = tuple[str, dict, dict]
FAR = dt.timedelta(days=400)


def coming(world) -> ApprovalRoute:
    """A route that has not begun."""
    row = make.first(ApprovalRoute, levels="hq", setting="*")
    return row or make.save(ApprovalRoute(unit_kind="center", valid_from=policy.today() + FAR, levels="hq"))


def value(world) -> Policy:
    """A value that has not begun."""
    name = rule_values.SEPARATION
    row = make.first(Policy, name=name)
    return row or make.save(Policy(name=name, scope="academy", valid_from=policy.today() + FAR, value=False))


def tariff(world) -> Tariff:
    """A row that has not begun."""
    row = make.first(Tariff, decile=9)
    return row or make.tariff(90_000, decile=9, valid_from=policy.today() + FAR)


def grown(world, n: int) -> None:
    day = policy.today() + dt.timedelta(days=n + 1)
    make.tariff(70_000, unit_kind="center", delivery="blended", valid_from=day - 2 * n * dt.timedelta(days=1))
    make.save(ApprovalRoute(unit_kind="academy", valid_from=day, levels="province,hq"))
    make.save(Policy(name=rule_values.SEPARATION, scope="center", valid_from=day, value=True))
    make.save(Policy(name="conflict_place", scope="center", valid_from=day, value="off"))
    value = {"mode": "warn", "override": "province"}
    make.save(Policy(name="eligible_age", scope="center", valid_from=day, value=value))


def today(name: str) -> dict[str, str]:
    parts = zip("ymd", jalali.parts(policy.today()), strict=True)
    return {f"{name}-{part}": str(number) for part, number in parts}


def route(world) -> Scene:
    asked = {"unit_kind": "center", "setting": "prison", "levels": "hq", **today("valid_from")}
    return "/hq/rules/routes/new?" + "&".join(f"{name}={value}" for name, value in asked.items()), {}, {}


def route_gone(world) -> Scene:
    return "/hq/rules/routes", {"route_id": coming(world).id}, {}


def separated(world) -> Scene:
    return "/hq/rules/separation", {}, today("valid_from")


def joined(world) -> Scene:
    return "/hq/rules/separation", {"row_id": value(world).id}, {}


def collision(world) -> Scene:
    return "/hq/rules/conflicts", {}, {"kind": "place", "value": "refuse", **today("valid_from")}


def collision_gone(world) -> Scene:
    values = {"name": "conflict_place", "scope": "academy", "valid_from": policy.today() + FAR, "value": "off"}
    return "/hq/rules/conflicts", {"row_id": make.save(Policy(**values)).id}, {}


def tariff_written(world) -> Scene:
    asked = {"unit_kind": "academy", "amount": "60000", "deciles": "3", **today("valid_from")}
    return "/hq/tariffs/new?" + "&".join(f"{name}={value}" for name, value in asked.items()), {}, {}


def tariff_ended(world) -> Scene:
    row = make.tariff(80_000, unit_kind="academy")
    return f"/hq/tariffs/{row.id}", {"tariff_id": row.id}, today("valid_to")


def tariff_gone(world) -> Scene:
    row = tariff(world)
    return f"/hq/tariffs/{row.id}", {"tariff_id": row.id}, {}


def eligibility(world) -> Scene:
    where = {"rule": "eligible_age"}
    return "/hq/rules/eligibility/eligible_age", where, {"mode": "warn", "override": "nobody", **today("valid_from")}


def eligibility_gone(world) -> Scene:
    value = {"mode": "off", "override": "nobody"}
    row = {"name": "eligible_age", "scope": "academy", "valid_from": policy.today() + FAR, "value": value}
    place = "/hq/rules/eligibility/eligible_age"
    return place, {"rule": "eligible_age", "row_id": make.save(Policy(**row)).id}, {}


def leaving(world) -> Scene:
    return "/hq/rules/leaving", {}, {"kind": "refund_no_show", "value": "بله", **today("valid_from")}


def leaving_gone(world) -> Scene:
    values = {"name": "waitlist_offer_hours", "scope": "academy", "valid_from": policy.today() + FAR, "value": 24}
    return "/hq/rules/leaving", {"row_id": make.save(Policy(**values)).id}, {}


SCENES = {
    "hq.leaving_rule_save": leaving,
    "hq.leaving_rule_remove": leaving_gone,
    "hq.route_save": route,
    "hq.route_remove": route_gone,
    "hq.separation_save": separated,
    "hq.separation_remove": joined,
    "hq.eligibility_rule_save": eligibility,
    "hq.eligibility_rule_remove": eligibility_gone,
    "hq.conflict_rule_save": collision,
    "hq.conflict_rule_remove": collision_gone,
    "hq.tariff_save": tariff_written,
    "hq.tariff_end": tariff_ended,
    "hq.tariff_remove": tariff_gone,
}
