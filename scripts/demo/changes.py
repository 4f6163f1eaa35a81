"""Changes of approved courses: one in every state, each beside the course as it was approved."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from models import CourseChange, CourseEvent
from scripts.demo import courses, units
from scripts.demo.crowd import Crowd
from scripts.demo.enrollments import Enrollment
from scripts.demo.ground import Ground
from scripts.reference import rules
from scripts.reference.rows import Rows

OPEN_STATES = ("waiting", "returned")


@dataclass(frozen=True)
class Story:
    """What a center asked for and what became of it; `new` makes the wanted values from a course and who is in it."""

    state: str
    level: str
    reason: str
    new: dict[str, Any] = field(default_factory=dict)
    kind: str = "edit"
    decision: str = ""


ENDED = {"done": "change", "returned": "change_return", "refused": "change_refuse", "withdrawn": "change_withdraw"}
GAP = dt.timedelta(minutes=20)
LATER = {"start_time": dt.timedelta(minutes=30), "end_time": dt.timedelta(minutes=30)}
STORIES = (
    Story("waiting", "center", "سرویس رفت‌وآمد کارآموزان نیم ساعت دیرتر می‌رسد", LATER),
    Story("waiting", "province", "دو دستگاه کارگاه از کار افتاده است", {"capacity_max": -3}),
    Story("waiting", "province", "مربی دوره تا پایان ترم در مرخصی است", kind="cancel"),
    Story("waiting", "province", "شمار ثبت‌نام‌ها به حداقل نمی‌رسد", kind="merge"),
    Story("returned", "center", "درخواست کارآموزان", {"tuition_rials": 500_000}, decision="مصوبهٔ شهریه را پیوست کنید"),
    Story("refused", "province", "کارگاه بزرگ‌تر شده است", {"capacity_max": 4}, decision="جای کار ثبت‌شده کمتر است"),
    Story("withdrawn", "center", "تغییر برنامهٔ مربی", LATER),
    Story("done", "province", "ساعت کار اداره تغییر کرد", {name: -gap for name, gap in LATER.items()}),
)


def ask(
    rows: Rows, ground: Ground, crowd: Crowd, found: tuple[courses.Course, ...], enrolled: Iterable[Enrollment]
) -> None:
    """Load the changes; the courses and their enrollments are loaded already."""
    people = Counter(row.course.number for row in enrolled if row.is_active)
    chosen = _courses(found, people)
    for number, (story, course) in enumerate(zip(STORIES, chosen, strict=False), 1):
        at = course.steps[-1].at + dt.timedelta(minutes=7 * number)
        other = _other(found, course) if story.kind == "merge" else None
        _one(rows, ground, crowd, (story, course, other), at)


def _courses(found: Iterable[courses.Course], people: Mapping[int, int]) -> Iterator[courses.Course]:
    """Open courses with people in them, of the province of the demo's reviewer; one has another one beside it."""
    here = [each for each in found if each.status == "open" and units.unit(each.unit_code).province == "گلستان"]
    kept = [each for each in here if units.unit(each.unit_code).kind == "center" and each.is_complete]
    whole = [each for each in kept if people.get(each.number, 0) > 1]
    merged = next((each for each in whole if _other(found, each)), None)
    plain = iter([each for each in whole if each is not merged])
    for story in STORIES:
        yield merged if story.kind == "merge" and merged else next(plain)


def _other(found: Iterable[courses.Course], course: courses.Course) -> courses.Course | None:
    """Another open course of the standard in the province, where its people could go."""
    same = (each for each in found if each.standard.code == course.standard.code and each.number != course.number)
    home = units.unit(course.unit_code).province
    near = [each for each in same if each.status == "open" and units.unit(each.unit_code).province == home]
    taking = [each for each in near if each.target_group in (None, course.target_group)]
    fitting = [each for each in taking if each.gender in ("mixed", course.gender) and each.fill < 0.8]
    return min(fitting, key=lambda each: (each.fill, each.number), default=None)


def _one(rows: Rows, ground: Ground, crowd: Crowd, what: tuple[Any, ...], at: dt.datetime) -> None:
    story, course, other = what
    unit, clerk = units.unit(course.unit_code), crowd.clerks[course.unit_code]
    decider = crowd.users["province1"] if story.level == "province" else crowd.managers[course.unit_code]
    is_over = story.state not in OPEN_STATES
    wanted = {name: _pair(course, name, by) for name, by in story.new.items()}
    if story.state == "done":  # the live version has it already
        wanted = {name: [new, old] for name, (old, new) in wanted.items()}
    rows.add(
        CourseChange,
        course_id=course.number,
        unit_id=ground.units[unit.code],
        province_id=ground.provinces[unit.province or ""],
        asked_by_id=clerk,
        decided_by_id=(clerk if story.state == "withdrawn" else decider) if is_over else None,
        other_course_id=other.number if other else None,
        kind=story.kind,
        state=story.state,
        wanted=wanted,
        reason=story.reason,
        levels=rules.levels(unit.kind, course.setting),
        level=story.level,
        level_since=at,
        decision=story.decision or None,
        decided_at=at + GAP if is_over else None,
        version=1,
        created_at=at,
    )
    _events(rows, what, (clerk, decider), wanted, at)


def _events(
    rows: Rows, what: tuple[Any, ...], people: tuple[int, int], wanted: dict[str, Any], at: dt.datetime
) -> None:
    story, course, _ = what
    clerk, decider = people
    event = {"course_id": course.number, "source": course.status, "target": course.status}
    event |= {"course_version": len(course.steps)}
    asked = {"actor_id": clerk, "action": "change_ask", "level": "center", "reason": story.reason}
    rows.add(CourseEvent, **event, **asked, changes=wanted, at=at)
    if story.state == "waiting":
        return
    is_own, is_done = story.state == "withdrawn", story.state == "done"
    rows.add(
        CourseEvent,
        actor_id=clerk if is_own else decider,
        action=ENDED[story.state],
        level="center" if is_own else story.level,
        reason=story.reason if is_done else story.decision,
        changes=wanted if is_done else {},
        at=at + GAP,
        **event,
    )


def _pair(course: courses.Course, name: str, by: Any) -> list[Any]:
    old = getattr(course, name)
    if isinstance(by, dt.timedelta):
        new = (dt.datetime.combine(course.start_on, old) + by).time()
        return [old.isoformat(), new.isoformat()]
    return [old, max(1, (old or 0) + by)]
