"""Builders: the smallest valid row of each kind, saved; a test states only what it is about."""

import datetime as dt
import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from models import (
    Account,
    Agreement,
    ApprovalRoute,
    CounterContract,
    County,
    Course,
    CourseSession,
    CourseStatus,
    Degree,
    EducationRecord,
    EquipmentGroup,
    EquipmentItem,
    EquipmentMovement,
    FieldLevel,
    Gender,
    Instructor,
    InstructorField,
    LedgerTransfer,
    License,
    LicenseState,
    LicenseTrade,
    MovementKind,
    Nominee,
    Organization,
    Person,
    Place,
    Province,
    RecordState,
    Role,
    SkillStandard,
    Tariff,
    TradeField,
    TransferKind,
    Unit,
    UnitKind,
    User,
    UserRole,
    Workshop,
    WorkshopStandard,
    db,
    utcnow,
)
from services import codes, policy, text

_n = itertools.count(1)
_pieces: list[str] = []  # one is being made in one piece


def save(row):
    db.session.add(row)
    if _pieces:
        db.session.flush()
    else:
        db.session.commit()
    return row


@contextmanager
def in_one_piece() -> Iterator[None]:
    """What is saved in the block is committed at its end, or when a service commits: a third of the time for a world.

    Only for what this session alone reads meanwhile.
    """
    _pieces.append("open")
    try:
        yield
        db.session.commit()
    finally:
        _pieces.pop()


def first(model, **where):
    return db.session.query(model).filter_by(**where).order_by(model.id).first()


def national_code(number: int | None = None) -> str:
    """A valid national code; different for each call without `number`."""
    stem = f"{(number if number is not None else 1_000_000 + next(_n)):09d}"
    return next(code for check in "0123456789" if (code := codes.national_code(stem + check)))


def province(title: str | None = None) -> Province:
    n = next(_n)
    title = title or f"استان {n}"
    return save(Province(code=f"{n % 10_000:04d}", title=title, title_sort=text.sort_key(title)))


def county(province_: Province | None = None, title: str | None = None) -> County:
    n = next(_n)
    title = title or f"شهرستان {n}"
    province_ = province_ or first(Province) or province()
    return save(County(code=f"{n:06d}", title=title, title_sort=text.sort_key(title), province_id=province_.id))


def unit(kind: UnitKind = UnitKind.CENTER, province_: Province | None = None, **over) -> Unit:
    n = next(_n)
    title = over.pop("title", f"واحد {n}")
    if kind is not UnitKind.HQ:
        province_ = province_ or first(Province) or province()
        over.setdefault("county_id", (first(County, province_id=province_.id) or county(province_)).id)
    over.setdefault("province_id", province_ and province_.id)
    keys = {"title_key": text.key(title), "title_sort": text.sort_key(title)}
    over.setdefault("code", f"u{n}")
    made = save(Unit(kind=kind, title=title, phone="017-32220000", **keys, **over))
    if kind is UnitKind.COUNTER:
        contract(made)
    return made


def contract(office: Unit, **over) -> CounterContract:
    """A contract that allows a counter office everything for two years around today."""
    today = dt.date.today()  # noqa: DTZ011 (any day near today will do)
    days = {"valid_from": today - dt.timedelta(days=365), "valid_to": today + dt.timedelta(days=365)}
    values = {"office_code": office.code, "contract_no": f"1405/{next(_n)}", **days, **over}
    return save(CounterContract(unit_id=office.id, **values))


def person(**over) -> Person:
    """A person known by name; give `first_name=None, last_name=None` for a pending one."""
    over.setdefault("national_code", national_code())
    over.setdefault("first_name", "مریم")
    over.setdefault("last_name", f"نوروزی {next(_n)}")
    if over["last_name"]:
        over.setdefault("identity_status", "verified")
        full = f"{over['first_name']} {over['last_name']}"
        over.setdefault("name_key", text.key(full))
        over.setdefault("name_sort", text.sort_key(f"{over['last_name']} {over['first_name']}"))
    return save(Person(**over))


def user(role: Role = Role.CLERK, unit_: Unit | None = None, **over) -> User:
    """A staff user with one role; clerks and counters may enroll others."""
    may = over.pop("can_enroll_others", role in (Role.CLERK, Role.MANAGER, Role.COUNTER))
    unit_ = unit_ or unit()
    over.setdefault("username", f"user{next(_n)}")
    person_ = over.pop("person", None) or person()
    row = save(User(person_id=person_.id, **over))
    save(UserRole(user_id=row.id, unit_id=unit_.id, role=role, can_enroll_others=may))
    return row


def field(title: str | None = None) -> TradeField:
    title = title or f"رشتهٔ {next(_n)}"
    keys = {"title_key": text.key(title), "title_sort": text.sort_key(title)}
    return save(TradeField(level=FieldLevel.FIELD, title=title, **keys))


def standard(**over) -> SkillStandard:
    n = next(_n)
    title = over.pop("title", f"مهارت {n}")
    over.setdefault("field_id", (first(TradeField) or field()).id)
    over.setdefault("code", f"7212{n:011d}")
    keys = {"title_key": text.key(title), "title_sort": text.sort_key(title)}
    return save(SkillStandard(title=title, theory_minutes=1200, practice_minutes=3600, **keys, **over))


def workshop(unit_: Unit, *standards: SkillStandard, workstations: int = 20, **over) -> Workshop:
    place = save(Place(unit_id=unit_.id, province_id=unit_.province_id, kind="building", title="ساختمان اصلی"))
    over.setdefault("title", "کارگاه ۱")
    row = save(Workshop(place_id=place.id, unit_id=unit_.id, workstations=workstations, **over))
    for each in standards:
        save(WorkshopStandard(workshop_id=row.id, standard_id=each.id))
    return row


def item(workshop_: Workshop | None = None, pieces: int = 5, working: int | None = None, **over) -> EquipmentItem:
    """Equipment with the movement that its numbers are the sum of; all pieces work unless told otherwise."""
    workshop_ = workshop_ or first(Workshop) or workshop(first(Unit, kind=UnitKind.CENTER) or unit())
    working = pieces if working is None else working
    name = over.pop("name", "دریل ستونی")
    values = {"group": EquipmentGroup.CAPITAL, "unit_of_count": "دستگاه", **over}
    where = {"unit_id": workshop_.unit_id, "province_id": db.session.get(Unit, workshop_.unit_id).province_id}
    keys = {"name": name, "name_key": text.key(name), "name_sort": text.sort_key(name)}
    stock = {"quantity": pieces, "serviceable": working}
    made = save(EquipmentItem(workshop_id=workshop_.id, **where, **keys, **stock, **values))
    if pieces:
        moved = {"kind": MovementKind.RECEIVED, "pieces": pieces, "working": working, "reason": "موجودی آغاز دفتر"}
        save(EquipmentMovement(item_id=made.id, **where, **moved, happened_on=policy.today()))
    return made


def instructor(unit_: Unit, *fields: TradeField, **over) -> Instructor:
    row = save(Instructor(person_id=person().id, unit_id=unit_.id, province_id=unit_.province_id, **over))
    for each in fields:
        save(InstructorField(instructor_id=row.id, field_id=each.id))
    return row


def education(instructor_: Instructor, state: RecordState = RecordState.VERIFIED, **over) -> EducationRecord:
    """A degree in an instructor's file; verified, and so decided on, unless told otherwise."""
    values = {"degree": Degree.BACHELOR, "study_field": "مهندسی مکانیک", "graduated_on": dt.date(2010, 7, 1), **over}
    whose = {"person_id": instructor_.person_id, "unit_id": instructor_.unit_id, "province_id": instructor_.province_id}
    times = {"sent_at": utcnow(), "decided_at": utcnow() if state is RecordState.VERIFIED else None}
    return save(EducationRecord(**whose, **times, state=state, study_key=text.key(values["study_field"]), **values))


def license_(academy: Unit, *fields: TradeField, **over) -> License:
    """A license in date for whole fields, founded and led by one person unless told otherwise."""
    today = dt.date.today()  # noqa: DTZ011 (any day near today will do)
    leader = person()
    values = {
        "number": f"1404/{next(_n)}",
        "issued_on": today - dt.timedelta(days=365),
        "expires_on": today + dt.timedelta(days=4 * 365),
        "founder_kind": "person",
        "founder_person_id": leader.id,
        "manager_id": leader.id,
        "gender": Gender.MIXED,
        "capacity": 30,
        "address": "خیابان شهید بهشتی، پلاک ۱۲",
        "state": LicenseState.VALID,
    }
    row = save(License(unit_id=academy.id, province_id=academy.province_id, **{**values, **over}))
    for each in fields:
        save(LicenseTrade(license_id=row.id, field_id=each.id))
    return row


def meeting(course_: Course, on_date: dt.date | None = None) -> CourseSession:
    """One meeting of a course at its hours, on its first day unless told otherwise."""
    hours = {"start_time": course_.start_time, "end_time": course_.end_time}
    return save(CourseSession(course_id=course_.id, on_date=on_date or course_.start_on, **hours))


def course(status: CourseStatus = CourseStatus.OPEN, unit_: Unit | None = None, **over) -> Course:
    """A complete course, open for enrollment now unless told otherwise."""
    unit_ = unit_ or first(Unit, kind=UnitKind.CENTER) or unit()
    standard_ = over.pop("standard", None) or first(SkillStandard) or standard()
    now, today = utcnow(), dt.date.today()  # noqa: DTZ011 (any day near today will do)
    over.setdefault("workshop_id", (first(Workshop, unit_id=unit_.id) or workshop(unit_, standard_)).id)
    over.setdefault("instructor_id", (first(Instructor, unit_id=unit_.id) or instructor(unit_)).id)
    over.setdefault("entered_by_id", (first(User) or user(unit_=unit_)).id)
    values = {
        "capacity_min": 5,
        "capacity_max": 15,
        "start_on": today + dt.timedelta(days=20),
        "end_on": today + dt.timedelta(days=50),
        "weekdays": 0b0010101,
        "start_time": dt.time(8),
        "end_time": dt.time(12),
        "enroll_open_at": now - dt.timedelta(days=1),
        "enroll_close_at": now + dt.timedelta(days=10),
        "setting": "fixed",
        "delivery": "in_person",
        "shift": "morning",
        "gender": Gender.MIXED,
        "levels": "center,province",
        "title": standard_.title,
        "code": codes.course_code(next(_n)),
        "place_id": db.session.get(Workshop, over["workshop_id"]).place_id,
    }
    row = Course(
        unit_id=unit_.id,
        province_id=unit_.province_id,
        county_id=unit_.county_id,
        standard_id=standard_.id,
        standard_code=standard_.code,
        field_id=standard_.field_id,
        status=status,
        **{**values, **over},
    )
    row.search_key = text.key(f"{row.title}{unit_.title}{row.code}")
    return save(row)


def route(unit_kind: UnitKind = UnitKind.CENTER, levels: str = "center,province") -> ApprovalRoute:
    return save(ApprovalRoute(unit_kind=unit_kind.value, valid_from=dt.date(2020, 1, 1), levels=levels))


def legal_id() -> str:
    """A valid national id of a legal person; different for each call."""
    stem = f"{1_010_000_000 + next(_n)}"
    return next(code for check in "0123456789" if (code := codes.legal_id(stem + check)))


def organization(province_: Province | None = None, **over) -> Organization:
    title = over.pop("title", f"شرکت {next(_n)}")
    keys = {"title_key": text.key(title), "title_sort": text.sort_key(title)}
    province_ = province_ or first(Province) or province()
    values = {"kind": "company", "legal_id": legal_id(), "province_id": province_.id} | over
    return save(Organization(title=title, **keys, **values))


def agreement(organization_: Organization | None = None, **over) -> Agreement:
    values = {"kind": "contract", "number": f"1405/{next(_n)}", "signed_on": dt.date(2026, 4, 1)} | over
    return save(Agreement(organization_id=(organization_ or organization()).id, **values))


def nominee(course_: Course, by: User, **over) -> Nominee:
    """Somebody whom the organization of a course's contract has named for it."""
    values = {"national_code": national_code(), "name": f"زهرا کاظمی {next(_n)}", "mobile": "09113700001"} | over
    place = {"course_id": course_.id, "agreement_id": course_.agreement_id, "named_by_id": by.id}
    return save(Nominee(**place, **values))


def tariff(amount_rials: int = 50_000, **over) -> Tariff:
    over.setdefault("valid_from", dt.date(2020, 1, 1))
    return save(Tariff(fee_kind="enroll_credit", amount_rials=amount_rials, **over))


def purse(person_: Person | None = None, balance: int = 0) -> Account:
    """The purse of a person with money in it, moved there by a transfer as all money is."""
    person_ = person_ or person()
    code = person_.national_code
    row = first(Account, owner_kind="national", owner_code=code) or save(
        Account(owner_kind="national", owner_code=code)
    )
    return fill(row, balance)


def fill(row: Account, rials: int) -> Account:
    if rials:
        source = first(Account, owner_kind="system", owner_code="gateway")
        values = {"from_account_id": source.id, "to_account_id": row.id, "amount": rials}
        save(LedgerTransfer(kind=TransferKind.TOP_UP, cause_key=f"test:{next(_n)}", **values))
        db.session.refresh(row)
    return row
