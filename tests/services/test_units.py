"""Making and keeping units: by the level above, once, never over somebody else's saving, each act with its row."""

from dataclasses import replace

import pytest

from models import AuditEvent, CourseStatus, Gender, Role, Unit, UnitKind, UserRole, db
from services import text, units
from services.errors import DomainError, NotAllowed, NotFound, OutsideTerritory
from services.late import LateSaving
from services.units import UnitValues
from tests import course_cases as cases
from tests import make


@pytest.fixture
def golestan():
    return make.save(make.Province(code="27", title="گلستان", title_sort=text.sort_key("گلستان")))


@pytest.fixture
def gorgan(golestan):
    return make.county(golestan, "گرگان")


@pytest.fixture
def hq():
    return make.unit(UnitKind.HQ)


@pytest.fixture
def office(golestan, gorgan, hq):
    return make.unit(UnitKind.DIRECTORATE, golestan, parent_id=hq.id)


@pytest.fixture
def admin(hq):
    return cases.staff(Role.ADMIN, hq)


@pytest.fixture
def director(office):
    return cases.staff(Role.DIRECTOR, office)


def local(actor, county, title="مرکز گرگان", kind="center", key="a form", **over):
    return units.create(actor, key, kind, UnitValues(title, county.id, **over))


def acts(unit: Unit) -> list[str]:
    events = db.session.query(AuditEvent).filter_by(subject="unit", subject_id=unit.id).order_by(AuditEvent.id)
    return [event.action for event in events]


# -- Making ------------------------------------------------------------------------


@pytest.mark.once
def test_hq_makes_a_directorate_with_its_official_name_and_code(admin, hq, golestan):
    made = units.create(admin, "a form", "directorate", UnitValues(""), province_id=golestan.id).unit
    assert (made.kind, made.code, made.parent_id) == (UnitKind.DIRECTORATE, "27000", hq.id)
    assert made.title == "اداره کل آموزش فنی و حرفه‌ای استان گلستان"
    assert acts(made) == ["unit_created"]


def test_a_province_gets_one_directorate_even_if_that_is_switched_off(admin, golestan):
    first = units.create(admin, "a form", "directorate", UnitValues(""), province_id=golestan.id).unit
    units.disable(admin, first.id, "ادغام")
    assert golestan.id not in {province.id for province in units.provinces_without_directorate()}
    with pytest.raises(DomainError) as refused:
        units.create(admin, "another", "directorate", UnitValues("دیگر"), province_id=golestan.id)
    assert refused.value.field == "province"


@pytest.mark.once
@pytest.mark.parametrize(("kind", "code"), [("center", "27101"), ("academy", "27301"), ("counter", "27501")])
def test_a_directorate_makes_what_stands_below_it(director, office, gorgan, kind, code):
    made = local(director, gorgan, kind=kind).unit
    assert (made.kind, made.code, made.parent_id) == (kind, code, office.id)
    assert (made.province_id, made.county_id) == (gorgan.province_id, gorgan.id)


def test_codes_count_on_and_get_longer_when_two_digits_are_used_up(director, gorgan):
    for number, title in ((8, "الف"), (99, "ب")):
        make.unit(UnitKind.CENTER, gorgan.province, code=f"271{number:02}", title=title)
    assert local(director, gorgan, "ج", key="one").unit.code == "271100"
    assert local(director, gorgan, "د", key="two").unit.code == "271101"


def test_the_same_form_sent_twice_makes_one_unit_and_says_so(director, gorgan):
    first, second = local(director, gorgan), local(director, gorgan)
    assert (first.repeated, second.repeated) == (False, True)
    assert first.unit.id == second.unit.id
    assert db.session.query(Unit).filter_by(kind=UnitKind.CENTER).count() == 1
    assert acts(first.unit) == ["unit_created"]


def test_a_new_unit_can_be_given_staff_at_once(director, gorgan):
    made = local(director, gorgan).unit
    make.save(UserRole(user_id=make.user().id, unit_id=made.id, role=Role.MANAGER))
    assert [unit.id for unit in units.listing(director, "center", "مرکز گرگان").units] == [made.id]


@pytest.mark.once
@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"title": " ‌ "}, "title"),
        ({"title": "م" * 151}, "title"),
        ({"phone": "شماره"}, "phone"),
        ({"address": "م" * 301}, "address"),
        ({"county_id": None}, "county"),
        ({"county_id": 10**9}, "county"),
    ],
)
def test_what_cannot_be_stored_is_refused_at_its_field(director, gorgan, over, field):
    values = replace(UnitValues("مرکز گرگان", gorgan.id), **over)
    with pytest.raises(DomainError) as refused:
        units.create(director, "a form", "center", values)
    assert refused.value.field == field
    assert units.create(director, "a form", "center", UnitValues("مرکز گرگان", gorgan.id)).repeated is False


def test_two_units_of_a_kind_in_a_province_do_not_share_a_name(director, gorgan):
    local(director, gorgan, "مرکز شمارهٔ ۱")
    with pytest.raises(DomainError, match="۲۷۱۰۱") as refused:
        local(director, gorgan, "مرکز  شماره 1", key="another")
    assert refused.value.field == "title"
    assert local(director, gorgan, "مرکز شمارهٔ ۱", kind="academy", key="third").unit.code == "27301"


# -- Who may -----------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize("kind", ["directorate", "hq", "nonsense"])
def test_a_directorate_makes_nothing_at_its_own_level_or_above(director, gorgan, kind):
    with pytest.raises(DomainError) as refused:
        local(director, gorgan, kind=kind)
    assert refused.value.field == "kind"


@pytest.mark.parametrize(("role", "kind"), [
    (Role.PLANNER, UnitKind.DIRECTORATE), (Role.REVIEWER, UnitKind.HQ), (Role.MANAGER, UnitKind.CENTER),
])  # fmt: skip
def test_others_make_and_change_nothing(golestan, gorgan, role, kind):
    unit = make.unit(UnitKind.CENTER, golestan)
    who = cases.staff(role, unit if kind is UnitKind.CENTER else make.unit(kind, golestan))
    with pytest.raises(NotAllowed):
        local(who, gorgan)
    with pytest.raises((NotAllowed, OutsideTerritory)):
        units.disable(who, unit.id, "دلیل")
    assert unit.is_active


def test_a_county_of_another_province_is_not_to_be_chosen(director):
    far = make.county(make.province("یزد"), "میبد")
    assert far.id not in {county.id for county in units.counties(director)}
    with pytest.raises(DomainError) as refused:
        local(director, far)
    assert refused.value.field == "county"


def test_a_unit_of_another_province_is_not_there(director, hq):
    far = make.unit(UnitKind.CENTER, make.province("یزد"))
    assert far.id not in {unit.id for unit in units.listing(director, "all").units}
    for act in (
        lambda: units.get(director, far.id),
        lambda: units.edit(director, far.id, 1, units.values_of(far)),
        lambda: units.disable(director, far.id, "دلیل"),
        lambda: units.enable(director, far.id),
        lambda: units.get(director, hq.id),
    ):
        with pytest.raises(OutsideTerritory):
            act()
    with pytest.raises(NotFound):
        units.get(director, 10**9)


@pytest.mark.once
def test_a_directorate_sees_itself_and_is_changed_by_hq(director, admin, office):
    values = replace(units.values_of(office), phone="017-32220001")
    with pytest.raises(NotAllowed):
        units.edit(director, office.id, 1, values)
    assert units.edit(admin, office.id, 1, values)
    assert units.get(director, office.id).phone == "017-32220001"


# -- Editing -----------------------------------------------------------------------


def test_an_edit_writes_who_and_each_field_with_its_old_and_new_value(director, gorgan):
    unit = local(director, gorgan).unit
    values = replace(units.values_of(unit), title="مرکز کردکوی", phone="۰۱۷-۳۲۲۲۰۰۰۰", gender=Gender.FEMALE)
    assert units.edit(director, unit.id, 1, values)
    unit = units.get(director, unit.id)
    assert (unit.title, unit.phone, unit.gender, unit.version) == ("مرکز کردکوی", "017-32220000", "female", 2)
    event = db.session.query(AuditEvent).filter_by(action="unit_edited").one()
    assert event.actor_id == director.user_id
    assert event.detail["changes"] == {
        "title": ["مرکز گرگان", "مرکز کردکوی"], "phone": [None, "017-32220000"], "gender": ["mixed", "female"],
    }  # fmt: skip


def test_the_same_edit_sent_twice_is_one(director, gorgan):
    unit = local(director, gorgan).unit
    values = replace(units.values_of(unit), phone="017-1234")
    assert [units.edit(director, unit.id, 1, values) for _ in range(2)] == [True, False]
    assert acts(unit) == ["unit_created", "unit_edited"]


@pytest.mark.once
def test_a_saving_over_a_newer_one_is_refused_with_both_values(director, office, gorgan):
    unit = local(director, gorgan, address="خیابان یک").unit
    seen = units.values_of(unit)
    colleague = cases.staff(Role.REVIEWER, office)
    units.edit(colleague, unit.id, 1, replace(seen, phone="017-1111", address="خیابان دو"))
    with pytest.raises(LateSaving) as refused:
        units.edit(director, unit.id, 1, replace(seen, address="خیابان سه"))
    told = {row.label: (row.stored, row.sent, row.whose) for row in refused.value.differences}
    assert told["نشانی"] == ("خیابان دو", "خیابان سه", "هر دو تغییر داده‌اید")
    assert told["تلفن"] == ("۰۱۷-۱۱۱۱", "ثبت نشده", "همکار شما تغییر داده است")
    assert (refused.value.merged.phone, refused.value.merged.address) == ("017-1111", "خیابان سه")
    assert units.get(director, unit.id).address == "خیابان دو"
    assert units.edit(director, unit.id, 2, refused.value.merged)


def test_courses_are_found_by_the_new_name_and_county_of_their_unit(director, golestan):
    unit = make.unit(UnitKind.CENTER, golestan, title="مرکز قدیم")
    course, moved = make.course(unit_=unit), make.county(golestan, "آق‌قلا")
    units.edit(director, unit.id, 1, replace(units.values_of(unit), title="مرکز نوین", county_id=moved.id))
    db.session.refresh(course)
    assert "مرکزنوین" in course.search_key
    assert "مرکزقدیم" not in course.search_key
    assert course.county_id == moved.id


# -- Switching ---------------------------------------------------------------------


def test_a_counter_is_switched_off_with_a_reason_and_on_again(director, gorgan):
    unit = local(director, gorgan, kind="counter").unit
    with pytest.raises(DomainError) as refused:
        units.disable(director, unit.id, "  ")
    assert refused.value.field == "reason"
    assert [units.disable(director, unit.id, "قرارداد تمام شد") for _ in range(2)] == [True, False]
    off = units.get(director, unit.id)
    assert (off.is_active, off.inactive_reason) == (False, "قرارداد تمام شد")
    assert [shown.id for shown in units.listing(director, "off").units] == [unit.id]
    assert [units.enable(director, unit.id) for _ in range(2)] == [True, False]
    assert units.get(director, unit.id).inactive_reason is None
    assert acts(unit) == ["unit_created", "unit_disabled", "unit_enabled"]


@pytest.mark.once
@pytest.mark.parametrize("status", [CourseStatus.PROVINCE_REVIEW, CourseStatus.OPEN, CourseStatus.RUNNING])
def test_a_center_with_courses_under_way_stays_on(director, golestan, status):
    unit = make.unit(UnitKind.CENTER, golestan)
    course = make.course(status, unit)
    with pytest.raises(DomainError, match="۱ دورهٔ این واحد"):
        units.disable(director, unit.id, "دلیل")
    course.status = CourseStatus.FINISHED
    db.session.commit()
    assert units.disable(director, unit.id, "دلیل")


def test_a_directorate_stays_on_while_units_below_it_are(admin, director, office, gorgan):
    unit = local(director, gorgan).unit
    with pytest.raises(DomainError, match="۱ واحد فعال"):
        units.disable(admin, office.id, "دلیل")
    units.disable(admin, unit.id, "دلیل")
    units.disable(admin, office.id, "دلیل")
    with pytest.raises(DomainError, match="نخست"):
        units.enable(admin, unit.id)


@pytest.mark.once
def test_nobody_switches_off_the_unit_they_act_for(admin, hq):
    with pytest.raises(DomainError, match="خود"):
        units.disable(admin, hq.id, "دلیل")


# -- The list ----------------------------------------------------------------------


def test_the_list_is_in_the_order_of_the_alphabet_and_goes_on_where_it_stopped(director, golestan):
    for n in range(30):
        make.unit(UnitKind.ACADEMY, golestan, title=f"آموزشگاه {n:02}")
    first = units.listing(director, "academy")
    second = units.listing(director, "academy", after=first.after)
    titles = [unit.title for page in (first, second) for unit in page.units]
    assert titles == [f"آموزشگاه {n:02}" for n in range(30)]
    assert second.after is None


@pytest.mark.parametrize("words", ["گرگ", "27101", "۲۷۱۰۱", "گرگان", "مركز"])
def test_a_unit_is_found_by_part_of_its_name_its_code_and_its_county(director, gorgan, words):
    unit = local(director, gorgan, "مرکز شهید گرگین").unit
    make.unit(UnitKind.COUNTER, make.province("یزد"), title="مرکز گرگان یزد")
    assert [found.id for found in units.listing(director, "all", words).units] == [unit.id]


def test_hq_sees_every_province_and_itself(admin, office, hq):
    far = make.unit(UnitKind.CENTER, make.province("یزد"))
    assert {unit.id for unit in units.listing(admin, "all").units} == {office.id, hq.id, far.id}
    assert {unit.id for unit in units.listing(admin, "directorate").units} == {office.id}
