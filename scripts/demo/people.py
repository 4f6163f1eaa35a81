"""The people of the demo: staff, instructors, trainees, and those who have not come yet.

Their names are invented. Their codes carry right check digits, because the product asks for them; their mobiles
lie in a range that is not given out.
"""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from scripts.demo import DATA
from scripts.reference.texts import lines
from services import jalali
from services.codes import national_check_digit, national_code

# The first three digits of codes issued in a county.
PREFIXES = {
    "گرگان": ("211", "212"),
    "گنبد کاووس": ("202", "203"),
    "علی‌آباد کتول": ("226",),
    "کردکوی": ("224",),
    "بندر گز": ("689",),
    "ترکمن": ("223",),
    "آق‌قلا": ("497",),
    "گمیشان": ("628",),
    "آزادشهر": ("623",),
    "رامیان": ("487",),
    "مینودشت": ("488",),
    "ساری": ("208", "209"),
    "بابل": ("205", "206"),
    "آمل": ("213", "214"),
    "قائم‌شهر": ("215", "216"),
    "بهشهر": ("217", "218"),
    "نوشهر": ("219",),
    "تهران": ("001", "006"),
}
TURKMEN_SHARE = {"گنبد کاووس": 0.6, "ترکمن": 0.8, "آق‌قلا": 0.8, "گمیشان": 0.9, "گرگان": 0.15, "مینودشت": 0.2}
GOLESTAN = tuple(PREFIXES)[:11]
MAZANDARAN = tuple(PREFIXES)[11:17]


@dataclass(frozen=True, slots=True)
class Human:
    """One person as the registry has them, and what is unusual about them in `case`.

    Cases: "" plain; "pending" the name is missing in our data; "typed" a clerk typed another name (`typed`);
    "mobile_other" the mobile belongs to `mobile_owner`; "no_mobile"; "dead"; "unknown" the registry does not
    know the code.
    """

    national_code: str
    first_name: str
    last_name: str
    father_name: str
    gender: str
    birth_date: dt.date
    shenasname_no: str
    mobile: str | None
    county: str
    case: str = ""
    mobile_owner: str | None = None
    typed: tuple[str, str] | None = None
    note: str = ""


class _Maker:
    """Draws people one after the other from one seeded source."""

    def __init__(self) -> None:
        self.rng = random.Random(1405)
        self.codes: set[str] = set()
        self.names = _name_lists()

    def code(self, county: str) -> str:
        while True:
            nine = self.rng.choice(PREFIXES[county]) + f"{self.rng.randrange(10**6):06}"
            code = nine + national_check_digit(nine)
            if code not in self.codes and national_code(code):
                self.codes.add(code)
                return code

    def human(self, county: str, gender: str, years: tuple[int, int]) -> Human:
        """A person of a county, born between two Jalali years."""
        rng = self.rng
        kind = "turkmen " if rng.random() < TURKMEN_SHARE.get(county, 0.05) else ""
        year, month = rng.randint(*years), rng.randint(1, 12)
        code = self.code(county)
        return Human(
            national_code=code,
            first_name=rng.choice(self.names[f"{kind}{gender}"]),
            last_name=rng.choice(self.names[f"{kind}family"]),
            father_name=rng.choice(self.names[f"{kind}male"]),
            gender=gender,
            birth_date=jalali.to_gregorian(year, month, rng.randint(1, jalali.month_length(year, month))),
            # Since 1368 the number of the birth certificate is the national code.
            shenasname_no=code if year >= 1368 else str(rng.randint(1, 9800)),
            mobile=f"0999000{len(self.codes):04}",
            county=county,
        )


def _name_lists() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    head = ""
    for line in lines(DATA / "names.txt"):
        if line.startswith("["):
            head = line.strip("[]")
        else:
            found[head] = [name.strip() for name in line.split("،")]
    return found


# -- Staff -------------------------------------------------------------------------

# username: given name, family name, father, gender, county, Jalali year of birth
_STAFF = {
    "clerk1": ("مهدیه", "تازیکی", "حسین", "female", "گرگان", 1371),
    "manager1": ("محمدرضا", "میرکریمی", "سید علی", "male", "گرگان", 1355),
    "counselor1": ("سمانه", "مقصودلو", "عباس", "female", "گرگان", 1366),
    "academy1": ("هانیه", "فندرسکی", "رضا", "female", "گرگان", 1375),
    "head1": ("فریبا", "علمدار", "کاظم", "female", "گرگان", 1359),
    "province1": ("حمیدرضا", "استرآبادی", "محمود", "male", "گرگان", 1358),
    "planner1": ("الهام", "سنچولی", "قاسم", "female", "گرگان", 1364),
    "director1": ("عبدالرحمن", "آق‌آتابای", "نورمحمد", "male", "گنبد کاووس", 1349),
    "hq1": ("نسرین", "توکلی", "جواد", "female", "تهران", 1360),
    "admin1": ("کیوان", "رستگار", "احمد", "male", "تهران", 1363),
    "instructor1": ("ایوب", "قرنجیک", "آنه‌محمد", "male", "ترکمن", 1357),
    "counter1": ("ژاله", "گرگانی", "ناصر", "female", "گرگان", 1369),
    "operator1": ("پدرام", "یزدانی", "بهرام", "male", "تهران", 1373),
    "clerk2": ("سارا", "مازندرانی", "یوسف", "female", "ساری", 1372),
    "manager2": ("مسعود", "کوهستانی", "ابراهیم", "male", "ساری", 1353),
    "province2": ("احسان", "نوری", "مرتضی", "male", "ساری", 1361),
}


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody of the demo; `newcomers` are known to the outside systems only."""

    staff: dict[str, Human]
    clerks: dict[str, tuple[Human, Human]]
    instructors: dict[tuple[str, str], Human]
    trainees: tuple[Human, ...]
    newcomers: tuple[Human, ...]


def population(
    clerks: dict[str, str], instructors: dict[tuple[str, str], tuple[str, str]], trainees: int = 840
) -> Population:
    """Draw everybody.

    Args:
        clerks: unit code to county, for each unit that needs a clerk and a manager of its own.
        instructors: (unit code, kit) to (county, gender), for each instructor but instructor1.
        trainees: how many people have come already.
    """
    make = _Maker()
    staff = {username: _staff(make, row) for username, row in _STAFF.items()}
    offices = {code: (_employee(make, county), _employee(make, county)) for code, county in clerks.items()}
    teachers = {where: make.human(county, gender, (1345, 1372)) for where, (county, gender) in instructors.items()}
    came = [
        make.human(_county(make.rng), "female" if make.rng.random() < 0.55 else "male", (1352, 1388))
        for _ in range(trainees)
    ]
    return Population(staff, offices, teachers, tuple(_with_cases(came)), tuple(_newcomers(make)))


def _staff(make: _Maker, row: tuple[str, str, str, str, str, int]) -> Human:
    first, last, father, gender, county, year = row
    drawn = make.human(county, gender, (year, year))
    return replace(drawn, first_name=first, last_name=last, father_name=father)


def _employee(make: _Maker, county: str) -> Human:
    return make.human(county, make.rng.choice(("female", "male")), (1350, 1376))


def _county(rng: random.Random) -> str:
    golestan = rng.choices(GOLESTAN, weights=(14, 8, 5, 3, 2, 4, 4, 2, 4, 3, 3))[0]
    return golestan if rng.random() < 0.66 else rng.choices(MAZANDARAN, weights=(6, 4, 4, 3, 2, 2))[0]


# -- Trainees who are not plain ----------------------------------------------------

_NOTES = {
    "pending": "نامش در دوره خالی است؛ با ورود از پنجره یا استعلام پر می‌شود",
    "typed": "نامی که کارشناس نوشته با ثبت احوال یکی نیست",
    "mobile_other": "همراهش به نام دیگری است",
    "no_mobile": "شمارهٔ همراه ندارد",
}


def _with_cases(people: list[Human]) -> list[Human]:
    """Give every fortieth or so something that the desk has to deal with; the first ones get most of it."""
    changed = dict(enumerate(people))
    for n in range(12):
        _change(changed, n * 7, case="pending", note=_NOTES["pending"])
    for n, wrong in enumerate(_WRONG_NAMES):
        _change(changed, n * 9 + 1, case="typed", typed=wrong(people[n * 9 + 1]), note=_NOTES["typed"])
    for n in range(8):
        owner = people[n * 11 + 3].national_code
        _change(changed, n * 11 + 2, case="mobile_other", mobile_owner=owner, note=_NOTES["mobile_other"])
    for n in range(6):
        _change(changed, n * 13 + 5, case="no_mobile", mobile=None, note=_NOTES["no_mobile"])
    return list(changed.values())


def _change(people: dict[int, Human], index: int, **fields: Any) -> None:
    # Two cases may fall on one person; the first one stays.
    if not people[index].case:
        people[index] = replace(people[index], **fields)


_WRONG_NAMES: tuple[Callable[[Human], tuple[str, str]], ...] = (
    lambda human: (human.first_name, f"{human.last_name} اصل"),
    lambda human: (human.first_name, f"{human.last_name[:-1]}"),
    lambda human: ("طیبه" if human.gender == "female" else "غلامعلی", human.last_name),
    lambda human: (human.first_name, "پورابراهیم"),
    lambda human: ("معصومه" if human.gender == "female" else "حجت", "خداداد"),
    lambda human: (human.father_name, human.last_name),
)


# -- Newcomers ---------------------------------------------------------------------

_CAST: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("گرگان", "female", {"note": "هنوز در دوره نیست؛ ۱۰۰٬۰۰۰ ریال اعتبار دارد"}),
    ("گرگان", "male", {"note": "هنوز در دوره نیست؛ ۱۰۰٬۰۰۰ ریال اعتبار دارد"}),
    ("گرگان", "female", {"note": "هنوز در دوره نیست؛ اعتباری ندارد"}),
    ("گنبد کاووس", "male", {"note": "هنوز در دوره نیست؛ اعتباری ندارد"}),
    ("کردکوی", "female", {"case": "no_mobile", "mobile": None, "note": _NOTES["no_mobile"]}),
    ("ترکمن", "male", {"case": "mobile_other", "note": _NOTES["mobile_other"]}),
    ("گرگان", "male", {"case": "dead", "note": "درگذشته است"}),
    ("گرگان", "female", {"case": "unknown", "note": "ثبت احوال این کد ملی را نمی‌شناسد"}),
)


def _newcomers(make: _Maker) -> list[Human]:
    cast = [replace(make.human(county, gender, (1365, 1384)), **fields) for county, gender, fields in _CAST]
    cast[5] = replace(cast[5], mobile_owner=cast[1].national_code)
    child = replace(make.human("گرگان", "male", (1392, 1392)), note="زیر پانزده سال")
    others = [make.human(_county(make.rng), make.rng.choice(("female", "male")), (1358, 1387)) for _ in range(31)]
    return [*cast, child, *others]


# -- What the outside systems know -------------------------------------------------


def as_sandbox(human: Human) -> dict[str, Any]:
    """One person in the shape that the sandbox reads."""
    return {
        "national_code": human.national_code,
        "first_name": human.first_name,
        "last_name": human.last_name,
        "father_name": human.father_name,
        "gender": human.gender,
        "birth_date": human.birth_date.isoformat(),
        "shenasname_no": human.shenasname_no,
        "mobile": human.mobile,
        "mobile_owner": human.mobile_owner or human.national_code,
        "alive": human.case != "dead",
        "note": human.note,
    }


@cache
def everybody() -> Population:
    """The population that fits the demo's units."""
    from scripts.demo import units  # units need no people, people need units

    return population(units.offices(), units.teaching_posts())


def sandbox_people() -> list[dict[str, Any]]:
    """Everybody the outside systems know, those worth trying first; the unknown one is not among them."""
    people = everybody()
    unusual = sorted(people.trainees, key=lambda human: human.note == "")
    offices = [human for pair in people.clerks.values() for human in pair]
    listed = [*people.newcomers, *unusual, *people.staff.values(), *offices, *people.instructors.values()]
    return [as_sandbox(human) for human in listed if human.case != "unknown"]
