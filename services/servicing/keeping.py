"""Planning the service of equipment and writing down what was done; the next day follows from both."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import update

from models import EquipmentItem, ServiceKind, ServiceRecord, StoredFile, db, utcnow
from services import audit, files, jalali, policy, submissions, text
from services.access import Actor
from services.changes import encode
from services.errors import Conflict, DomainError
from services.servicing.reading import OWNER, locked
from services.transaction import atomic

LONGEST_EVERY = 3650
OLDEST = timedelta(days=20 * 365)
MOST_RIALS = 10**13
# A repair mends what broke and says nothing of the next turn.
MOVES_ON = frozenset({ServiceKind.SERVICE, ServiceKind.INSPECTION, ServiceKind.CALIBRATION})
_BUSY = "برنامهٔ سرویس این قلم در این میان تغییر کرده است. اکنون: {now}. نوشتهٔ شما ذخیره نشد؛ دوباره نگاه کنید."


@dataclass(frozen=True)
class Plan:
    """How often an item is served, and the next day; both None without a plan."""

    every_days: int | None = None
    next_on: date | None = None


@dataclass(frozen=True)
class Service:
    """What was done to an item; `done_by` is whoever did it, of ours or not."""

    kind: ServiceKind
    done_on: date
    done_by: str
    cost_rials: int | None = None
    note: str | None = None


@dataclass(frozen=True)
class Recorded:
    """The next day after a service, and whether the same form had written it before."""

    next_on: date | None
    repeated: bool


class LatePlan(Conflict):
    """Somebody has planned the service of an item otherwise since the page was opened; nothing was saved."""


def plan_of(item: EquipmentItem) -> Plan:
    return Plan(item.service_every_days, item.next_service_on)


def set_plan(actor: Actor, item_id: int, seen: Plan, wished: Plan) -> bool:
    """Plan the service of an item, or take its plan away; False when it is planned so already.

    Args:
        seen: the plan that was on the page.
        wished: without a next day, that is so many days after the last service, or after today.

    Source: docs/rules.md R-160.
    Raises:
        LatePlan: somebody has planned otherwise since.
        DomainError: what is wrong with which field.
    """
    with atomic():
        item = locked(actor, item_id)
        now, plan = plan_of(item), _checked(wished, item.last_service_on)
        if plan == now:
            return False
        if now != seen:
            raise LatePlan(_BUSY.format(now=said(now)))
        values = {"service_every_days": plan.every_days, "next_service_on": plan.next_on}
        db.session.execute(update(EquipmentItem).where(EquipmentItem.id == item_id).values(values))
        changes = {
            name: [encode(getattr(now, name)), encode(getattr(plan, name))] for name in ("every_days", "next_on")
        }
        audit.record("service_planned", "equipment_item", item_id, actor_id=actor.user_id, changes=changes)
        db.session.refresh(item)
    return True


def record(actor: Actor, form_key: str, item_id: int, service: Service, document: StoredFile | None = None) -> Recorded:
    """Write down a service; the next day is counted from the day of the last one.

    Source: docs/rules.md R-160, R-161.
    Raises:
        DomainError: what is wrong with which field.
        NotAllowed: the item is not the actor's to serve.
    """
    with atomic():
        item = locked(actor, item_id)
        if earlier := submissions.begin(form_key, actor.user_id):
            submissions.id_of(earlier, OWNER)
            return Recorded(item.next_service_on, repeated=True)
        done = _tidy(service)
        row = ServiceRecord(
            item_id=item_id,
            kind=done.kind,
            done_on=done.done_on,
            done_by=done.done_by,
            cost_rials=done.cost_rials,
            note=done.note,
            document_id=document.id if document else None,
            user_id=actor.user_id,
            at=utcnow(),
        )
        db.session.add(row)
        db.session.flush()
        if document:
            place = files.Place(OWNER, row.id, item.unit_id, item.province_id)
            files.attach(actor, [document.key], place)
        _move_on(item, done)
        submissions.finish(form_key, f"{OWNER}:{row.id}")
        return Recorded(item.next_service_on, repeated=False)


def said(plan: Plan) -> str:
    """A plan in words."""
    if plan.every_days is None or plan.next_on is None:
        return "برنامه‌ای ندارد"
    return f"هر {text.persian_digits(plan.every_days)} روز، نوبت بعدی {jalali.day_month_year(plan.next_on)}"


# -- Support -----------------------------------------------------------------------


def _checked(plan: Plan, last: date | None) -> Plan:
    if plan.every_days is None:
        if plan.next_on:
            raise DomainError("فاصلهٔ سرویس را هم بنویسید، یا روز نوبت را خالی بگذارید", field="every_days")
        return Plan()
    if not 1 <= plan.every_days <= LONGEST_EVERY:
        most = text.group_thousands(LONGEST_EVERY)
        raise DomainError(f"فاصلهٔ سرویس عددی از ۱ تا {most} روز است", field="every_days")
    today = policy.today()
    next_on = plan.next_on or max((last or today) + timedelta(days=plan.every_days), today)
    if not today - OLDEST <= next_on <= today + OLDEST:
        raise DomainError("سال نوبت بعدی را با چهار رقم و درست بنویسید", field="next_on")
    return Plan(plan.every_days, next_on)


def _tidy(service: Service) -> Service:
    today, by, note = policy.today(), text.clean(service.done_by), text.clean(service.note) or None
    if service.done_on > today:
        raise DomainError(f"این روز هنوز نیامده است؛ امروز {jalali.short(today)} است", field="done_on")
    if service.done_on < today - OLDEST:
        raise DomainError("سال را با چهار رقم و درست بنویسید", field="done_on")
    if not text.key(by) or len(by) > 120:
        raise DomainError("بنویسید چه کسی یا کدام شرکت انجام داد (تا ۱۲۰ نویسه)", field="done_by")
    if note and len(note) > 500:
        raise DomainError("شرح را تا ۵۰۰ نویسه بنویسید", field="note")
    if service.cost_rials is not None and not 0 <= service.cost_rials <= MOST_RIALS:
        raise DomainError("هزینه را به ریال و درست بنویسید", field="cost")
    return Service(service.kind, service.done_on, by, service.cost_rials, note)


def _move_on(item: EquipmentItem, done: Service) -> None:
    """A service that is written down late, after a newer one, changes neither day."""
    if done.kind not in MOVES_ON or (item.last_service_on and done.done_on < item.last_service_on):
        return
    every = item.service_every_days
    next_on = done.done_on + timedelta(days=every) if every else None
    values = {"last_service_on": done.done_on, "next_service_on": next_on}
    db.session.execute(update(EquipmentItem).where(EquipmentItem.id == item.id).values(values))
    db.session.refresh(item)
