"""Rows in bulk for a bench: units, courses and signed-in people with money."""

import datetime as dt
import secrets
from dataclasses import dataclass

import requests
from flask import Flask
from sqlalchemy import func, insert, select, text

from bench.installation import Installation
from models import (
    Account,
    Course,
    CourseStatus,
    LedgerTransfer,
    OwnerKind,
    Person,
    Policy,
    Role,
    SkillStandard,
    TransferKind,
    UnitKind,
    UserSession,
    db,
    utcnow,
)
from services import codes, passwords, sessions
from services import text as texts
from services.sessions import token_hash
from services.transaction import atomic
from tests import make

FEE = 50_000
TITLES = ("جوشکاری با قوس الکتریکی E6", "برق صنعتی درجهٔ ۱", "تعمیر تلفن همراه", "خیاطی لباس زنانه", "حسابداری")


PASSWORD = "doreh-bench"


@dataclass(frozen=True)
class Trainee:
    """A signed-in person as the bench knows them."""

    person_id: int
    national_code: str
    mobile: str
    token: str


@dataclass(frozen=True)
class Newcomer:
    """Somebody of whom only the outside systems know; `born` is what a clerk writes as the day of birth."""

    national_code: str
    mobile: str
    born: dict[str, str]


@dataclass(frozen=True)
class Clerk:
    """Somebody who enrolls others and may pay for them; the password is `PASSWORD`."""

    username: str
    national_code: str


def foundations(app: Flask) -> None:
    """The tariff, a center with its workshop and instructor, and the standards of `TITLES`."""
    with app.app_context():
        make.tariff(FEE)
        # One clerk writes here for a crowd, and every mobile is to be matched while we watch.
        make.save(Policy(name="shahkar_per_hour", scope="*", valid_from=dt.date(2020, 1, 1), value=0))
        unit = make.unit(title="مرکز شمارهٔ ۲ گرگان (برادران)", address="گرگان، خیابان شهید بهشتی", province_=None)
        for title in TITLES:
            make.standard(title=title)
        make.course(unit_=unit)


def course(app: Flask, capacity: int, **values: object) -> tuple[int, str]:
    """One open course of that many seats, for everybody: its id and code."""
    with app.app_context(), atomic():  # one write, which waits its turn where others are at work
        like = db.session.scalars(select(Course).order_by(Course.id).limit(1)).one()
        made = make.course(unit_=like.unit, capacity_max=capacity, workshop_id=like.workshop_id, **values)
        return made.id, made.code


def courses(app: Flask, count: int) -> None:
    """So many more courses like the first one: one in ten open, the rest over, as in a country after some years."""
    with app.app_context(), atomic():
        like = db.session.scalars(select(Course).order_by(Course.id).limit(1)).one()
        standards = list(db.session.scalars(select(SkillStandard).order_by(SkillStandard.id)))
        columns = [column.key for column in Course.__table__.columns if column.key != "id"]
        base = {name: getattr(like, name) for name in columns}
        start = db.session.scalar(text("SELECT max(id) FROM course")) or 0
        today, now = dt.date.today(), utcnow()  # noqa: DTZ011 (any day near today will do)
        for offset in range(0, count, 5_000):
            rows = []
            for n in range(start + offset + 1, start + min(offset + 5_000, count) + 1):
                standard, over = standards[n % len(standards)], n % 10 > 0
                first = today - dt.timedelta(days=n % 900 + 90) if over else today + dt.timedelta(days=n % 60 + 12)
                rows.append(base | {
                    "code": codes.course_code(n + 500_000), "title": standard.title, "standard_id": standard.id,
                    "standard_code": standard.code, "start_on": first, "end_on": first + dt.timedelta(days=30),
                    "status": "finished" if over else "open",
                    "enroll_close_at": now + dt.timedelta(days=-90 if over else 10),
                    "search_key": texts.key(f"{standard.title}{n}"), "taken": 0,
                })  # fmt: skip
            db.session.execute(insert(Course.__table__), rows)
    analyze(app)


def country(app: Flask, count: int) -> tuple[dict[str, str], dict[str, int]]:
    """Courses of ten centers, half of them of one province, where one in twenty waits for it and one in twenty for HQ.

    The sessions of a clerk of its first center, of its reviewer and of HQ's, and a course that waits, by level.
    """
    with app.app_context():
        near, far = make.province(), make.province()
        centers = [make.course(unit_=make.unit(province_=(near, far)[n // 5])) for n in range(10)]
        standards = [make.standard(title=f"{TITLES[n % 5]} {n}") for n in range(200)]
        hq, directorate = make.unit(UnitKind.HQ), make.unit(UnitKind.DIRECTORATE, near)
        people = {
            "center": make.user(Role.CLERK, centers[0].unit),
            "province": make.user(Role.REVIEWER, directorate),
            "hq": make.user(Role.REVIEWER, hq),
        }
        tokens = {level: sessions.open_staff(user.id) for level, user in people.items()}
        with atomic():
            for start in range(0, count, 5_000):
                rows = [_row(centers, standards, n) for n in range(start, min(start + 5_000, count))]
                db.session.execute(insert(Course.__table__), rows)
        asked = select(func.max(Course.id)).where(Course.province_id == near.id)
        states = {"province": CourseStatus.PROVINCE_REVIEW, "hq": CourseStatus.HQ_REVIEW}
        waiting = {level: db.session.scalars(asked.where(Course.status == at)).one() for level, at in states.items()}
    analyze(app, "VACUUM ANALYZE")  # an index counts only what is known to be visible to all
    return tokens, waiting


def _row(centers: list[Course], standards: list[SkillStandard], n: int) -> dict[str, object]:
    """One in twenty waits for the province, one for HQ, one is back, two are open; the others are over."""
    kinds = ("province_review", "hq_review", "returned", "open", "open")
    kind = n // 10 % 20
    like, standard = centers[n % 5 if kind < 2 else n % 10], standards[n // 7 % len(standards)]
    today, now = dt.date.today(), utcnow()  # noqa: DTZ011 (any day near today will do)
    status = kinds[kind] if kind < len(kinds) else "finished"
    over = status == "finished"
    first = today - dt.timedelta(days=n % 900 + 90) if over else today + dt.timedelta(days=n % 60 + 12)
    base = {column.key: getattr(like, column.key) for column in Course.__table__.columns if column.key != "id"}
    return base | {
        "code": codes.course_code(n + 500_000), "title": standard.title, "standard_id": standard.id,
        "standard_code": standard.code, "start_on": first, "end_on": first + dt.timedelta(days=30), "status": status,
        "enroll_close_at": now + dt.timedelta(days=-90 if over else 10), "taken": 0,
        "search_key": texts.key(f"{standard.title}{n}"),
        "sent_at": now - dt.timedelta(days=9), "level_since": now - dt.timedelta(minutes=n % 14_000),
    }  # fmt: skip


def trainees(app: Flask, count: int, first: int = 0, credit: int = 3 * FEE) -> list[Trainee]:
    """People with a matched mobile, credit of their own and an open session in one browser."""
    now, made = utcnow(), []
    with app.app_context(), atomic():
        system = select(Account.id).where(Account.owner_kind == OwnerKind.SYSTEM, Account.owner_code == "gateway")
        source = db.session.scalars(system).one()
        for n in range(first, first + count):
            made.append((make.national_code(2_000_000 + n), f"09{130_000_000 + n}", secrets.token_urlsafe(32)))
        people = [_person(code, mobile, n) for n, (code, mobile, _) in enumerate(made)]
        ids = db.session.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), people).all()
        purses = [{"owner_kind": "national", "owner_code": code, "balance": 0, "created_at": now} for code, *_ in made]
        accounts = db.session.scalars(insert(Account).returning(Account.id, sort_by_parameter_order=True), purses).all()
        gifts = [
            {"from_account_id": source, "to_account_id": account, "amount": credit, "kind": TransferKind.TOP_UP,
             "cause_key": f"bench:{account}", "at": now} for account in accounts
        ]  # fmt: skip
        db.session.execute(insert(LedgerTransfer.__table__), gifts)
        sessions = [
            {"person_id": id_, "kind": "trainee", "token_hash": token_hash(token), "browser": "", "address": "",
             "created_at": now, "last_seen_at": now} for id_, (_, _, token) in zip(ids, made, strict=True)
        ]  # fmt: skip
        db.session.execute(insert(UserSession.__table__), sessions)
    analyze(app)
    return [Trainee(id_, *row) for id_, row in zip(ids, made, strict=True)]


def newcomers(site: Installation, count: int, first: int = 0) -> list[Newcomer]:
    """People whose name the registry tells and whose mobile Shahkar matches, once a clerk has written of them."""
    made = [
        Newcomer(make.national_code(3_000_000 + n), f"0914{n:07d}", {"y": "1380", "m": "1", "d": "1"})
        for n in range(first, first + count)
    ]
    known = [
        {"national_code": one.national_code, "mobile": one.mobile, "birth_date": "2001-03-21", "gender": "female",
         "first_name": "آرزو", "last_name": "یوسفی", "father_name": "بهرام", "shenasname_no": "12", "alive": True}
        for one in made
    ]  # fmt: skip
    requests.post(f"{site.sandbox}/control/people", json=known, timeout=60).raise_for_status()
    return made


def clerk(app: Flask, credit: int) -> Clerk:
    """One more clerk of the center, with credit."""
    with app.app_context(), atomic():
        like = db.session.scalars(select(Course).order_by(Course.id).limit(1)).one()
        user = make.user(unit_=like.unit, password_hash=passwords.hashed(PASSWORD))
        make.purse(user.person, credit)
        return Clerk(user.username, user.person.national_code or "")


def _person(code: str, mobile: str, n: int) -> dict[str, object]:
    name = f"نوروزی {n}"
    return {
        "national_code": code, "first_name": "مریم", "last_name": name, "identity_status": "verified", "mobile": mobile,
        "mobile_status": "matched", "name_key": texts.key(f"مریم {name}"), "name_sort": texts.sort_key(f"{name} مریم"),
    }  # fmt: skip


def analyze(app: Flask, how: str = "ANALYZE") -> None:
    """Bring the planner's statistics up to date, as autovacuum has done on an installation that has run for a while."""
    with app.app_context(), db.engine.connect() as connection:
        plain = connection.execution_options(isolation_level="AUTOCOMMIT")
        if connection.dialect.name == "postgresql":
            plain.execute(text("SET statement_timeout = 0"))  # of large tables it takes minutes
        plain.execute(text(how))
        connection.invalidate()  # the next one begins with its time-out again
