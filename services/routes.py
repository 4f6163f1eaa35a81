"""Routes of approval as HQ writes them: the levels that courses of a unit kind and setting pass, from a day on.

Source: docs/rules.md R-360 to R-363.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select

from models import ApprovalRoute, Course, Role, Setting, Unit, UnitKind, db, utcnow
from services import audit, jalali, labels, policy
from services.access import Actor, Level
from services.courses.lists import UNDER_REVIEW
from services.courses.steps import DEFAULT_ROUTE, USUAL_ROUTE
from services.errors import Conflict, DomainError, NotAllowed
from services.sql import insert_once
from services.transaction import atomic

ANY = "*"  # any setting
KINDS = (UnitKind.CENTER, UnitKind.ACADEMY)
# Each level at most once, and from below upwards.
WAYS = ("center", "province", "hq", "center,province", "center,hq", "province,hq", "center,province,hq")
PREVIEW_DAYS = 90


@dataclass(frozen=True)
class RouteValues:
    """One row as a person writes it; `setting` is `ANY` or one of `Setting`."""

    unit_kind: str
    setting: str
    levels: str
    valid_from: date


@dataclass(frozen=True)
class Standing:
    """What holds for a unit kind and setting: `row` is None for the usual way, `coming` what begins later."""

    unit_kind: str
    setting: str
    levels: str
    row: ApprovalRoute | None
    coming: Sequence[ApprovalRoute]


@dataclass(frozen=True)
class Preview:
    """What a row would change: courses sent in the last `PREVIEW_DAYS` days, and by their way those that would have
    gone another one; `running` are under review now and keep theirs."""

    sent: int
    other: Sequence[tuple[str, int]]
    running: int

    @property
    def changed(self) -> int:
        return sum(number for _, number in self.other)


def may_keep(actor: Actor) -> bool:
    """Whether this person writes routes; others of HQ read them."""
    return actor.level is Level.HQ and actor.has(Role.ADMIN)


def in_words(levels: str) -> str:
    """«مرکز، سپس استان»."""
    return "، سپس ".join(labels.LEVEL[level] for level in levels.split(","))


def setting_title(setting: str) -> str:
    return "همهٔ بخش‌ها" if setting == ANY else labels.SETTING.get(setting, setting)


def told(detail: dict[str, Any]) -> str:
    """What an event of the trail is about."""
    kind, day = labels.UNIT_KIND.get(detail["unit_kind"], ""), date.fromisoformat(detail["valid_from"])
    return f"{kind}، {setting_title(detail['setting'])}: {in_words(detail['levels'])}، از {jalali.day_month_year(day)}"


# -- Reading -----------------------------------------------------------------------


def standing(on: date | None = None) -> list[Standing]:
    """What holds on a day, unit kind by unit kind, any setting first; one query."""
    today = on or policy.today()
    found: dict[tuple[str, str], list[ApprovalRoute]] = {(kind.value, ANY): [] for kind in KINDS}
    for row in db.session.scalars(select(ApprovalRoute).order_by(ApprovalRoute.valid_from)):
        found.setdefault((row.unit_kind, row.setting), []).append(row)
    order = {name: at for at, name in enumerate((*(kind.value for kind in KINDS), ANY, *Setting))}
    return [
        _standing(*key, found[key], today)
        for key in sorted(found, key=lambda key: [order.get(part, 0) for part in key])
    ]


def _standing(kind: str, setting: str, rows: Sequence[ApprovalRoute], today: date) -> Standing:
    begun = [row for row in rows if row.valid_from <= today]
    holds = begun[-1] if begun else None
    levels = holds.levels if holds else DEFAULT_ROUTE.get(UnitKind(kind), USUAL_ROUTE) if setting == ANY else ""
    return Standing(kind, setting, levels, holds, [row for row in rows if row.valid_from > today])


def preview(wanted: RouteValues) -> Preview:
    """What this row would change, by the courses of the last 90 days; two queries.

    Raises:
        DomainError: the row cannot be.
    """
    _check(wanted)
    governed = _governed(wanted)
    since = utcnow() - timedelta(days=PREVIEW_DAYS)
    query = select(Course.levels, func.count()).join(Unit, Unit.id == Course.unit_id)
    query = query.where(*governed, Course.sent_at >= since, Course.levels.is_not(None)).group_by(Course.levels)
    by_way = [(levels or "", number) for levels, number in db.session.execute(query)]
    running = select(func.count()).select_from(Course).join(Unit, Unit.id == Course.unit_id)
    return Preview(
        sent=sum(number for _, number in by_way),
        other=sorted((way for way in by_way if way[0] != wanted.levels), key=lambda way: -way[1]),
        running=db.session.scalar(running.where(*governed, Course.status.in_(UNDER_REVIEW))) or 0,
    )


def _governed(wanted: RouteValues) -> list[ColumnElement[bool]]:
    """The courses whose way the row would say: of its setting, or of every one that has no row of its own by then."""
    of_kind = Unit.kind == UnitKind(wanted.unit_kind)
    if wanted.setting != ANY:
        return [of_kind, Course.setting == Setting(wanted.setting)]
    own = select(ApprovalRoute.setting).where(
        ApprovalRoute.unit_kind == wanted.unit_kind,
        ApprovalRoute.setting != ANY,
        ApprovalRoute.valid_from <= wanted.valid_from,
    )
    settings = [Setting(name) for name in db.session.scalars(own.distinct())]
    return [of_kind, or_(Course.setting.is_(None), Course.setting.not_in(settings))]


# -- Writing -----------------------------------------------------------------------


def add(actor: Actor, wanted: RouteValues | None) -> bool:
    """Write a row, None being one that arrived torn; False when it stands there already, as when a form comes twice.

    Raises:
        NotAllowed: only an administrator of HQ does. DomainError: the row cannot be.
        Conflict: another way from the same day on is written already.
    """
    _may(actor)
    if wanted is None:
        raise DomainError("این فرم ناقص رسید و چیزی ثبت نشد. راه را دوباره بنویسید.")
    with atomic():
        _check(wanted)
        row = {"unit_kind": wanted.unit_kind, "setting": wanted.setting, "valid_from": wanted.valid_from}
        added = insert_once(ApprovalRoute, levels=wanted.levels, **row)
        route_id = db.session.scalar(added.returning(ApprovalRoute.__table__.c.id))
        if route_id is None:
            stands = db.session.scalar(select(ApprovalRoute.levels).filter_by(**row))
            if stands == wanted.levels:
                return False
            raise Conflict(_taken(stands))
        _tell(actor, "route_added", int(route_id), wanted)
    return True


def remove(actor: Actor, route_id: int) -> bool:
    """Take away a row that has not begun; False when it is gone.

    Raises:
        NotAllowed: as `add`. Conflict: it has begun, and stays.
    """
    _may(actor)
    with atomic():
        gone = delete(ApprovalRoute).where(ApprovalRoute.id == route_id, ApprovalRoute.valid_from > policy.today())
        columns = ApprovalRoute.unit_kind, ApprovalRoute.setting, ApprovalRoute.levels, ApprovalRoute.valid_from
        row = db.session.execute(gone.returning(*columns).execution_options(synchronize_session=False)).first()
        if row is None:
            if db.session.scalar(select(ApprovalRoute.id).where(ApprovalRoute.id == route_id)):
                raise Conflict("این راه آغاز شده است و می‌ماند. برای تغییر، راه تازه‌ای از روزی دیگر بنویسید.")
            return False
        _tell(actor, "route_removed", route_id, RouteValues(*row))
    return True


def _check(wanted: RouteValues) -> None:
    if wanted.unit_kind not in KINDS:
        raise DomainError("نوع واحد را انتخاب کنید", field="unit_kind")
    if wanted.setting != ANY and wanted.setting not in set(Setting):
        raise DomainError("بخش اجرا را از فهرست انتخاب کنید", field="setting")
    if wanted.levels not in WAYS:
        raise DomainError("راه را از فهرست انتخاب کنید", field="levels")
    if wanted.valid_from < policy.today():
        raise DomainError("راه از امروز یا روزی پس از آن آغاز می‌شود؛ گذشته عوض نمی‌شود", field="valid_from")


def _taken(levels: str | None) -> str:
    which = f" «{in_words(levels)}»" if levels else ""
    return f"از همین روز راه دیگری{which} نوشته شده است. روز دیگری انتخاب کنید، یا آن را اگر آغاز نشده بردارید."


def _may(actor: Actor) -> None:
    if not may_keep(actor):
        raise NotAllowed("راه‌های تأیید را مدیر سامانه در ستاد می‌نویسد.")


def _tell(actor: Actor, action: str, route_id: int, row: RouteValues) -> None:
    detail: dict[str, Any] = asdict(row) | {"valid_from": row.valid_from.isoformat()}
    audit.record(action, "approval_route", route_id, actor_id=actor.user_id, **detail)
