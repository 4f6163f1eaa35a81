"""The demo data checks itself: right codes, real classifications, and everything fits together."""

import datetime as dt
import json
from collections import Counter

import pytest

from scripts.demo import accounts, courses, enrollments, people, standards, units
from scripts.reference import places, rules
from services import codes, jalali, policy, text

TODAYS = (dt.date(2026, 11, 21), dt.date(2027, 3, 12), dt.date(2026, 6, 5))

# Unit groups of ISCO-08 that trades of this organization fall into.
ISCO = set(
    """2166 2263 2424 2431 2512 2513 2514 2521 2522 2523 2529 3112 3113 3114 3115 3118 3123 3139 3251 3256 3313 3322
    3331 3334 3341 3343 3431 3432 3434 3512 3513 3514 3521 4110 4120 4131 4132 4221 4226 4311 4312 4313 4321 5113
    5120 5131 5132 5141 5142 5151 5152 5223 5230 5311 5321 5322 6111 6112 6113 6121 6122 6123 6221 7111 7112 7113
    7114 7115 7121 7122 7123 7124 7126 7127 7131 7132 7212 7213 7214 7221 7222 7223 7231 7233 7311 7313 7314 7315
    7316 7317 7318 7319 7321 7322 7323 7411 7412 7421 7422 7511 7512 7513 7514 7522 7523 7531 7532 7533 7534 7536
    8153 8182 8322 8332 8341 8342 8343 8344""".split()  # noqa: SIM905
)


@pytest.fixture(scope="module", params=TODAYS, ids=str)
def made(request):
    """Courses and enrollments as they stand on one day."""
    runs = courses.courses(request.param)
    return request.param, runs, enrollments.enrollments(runs, people.everybody().trainees, request.param)


def stored(title: str) -> bool:
    return text.clean(title) == title != ""


# -- Places and units --------------------------------------------------------------


def test_every_rule_of_the_demo_is_one_that_the_product_asks_for():
    assert set(rules.POLICIES) <= set(policy.DEFAULTS)


def test_all_provinces_and_their_counties_are_there():
    everywhere = places.provinces()
    counties = [county for province in everywhere for county in province.counties]
    assert len(everywhere) == 31
    assert sorted(province.code for province in everywhere) == [f"{n:02}" for n in range(31)]
    assert len(counties) > 440
    assert len({county.code for county in counties}) == len(counties)
    assert all(stored(name) for county in counties for name in (county.title, *county.towns))
    assert len(places.province("گلستان").counties) == 14
    assert len(places.province("مازندران").counties) == 22


def test_no_county_is_listed_twice_in_its_province():
    for province in places.provinces():
        assert len({text.key(county.title) for county in province.counties}) == len(province.counties), province.title


def test_units_hang_together_and_can_be_reached():
    everything = units.units()
    kinds = Counter(unit.kind for unit in everything)
    known = {unit.code for unit in everything}
    assert (kinds["hq"], kinds["directorate"], kinds["counter"]) == (1, 31, 1)
    assert kinds["center"] >= 14
    assert kinds["academy"] >= 6
    assert len(known) == len(everything)
    assert all(unit.parent_code in known for unit in everything if unit.kind != "hq")
    assert all(stored(unit.title) and unit.phone and unit.address and unit.office_hours for unit in everything)
    assert all(codes.postal_code(unit.postal_code) for unit in everything if unit.workshops)


def test_workshops_have_equipment_and_some_lack_something():
    shops = [(unit, shop) for unit in units.units() for shop in unit.workshops]
    things = [thing for unit, shop in shops for thing in units.equipment(unit, shop)]
    assert all(units.equipment(unit, shop) for unit, shop in shops)
    assert all(0 <= thing.serviceable <= thing.quantity for thing in things)
    assert any(thing.serviceable < thing.quantity for thing in things)


# -- Standards ---------------------------------------------------------------------


def test_standards_have_codes_of_fifteen_characters_in_real_unit_groups():
    catalog = standards.standards()
    assert len(catalog) >= 120
    assert {len(standard.code) for standard in catalog} == {15}
    assert len({standard.code for standard in catalog}) == len(catalog)
    assert {standard.unit_group for standard in catalog} <= ISCO
    assert all(stored(standard.title) and standard.min_education for standard in catalog)
    assert len({(standard.field, text.key(standard.title)) for standard in catalog}) == len(catalog)


def test_standards_spread_over_families_clusters_and_fields():
    fields = standards.fields()
    assert len({field.family for field in fields}) == 4
    assert len({field.cluster for field in fields}) >= 12
    assert all(
        standard.practice_minutes > 0 and standard.total_minutes >= 40 * 60 for standard in standards.standards()
    )


def test_enough_standards_say_what_equipment_they_need():
    lists = [items for standard in standards.standards() if (items := standards.requirements(standard))]
    assert len(lists) >= 40
    assert all(5 <= len(items) <= 10 for items in lists)
    groups = {item.group for items in lists for item in items}
    assert groups == {"capital", "tool", "consumable", "protective"}
    assert all(item.quantity > 0 and item.basis_n > 0 for items in lists for item in items)


# -- People ------------------------------------------------------------------------


def every_human():
    crowd = people.everybody()
    offices = [human for pair in crowd.clerks.values() for human in pair]
    return [*crowd.staff.values(), *offices, *crowd.instructors.values(), *crowd.trainees, *crowd.newcomers]


def test_every_national_code_is_valid_and_nobody_has_two():
    found = [human.national_code for human in every_human()]
    assert len(set(found)) == len(found) >= 450
    assert all(codes.national_code(code) == code for code in found)
    assert not any(codes.is_suspicious_national_code(code) for code in found)


def test_mobiles_are_one_each_and_in_the_range_nobody_has():
    found = [human.mobile for human in every_human() if human.mobile]
    assert len(set(found)) == len(found)
    assert all(codes.mobile(mobile) == mobile and mobile.startswith("0999000") for mobile in found)


def test_names_are_stored_as_they_should_be():
    for human in every_human():
        assert stored(human.first_name)
        assert stored(human.last_name)
        assert stored(human.father_name)
        assert (
            human.typed is None or text.near(" ".join(human.typed), f"{human.first_name} {human.last_name}") != "equal"
        )


def test_every_unusual_case_is_there():
    crowd = people.everybody()
    came = Counter(human.case for human in crowd.trainees)
    new = Counter(human.case for human in crowd.newcomers)
    assert came["pending"] >= 8
    assert min(came["typed"], came["mobile_other"], came["no_mobile"]) >= 4
    assert (new["dead"], new["unknown"]) == (1, 1)
    assert len(crowd.trainees) >= 400
    assert len(crowd.instructors) >= 20


def test_the_sandbox_gets_everybody_but_the_unknown_one():
    listed = people.sandbox_people()
    known = {row["national_code"] for row in listed}
    unknown = next(human for human in people.everybody().newcomers if human.case == "unknown")
    assert json.loads(json.dumps(listed)) == listed
    assert len(known) == len(listed)
    assert known == {human.national_code for human in every_human()} - {unknown.national_code}
    assert all(row["mobile_owner"] in known for row in listed)
    assert [row["alive"] for row in listed].count(False) == 1
    assert all(dt.date.fromisoformat(row["birth_date"]) < TODAYS[0] for row in listed)


def test_the_people_are_the_same_every_time():
    again = people.population(units.offices(), units.teaching_posts())
    assert again == people.everybody()


def test_the_accounts_are_those_of_the_readme():
    listed = accounts.accounts()
    assert [account.username for account in listed] == list(people.everybody().staff)
    assert {account.unit_code for account in listed} <= {unit.code for unit in units.units()}
    assert units.unit(units.CENTER1).county == units.unit(units.ACADEMY1).county == "گرگان"
    assert units.unit(units.CENTER2).province == "مازندران"


# -- Courses -----------------------------------------------------------------------


def test_there_are_two_hundred_courses_in_every_state(made):
    _, runs, _ = made
    assert len(runs) == 200
    assert Counter(course.status for course in runs) == courses.STATES
    assert len({codes.course_code(course.number) for course in runs}) == 200


def test_a_course_meets_for_the_hours_of_its_standard_on_its_own_days(made):
    _, runs, _ = made
    closed = rules.holidays()
    for course in runs:
        daily = (course.end_time.hour - course.start_time.hour) * 60
        needed = -(-course.standard.total_minutes // daily)
        assert len(course.sessions) == needed
        assert all(course.weekdays >> jalali.weekday(day) & 1 for day in course.sessions)
        assert not closed.keys() & set(course.sessions)
        assert not course.weekdays >> 6 & 1


def test_a_course_fits_its_unit_workshop_and_standard(made):
    _, runs, _ = made
    for course in runs:
        shop = next(one for one in units.unit(course.unit_code).workshops if one.kit == course.kit)
        assert course.standard.field in units.fields_of(course.kit)
        assert course.capacity_min <= course.capacity_max <= shop.workstations
        assert shop.gender in ("mixed", course.gender)


def test_no_workshop_hosts_two_courses_at_once(made):
    _, runs, _ = made
    seen = set()
    for course in runs:
        if course.status in courses.UNPLANNED:
            continue
        for day in course.sessions:
            for hour in range(course.start_time.hour, course.end_time.hour):
                place = (course.unit_code, course.kit, day, hour)
                assert place not in seen
                seen.add(place)


def test_dates_and_states_agree_with_today(made):
    today, runs, _ = made
    now = jalali.from_tehran(today, dt.time(0, 1))
    for course in runs:
        opened, closed = course.enroll_open_at <= now, course.enroll_close_at <= now
        assert course.enroll_open_at < course.enroll_close_at
        assert (opened, closed) == {
            "open": (True, False), "canceled": (True, False), "closed": (True, True), "running": (True, True),
            "finished": (True, True),
        }.get(course.status, (False, False))  # fmt: skip
        assert (course.start_on < today) == (course.status in ("running", "finished"))
        assert (course.end_on < today) == (course.status == "finished")


def test_every_account_finds_work(made):
    _, runs, rows = made
    where = {(course.unit_code, course.status) for course in runs}
    assert {(units.CENTER1, status) for status in courses.STATES} <= where
    assert {(units.CENTER2, status) for status in ("center_review", "open", "running")} <= where
    assert {(units.ACADEMY1, status) for status in ("draft", "returned", "open", "running")} <= where
    taken = Counter(row.course.number for row in rows if row.is_active)
    open1 = [course for course in runs if (course.unit_code, course.status) == (units.CENTER1, "open")]
    left = {course.capacity_max - taken[course.number] for course in open1}
    assert {0, 1} < left
    assert max(left) >= 4
    taught = {course.status for course in runs if (course.unit_code, course.kit) == units.INSTRUCTOR1_POST}
    assert {"open", "running", "finished"} <= taught
    seen = {row.person.case for row in rows if row.course.unit_code == units.CENTER1 and row.is_active}
    assert {"pending", "typed"} <= seen


def test_the_steps_of_a_course_lead_to_its_state_one_after_the_other(made):
    today, runs, _ = made
    for course in runs:
        taken = course.steps
        assert [step.source for step in taken[1:]] == [step.target for step in taken[:-1]]
        assert [step.at for step in taken] == sorted({step.at for step in taken})
        assert taken[-1].target == course.status
        assert jalali.tehran_today(taken[-1].at) < today
        assert all(step.reason for step in taken if step.action in ("return", "reject", "cancel"))


# -- Enrollments -------------------------------------------------------------------


def test_no_course_is_overfull_and_some_are_just_full(made):
    _, runs, rows = made
    taken = Counter(row.course.number for row in rows if row.is_active)
    left = {course.number: course.capacity_max - taken[course.number] for course in runs if course.status == "open"}
    assert all(taken[course.number] <= course.capacity_max for course in runs)
    assert sum(n == 0 for n in left.values()) >= 4
    assert sum(n == 1 for n in left.values()) >= 4
    begun = [course for course in runs if course.status in ("running", "finished")]
    assert all(taken[course.number] >= course.capacity_min for course in begun)


def test_nobody_is_in_two_courses_that_are_not_over(made):
    _, _, rows = made
    active = Counter(row.person.national_code for row in rows if row.is_active and row.course.status != "finished")
    assert max(active.values()) == 1
    pairs = Counter((row.person.national_code, row.course.number) for row in rows)
    assert max(pairs.values()) == 1


def test_people_fit_their_courses_and_came_while_it_was_open(made):
    today, _, rows = made
    for row in rows:
        assert row.course.gender in ("mixed", row.person.gender)
        assert jalali.full_years(row.person.birth_date, row.course.start_on) >= 15
        assert row.course.enroll_open_at <= row.at < row.course.enroll_close_at
        assert jalali.tehran_today(row.at) < today
    assert {row.debit_source for row in rows} >= {"portal_user", "trainee"}
    assert {row.channel for row in rows} == {"self", "clerk", "counter"}


# -- Rules -------------------------------------------------------------------------


def test_holidays_of_1405_are_those_announced():
    found = rules.holidays()
    assert len(found) == 25
    assert {jalali.parts(day)[0] for day in found} == {1405}
    assert sum(jalali.weekday(day) == 6 for day in found) == 3


def test_routes_go_up_and_some_reach_headquarters():
    assert rules.levels("center", "fixed") == "center,province"
    assert rules.levels("center", "prison") == "center,province,hq"
    assert rules.levels("academy", "academy") == "province"
