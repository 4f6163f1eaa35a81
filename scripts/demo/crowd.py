"""Loads the people: staff with accounts and roles, instructors with fields, trainees as the desk knows them."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from models import (
    IdentityStatus,
    Instructor,
    InstructorField,
    MobileStatus,
    Person,
    Role,
    User,
    UserRole,
    Workshop,
)
from scripts.demo import accounts, people, units
from scripts.demo.ground import Ground
from scripts.demo.people import Human
from scripts.reference.rows import Rows
from services import jalali, text
from services.passwords import hashed

HIRED_AT = dt.timedelta(days=27 * 365)  # of age


@dataclass
class Crowd:
    """The ids by which later rows name these; people by national code, users by what they do where."""

    people: dict[str, int] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    clerks: dict[str, int] = field(default_factory=dict)
    managers: dict[str, int] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)
    instructors: dict[tuple[str, str], int] = field(default_factory=dict)


def gather(rows: Rows, ground: Ground, today: dt.date) -> Crowd:
    crowd = Crowd()
    everybody = people.everybody()
    since = jalali.from_tehran(today - dt.timedelta(days=200), dt.time(9))
    offices = [human for pair in everybody.clerks.values() for human in pair]
    for human in (*everybody.staff.values(), *offices, *everybody.instructors.values(), *everybody.trainees):
        crowd.people[human.national_code] = rows.add(Person, **_person(human, since))
    _accounts(rows, ground, crowd, since)
    _offices(rows, ground, crowd, since)
    posts = {units.INSTRUCTOR1_POST: everybody.staff["instructor1"], **everybody.instructors}
    for (unit_code, kit), human in posts.items():
        crowd.instructors[unit_code, kit] = _instructor(rows, ground, crowd, unit_code, kit, human)
    return crowd


_FROM_REGISTRY = ("father_name", "gender", "birth_date", "shenasname_no")


def _person(human: Human, since: dt.datetime) -> dict[str, Any]:
    is_pending = human.case == "pending"
    first, last = human.typed or (human.first_name, human.last_name)
    status = IdentityStatus.DISCREPANCY if human.typed else IdentityStatus.VERIFIED
    official = {"source": "registry", "at": since.isoformat()}
    typed = {"source": "clerk", "at": since.isoformat()}
    name_source = typed if human.typed else official
    return {
        "national_code": human.national_code,
        "first_name": None if is_pending else first,
        "last_name": None if is_pending else last,
        "father_name": None if is_pending else human.father_name,
        "name_key": None if is_pending else text.key(f"{first}{last}"),
        "name_sort": None if is_pending else text.sort_key(f"{last} {first}"),
        "gender": None if is_pending else human.gender,
        # Without a birth date the registry cannot be asked: such a name waits for the national window.
        "birth_date": None if is_pending else human.birth_date,
        "shenasname_no": None if is_pending else human.shenasname_no,
        "mobile": human.mobile,
        "mobile_status": _mobile_status(human),
        "mobile_checked_at": since if human.mobile else None,
        "identity_status": IdentityStatus.PENDING if is_pending else status,
        "sources": ({"mobile": typed} if human.mobile else {})
        | ({} if is_pending else dict.fromkeys(_FROM_REGISTRY, official) | {"name": name_source}),
        "created_at": since,
    }


def _mobile_status(human: Human) -> MobileStatus:
    if human.mobile is None:
        return MobileStatus.NONE
    return MobileStatus.NOT_MATCHED if human.case == "mobile_other" else MobileStatus.MATCHED


# -- Staff -------------------------------------------------------------------------


def _accounts(rows: Rows, ground: Ground, crowd: Crowd, since: dt.datetime) -> None:
    password_hash = hashed(accounts.PASSWORD)  # once for all: it takes its time by design
    staff = people.everybody().staff
    for account in accounts.accounts():
        human = staff[account.username]
        user_id = _user(rows, crowd, account.username, human, since, password_hash)
        for role in account.roles:
            _role(rows, ground, user_id, account.unit_code, Role(role), can_enroll=account.can_enroll_others)
    crowd.clerks |= {
        units.CENTER1: crowd.users["clerk1"],
        units.ACADEMY1: crowd.users["academy1"],
        units.CENTER2: crowd.users["clerk2"],
        units.COUNTER1: crowd.users["counter1"],
    }
    crowd.managers |= {
        units.CENTER1: crowd.users["manager1"],
        units.ACADEMY1: crowd.users["head1"],
        units.CENTER2: crowd.users["manager2"],
    }


def _offices(rows: Rows, ground: Ground, crowd: Crowd, since: dt.datetime) -> None:
    """Clerk and manager of the other units; they have no password, so a code has to be issued to them first."""
    for unit_code, (clerk, manager) in people.everybody().clerks.items():
        crowd.clerks[unit_code] = _user(rows, crowd, f"clerk-{unit_code}", clerk, since)
        crowd.managers[unit_code] = _user(rows, crowd, f"manager-{unit_code}", manager, since)
        _role(rows, ground, crowd.clerks[unit_code], unit_code, Role.CLERK, can_enroll=True)
        _role(rows, ground, crowd.managers[unit_code], unit_code, Role.MANAGER, can_enroll=False)


def _user(
    rows: Rows, crowd: Crowd, username: str, human: Human, since: dt.datetime, password_hash: str | None = None
) -> int:
    user_id = rows.add(
        User,
        person_id=crowd.people[human.national_code],
        username=username,
        password_hash=password_hash,
        created_at=since,
    )
    crowd.users[username] = user_id
    crowd.codes[user_id] = human.national_code
    return user_id


def _role(rows: Rows, ground: Ground, user_id: int, unit_code: str, role: Role, *, can_enroll: bool) -> None:
    unit_id = ground.units[unit_code]
    rows.add(UserRole, user_id=user_id, unit_id=unit_id, role=role, can_enroll_others=can_enroll)


# -- Instructors -------------------------------------------------------------------


def _instructor(rows: Rows, ground: Ground, crowd: Crowd, unit_code: str, kit: str, human: Human) -> int:
    person_id, unit_id = crowd.people[human.national_code], ground.units[unit_code]
    province_id = ground.provinces[ground.province_of[unit_code]]
    began = {"started_on": human.birth_date + HIRED_AT}
    instructor_id = rows.add(Instructor, person_id=person_id, unit_id=unit_id, province_id=province_id, **began)
    for one in units.fields_of(kit):
        rows.add(InstructorField, instructor_id=instructor_id, field_id=ground.fields[one.title])
    rows.put(Workshop, ground.workshops[unit_code, kit], responsible_id=instructor_id)
    return instructor_id
