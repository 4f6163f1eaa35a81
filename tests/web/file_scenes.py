"""Instructors and their files in the small country of the page walker: one row in each state, one move."""

import datetime as dt
import uuid

from models import (
    Degree,
    ExperienceRecord,
    IdentityStatus,
    Instructor,
    InstructorMove,
    InstructorMoveState,
    InstructorProfile,
    InstructorRecord,
    Person,
    RecordKind,
    RecordState,
    RetrainingRecord,
    SkillStandard,
    TradeField,
    Unit,
    UnitKind,
    db,
    utcnow,
)
from services import jalali, policy
from services.instructors import evidence, records
from services.instructors.values import EducationValues
from tests import attachments, course_cases, make

DEGREE = EducationValues(Degree.BACHELOR, "مهندسی برق", dt.date(2010, 7, 1), "دانشگاه گلستان", 1725)


def teacher(world, level: str = "center") -> Instructor:
    """An instructor of the center; at the level of instructors, the one who is signed in there."""
    if level != "instructor":
        return make.instructor(world.unit, make.first(TradeField) or make.field(), started_on=dt.date(2020, 3, 1))
    unit = world.staff["instructor"].roles[0].unit
    person_id = world.staff["instructor"].person_id
    row = make.first(Instructor, person_id=person_id)
    return row or make.save(Instructor(person_id=person_id, unit_id=unit.id, province_id=unit.province_id))


def record(world, level: str, state: RecordState = RecordState.DRAFT, **over) -> InstructorRecord:
    """A degree, drafted by whoever the level signs in; sent ones have a paper."""
    instructor = teacher(world, level)
    who = course_cases.actor(world.staff["instructor" if level == "instructor" else "center"], level)
    made = records.enter(who, str(uuid.uuid4()), instructor.id, RecordKind.EDUCATION, DEGREE)
    row = db.session.get_one(InstructorRecord, made.id)
    paper(world, level, row)
    if state is not RecordState.DRAFT:
        records.send(who, row.id)
        row = db.session.get_one(InstructorRecord, made.id, populate_existing=True)
        row.state, row.decision = state, "خوانا نیست"
        row.decided_at = row.sent_at if state is RecordState.VERIFIED else None
        db.session.commit()
    return row


def paper(world, level: str, row: InstructorRecord):
    who = course_cases.actor(world.staff["instructor" if level == "instructor" else "center"], level)
    return attachments.send(who, attachments.jpeg(), evidence.place_of(row))


def seen(world, level: str) -> InstructorRecord:
    """A row for whoever looks: one's own draft, at the center one that was sent back, above it one on its way."""
    if level == "instructor":
        return record(world, level)
    return record(world, "center", RecordState.REJECTED if level == "center" else RecordState.AT_PROVINCE)


def move(world, coming: bool = False) -> InstructorMove:
    """A move that waits; from the center of the world, or to it."""
    there = make.unit(UnitKind.CENTER, db.session.get_one(Unit, world.unit.id).province)
    home, target = (there, world.unit) if coming else (world.unit, there)
    row = make.instructor(home, make.first(TradeField) or make.field())
    units = {"from_unit_id": home.id, "to_unit_id": target.id, "province_id": home.province_id}
    said = {"on_date": dt.date.today(), "reason": "نزدیکی به خانه", "asked_by_id": world.staff["center"].id}  # noqa: DTZ011
    return make.save(InstructorMove(instructor_id=row.id, state=InstructorMoveState.WAITING, **units, **said))


def standing(world, level: str = "center") -> Instructor:
    """The first instructor of the center, whose file grows."""
    return make.first(Instructor, unit_id=world.unit.id) if level != "instructor" else teacher(world, level)


def begun(world) -> None:
    """A file with something in it, so that one that grows begins with something."""
    for each in (standing(world), teacher(world, "instructor")):
        make.save(InstructorProfile(person_id=each.person_id, birth_place="گرگان"))
    grown(world, 0)


def grown(world, n: int) -> None:
    """One more of each kind that a list shows."""
    for each in (standing(world), teacher(world, "instructor")):
        whose = {"person_id": each.person_id, "unit_id": each.unit_id, "province_id": each.province_id}
        make.education(each)
        make.education(each, RecordState.AT_CENTER)
        field = make.field(f"رشتهٔ {n}")
        day = dt.date(2015, 5, 5)
        spent = {"experience": "trade", "field_id": field.id, "workplace": "کارخانه", "started_on": day}
        make.save(ExperienceRecord(**whose, **spent))
        learned = {"standard_id": make.first(SkillStandard).id, "title": "ایمنی", "provider": "مرکز", "hours": 8}
        make.save(
            RetrainingRecord(**whose, **learned, started_on=day, ended_on=day, state="at_center", sent_at=utcnow())
        )
    teacher(world)
    move(world, coming=bool(n % 2))


# -- Forms -------------------------------------------------------------------------

NEW_DEGREE = {
    "degree": "bachelor",
    "study_field": "حسابداری", "graduated_on-d": "۱", "graduated_on-m": "۴", "graduated_on-y": "۱۳۸۹",
    "gpa_hundredths": "۱۷٫۲۵",
}  # fmt: skip
TODAY = dict(zip(("y", "m", "d"), map(str, jalali.parts(policy.today())), strict=True))


def day(name: str) -> dict[str, str]:
    return {f"{name}-{part}": value for part, value in TODAY.items()}


def page(world, level: str, instructor: Instructor, rest: str = "") -> str:
    return f"/instructor/records{rest}" if level == "instructor" else f"/center/instructors/{instructor.id}{rest}"


def taken_on(world) -> tuple:
    born = {"birth_date-d": "۱", "birth_date-m": "۱", "birth_date-y": "۱۳۶۴"}
    return "/center/instructors/new", {}, {"+fields": str(make.first(TradeField).id), **born}


def of(rest: str, typed: dict | None = None, **over):
    """A form at or below the page of an instructor of the center."""

    def scene(world) -> tuple:
        row = teacher(world)
        for name, value in over.items():
            setattr(row, name, value)
        db.session.commit()
        return page(world, "center", row, rest), {"instructor_id": row.id, "kind": "education"}, typed or {}

    return scene


def own(rest: str, typed: dict | None = None):
    def scene(world) -> tuple:
        row = teacher(world, "instructor")
        return page(world, "instructor", row, rest), {"kind": "education"}, typed or {}

    return scene


def foreigner(world, level: str) -> Instructor:
    row = teacher(world, level)
    person = db.session.get_one(Person, row.person_id)
    person.national_code, person.foreign_code = None, str(90_000_000 + person.id)
    person.identity_status = IdentityStatus.FOREIGN_MANUAL
    db.session.commit()
    return row


def portrait(level: str, whose=teacher):
    """A picture of the person, or of what says who they are."""

    def scene(world) -> tuple:
        row = whose(world, level)
        return (
            page(world, level, row),
            {"instructor_id": row.id},
            {},
            "",
            None,
            (("file", "a.jpg", attachments.jpeg()),),
        )

    return scene


def at(level: str, rest: str = "", state: RecordState = RecordState.DRAFT, typed: dict | None = None, *, brings=False):
    """A form at or below the page of a row."""

    def scene(world) -> tuple:
        row = record(world, level, state)
        base = "/instructor/records" if level == "instructor" else "/center/instructors/records"
        key = evidence.of_record(row.id)[0].key
        values = {"record_id": row.id, "key": key}
        files = (("file", "a.pdf", attachments.pdf()),) if brings else ()
        return f"{base}/{row.id}{rest}", values, typed or {}, "", None, files

    return scene


def answered(level: str, typed: dict | None = None, *, coming: bool = True):
    def scene(world) -> tuple:
        row = move(world, coming=coming)
        return f"/{level}/instructors/moves/{row.id}", {"move_id": row.id}, typed or {}

    return scene


def asked(world) -> tuple:
    make.unit(UnitKind.CENTER, db.session.get_one(Unit, world.unit.id).province)
    url, values, _ = of("/move")(world)
    return url, values, {"reason": "نزدیکی به خانه", **day("on_date")}


def searched(level: str):
    return lambda world: (f"/{level}/instructors", {}, {"q": "مریم"})


def of_rows(level: str) -> dict:
    return {
        f"{level}.record_save": at(level, "/edit", typed={"study_field": "حقوق"}),
        f"{level}.record_change": at(level, "/change", RecordState.VERIFIED, {"study_field": "حقوق"}),
        f"{level}.record_send": at(level),
        f"{level}.record_withdraw": at(level),
        f"{level}.record_file": at(level, brings=True),
        f"{level}.record_file_remove": at(level),
    }


SCENES = {
    "center.instructor_new": taken_on,
    "center.instructor_fields": of("/fields"),
    "center.instructor_end": of("", {"reason": "بازنشسته شد", **day("last_day")}),
    "center.instructor_return": of("", ended_on=dt.date(2020, 5, 5), is_active=False),
    "center.profile_save": of("/profile", {"birth_place": "گرگان"}),
    "center.instructor_photo": portrait("center"),
    "center.instructor_identity": portrait("center", foreigner),
    "center.instructor_move_new": asked,
    "center.instructor_move_accept": answered("center"),
    "center.instructor_move_refuse": answered("center", {"reason": "نیرو کم است"}),
    "center.instructor_move_withdraw": answered("center", coming=False),
    "province.instructor_move_accept": answered("province"),
    "province.instructor_move_refuse": answered("province", {"reason": "نیرو کم است"}),
    **{f"{level}.instructor_search": searched(level) for level in ("center", "province", "hq")},
    "center.record_new": of("/new/education", NEW_DEGREE),
    "instructor.own_record_new": own("/new/education", NEW_DEGREE),
    "instructor.own_profile_save": own("/profile", {"birth_place": "گرگان"}),
    "instructor.own_photo": portrait("instructor"),
    "instructor.own_identity": portrait("instructor", foreigner),
    **of_rows("center"),
    **of_rows("instructor"),
}
