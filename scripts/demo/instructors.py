"""Files of the instructors: for all what was known at the start, at one center rows in every state with papers."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from models import (
    CompetenceRuling,
    EducationRecord,
    EmploymentRecord,
    ExperienceRecord,
    InstructorCard,
    InstructorProfile,
    InstructorRecord,
    RecordEvent,
    RecordKind,
    RecordState,
    RetrainingRecord,
    SkillCertificate,
)
from scripts.demo import papers, people, units
from scripts.demo.crowd import HIRED_AT, Crowd
from scripts.demo.ground import Ground
from scripts.demo.people import Human
from scripts.demo.standards import standards
from scripts.reference.rows import Rows
from services import jalali, text
from services.instructors import evidence

K, S = RecordKind, RecordState
YEAR = dt.timedelta(days=365)
TABLES: dict[RecordKind, type[InstructorRecord]] = {
    K.EMPLOYMENT: EmploymentRecord,
    K.EDUCATION: EducationRecord,
    K.RETRAINING: RetrainingRecord,
    K.EXPERIENCE: ExperienceRecord,
    K.CARD: InstructorCard,
    K.CERTIFICATE: SkillCertificate,
    K.RULING: CompetenceRuling,
}
# What has happened to a row until it stands so: the action, and who did it.
STEPS = {
    S.DRAFT: (("entered", "author"),),
    S.AT_CENTER: (("entered", "author"), ("sent", "author")),
    S.AT_PROVINCE: (("entered", "author"), ("sent", "author"), ("passed", "manager")),
    S.VERIFIED: (("entered", "author"), ("sent", "author"), ("passed", "manager"), ("verified", "reviewer")),
    S.REJECTED: (("entered", "author"), ("sent", "author"), ("rejected", "manager")),
    S.WITHDRAWN: (("entered", "author"), ("sent", "author"), ("withdrawn", "author")),
}
STEPS[S.REPLACED] = (*STEPS[S.VERIFIED], ("replaced", "reviewer"))
SCHOOLS = ("دانشگاه گلستان", "دانشگاه فنی و حرفه‌ای گرگان", "دانشگاه آزاد اسلامی", "دانشگاه پیام نور")
# How long after the first step each of the others was; a former row gave way when its change was verified.
AFTER = tuple(dt.timedelta(days, minutes=each) for days, each in ((0, 0), (0, 45), (1, 130), (3, 75), (63, 75)))


@dataclass(frozen=True)
class Owner:
    """Whose file it is, as later rows name them."""

    ids: dict[str, int]
    human: Human
    trade: str
    level: str = "center"
    actors: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Said:
    """One row: its kind and state, how many days ago it was written, and what it says."""

    kind: RecordKind
    state: RecordState
    days: int
    values: dict[str, Any]
    decision: str | None = None


def write(rows: Rows, ground: Ground, crowd: Crowd, today: dt.date) -> list[str]:
    """Load the files; returns the keys of the pictures that `papers.put` lays down."""
    everybody, keys = people.everybody(), list[str]()
    posts = {units.INSTRUCTOR1_POST: everybody.staff["instructor1"], **everybody.instructors}
    for number, (post, human) in enumerate(posts.items()):
        owner = _owner(ground, crowd, post, human)
        rows.add(InstructorProfile, person_id=owner.ids["person_id"], birth_place=human.county, version=1,
                 created_at=_at(today, 190))  # fmt: skip
        for said in _known(owner, number, today):
            _row(rows, owner, said, today)
        if post == units.INSTRUCTOR1_POST:
            keys += _told(rows, owner, _every_state(owner, ground, today), today)
        elif post[0] == units.CENTER1:
            keys += _told(rows, owner, _waiting(owner, number, today), today)
    return keys


# -- What the files say ------------------------------------------------------------


def _known(owner: Owner, number: int, today: dt.date) -> list[Said]:
    """What came with the first data, verified by whoever kept it before us."""
    born = owner.human.birth_date
    hired, graduated = born + HIRED_AT, born + 24 * YEAR
    is_academy = not owner.actors
    job = {
        "employment": "academy" if is_academy else ("official", "contractual", "hourly", "fixed_term")[number % 4],
        "employer": "آموزشگاه آزاد" if is_academy else "اداره کل آموزش فنی و حرفه‌ای",
        "post": None if is_academy else "مربی",
        "personnel_no": None if is_academy else str(410_000 + number * 37),
        "hired_on": hired,
        "morning_hours": 0 if is_academy else 24,
        "evening_hours": 0,
    }
    study = {
        "degree": ("associate", "bachelor", "bachelor", "master", "diploma")[number % 5],
        "study_field": owner.trade,
        "study_key": text.key(owner.trade),
        "university": SCHOOLS[number % len(SCHOOLS)],
        "graduated_on": graduated,
        "gpa_hundredths": 1450 + number * 31 % 500,
    }
    card = {"number": f"27/{1400 + number}", "issued_on": today - 2 * YEAR, "expires_on": today + YEAR * (number % 4)}
    learned = today - dt.timedelta(days=120 + number * 23 % 900)
    known = [Said(K.EMPLOYMENT, S.VERIFIED, 190, job), Said(K.EDUCATION, S.VERIFIED, 190, study)]
    if number % 5 != 4:
        known.append(Said(K.CARD, S.VERIFIED, 190, card))
    if number % 3:
        known.append(Said(K.RETRAINING, S.VERIFIED, 190, _learned("روش تدریس مهارتی", 24 + number % 3 * 8, learned)))
    return known


def _learned(title: str, hours: int, ended: dt.date) -> dict[str, Any]:
    began = ended - dt.timedelta(days=hours // 6)
    where = {"title": title, "provider": "مرکز تربیت مربی کرج", "certificate_no": None}
    return {**where, "hours": hours, "started_on": began, "ended_on": ended}


def _waiting(owner: Owner, number: int, today: dt.date) -> list[Said]:
    """What the other instructors of the center have sent these weeks."""
    ended = today - dt.timedelta(days=30)
    welding = _learned("ایمنی و بهداشت در کارگاه", 16, ended)
    found = {"title": "مهارت فناوری اطلاعات (ICDL)", "number": f"77{number:04}", "issued_on": today - YEAR}
    state = (S.AT_CENTER, S.AT_PROVINCE)[number % 2]
    return [Said(K.RETRAINING, state, 4 - number % 3, welding), Said(K.CERTIFICATE, S.AT_CENTER, 1 + number % 3, found)]


def _every_state(owner: Owner, ground: Ground, today: dt.date) -> list[Said]:
    """Instructor1's own work: a row in each state, a change on its way, and a ruling."""
    work = {"experience": "teaching", "field_id": ground.fields[owner.trade], "workplace": "مرکز شمارهٔ یک گرگان"}
    work |= {"started_on": today - 9 * YEAR, "ended_on": None}
    trade = work | {"experience": "trade", "workplace": "کارگاه درب و پنجره‌سازی", "ended_on": today - 9 * YEAR}
    trade |= {"started_on": today - 12 * YEAR}
    standard = next(one for one in standards() if one.field.title == owner.trade)
    ruled = {
        "standard_id": ground.standards[standard.code],
        "number": "ش/۱۴۰۵/۱۸",
        "ruled_on": today - dt.timedelta(days=70),
    }
    skill = {"title": "بازرس جوش سطح یک", "number": "W-20931", "issued_on": today - 3 * YEAR}
    ended = [today - dt.timedelta(days=each) for each in (400, 60, 45, 15)]
    return [
        Said(K.EXPERIENCE, S.VERIFIED, 150, work),
        Said(K.EXPERIENCE, S.REJECTED, 40, trade, "گواهی کارفرما مهر ندارد؛ تصویر خواناتری بفرستید"),
        Said(K.CERTIFICATE, S.VERIFIED, 140, skill),
        Said(K.RULING, S.VERIFIED, 65, ruled),
        Said(K.RETRAINING, S.REPLACED, 120, _learned("جوشکاری با گاز محافظ", 24, ended[0])),
        Said(K.RETRAINING, S.VERIFIED, 60, _learned("جوشکاری با گاز محافظ", 32, ended[0])),
        Said(K.RETRAINING, S.AT_PROVINCE, 9, _learned("طراحی آموزشی", 20, ended[1])),
        Said(K.RETRAINING, S.AT_CENTER, 3, _learned("ارزشیابی مهارت", 12, ended[2])),
        Said(K.RETRAINING, S.WITHDRAWN, 25, _learned("ارزشیابی مهارت", 8, ended[2])),
        Said(K.RETRAINING, S.DRAFT, 1, _learned("کاربرد هوش مصنوعی در آموزش", 6, ended[3])),
    ]


# -- Support -----------------------------------------------------------------------


def _owner(ground: Ground, crowd: Crowd, post: tuple[str, str], human: Human) -> Owner:
    unit_code, kit = post
    unit = {"unit_id": ground.units[unit_code], "province_id": ground.provinces[ground.province_of[unit_code]]}
    ids = {"person_id": crowd.people[human.national_code], **unit}
    actors: dict[str, int] = {}
    if unit_code == units.CENTER1:
        own = post == units.INSTRUCTOR1_POST
        author = crowd.users["instructor1"] if own else crowd.clerks[unit_code]
        actors = {"author": author, "manager": crowd.managers[unit_code], "reviewer": crowd.users["province1"]}
    level = "instructor" if post == units.INSTRUCTOR1_POST else "center"
    return Owner(ids, human, units.fields_of(kit)[0].title, level, actors)


def _told(rows: Rows, owner: Owner, every: list[Said], today: dt.date) -> list[str]:
    """Rows that somebody has written here, with their steps and, once they are sent, a paper; the keys of these."""
    keys, former = list[str](), None
    for said in every:
        record_id = _row(rows, owner, said, today, author=owner.actors["author"], replaces_id=former)
        former = record_id if said.state is S.REPLACED else None
        for turn, (action, who) in enumerate(STEPS[said.state]):
            level = {"manager": "center", "reviewer": "province"}.get(who, owner.level)
            why = (said.decision or "") if action == "rejected" else ""
            rows.add(RecordEvent, record_id=record_id, actor_id=owner.actors[who], action=action, level=level,
                     reason=why, at=_at(today, said.days) + AFTER[turn])  # fmt: skip
        if said.state is not S.DRAFT:
            paper = (evidence.OWNER, record_id)
            keys.append(papers.add(rows, paper, owner.ids, owner.actors["author"], _at(today, said.days)))
    return keys


def _row(
    rows: Rows, owner: Owner, said: Said, today: dt.date, *, author: int | None = None, replaces_id: int | None = None
) -> int:
    at, steps = _at(today, said.days), [action for action, _ in STEPS[said.state]]
    done = {action: at + AFTER[turn] for turn, action in enumerate(steps)}
    decided = done.get("verified") or done.get("rejected")
    by = None if author is None else owner.actors["reviewer" if "verified" in done else "manager"]
    record_id = rows.add(
        InstructorRecord,
        **owner.ids,
        kind=said.kind,
        state=said.state,
        replaces_id=replaces_id,
        decision=said.decision,
        entered_by_id=author,
        center_by_id=owner.actors["manager"] if author and "passed" in done else None,
        decided_by_id=by if decided else None,
        version=len(steps),
        created_at=at,
        sent_at=done.get("sent"),
        center_at=done.get("passed") if author else None,
        decided_at=decided,
    )
    rows.add(TABLES[said.kind], id=record_id, **said.values)
    return record_id


def _at(today: dt.date, days: int) -> dt.datetime:
    return jalali.from_tehran(today - dt.timedelta(days=days), dt.time(9, 20))
