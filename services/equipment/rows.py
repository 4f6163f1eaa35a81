"""What is written in a row of the list of equipment: some facts of an item and the next day of its service."""

from services import servicing
from services.access import Actor
from services.equipment import items
from services.equipment.values import ItemValues
from services.servicing import Plan
from services.transaction import atomic


def save(actor: Actor, item_id: int, version: int, values: ItemValues, plans: tuple[Plan, Plan] | None = None) -> bool:
    """Save both or nothing; False when neither differs. Source: docs/rules.md R-157.

    Args:
        version: the version that was on the page.
        plans: the plan that was on the page and the one that is wished, where that is another.

    Raises:
        LateSaving, LatePlan: somebody has saved the facts, or planned otherwise, since.
        NotAllowed, DomainError: as `items.edit` and `servicing.set_plan`.
    """
    with atomic():
        changed = items.edit(actor, item_id, version, values)
        planned = servicing.set_plan(actor, item_id, *plans) if plans else False
    return changed or planned
