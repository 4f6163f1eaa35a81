"""Places and workshops: written by their unit, once, never over somebody else's saving, and never deleted."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from models import (
    AuditEvent,
    CourseSession,
    CourseStatus,
    Place,
    PlaceKind,
    Role,
    SkillStandard,
    UnitKind,
    Workshop,
    WorkshopDowntime,
    db,
    utcnow,
)
from services import courses, places, text
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from services.late import LateSaving
from services.places import InUse, PlaceValues, WorkshopValues
from tests import course_cases as cases
from tests import make

UNDER_WAY = ("center_review", "province_review", "hq_review", "approved", "open", "closed", "running")


@pytest.fixture
def center():
    return cases.center()


@pytest.fixture
def clerk(center):
    return cases.staff(Role.CLERK, center)


def values(center, **over) -> PlaceValues:
    return PlaceValues(**{"title": "ساختمان دوم", "kind": PlaceKind.BUILDING, "county_id": center.county_id, **over})


def made(clerk, center, key="a form", **over) -> Place:
    return db.session.get_one(Place, places.create(clerk, key, values(center, **over)).id)


def room_of(center) -> Workshop:
    return make.first(Workshop, unit_id=center.id)


def acts(subject: str, row) -> list[str]:
    events = db.session.query(AuditEvent).filter_by(subject=subject, subject_id=row.id).order_by(AuditEvent.id)
    return [event.action for event in events]


# -- Writing -----------------------------------------------------------------------


@pytest.mark.once
def test_a_place_keeps_every_field_as_it_was_written(clerk, center):
    every = {
        "code": "۱۲", "district": "بهاران", "village": "قرن‌آباد", "area": "rural", "address": "جادهٔ شصت‌کلا",
        "postal_code": "۴۹۱۶۶-۱۹۷۳۵", "latitude": Decimal("36.8427"), "longitude": Decimal("54.4439"),
        "phone": "۰۱۷-۳۲۲۲۰۰۰۰", "area_m2": 240, "ownership": "lent", "gender": "female", "capacity": 30,
        "contract_no": "م/۱۴۰۵/۱۲", "safety_checked_on": dt.date(2026, 5, 4),
    }  # fmt: skip
    row = made(clerk, center, kind=PlaceKind.VILLAGE, title="خانهٔ مهارت قرن آباد", **every)
    assert (row.unit_id, row.province_id, row.is_active, row.version) == (center.id, center.province_id, True, 1)
    stored = {"code": "12", "postal_code": "4916619735", "phone": "017-32220000"}
    assert {name: getattr(row, name) for name in every} == {**every, **stored}
    assert (row.title, acts("place", row)) == ("خانهٔ مهارت قرن آباد", ["place_created"])


def test_what_cannot_stand_is_refused_with_its_field(clerk, center):
    for over, field in (
        ({"title": " "}, "title"), ({"title": "الف" * 100}, "title"), ({"postal_code": "۴۹۱۶ب"}, "postal_code"),
        ({"postal_code": "49166197351"}, "postal_code"),
        ({"phone": "ندارد"}, "phone"), ({"capacity": 0}, "capacity"), ({"area_m2": 2_000_000}, "area_m2"),
        ({"latitude": Decimal(36)}, "point"), ({"latitude": Decimal(54), "longitude": Decimal(36)}, "point"),
        ({"kind": PlaceKind.VILLAGE}, "village"), ({"county_id": None}, "county_id"),
        ({"county_id": 10**9}, "county_id"),
    ):  # fmt: skip
        with pytest.raises(DomainError) as refused:
            places.create(clerk, "a form", values(center, **over))
        assert (refused.value.field, db.session.query(Place).count()) == (field, 1), over


@pytest.mark.parametrize("code", ["123", "0123456789", "2123456789", "1111111111"])
def test_an_unusual_postal_code_is_asked_about_once_and_then_kept(clerk, center, code):
    """Domain 3.8: accepted are ten digits, the first neither 0 nor 2, not all equal; anything else is warned of."""
    given = values(center, postal_code=code)
    for sure_of in ("", "4916619735", code[:-1]):
        with pytest.raises(places.UnusualPostalCode):
            places.create(clerk, "a form", given, sure_of=sure_of)
    row = db.session.get(Place, places.create(clerk, "a form", given, sure_of=text.persian_digits(code)).id)
    assert (row.postal_code, acts("place", row)) == (code, ["place_created", "postal_code_confirmed"])
    assert places.edit(clerk, row.id, row.version, replace(given, address="گرگان"))  # what is stored is not asked about
    with pytest.raises(places.UnusualPostalCode):
        places.edit(clerk, row.id, row.version, replace(given, postal_code="0000000000"), sure_of=code)
    assert places.edit(clerk, row.id, row.version, replace(given, postal_code=None))
    assert acts("place", row)[2:] == ["place_edited", "place_edited"]


def test_a_place_lies_in_its_units_province_and_no_other_place_of_the_unit_has_its_code(clerk, center):
    with pytest.raises(DomainError) as refused:
        places.create(clerk, "a form", values(center, county_id=make.county(make.province()).id))
    assert refused.value.field == "county_id"
    first, second = made(clerk, center, code="1"), made(clerk, center, key="another", code="2")
    for act in (
        lambda: places.create(clerk, "a third", values(center, code="۱")),
        lambda: places.edit(clerk, second.id, 1, values(center, code="1")),
    ):
        with pytest.raises(DomainError) as refused:
            act()
        assert refused.value.field == "code"
    elsewhere = make.unit()
    other = places.create(cases.staff(Role.MANAGER, elsewhere), "theirs", values(elsewhere, code="1"))
    assert db.session.get_one(Place, other.id).code == first.code


def test_a_form_sent_twice_makes_one_place_and_one_workshop(clerk, center):
    first, again = (places.create(clerk, "a form", values(center)) for _ in range(2))
    assert (first.id, first.repeated, again.repeated) == (again.id, False, True)
    rooms = [places.create_workshop(clerk, first.id, "a room", WorkshopValues("سالن", 12)) for _ in range(2)]
    assert (rooms[0].id, rooms[1].repeated, len(places.workshops(first.id))) == (rooms[1].id, True, 1)
    with pytest.raises(DomainError):
        places.create_workshop(clerk, first.id, "a form", WorkshopValues("سالن دیگر", 12))
    with pytest.raises(Conflict):
        places.create(cases.staff(Role.MANAGER, center), "a form", values(center))


def test_a_late_saving_is_refused_with_both_values_and_keeps_what_was_not_touched(clerk, center):
    row, manager = made(clerk, center), cases.staff(Role.MANAGER, center)
    seen = places.place_values(row)
    assert places.edit(manager, row.id, 1, replace(seen, phone="017-1111", latitude=Decimal(36), longitude=Decimal(54)))
    with pytest.raises(LateSaving) as late:
        places.edit(clerk, row.id, 1, replace(seen, address="خیابان سه"))
    found = {each.field: (each.stored, each.sent, each.whose) for each in late.value.differences}
    assert found["phone"] == ("۰۱۷-۱۱۱۱", "ثبت نشده", "همکار شما تغییر داده است")
    assert found["latitude"][:2] == ("۳۶.۰۰۰۰۰۰", "ثبت نشده")
    merged = late.value.merged
    assert (merged.phone, merged.address, merged.latitude) == ("017-1111", "خیابان سه", Decimal(36))
    assert places.edit(clerk, row.id, 2, merged)
    assert not places.edit(clerk, row.id, 2, merged)  # the same once more changes nothing
    assert acts("place", row) == ["place_created", "place_edited", "place_edited"]


def test_a_workshop_keeps_its_fields_and_is_saved_late_like_a_place(clerk, center):
    teacher = make.instructor(center)
    given = WorkshopValues("سالن برق", 16, 80, True, True, False, True, True, "evening,morning,none", teacher.id)
    room_id = places.create_workshop(clerk, room_of(center).place_id, "a room", given).id
    row = db.session.get_one(Workshop, room_id)
    stored = replace(given, shifts="morning,evening")
    assert places.workshop_values(row) == stored
    assert places.edit_workshop(clerk, room_id, 1, replace(stored, has_gas=True))
    with pytest.raises(LateSaving) as late:
        places.edit_workshop(clerk, room_id, 1, replace(stored, workstations=20))
    assert (late.value.merged.has_gas, late.value.merged.workstations) == (True, 20)
    assert acts("workshop", row) == ["workshop_created", "workshop_edited"]


def test_a_workshop_that_cannot_stand_is_refused_with_its_field(clerk, center):
    stranger, place_id = make.instructor(make.unit()), room_of(center).place_id
    for over, field in (
        ({"title": ""}, "title"), ({"title": "کارگاه  ۱"}, "title"), ({"workstations": 0}, "workstations"),
        ({"workstations": 501}, "workstations"), ({"area_m2": -1}, "area_m2"),
        ({"responsible_id": 10**9}, "responsible_id"), ({"responsible_id": stranger.id}, "responsible_id"),
    ):  # fmt: skip
        sent = replace(WorkshopValues("سالن", 12), **over)
        with pytest.raises(DomainError) as refused:
            places.create_workshop(clerk, place_id, "a room", sent)
        assert refused.value.field == field, over


# -- Out of use --------------------------------------------------------------------


@pytest.mark.parametrize("what", ["place", "workshop"])
def test_what_a_course_under_way_needs_stays_in_use_and_the_course_is_named(clerk, center, what):
    course = cases.at(CourseStatus.OPEN, center)
    switch = places.switch if what == "place" else places.switch_workshop
    row_id = course.place_id if what == "place" else course.workshop_id
    for status in UNDER_WAY:
        course.status = CourseStatus(status)
        db.session.commit()
        with pytest.raises(InUse) as refused:
            switch(clerk, row_id, on=False, reason="تعمیر")
        assert [each.id for each in refused.value.courses] == [course.id], status
    course.status = CourseStatus.FINISHED
    db.session.commit()
    assert switch(clerk, row_id, on=False, reason="تعمیر")


@pytest.mark.once
def test_a_workshop_out_of_use_is_chosen_by_no_course_and_kept_by_those_that_have_it(clerk, center):
    old = cases.at(CourseStatus.FINISHED, center)
    draft, standard = cases.draft(clerk), make.first(SkillStandard)
    with pytest.raises(DomainError) as refused:
        places.switch_workshop(clerk, old.workshop_id, on=False, reason=" ")
    assert refused.value.field == "reason"
    assert places.switch_workshop(clerk, old.workshop_id, on=False, reason="سقف ریخته است")
    assert not places.switch_workshop(clerk, old.workshop_id, on=False, reason="سقف ریخته است")
    assert places.hosting(center.id, standard.id) == []
    assert [gap.field for gap in courses.gaps(draft, utcnow())] == ["workshop_id"]
    assert courses.get(clerk, old.id).workshop_id == old.workshop_id
    assert places.switch_workshop(clerk, old.workshop_id, on=True)
    assert len(places.hosting(center.id, standard.id)) == 1
    told = [each.note for each in places.history(room_of(center))]
    assert told == ["", "سقف ریخته است"]


def test_a_place_out_of_use_takes_its_workshops_out_of_the_choices_and_they_wait_for_it(clerk, center):
    room = room_of(center)
    assert places.switch(clerk, room.place_id, on=False, reason="اجاره تمام شد")
    assert places.hosting(center.id, make.first(SkillStandard).id) == []
    assert places.switch_workshop(clerk, room.id, on=False, reason="خالی است")
    with pytest.raises(DomainError, match="نخست مکان"):
        places.switch_workshop(clerk, room.id, on=True)
    assert places.switch(clerk, room.place_id, on=True)
    assert places.switch_workshop(clerk, room.id, on=True)


def test_workstations_are_not_lowered_below_the_seats_of_a_course_under_way(clerk, center):
    course = cases.at(CourseStatus.OPEN, center)  # 15 seats
    room = room_of(center)
    seen = places.workshop_values(room)
    with pytest.raises(InUse) as refused:
        places.edit_workshop(clerk, room.id, 1, replace(seen, workstations=14))
    assert (refused.value.field, [each.id for each in refused.value.courses]) == ("workstations", [course.id])
    assert places.edit_workshop(clerk, room.id, 1, replace(seen, workstations=15))


# -- Standards ---------------------------------------------------------------------


def test_standards_of_a_workshop_are_chosen_once_and_not_taken_from_a_course_under_way(clerk, center):
    room, standard, other = room_of(center), make.first(SkillStandard), make.standard()
    assert [places.add_standard(clerk, room.id, other.id) for _ in range(2)] == [True, False]
    assert {each.id for each in places.hosted(room.id)} == {standard.id, other.id}
    course = cases.at(CourseStatus.RUNNING, center)
    with pytest.raises(InUse) as refused:
        places.remove_standard(clerk, room.id, standard.id)
    assert [each.id for each in refused.value.courses] == [course.id]
    assert [places.remove_standard(clerk, room.id, other.id) for _ in range(2)] == [True, False]
    assert acts("workshop", room) == ["workshop_standard_added", "workshop_standard_removed"]
    other.retired_at = utcnow()
    db.session.commit()
    with pytest.raises(DomainError, match="از رده خارج"):
        places.add_standard(clerk, room.id, other.id)
    with pytest.raises(NotFound):
        places.add_standard(clerk, room.id, 10**9)


# -- Who ---------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "kind"), [
    (Role.COUNSELOR, UnitKind.CENTER), (Role.REVIEWER, UnitKind.DIRECTORATE), (Role.ADMIN, UnitKind.HQ),
])  # fmt: skip
def test_others_see_the_places_and_write_none(center, role, kind):
    actor = cases.staff(role, center if kind is UnitKind.CENTER else make.unit(kind))
    room = room_of(center)
    assert places.get(actor, room.place_id)[1].id == center.id
    assert [place.id for place, *_ in places.listing(actor, "").places] == [room.place_id]
    for act in (
        lambda: places.create(actor, "a form", values(center)),
        lambda: places.edit(actor, room.place_id, 1, values(center)),
        lambda: places.switch(actor, room.place_id, on=False, reason="تعمیر"),
        lambda: places.create_workshop(actor, room.place_id, "a room", WorkshopValues("سالن", 12)),
        lambda: places.edit_workshop(actor, room.id, 1, WorkshopValues("سالن", 12)),
        lambda: places.switch_workshop(actor, room.id, on=False, reason="تعمیر"),
        lambda: places.add_standard(actor, room.id, make.first(SkillStandard).id),
        lambda: places.remove_standard(actor, room.id, make.first(SkillStandard).id),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert (acts("place", room.place), acts("workshop", room)) == ([], [])


def test_a_counter_has_no_places_and_another_territory_is_not_there(center):
    manager = cases.staff(Role.MANAGER, make.unit(UnitKind.COUNTER))
    with pytest.raises(NotAllowed):
        places.create(manager, "a form", values(center))
    far = make.province()
    for actor in (manager, cases.staff(Role.CLERK, make.unit(province_=far)),
                  cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, far))):  # fmt: skip
        assert places.listing(actor, "").places == []
        for look in (places.get, places.changeable):
            with pytest.raises(OutsideTerritory):
                look(actor, room_of(center).place_id)
        for look in (places.room, places.changeable_room):
            with pytest.raises(OutsideTerritory):
                look(actor, room_of(center).id)


@pytest.mark.once
def test_whoever_keeps_places_for_several_units_says_for_which(center):
    other = make.unit()
    user = make.user(Role.CLERK, center)
    make.save(make.UserRole(user_id=user.id, unit_id=other.id, role=Role.MANAGER))
    actor = cases.actor(user, "center")
    with pytest.raises(DomainError) as refused:
        places.create(actor, "a form", values(center))
    assert refused.value.field == "unit"
    found = places.create(actor, "a form", values(center), other.id)
    assert db.session.get_one(Place, found.id).unit_id == other.id


# -- Looking -----------------------------------------------------------------------


def test_the_list_finds_by_kind_word_code_unit_and_state_and_goes_on_after_a_page(clerk, center, monkeypatch):
    prison = made(clerk, center, kind=PlaceKind.PRISON, title="زندان گرگان", code="۷")
    village = made(clerk, center, key="b", kind=PlaceKind.VILLAGE, title="خانهٔ مهارت", village="قرن‌آباد")
    places.switch(clerk, prison.id, on=False, reason="قرارداد تمام شد")
    first = room_of(center).place_id
    for asked, expected in (
        ({"tab": ""}, [first, village.id]), ({"tab": "off"}, [prison.id]), ({"tab": "village"}, [village.id]),
        ({"tab": "", "words": "قرن‌آباد"}, [village.id]), ({"tab": "off", "words": "7"}, [prison.id]),
        ({"tab": "", "words": center.title}, [first, village.id]), ({"tab": "", "unit_id": 10**9}, []),
    ):  # fmt: skip
        assert [place.id for place, *_ in places.listing(clerk, **asked).places] == expected, asked
    monkeypatch.setattr(places.reading, "PAGE", 1)
    page = places.listing(clerk, "")
    assert [place.id for place, *_ in places.listing(clerk, "", after=page.after).places] == [village.id]


def test_a_week_shows_the_classes_of_approved_courses_and_the_days_on_which_a_workshop_is_down(clerk, center):
    room, saturday = room_of(center), cases.next_saturday()
    shown, draft = cases.at(CourseStatus.APPROVED, center), cases.draft(clerk)
    for course, day, hour in ((shown, 0, 14), (shown, 0, 8), (shown, 6, 8), (shown, 7, 8), (draft, 1, 8)):
        meets = {"on_date": saturday + dt.timedelta(days=day), "start_time": dt.time(hour)}
        make.save(CourseSession(course_id=course.id, end_time=dt.time(hour + 2), **meets))
    down = {"workshop_id": room.id, "reason": "سیم‌کشی", "begun_by_id": clerk.user_id, "created_at": utcnow()}
    make.save(WorkshopDowntime(starts_on=saturday + dt.timedelta(days=5), **down))
    days = places.week([room.id], places.first_day((saturday + dt.timedelta(days=3)).isoformat(), dt.date(2026, 1, 1)))
    assert [[meeting.start.hour for meeting in day.of(room.id)] for day in days] == [[8, 14], [], [], [], [], [], [8]]
    assert [day.down.get(room.id) for day in days] == [None] * 5 + ["سیم‌کشی"] * 2
    assert days[0].meetings[0].course.id == shown.id
    assert places.week([], saturday)[0].meetings == []


def test_any_week_that_is_asked_for_begins_on_a_saturday():
    for raw in ("", "x", "2026-02-31", "0001-01-01", "9999-12-31"):
        day = places.first_day(raw, dt.date(2026, 11, 22))
        assert day.weekday() == 5, raw
        assert places.week([1], day)[6].on == day + dt.timedelta(days=6)
