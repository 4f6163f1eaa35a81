"""The list of those who may go to the exam among 10^5 and 10^6 enrollments: of a center and of a province."""

import datetime as dt
import statistics
import time

from flask import Flask
from sqlalchemy import insert, text

from bench import ground
from bench.installation import installed
from models import Course, Role, UnitKind, db
from services import access, codes
from services.access import Actor, Level
from services.enrollment import exam
from services.enrollment.exam import Wanted
from tests import make

SMALL, LARGE = 100_000, 1_000_000
A_COURSE, A_CENTER, CENTERS = 20, 1_600, 20  # people of a course and of a center in two years, centers of a province
DAYS = 730
REQUESTS, WARM_UP = 12, 7  # PostgreSQL keeps the plan of a statement after a few
VIEWS = {**{name: Wanted(name) for name, _ in exam.VIEWS}, "photo": Wanted(exam.LACKING, "photo")}
# One in ten without a father's name, three in ten without a portrait; one in twenty did not complete, one in seven is
# not said yet; and some were absent.
_PEOPLE = """
WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < :people)
INSERT INTO person (national_code, first_name, last_name, father_name, shenasname_no, identity_status, sources,
  is_alive, mobile_status, version, created_at)
SELECT substr('0' || (1000000000 + n), 2, 10), 'مریم', 'نوروزی ' || n, CASE WHEN n % 10 > 0 THEN 'حسن' END, '12',
  'verified', '{}', true, 'none', 1, :now FROM g
"""
_PHOTOS = """
INSERT INTO person_photo (person_id, state, version, created_at)
SELECT id, 'accepted', 1, :now FROM person WHERE id % 10 < 7
"""
_ENROLLMENTS = """
WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < :count),
  p(n, course_id, person_id) AS (SELECT n, :first_course + (n - 1) / :size, :first_person + (n * 997) % :people FROM g)
INSERT INTO enrollment (form_key, form_hash, course_id, person_id, province_id, unit_id, tracking_code, channel,
  debit_source, fee_rials, status, created_at, completion, completed_at)
SELECT 'exam-' || p.n, '0', p.course_id, p.person_id, c.province_id, c.unit_id, 'x' || p.n, 'self', 'none', 0,
  'active', :now, s.said, CASE WHEN s.said IS NOT NULL THEN c.enroll_close_at END
FROM p JOIN course c ON c.id = p.course_id JOIN (
  SELECT id, CASE WHEN status <> 'finished' OR id % 7 = 0 THEN NULL WHEN id % 20 = 1 THEN 'incomplete'
    ELSE 'completed' END AS said FROM course) s ON s.id = c.id
ORDER BY p.n
"""
_MEETINGS = """
INSERT INTO course_session (course_id, on_date, start_time, end_time)
SELECT id, start_on, '08:00:00', '12:00:00' FROM course WHERE end_on > :since
"""
_AWAY = """
INSERT INTO attendance (session_id, enrollment_id, course_id, presence, marked_by_id, marked_at, version)
SELECT m.id, e.id, e.course_id, CASE WHEN e.id % 9 = 0 THEN 'absent' ELSE 'present' END, :user, :now, 1
FROM course_session m JOIN enrollment e ON e.course_id = m.course_id
"""


def figures(kind: str = "postgresql") -> dict[str, float]:
    """Milliseconds of each view at 10^6 enrollments, and by those at 10^5."""
    with installed(kind) as small, installed(kind) as large:
        desks = [(site.app, lay(site.app, count)) for site, count in ((small, SMALL), (large, LARGE))]
        found: dict[str, float] = {}
        for level in ("center", "province"):
            for name, wanted in VIEWS.items():
                few, many = (_median(app, actors[level], wanted) for app, actors in desks)
                found[f"exam_{level}_{name}_ms"] = round(many, 1)
                found[f"exam_{level}_{name}_growth_ratio"] = round(many / few, 2)
        return found


def _median(app: Flask, actor: Actor, wanted: Wanted) -> float:
    spent = []
    with app.app_context():
        for _ in range(WARM_UP + REQUESTS):
            began = time.perf_counter()
            exam.page(actor, wanted)
            spent.append((time.perf_counter() - began) * 1000)
            db.session.rollback()
        db.session.remove()
    return statistics.median(spent[WARM_UP:])


def lay(app: Flask, count: int) -> dict[str, Actor]:
    """So many enrollments in the courses of two years, the newest last; a clerk of a center and a reviewer above it."""
    with app.app_context():
        centers = _centers(max(1, count // A_CENTER))
        first_course = _courses(centers, count // A_COURSE)
        unit = centers[0].unit
        directorate = make.unit(UnitKind.DIRECTORATE, unit.province)
        users = {Level.CENTER: make.user(Role.CLERK, unit), Level.PROVINCE: make.user(Role.REVIEWER, directorate)}
        actors = {level.value: access.actor(user, level, access.roles_of(user.id)) for level, user in users.items()}
        first_person = (db.session.scalar(text("SELECT max(id) FROM person")) or 0) + 1
        now, people = dt.datetime.now(dt.UTC).replace(tzinfo=None), count // 2
        given = {"now": now, "people": people, "count": count, "size": A_COURSE, "first_course": first_course,
                 "first_person": first_person, "user": users[Level.CENTER].id,
                 "since": now.date() - dt.timedelta(days=exam.BACK.days + 30)}  # fmt: skip
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text("SET LOCAL statement_timeout = 0"))
        for statement in (_PEOPLE, _PHOTOS, _ENROLLMENTS, _MEETINGS, _AWAY):
            db.session.execute(
                text(statement), {name: value for name, value in given.items() if f":{name}" in statement}
            )
        db.session.commit()
        db.session.remove()
    ground.analyze(app)
    return {level: actor for level, actor in actors.items() if actor}


def _centers(count: int) -> list[Course]:
    """A course like those of each center."""
    provinces = [make.province() for _ in range(-(-count // CENTERS))]
    return [make.course(unit_=make.unit(province_=provinces[n // CENTERS])) for n in range(count)]


def _courses(centers: list[Course], count: int) -> int:
    """So many courses, one center after the other, whose last days go over two years up to two weeks ahead."""
    columns = [column.key for column in Course.__table__.columns if column.key != "id"]
    bases = [{name: getattr(one, name) for name in columns} for one in centers]
    last = db.session.scalar(text("SELECT max(id) FROM course")) or 0
    today = dt.date.today()  # noqa: DTZ011 (any day near today will do)
    for start in range(0, count, 5_000):
        rows = []
        for n in range(start, min(start + 5_000, count)):
            end_on = today + dt.timedelta(days=14 - DAYS + n * DAYS // count)
            status = "finished" if end_on < today else "running"
            dates = {"start_on": end_on - dt.timedelta(days=30), "end_on": end_on, "status": status}
            rows.append(
                bases[n % len(bases)]
                | dates
                | {"code": codes.course_code(n + 500_000), "taken": A_COURSE, "capacity_max": A_COURSE}
            )
        db.session.execute(insert(Course.__table__), rows)
    db.session.commit()
    return last + 1
