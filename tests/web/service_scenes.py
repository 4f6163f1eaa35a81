"""Forms about service as the walker of forms sends them."""

from datetime import timedelta

from models import Workshop, WorkshopDowntime
from services import policy
from tests import make


def _workshop(world):
    return make.first(Workshop, id=world.course.workshop_id)


def planned(world) -> tuple[str, dict, dict]:
    item = make.item(_workshop(world), name="دستگاه جوش")
    return f"/center/service/items/{item.id}", {"item_id": item.id}, {"every_days": "90"}


def recorded(world) -> tuple[str, dict, dict]:
    page, values, _ = planned(world)
    return page, values, {"done_by": "شرکت ابزار", "cost": "۲٬۵۰۰٬۰۰۰"}


def down(world) -> tuple[str, dict, dict]:
    workshop = make.workshop(world.unit)
    return f"/center/service/workshops/{workshop.id}", {"workshop_id": workshop.id}, {"reason": "سیم‌کشی"}


def up(world) -> tuple[str, dict, dict]:
    row = downtime(world)
    return f"/center/service/workshops/{row.workshop_id}", {"downtime_id": row.id}, {}


def downtime(world) -> WorkshopDowntime:
    workshop, since = make.workshop(world.unit), policy.today() - timedelta(days=3)
    who = {"begun_by_id": world.staff["center"].id, "created_at": make.utcnow()}
    return make.save(WorkshopDowntime(workshop_id=workshop.id, starts_on=since, reason="سیم‌کشی", **who))
