"""Who asks for courses in Golestan: people who wait for one near them, organizations with contracts and nominees."""

import datetime as dt
import random
from collections import Counter
from itertools import product
from typing import Any

from models import Agreement, Course, CourseDemand, DemandState, Nominee, NomineeState, Organization, Shift, Trigger
from scripts.demo import courses, people, units
from scripts.demo.crowd import Crowd
from scripts.demo.ground import Ground
from scripts.demo.standards import standards
from scripts.reference.rows import Rows, titles
from services import codes, jalali

PROVINCE = "گلستان"
# How many wait for each of some standards; the last one has just been told of a course.
WAITING = (17, 11, 8, 6, 4, 3, 2, 1, 1)
TOLD = 3
ORGANIZATIONS = (
    ("company", 1_010_038_028, "شرکت پنبه و دانه‌های روغنی گلستان", "مهندس قربانی، مدیر آموزش"),
    ("company", 1_400_589_387, "صنایع چوب گرگان", "خانم یزدانی، امور اداری"),
    ("agency", 1_400_300_111, "اداره کل زندان‌های استان گلستان", "آقای کوچکی، اشتغال مددجویان"),
    ("agency", 1_400_300_222, "کمیتهٔ امداد استان گلستان", None),
)
# Of each organization: kind, number, subject, signed and over so many days ago, and whether it is in use.
CONTRACTS = (
    ("contract", "۱۴۰۵/۲۱۸", "آموزش کارگران خط تولید", 120, -240, True),
    ("contract", "۱۴۰۳/۷۷", "دورهٔ ایمنی کارگاه", 700, 40, True),
    ("memorandum", "۱۴۰۵/م/۱۲", "آموزش مددجویان زندان", 90, None, True),
    ("memorandum", "۱۴۰۴/م/۳", "توانمندسازی زنان سرپرست خانوار", 400, None, False),
)


def ask(rows: Rows, ground: Ground, crowd: Crowd, found: tuple[courses.Course, ...], today: dt.date) -> None:
    """Load demands, and let two courses be held under contracts; after courses and enrollments."""
    _demands(rows, ground, crowd, found, today)
    _organizations(rows, ground, crowd, found, today)


def _demands(rows: Rows, ground: Ground, crowd: Crowd, found: tuple[courses.Course, ...], today: dt.date) -> None:
    rng = random.Random("demands")
    offered = {
        (one.standard.code, units.unit(one.unit_code).county): one.number for one in found if one.status == "open"
    }
    counties = [county for province, county in ground.counties if province == PROVINCE]
    rare = [pair for pair in product((one.code for one in standards()), counties) if pair not in offered]
    waiting = list(zip(rng.sample(rare, len(WAITING)), WAITING, strict=True))
    told = [(pair, TOLD) for pair in offered if pair[1] in counties][:1]
    trainees = [crowd.people[one.national_code] for one in people.everybody().trainees if one.case != "dead"]
    for (code, county), count in (*waiting, *told):
        place = {
            "standard_id": ground.standards[code],
            "county_id": ground.counties[PROVINCE, county or ""],
            "province_id": ground.provinces[PROVINCE],
        }
        for person_id in rng.sample(trainees, count):
            at = jalali.from_tehran(today - dt.timedelta(days=rng.randint(2, 120)), dt.time(rng.randint(8, 21)))
            shift = rng.choice((None, None, None, Shift.EVENING.value))
            how = {"shift": shift, "channel": rng.choice(("self", "web")), "created_at": at}
            rows.add(CourseDemand, person_id=person_id, **place, **how, **_outcome(offered.get((code, county)), today))


def _outcome(course_id: int | None, today: dt.date) -> dict[str, Any]:
    if course_id is None:
        return {"state": DemandState.OPEN, "told_of_id": None, "closed_at": None}
    return {
        "state": DemandState.TOLD,
        "told_of_id": course_id,
        "closed_at": jalali.from_tehran(today, dt.time(0, 5)),
    }


def _organizations(rows: Rows, ground: Ground, crowd: Crowd, found: tuple[courses.Course, ...], today: dt.date) -> None:
    rng = random.Random("organizations")
    held = [one for one in found if one.unit_code == units.CENTER1 and one.status in ("open", "running", "draft")]
    taken = Counter(row["course_id"] for row in rows.rows["enrollment"])
    full = sorted((one for one in held if one.status == "running"), key=lambda one: -taken[one.number])[:1]
    under = {0: [*full, *[one for one in held if one.status == "open"][:1]]}
    for n, ((kind, stem, title, contact), said) in enumerate(zip(ORGANIZATIONS, CONTRACTS, strict=True)):
        organization = rows.add(
            Organization,
            province_id=ground.provinces[PROVINCE],
            kind=kind,
            legal_id=_legal_id(stem),
            contact=contact,
            phone="017-3222" + f"{1100 + n}",
            **titles(title),
        )
        agreement = _contract(rows, organization, said, today)
        for course in under.get(n, ()):
            rows.put(Course, course.number, agreement_id=agreement, start_trigger=Trigger.REQUEST)
            _nominees(rows, crowd, course, agreement, rng)


def _contract(rows: Rows, organization: int, said: tuple[str, str, str, int, int | None, bool], today: dt.date) -> int:
    kind, number, subject, since, until, is_active = said
    return rows.add(
        Agreement,
        organization_id=organization,
        kind=kind,
        number=number,
        subject=subject,
        signed_on=today - dt.timedelta(days=since),
        valid_until=None if until is None else today - dt.timedelta(days=until),
        is_active=is_active,
    )


def _legal_id(stem: int) -> str:
    return next(code for check in "0123456789" if (code := codes.legal_id(f"{stem}{check}")))


def _nominees(rows: Rows, crowd: Crowd, course: courses.Course, agreement: int, rng: random.Random) -> None:
    """Some of those who are in the course, and a few who have not come yet."""
    inside = {row["person_id"] for row in rows.rows["enrollment"] if row["course_id"] == course.number}
    trainees = people.everybody().trainees
    there = [one for one in trainees if crowd.people[one.national_code] in inside][:6]
    for human in (*there, *rng.sample([one for one in trainees if one not in there], 2)):
        rows.add(
            Nominee,
            agreement_id=agreement,
            course_id=course.number,
            named_by_id=crowd.clerks[course.unit_code],
            national_code=human.national_code,
            name=f"{human.first_name} {human.last_name}",
            mobile=human.mobile,
            state=NomineeState.NAMED,
        )
