"""Who may teach some standards: rules of fit beside their printed text, and rulings where a course needs one."""

import datetime as dt
from typing import Any

from sqlalchemy import exists, select

from models import UNDER_WAY, CompetenceRuling, Course, InstructorRule, RecordState, SkillStandard, db
from scripts.demo.ground import Ground
from scripts.demo.standards import standards
from scripts.reference.rows import Rows
from services import jalali
from services.instructors import fit

WELDING, MACHINES, WIRING = "جوشکاری و بازرسی جوش", "ماشین‌ابزار", "برق ساختمان"
RETRAINED = {"retraining_hours": 24, "retraining_years": 2}
# Field and place of a standard in it: what its sheet prints about instructors, and the ways that the system checks.
# Of the welders instructor1 needs a ruling for the first, fits the second and third, and nobody fits the last.
WRITTEN: dict[tuple[str, int], tuple[str, tuple[dict[str, Any], ...]]] = {
    (WELDING, 0): (
        "کارشناسی جوشکاری یا مکانیک با ۳۶ ساعت بازآموزی در دو سال گذشته؛ یا کاردانی با ده سال سابقه و کارت مربیگری",
        (
            {"min_degree": "bachelor", "study_fields": "جوشکاری، مکانیک", **RETRAINED | {"retraining_hours": 36}},
            {"min_degree": "associate", "study_fields": "جوشکاری", "experience_years": 10, "needs_card": True},
        ),
    ),
    (WELDING, 1): (
        "کاردانی جوشکاری با پنج سال سابقه",
        ({"min_degree": "associate", "study_fields": "جوشکاری", "experience_years": 5},),
    ),
    (WELDING, 2): (
        "دیپلم مرتبط با ۲۴ ساعت بازآموزی در دو سال گذشته",
        ({"min_degree": "diploma", "study_fields": "جوشکاری", **RETRAINED},),
    ),
    (WELDING, 7): (
        "کارشناسی با گواهینامهٔ مهارت همین استاندارد",
        ({"min_degree": "bachelor", "needs_certificate": True},),
    ),
    (MACHINES, 3): ("کارشناسی ساخت و تولید یا ماشین‌ابزار", ({"min_degree": "bachelor"},)),
    (WIRING, 0): ("کاردانی برق یا بالاتر", ({"min_degree": "associate", "study_fields": "برق"},)),
}


def write(rows: Rows, ground: Ground) -> None:
    """The printed text of each of these standards, and the ways to be fit."""
    for (field, place), (printed, ways) in WRITTEN.items():
        code = [one.code for one in standards() if one.field.title == field][place]
        standard_id = ground.standards[code]
        rows.put(SkillStandard, standard_id, instructor_requirement=printed)
        for position, way in enumerate(ways, 1):
            rows.add(InstructorRule, standard_id=standard_id, position=position, **way)


def rule(today: dt.date) -> None:
    """A ruling for each instructor of a course under way who does not fit it; call once all rows are written."""
    with_rules = exists().where(InstructorRule.standard_id == Course.standard_id)
    query = select(Course).where(Course.status.in_(UNDER_WAY), with_rules).order_by(Course.id)
    ruled = set()
    for course in db.session.scalars(query).all():
        if course.instructor and not fit.of_course(course).may_teach:
            ruled.add((course.instructor.person_id, course.standard_id, course.unit_id, course.province_id))
    at = jalali.from_tehran(today - dt.timedelta(days=70), dt.time(9, 20))
    for number, (person_id, standard_id, unit_id, province_id) in enumerate(sorted(ruled), 21):
        whose = {"person_id": person_id, "unit_id": unit_id, "province_id": province_id}
        times = {"created_at": at, "sent_at": at, "decided_at": at}
        said = {"standard_id": standard_id, "number": f"ش/۱۴۰۵/{number}", "ruled_on": today - dt.timedelta(days=75)}
        db.session.add(CompetenceRuling(state=RecordState.VERIFIED, **whose, **times, **said))
    db.session.flush()
