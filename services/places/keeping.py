"""Making, editing and switching places and workshops; each act is one audit row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select, update

from models import UNDER_WAY, County, Course, Instructor, Place, Unit, Workshop, db
from services import audit, codes, late, submissions, text
from services.access import Actor
from services.changes import between
from services.errors import DomainError
from services.places import reading
from services.places.values import (
    PLACE_LABEL,
    WORKSHOP_LABEL,
    PlaceValues,
    WorkshopValues,
    columns,
    show,
    tidy_place,
    tidy_workshop,
)
from services.sql import add_once
from services.transaction import atomic

_PLACE = late.Words("place", "place_edited", "این مکان", PLACE_LABEL, show)
_WORKSHOP = late.Words("workshop", "workshop_edited", "این کارگاه", WORKSHOP_LABEL, show)
_NAMED = 5  # courses that a refusal names


@dataclass(frozen=True)
class Made:
    """The id of a place or workshop, and whether the same form had made it before."""

    id: int
    repeated: bool


class InUse(DomainError):
    """Courses under way need it; `courses` are the first of them."""

    def __init__(self, message: str, courses: Sequence[Course], *, field: str) -> None:
        super().__init__(message, field=field)
        self.courses = courses


# -- Places ------------------------------------------------------------------------


def create(actor: Actor, form_key: str, values: PlaceValues, unit_id: int | None = None, *, sure_of: str = "") -> Made:
    """A new place of the actor's unit; the same form sent again finds the first one.

    Args:
        unit_id: which unit, where the actor keeps several.
        sure_of: the unusual postal code that the actor has seen to be right.

    Raises:
        NotAllowed: the actor keeps no places.
        UnusualPostalCode: one more press with `sure_of` goes on.
        DomainError: what is wrong with which field.
    """
    with atomic():
        if earlier := submissions.begin(form_key, actor.user_id):
            return Made(submissions.id_of(earlier, "place"), repeated=True)
        unit = _unit(actor, unit_id)
        values = tidy_place(values, sure_of)
        _check_county(unit.province_id, values.county_id)
        place_id = add_once(Place, unit_id=unit.id, province_id=unit.province_id, **columns(values))
        if place_id is None:
            raise DomainError("مکان دیگری از این واحد همین کد را دارد", field="code")
        audit.record("place_created", "place", place_id, actor_id=actor.user_id, kind=values.kind.value)
        _note_unusual(actor, place_id, values, sure_of)
        submissions.finish(form_key, f"place:{place_id}")
        return Made(place_id, repeated=False)


def edit(actor: Actor, place_id: int, version: int, values: PlaceValues, *, sure_of: str = "") -> bool:
    """Save a place; False when nothing differs, as when the same form comes twice.

    Args:
        version: the version that was on the page.
        sure_of: as with `create`; of a code that is stored already nothing is asked.

    Raises:
        LateSaving: somebody has saved since; it carries both values of every field that differs.
        NotAllowed, DomainError: as `create`.
    """
    with atomic():
        place = reading.changeable(actor, place_id)
        values = tidy_place(values, sure_of or place.postal_code)
        if not between(place, values):
            return False
        if version != place.version:
            raise late.refusal(_PLACE, place, actor, version, values)
        _check_county(place.province_id, values.county_id)
        same_code = (Place.unit_id == place.unit_id, Place.code == values.code, Place.id != place.id)
        if values.code and db.session.scalar(select(Place.id).where(*same_code).limit(1)):
            raise DomainError("مکان دیگری از این واحد همین کد را دارد", field="code")
        changes = late.write(_PLACE, actor, place, values, columns(values))
        if "postal_code" in changes:
            _note_unusual(actor, place.id, values, sure_of)
    return True


def switch(actor: Actor, place_id: int, *, on: bool, reason: str = "") -> bool:
    """Take a place out of use, or into use again; False when it was so already.

    Courses that are over keep it; new ones do not find it. Source: docs/rules.md R-121.
    Raises:
        InUse: courses under way are held there.
        DomainError: no reason to take it out of use.
    """
    with atomic():
        place = reading.changeable(actor, place_id)
        return _switch(actor, place, Course.place_id == place.id, on=on, reason=reason)


# -- Workshops ---------------------------------------------------------------------


def create_workshop(actor: Actor, place_id: int, form_key: str, values: WorkshopValues) -> Made:
    """A new workshop of a place; the same form sent again finds the first one.

    Raises:
        NotAllowed: the place is not the actor's to change.
        DomainError: what is wrong with which field.
    """
    with atomic():
        if earlier := submissions.begin(form_key, actor.user_id):
            return Made(submissions.id_of(earlier, "workshop"), repeated=True)
        place = reading.changeable(actor, place_id)
        values = tidy_workshop(values)
        _check_title(place.id, values.title)
        _check_responsible(place.unit_id, values.responsible_id)
        row = Workshop(place_id=place.id, unit_id=place.unit_id, **columns(values))
        db.session.add(row)
        db.session.flush()
        audit.record("workshop_created", "workshop", row.id, actor_id=actor.user_id, place=place.id)
        submissions.finish(form_key, f"workshop:{row.id}")
        return Made(row.id, repeated=False)


def edit_workshop(actor: Actor, workshop_id: int, version: int, values: WorkshopValues) -> bool:
    """Save a workshop; False when nothing differs, as when the same form comes twice.

    Raises:
        LateSaving: somebody has saved since; it carries both values of every field that differs.
        InUse: a course under way has more seats than the workshop would have.
        NotAllowed, DomainError: as `create_workshop`.
    """
    with atomic():
        room = reading.changeable_room(actor, workshop_id).workshop
        values = tidy_workshop(values)
        changes = between(room, values)
        if not changes:
            return False
        if version != room.version:
            raise late.refusal(_WORKSHOP, room, actor, version, values)
        if "title" in changes:
            _check_title(room.place_id, values.title, but=room.id)
        if "responsible_id" in changes:
            _check_responsible(room.unit_id, values.responsible_id)
        if values.workstations < room.workstations:
            lock(room)
            _refuse_fuller_courses(room, values.workstations)
        late.write(_WORKSHOP, actor, room, values, columns(values))
    return True


def switch_workshop(actor: Actor, workshop_id: int, *, on: bool, reason: str = "") -> bool:
    """Take a workshop out of use, or into use again, as `switch` does with a place."""
    with atomic():
        room = reading.changeable_room(actor, workshop_id)
        if on and not room.place.is_active:
            raise DomainError(f"نخست مکان «{room.place.title}» را فعال کنید. چیزی تغییر نکرد.")
        return _switch(actor, room.workshop, Course.workshop_id == workshop_id, on=on, reason=reason)


def lock(room: Workshop) -> None:
    """Until the end of this transaction no course is sent to the workshop."""
    db.session.execute(select(Workshop.id).where(Workshop.id == room.id).with_for_update())


def under_way(where: ColumnElement[bool], limit: int = _NAMED) -> Sequence[Course]:
    """The first courses under review, open or running of which this is true."""
    query = select(Course).where(where, Course.status.in_(UNDER_WAY)).order_by(Course.id).limit(limit)
    return db.session.scalars(query).all()


# -- Support -----------------------------------------------------------------------


def _unit(actor: Actor, unit_id: int | None) -> Unit:
    kept = reading.keeper(actor)
    chosen = kept[0] if len(kept) == 1 else unit_id
    if chosen not in kept:
        raise DomainError("واحدی را که این مکان برای آن است انتخاب کنید", field="unit")
    return db.session.get_one(Unit, chosen)


def _switch(actor: Actor, row: Place | Workshop, of_it: ColumnElement[bool], *, on: bool, reason: str) -> bool:
    if row.is_active is on:
        return False
    why = text.clean(reason)
    if not on:
        _check_reason(why)
    words, model = (_PLACE, Place) if isinstance(row, Place) else (_WORKSHOP, Workshop)
    turned = update(model).where(model.id == row.id, model.is_active.is_not(on)).values(is_active=on)
    if db.session.scalar(turned.execution_options(synchronize_session=False).returning(model.id)) is None:
        return False
    if not on:  # after the UPDATE, for which a course that is being sent lets nobody pass
        _refuse_needed(of_it)
    detail: dict[str, Any] = {"reason": why} if why else {}
    action = f"{words.subject}_enabled" if on else f"{words.subject}_disabled"
    audit.record(action, words.subject, row.id, actor_id=actor.user_id, **detail)
    return True


def _check_reason(why: str) -> None:
    if not why or len(why) > 300:
        sentence = "دلیل را تا ۳۰۰ نویسه بنویسید" if why else "دلیل غیرفعال‌کردن را بنویسید"
        raise DomainError(sentence, field="reason")


def _refuse_needed(of_it: ColumnElement[bool]) -> None:
    found = under_way(of_it)
    if found:
        raise InUse(
            "این دوره‌ها در حال بررسی، ثبت‌نام یا اجرا و در همین‌جا هستند. پس از پایان یا لغو آن‌ها غیرفعال کنید؛ "
            "چیزی تغییر نکرد.",
            found,
            field="reason",
        )


def _refuse_fuller_courses(room: Workshop, workstations: int) -> None:
    found = under_way((Course.workshop_id == room.id) & (Course.capacity_max > workstations))
    if found:
        most = text.persian_digits(max(course.capacity_max or 0 for course in found))
        sentence = f"دوره‌ای در جریان با ظرفیت {most} نفر در این کارگاه است؛ جای کار از آن کمتر نمی‌شود"
        raise InUse(sentence, found, field="workstations")


def _note_unusual(actor: Actor, place_id: int, values: PlaceValues, sure_of: str) -> None:
    if values.postal_code and values.postal_code == codes.bare(sure_of):
        audit.record("postal_code_confirmed", "place", place_id, actor_id=actor.user_id, code=values.postal_code)


def _check_county(province_id: int | None, county_id: int | None) -> None:
    county = db.session.get(County, county_id) if county_id else None
    if county is None or county.province_id != province_id:
        raise DomainError("شهرستان را از فهرست انتخاب کنید", field="county_id")


def _check_title(place_id: int, title: str, but: int = 0) -> None:
    """Courses and storekeepers name workshops by their titles, so two of a place do not share one."""
    rows = db.session.execute(select(Workshop.id, Workshop.title).where(Workshop.place_id == place_id))
    if any(text.key(other) == text.key(title) and room_id != but for room_id, other in rows):
        raise DomainError("کارگاه دیگری در این مکان همین نام را دارد", field="title")


def _check_responsible(unit_id: int, instructor_id: int | None) -> None:
    if instructor_id is None:
        return
    teacher = db.session.get(Instructor, instructor_id)
    if teacher is None or teacher.unit_id != unit_id or not teacher.is_active:
        raise DomainError("مربی مسئول را از فهرست انتخاب کنید", field="responsible_id")
