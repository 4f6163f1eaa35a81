"""Staff accounts: who has which role where, kept by those above them and within their territory."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from models import Person, Role, Unit, UnitKind, User, UserRole, db, utcnow
from services import audit, codes, people, sessions, sign_in, text
from services.access import Actor, Level
from services.errors import DomainError, NotAllowed, NotFound, OutsideTerritory
from services.sessions import Owner
from services.sql import insert_once
from services.transaction import atomic

PAGE = 25

# Which roles a unit of each kind has.
ROLES_OF_KIND: dict[UnitKind, tuple[Role, ...]] = {
    UnitKind.HQ: (Role.REVIEWER, Role.ADMIN, Role.OPERATOR),
    UnitKind.DIRECTORATE: (Role.REVIEWER, Role.PLANNER, Role.DIRECTOR),
    UnitKind.CENTER: (Role.CLERK, Role.MANAGER, Role.COUNSELOR, Role.INSTRUCTOR),
    UnitKind.ACADEMY: (Role.CLERK, Role.MANAGER, Role.COUNSELOR, Role.INSTRUCTOR),
    UnitKind.COUNTER: (Role.COUNTER, Role.MANAGER),
}
ENROLLING = (Role.CLERK, Role.MANAGER, Role.COUNTER)

# Who stands above whom: one acts on accounts all of whose roles are lower than one's own.
_LOW = dict.fromkeys((Role.CLERK, Role.COUNSELOR, Role.INSTRUCTOR, Role.COUNTER), 1)
_RANK_IN_CENTER = {**_LOW, Role.MANAGER: 2}
_RANK_IN_PROVINCE = {Role.PLANNER: 3, Role.REVIEWER: 3, Role.DIRECTOR: 4}
_RANK_IN_HQ = {Role.REVIEWER: 5, Role.OPERATOR: 5, Role.ADMIN: 6}
_RANKS = {UnitKind.HQ: _RANK_IN_HQ, UnitKind.DIRECTORATE: _RANK_IN_PROVINCE}
_AUTHORITY = {
    (Level.CENTER, Role.MANAGER): 2,
    (Level.PROVINCE, Role.REVIEWER): 3,
    (Level.PROVINCE, Role.DIRECTOR): 4,
    (Level.HQ, Role.ADMIN): 7,  # above other admins too, so that one can help another
}

NO_PERSON = "این کد ملی درست نیست. رقم‌ها را با کارت ملی تطبیق دهید"


@dataclass(frozen=True)
class Page:
    """Some users of a list, and where the next page begins (None at the end)."""

    users: list[User]
    after: list[Any] | None


@dataclass(frozen=True)
class NewUser:
    """What is typed to make an account."""

    national_code: str
    username: str
    role: str
    unit: str
    first_name: str | None = None
    last_name: str | None = None
    can_enroll_others: bool = False


# -- Reading -----------------------------------------------------------------------


def listing(actor: Actor, search: str = "", after: list[Any] | None = None) -> Page:
    """25 users of the actor's territory by name; `search` is part of a name, a user name or a national code."""
    _authority(actor)
    order = (func.coalesce(Person.name_sort, ""), User.id)
    query = select(User).join(User.person).options(contains_eager(User.person), _with_roles())
    query = query.where(_in_territory(actor), *_matching(search)).order_by(*order).limit(PAGE + 1)
    if after:
        sort, last_id = after
        query = query.where(or_(order[0] > sort, (order[0] == sort) & (User.id > last_id)))
    users = list(db.session.scalars(query))
    last = users[PAGE - 1] if len(users) > PAGE else None
    return Page(users[:PAGE], [last.person.name_sort or "", last.id] if last else None)


def get(actor: Actor, user_id: int) -> User:
    """A user of the actor's territory with person and roles."""
    _authority(actor)
    query = select(User).where(User.id == user_id).options(joinedload(User.person), _with_roles())
    user = db.session.scalar(query.execution_options(populate_existing=True))
    if user is None:
        raise NotFound("این کاربر پیدا نشد.")
    if not any(_is_inside(actor, role.unit) for role in user.roles) and actor.level is not Level.HQ:
        raise OutsideTerritory("user", user_id)
    return user


def may_change(actor: Actor, user: User) -> bool:
    """Whether the actor stands above every role of this user, all of them within the territory."""
    inside = actor.level is Level.HQ or all(_is_inside(actor, role.unit) for role in user.roles)
    return inside and user.id != actor.user_id and _rank(user) < _authority(actor)


def grantable(actor: Actor) -> list[Role]:
    """The roles that the actor may give to somebody in some unit of the territory."""
    kinds = {
        Level.CENTER: (UnitKind.CENTER, UnitKind.COUNTER),
        Level.PROVINCE: (UnitKind.CENTER, UnitKind.COUNTER, UnitKind.DIRECTORATE),
    }.get(actor.level, tuple(UnitKind))
    top = _authority(actor)
    possible = [role for kind in kinds for role in ROLES_OF_KIND[kind] if _rank_of(role, kind) < top]
    return list(dict.fromkeys(possible))


# -- Changing ----------------------------------------------------------------------


def create(actor: Actor, new: NewUser) -> User:
    """An account for the person of a national code with a first role; a name that is known is left as it is."""
    code, username = codes.national_code(new.national_code), _username(new.username)
    if code is None:
        raise DomainError(codes.why_not_national_code(new.national_code) or NO_PERSON, field="national_code")
    with atomic():
        unit, role = _place(actor, new.unit, new.role)
        person = people.find_or_create(code)
        _refuse_second_account(actor, person)
        user_id = _insert(person, username, new)
        _give(user_id, unit, role, new.can_enroll_others)
        audit.record("user_created", "user", user_id, actor_id=actor.user_id, role=role.value, unit_id=unit.id)
    return get(actor, user_id)


def needs_first_admin() -> bool:
    """Whether nobody could make accounts here: no admin of HQ has a password and an account that is on."""
    able = _admins().where(User.password_hash.is_not(None), User.disabled_at.is_(None))
    return db.session.scalar(able.limit(1)) is None


def renew_first_code() -> tuple[str, str] | None:
    """User name and a fresh code of an admin who has never signed in; None when there is none.

    Only for the command line of the installation, as is `first_admin`.
    """
    with atomic():
        waiting = _admins().where(User.password_hash.is_(None), User.disabled_at.is_(None))
        user = db.session.scalar(waiting.order_by(User.id).limit(1))
        if user is None or not needs_first_admin():
            return None
        return user.username, _first_code(user.id)


def first_admin(national_code: str, username: str, first_name: str, last_name: str) -> tuple[str, str]:
    """The account of HQ that makes all others: user name and one-time code.

    Raises:
        NotAllowed: there is an admin who can do that.
        DomainError: what is wrong with which field.
    """
    code, name = codes.national_code(national_code), _username(username)
    if code is None:
        raise DomainError(codes.why_not_national_code(national_code) or NO_PERSON, field="national_code")
    with atomic():
        if not needs_first_admin():
            raise NotAllowed("این نصب مدیر سامانه دارد. حساب تازه را او در «کاربران» می‌سازد.")
        hq = db.session.scalars(select(Unit).where(Unit.kind == UnitKind.HQ).order_by(Unit.id).limit(1)).one()
        person = people.find_or_create(code)
        if db.session.scalar(select(User.id).where(User.person_id == person.id).limit(1)):
            raise DomainError("این شخص در این نصب حساب دارد. کد ملی شخص دیگری را بنویسید", field="national_code")
        new = NewUser(code, name, Role.ADMIN, hq.code, text.clean(first_name) or None, text.clean(last_name) or None)
        user_id = _insert(person, name, new)
        _give(user_id, hq, Role.ADMIN, can_enroll_others=False)
        audit.record("user_created", "user", user_id, role=Role.ADMIN.value, unit_id=hq.id)
        return name, _first_code(user_id)


def issue_code(actor: Actor, user_id: int) -> str:
    """A one-time code with which the user sets a password; shown once, to be handed over in person."""
    with atomic():
        user = _changeable(actor, user_id)
        if user.disabled_at is not None:
            raise DomainError("این حساب غیرفعال است. نخست آن را فعال کنید.")
        audit.record("code_issued", "user", user_id, actor_id=actor.user_id)
        return sign_in.new_code(user_id, actor.user_id)


def disable(actor: Actor, user_id: int) -> None:
    """Switch an account off; all its sessions end at once."""
    with atomic():
        user = _changeable(actor, user_id)
        user.disabled_at = user.disabled_at or utcnow()
        sessions.close_others(Owner(user_id, None))
        audit.record("user_disabled", "user", user_id, actor_id=actor.user_id)


def enable(actor: Actor, user_id: int) -> None:
    with atomic():
        _changeable(actor, user_id).disabled_at = None
        audit.record("user_enabled", "user", user_id, actor_id=actor.user_id)


def grant(actor: Actor, user_id: int, role: str, unit: str, *, can_enroll_others: bool = False) -> None:
    """Give a role in a unit, or change whether its holder may enroll others."""
    with atomic():
        user = _changeable(actor, user_id)
        place, wanted = _place(actor, unit, role)
        if _rank_of(wanted, place.kind) > _rank(user):
            sign_in.void_codes(user.id)  # whoever holds one could not issue it for the account as it is now
        _give(user.id, place, wanted, can_enroll_others)
        what: dict[str, Any] = {"role": wanted.value, "unit_id": place.id, "can_enroll_others": can_enroll_others}
        audit.record("role_granted", "user", user_id, actor_id=actor.user_id, **what)


def revoke(actor: Actor, user_id: int, user_role_id: int) -> None:
    """Take a role back; one that is not there any more is no error."""
    with atomic():
        user = _changeable(actor, user_id)
        for held in (held for held in user.roles if held.id == user_role_id):
            db.session.execute(delete(UserRole).where(UserRole.id == held.id))
            what: dict[str, Any] = {"role": held.role.value, "unit_id": held.unit_id}
            audit.record("role_revoked", "user", user_id, actor_id=actor.user_id, **what)


# -- Support -----------------------------------------------------------------------


def _admins() -> Select[User]:
    query = select(User).join(User.roles).join(UserRole.unit)
    return query.where(UserRole.role == Role.ADMIN, Unit.kind == UnitKind.HQ, Unit.is_active)


def _first_code(user_id: int) -> str:
    audit.record("code_issued", "user", user_id)
    return sign_in.new_code(user_id, user_id)


def _insert(person: Person, username: str, new: NewUser) -> int:
    """A row for the account, and the person's name where none is known."""
    if person.last_name is None and new.last_name:
        people.set_name(person, new.first_name, new.last_name, people.CLERK)
    values = {"person_id": person.id, "username": username, "password_epoch": 0, "created_at": utcnow()}
    user_id = db.session.scalar(insert_once(User, **values).returning(User.__table__.c.id))
    if user_id is None:
        raise DomainError("این نام کاربری را کس دیگری دارد. نام دیگری بنویسید", field="username")
    return int(user_id)


def _with_roles() -> Any:
    return selectinload(User.roles).joinedload(UserRole.unit)


def _authority(actor: Actor) -> int:
    # A deputy decides on cases; accounts are left to those who keep them (docs/rules.md R-368).
    top = max((_AUTHORITY.get((actor.level, role), 0) for role in actor.own.roles), default=0)
    if not top:
        raise NotAllowed("کاربران را مدیر مرکز، کارشناس بررسی یا مدیر کل استان و مدیر سامانه در ستاد اداره می‌کنند.")
    return top


def _rank(user: User) -> int:
    return max((_rank_of(held.role, held.unit.kind) for held in user.roles), default=0)


def _rank_of(role: Role, kind: UnitKind) -> int:
    return _RANKS.get(kind, _RANK_IN_CENTER).get(role, 9)


def _keeper(actor: Actor) -> Actor:
    """The actor with the territory in which they hold their highest authority over accounts, and no other."""
    top = _authority(actor)
    return actor.own.acting(
        *(role for (level, role), rank in _AUTHORITY.items() if level is actor.level and rank == top)
    )


def _is_inside(actor: Actor, unit: Unit) -> bool:
    return _keeper(actor).covers(unit.id, unit.province_id)


def _in_territory(actor: Actor) -> ColumnElement[bool]:
    if actor.level is Level.HQ:
        return User.id.is_not(None)
    keeper = _keeper(actor)
    held = select(UserRole.user_id).where(UserRole.unit_id.in_(keeper.units))
    if actor.level is Level.PROVINCE:
        held = select(UserRole.user_id).join(UserRole.unit).where(Unit.province_id.in_(keeper.provinces))
    return User.id.in_(held)


def _matching(search: str) -> list[ColumnElement[bool]]:
    wanted = text.clean(search)
    if not wanted:
        return []
    if code := codes.national_code(wanted):
        return [Person.national_code == code]
    name = Person.name_key.contains(text.key(wanted), autoescape=True)
    return [or_(name, User.username.startswith(sign_in.tidy(wanted), autoescape=True))]


def _changeable(actor: Actor, user_id: int) -> User:
    user = get(actor, user_id)
    if not may_change(actor, user):
        raise NotAllowed("این کاربر نقشی بالاتر یا بیرون از واحد شما دارد. ادارهٔ کل یا ستاد می‌تواند آن را تغییر دهد.")
    return user


def _place(actor: Actor, unit_text: str, role_text: str) -> tuple[Unit, Role]:
    """The unit and the role as typed, when they fit each other and the actor may give them."""
    unit = _unit(actor, unit_text)
    if role_text not in ROLES_OF_KIND[unit.kind]:
        raise DomainError("این نقش در این واحد وجود ندارد. نقش یا واحد را عوض کنید", field="role")
    role = Role(role_text)
    if _rank_of(role, unit.kind) >= _authority(actor):
        raise NotAllowed("این نقش را فقط ردهٔ بالاتر می‌تواند بدهد.")
    return unit, role


def _unit(actor: Actor, typed: str) -> Unit:
    wanted = text.clean(typed)
    same = or_(Unit.code == text.digits(wanted), Unit.title_key == text.key(wanted))
    found = [unit for unit in db.session.scalars(select(Unit).where(same, Unit.is_active)) if _is_inside(actor, unit)]
    if len(found) == 1:
        return found[0]
    if found:
        raise DomainError("چند واحد با این نام هست. کد واحد را بنویسید", field="unit")
    raise DomainError("واحدی با این نام یا کد در محدودهٔ شما پیدا نشد. نام را کامل بنویسید", field="unit")


def _username(typed: str) -> str:
    name = sign_in.tidy(typed)
    if not re.fullmatch(r"[a-z][a-z0-9._-]{2,39}", name):
        sentence = "نام کاربری با حرف لاتین شروع می‌شود و ۳ تا ۴۰ حرف لاتین، رقم، نقطه یا خط تیره دارد"
        raise DomainError(sentence, field="username")
    return name


def _refuse_second_account(actor: Actor, person: Person) -> None:
    """One account for one person: roles are added to it."""
    user_id = db.session.scalar(select(User.id).where(User.person_id == person.id).limit(1))
    if user_id is None:
        return
    inside = db.session.scalar(select(User.username).where(User.id == user_id, _in_territory(actor)))
    if inside:
        raise DomainError(f"این شخص حساب «{inside}» را دارد. نقش تازه را به همان حساب بیفزایید", field="national_code")
    sentence = "این شخص در واحد دیگری حساب دارد. از ادارهٔ کل یا ستاد بخواهید نقش این واحد را به آن بیفزاید"
    raise DomainError(sentence, field="national_code")


def _give(user_id: int, unit: Unit, role: Role, can_enroll_others: bool) -> None:
    may = can_enroll_others and role in ENROLLING
    held = {"user_id": user_id, "unit_id": unit.id, "role": role}
    db.session.execute(insert_once(UserRole, **held, can_enroll_others=may))
    row = db.session.scalars(select(UserRole).filter_by(**held)).one()
    row.can_enroll_others = may
