"""What each rule of eligibility asks of a person, what it finds, and what follows; nothing is read here.

Source: docs/rules.md R-540 to R-546.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from models import Gender, Schooling
from services import jalali, labels, policy, schooling, text
from services.enrollment.wording import Words


class Rule(StrEnum):
    """All but the first have their policy row `eligible_<rule>`."""

    DECEASED = "deceased"
    GENDER = "gender"
    AGE = "age"
    EDUCATION = "education"
    PREREQUISITE = "prerequisite"
    GROUP = "target_group"
    GUARDIAN = "guardian"
    ACTIVE = "active_courses"
    PERIOD = "period"


class Outcome(StrEnum):
    PASSES = "passes"
    UNKNOWN = "unknown"
    WARNS = "warns"
    WAIVED = "waived"
    REFUSES = "refuses"


class Override(StrEnum):
    """Who may set a rule aside for one person with a reason; whoever stands above may as well."""

    NOBODY = "nobody"
    MANAGER = "manager"
    PROVINCE = "province"


TITLES = {
    Rule.DECEASED: "زنده بودن",
    Rule.GENDER: "جنسیت",
    Rule.AGE: "سن",
    Rule.EDUCATION: "تحصیلات",
    Rule.PREREQUISITE: "پیش‌نیاز",
    Rule.GROUP: "گروه هدف",
    Rule.GUARDIAN: "سرپرست",
    Rule.ACTIVE: "دوره‌های هم‌زمان",
    Rule.PERIOD: "شمار ثبت‌نام در دوره‌ای از زمان",
}
OUTCOMES = {
    Outcome.PASSES: ("برقرار", "ok"),
    Outcome.UNKNOWN: ("نامعلوم", ""),
    Outcome.WARNS: ("هشدار", "warn"),
    Outcome.WAIVED: ("چشم‌پوشی شده", "info"),
    Outcome.REFUSES: ("مانع", "bad"),
}
ANSWERABLE = ("نیاز به پاسخ", "warn")
WHO = {
    Override.NOBODY: "از این شرط چشم‌پوشی نمی‌شود.",
    Override.MANAGER: "مدیر مرکز یا استان می‌تواند با دلیل از این شرط چشم‌پوشی کند.",
    Override.PROVINCE: "استان می‌تواند با دلیل از این شرط چشم‌پوشی کند.",
}
REFUSE, WARN, OFF = "refuse", "warn", "off"
MOST_ACTIVE, LITERACY, OF_AGE = "max_active_courses", "literacy_waiver", "guardian_age"
POLICY: dict[Rule, str] = {rule: f"eligible_{rule}" for rule in Rule if rule is not Rule.DECEASED}
POLICIES = (*POLICY.values(), MOST_ACTIVE, LITERACY, OF_AGE)
_NEW_CODE = re.compile(r"(?<!\d)\d{15}(?!\d)")
_OLD_CODE = re.compile(r"(?<![\d/])\d+-\d+(?:/\d+)+")


class Applicant(Protocol):
    """What the rules look at in a person: the person, or a row with these columns."""

    @property
    def id(self) -> int: ...
    @property
    def gender(self) -> Gender | None: ...
    @property
    def birth_date(self) -> dt.date | None: ...
    @property
    def is_alive(self) -> bool: ...
    @property
    def schooling(self) -> Schooling | None: ...


class Conditions(Protocol):
    """What the rules look at in a course: a row with the columns of `eligibility.columns`."""

    @property
    def id(self) -> int: ...
    @property
    def gender(self) -> Gender | None: ...
    @property
    def start_on(self) -> dt.date | None: ...
    @property
    def age_min(self) -> int | None: ...
    @property
    def age_max(self) -> int | None: ...
    @property
    def min_education(self) -> str | None: ...
    @property
    def prerequisite(self) -> str | None: ...
    @property
    def standard_id(self) -> int | None: ...
    @property
    def target_group_id(self) -> int | None: ...
    @property
    def group_title(self) -> str | None: ...
    @property
    def waiving_groups(self) -> str | None: ...


@dataclass(frozen=True)
class Said:
    """What an application says beside the person: the target group, what was seen of the prerequisite, a guardian."""

    target_group_id: int | None = None
    prerequisite: str | None = None
    guardian: bool = False


@dataclass(frozen=True)
class Known:
    """What is stored about a person and the course beside both rows.

    `guarded` is whether a guardian stands; `passed` holds codes of standards named as prerequisite that the person has
    completed; `waived` names rules.
    """

    active: int = 0
    recent: int = 0
    passed: frozenset[str] = frozenset()
    waived: frozenset[str] = frozenset()
    guarded: bool = False


@dataclass(frozen=True)
class Finding:
    """One rule: what it asks, what it found, what follows, and who may set it aside.

    `text` is the whole sentence where the outcome is none of passing; `field` the name of what would answer it.
    """

    rule: Rule
    outcome: Outcome
    asks: str
    found: str
    text: str = ""
    override: Override = Override.NOBODY
    field: str | None = None

    @property
    def title(self) -> str:
        return TITLES[self.rule]

    @property
    def tag(self) -> tuple[str, str]:
        return ANSWERABLE if self.is_answerable else OUTCOMES[self.outcome]

    @property
    def is_answerable(self) -> bool:
        """Whether it refuses only as long as something has not been written yet."""
        return self.refuses and self.field not in (None, "schooling")

    @property
    def refuses(self) -> bool:
        return self.outcome is Outcome.REFUSES

    @property
    def asks_for(self) -> bool:
        """Whether it cannot tell and a field would answer it."""
        return self.outcome is Outcome.UNKNOWN and self.field is not None

    @property
    def who(self) -> str:
        """Who may set it aside, in a sentence; empty where nothing has to be."""
        return WHO[self.override] if self.refuses else ""


@dataclass(frozen=True)
class _Seen:
    """What one rule has seen; `holds` is None where it cannot tell."""

    holds: bool | None
    asks: str
    found: str
    text: str = ""
    field: str | None = None


@dataclass(frozen=True)
class _Case:
    person: Applicant
    course: Conditions
    known: Known
    said: Said
    values: Mapping[str, Any]
    words: Words


def findings(
    person: Applicant,
    course: Conditions,
    values: Mapping[str, Any],
    known: Known,
    *,
    said: Said,
    words: Words,
) -> list[Finding]:
    """One finding for each rule that is on and asks something of this course; `values` are those of `POLICIES`."""
    case = _Case(person, course, known, said, values, words)
    found = [] if person.is_alive else [_deceased(words)]
    for rule, look in _LOOKS.items():
        ruled = values[POLICY[rule]]
        seen = None if ruled["mode"] == OFF else look(case)
        if seen is not None:
            found.append(_finding(rule, seen, ruled, rule in known.waived))
    return found


def contradictions(person: Applicant, course: Any, words: Words) -> list[tuple[Rule, str]]:
    """The rules about what registers say of a person that do not hold in this course, whatever follows from them."""
    case = _Case(person, course, Known(), Said(), {}, words)
    seen = [(rule, _LOOKS[rule](case)) for rule in (Rule.GENDER, Rule.AGE)]
    return [(rule, text.persian_digits(each.text)) for rule, each in seen if each is not None and each.holds is False]


def codes_named(prerequisite: str | None) -> list[str]:
    """The codes of standards, new and old ones, that the text of a prerequisite names."""
    plain = text.digits(prerequisite or "")
    return [*_NEW_CODE.findall(plain), *_OLD_CODE.findall(plain)]


def _deceased(words: Words) -> Finding:
    return Finding(Rule.DECEASED, Outcome.REFUSES, "هویت نزد ثبت احوال", words.deceased_found, words.deceased)


def _finding(rule: Rule, seen: _Seen, ruled: Mapping[str, Any], is_waived: bool) -> Finding:
    outcome = Outcome.PASSES if seen.holds else Outcome.UNKNOWN if seen.holds is None else Outcome.REFUSES
    if seen.holds is False and is_waived:
        outcome = Outcome.WAIVED
    elif seen.holds is False and ruled["mode"] == WARN:
        outcome = Outcome.WARNS
    said = "" if outcome is Outcome.PASSES else text.persian_digits(seen.text)
    asks, found = text.persian_digits(seen.asks), text.persian_digits(seen.found)
    return Finding(rule, outcome, asks, found, said, Override(ruled["override"]), seen.field)


# -- The rules -----------------------------------------------------------------------


def _gender(case: _Case) -> _Seen | None:
    wanted, has = case.course.gender, case.person.gender
    if wanted in (None, Gender.MIXED):
        return None
    whose = "ویژهٔ بانوان" if wanted is Gender.FEMALE else "ویژهٔ آقایان"
    found = labels.PERSON_GENDER[has] if has else "نامعلوم"
    return _Seen(None if has is None else has is wanted, whose, found, "" if has is None else f"این دوره {whose} است.")


def _age(case: _Case) -> _Seen | None:
    least, most, born = case.course.age_min, case.course.age_max, case.person.birth_date
    if least is None and most is None:
        return None
    parts = (f"از {least}" if least is not None else "", f"تا {most}" if most is not None else "")
    asks = f"{' '.join(filter(None, parts))} سال"
    if born is None or case.course.start_on is None:
        return _Seen(None, asks, "تاریخ تولد نامعلوم است" if born is None else "روز آغاز دوره نامعلوم است")
    age = jalali.full_years(born, case.course.start_on)
    too_young, too_old = least is not None and age < least, most is not None and age > most
    bound = f"از {least}" if too_young else f"تا {most}"
    said = case.words.age.format(age=age, rule=f"{bound} سال پذیرش دارد")
    return _Seen(not (too_young or too_old), asks, f"{age} سال در آغاز دوره", said)


def _education(case: _Case) -> _Seen | None:
    least, has = schooling.read(case.course.min_education), case.person.schooling
    if not text.clean(case.course.min_education) or least is Schooling.NONE:
        return None
    if least is None:
        return None if text.key(case.course.min_education) in _NOTHING else _unread(case)
    asks = f"دست‌کم {schooling.TITLES[least]}"
    if _is_waived_by_group(case, least):
        return _Seen(True, asks, "گروه هدف از این شرط معاف است")
    if has is None:
        return _Seen(None, asks, "نوشته نشده است", case.words.schooling_unknown.format(asks=asks), "schooling")
    said = case.words.schooling.format(has=schooling.TITLES[has], asks=asks)
    return _Seen(schooling.reaches(has, least), asks, schooling.TITLES[has], said, "schooling")


def _unread(case: _Case) -> _Seen:
    """A text in which we know no schooling is said to whoever enrolls, and is no reason."""
    return _Seen(None, case.course.min_education or "", "سامانه این شرط را نمی‌سنجد", case.words.look_yourself)


def _is_waived_by_group(case: _Case, least: Schooling) -> bool:
    """Source: docs/rules.md R-543."""
    waiver, group = case.values[LITERACY], case.said.target_group_id
    reach = {"education": True, "literacy": least is Schooling.LITERATE}.get(waiver, False)
    return reach and group is not None and str(group) in (case.course.waiving_groups or "").split(",")


def _prerequisite(case: _Case) -> _Seen | None:
    asks = text.clean(case.course.prerequisite)
    if text.key(asks) in _NOTHING:
        return None
    if case.said.prerequisite:
        return _Seen(True, asks, f"به گفتهٔ ثبت‌کننده: {case.said.prerequisite}", field="prerequisite")
    named = codes_named(asks)
    enough = any if " یا " in asks else all
    if named and enough(code in case.known.passed for code in named):
        return _Seen(True, asks, "گذرانده است")
    said = case.words.prerequisite.format(asks=asks)
    return _Seen(False, asks, "گذراندن آن در سامانه ثبت نشده است", said, "prerequisite")


def _group(case: _Case) -> _Seen | None:
    wanted, has = case.course.target_group_id, case.said.target_group_id
    if wanted is None:
        return None
    asks = f"«{case.course.group_title}»"
    found = "همین گروه" if has == wanted else "گروه دیگری" if has else "گفته نشده است"
    said = (case.words.other_group if has else case.words.no_group).format(group=case.course.group_title)
    return _Seen(has == wanted, asks, found, said, None if has else "target_group")


def _guardian(case: _Case) -> _Seen | None:
    """Asked of those alone who are under age today.

    Source: docs/rules.md R-791.
    """
    born, of_age = case.person.birth_date, int(case.values[OF_AGE])
    if born is None or jalali.full_years(born, policy.today()) >= of_age:
        return None
    has = case.known.guarded or case.said.guardian
    found = "ثبت شده است" if has else "ثبت نشده است"
    said = case.words.no_guardian.format(age=of_age)
    return _Seen(has, f"زیر {of_age} سال سرپرست دارد", found, said, None if has else "guardian_code")


def _active(case: _Case) -> _Seen:
    most, active = int(case.values[MOST_ACTIVE]), case.known.active
    said = case.words.elsewhere.format(active=active, most=most)
    found = f"در {active} دورهٔ دیگر" if active else "در دورهٔ دیگری نیست"
    return _Seen(active < most, f"هم‌زمان تا {most} دوره", found, said)


def _period(case: _Case) -> _Seen | None:
    ruled, recent = case.values[POLICY[Rule.PERIOD]], case.known.recent
    most = int(ruled["most"])
    if most < 1:
        return None
    when = f"در {ruled['months']} ماه گذشته" if ruled["months"] else "تاکنون"
    what = "دورهٔ این استاندارد" if ruled["of"] == "standard" else "دوره"
    asks = f"{'در ' + str(ruled['months']) + ' ماه' if ruled['months'] else 'در همهٔ عمر'} تا {most} {what}"
    said = case.words.recent.format(when=when, recent=recent, what=what, most=most)
    return _Seen(recent < most, asks, f"{when} {recent} {what}", said)


_NOTHING = frozenset({"", "ندارد", "بدونپیشنیاز", "بدونشرط", "شرطندارد", "آزاد", "هیچ"})
_LOOKS: dict[Rule, Callable[[_Case], _Seen | None]] = {
    Rule.GENDER: _gender,
    Rule.AGE: _age,
    Rule.EDUCATION: _education,
    Rule.PREREQUISITE: _prerequisite,
    Rule.GROUP: _group,
    Rule.GUARDIAN: _guardian,
    Rule.ACTIVE: _active,
    Rule.PERIOD: _period,
}
