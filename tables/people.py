"""People, staff accounts and how they sign in."""

from __future__ import annotations

import enum
from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import BIG, Code10, MaybeUtc, Model, Name, Pk, Utc, choice, fk
from tables.foundations import Gender, Unit


class IdentityStatus(enum.StrEnum):
    PENDING = "pending"
    VERIFIED = "verified"
    DISCREPANCY = "discrepancy"
    FOREIGN_MANUAL = "foreign_manual"


class MobileStatus(enum.StrEnum):
    NONE = "none"
    UNCHECKED = "unchecked"
    MATCHED = "matched"
    NOT_MATCHED = "not_matched"


class Schooling(enum.StrEnum):
    """How far somebody went to school, from the least to the most; `list(Schooling)` is the order rules compare by."""

    NONE = "none"
    LITERATE = "literate"
    PRIMARY = "primary"
    CYCLE = "cycle"
    DIPLOMA = "diploma"
    ASSOCIATE = "associate"
    BACHELOR = "bachelor"
    MASTER = "master"
    DOCTORATE = "doctorate"


class Person(Model):
    """One human, once. A missing name is NULL; `sources` tells for each field where it came from and when.

    `identity_note` is why the registry could not tell who this is, as long as it could not.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("(national_code IS NULL) <> (foreign_code IS NULL)", name="one_code"),
        CheckConstraint("mobile IS NOT NULL OR mobile_status = 'none'", name="mobile_status_has_mobile"),
        CheckConstraint("identity_status <> 'verified' OR last_name IS NOT NULL", name="verified_has_name"),
        Index(
            "ix_person_unchecked",
            "id",
            sqlite_where=text("mobile_status = 'unchecked'"),
            postgresql_where=text("mobile_status = 'unchecked'"),
        ),
        Index(
            "ix_person_matched_at",
            "mobile_checked_at",
            "id",
            sqlite_where=text("mobile_status = 'matched'"),
            postgresql_where=text("mobile_status = 'matched'"),
        ),
        Index(
            "ix_person_nameless",
            "id",
            sqlite_where=text("first_name IS NULL AND last_name IS NULL"),
            postgresql_where=text("first_name IS NULL AND last_name IS NULL"),
        ),
    )

    id: Mapped[Pk]
    national_code: Mapped[Code10] = mapped_column(String(10), unique=True)
    foreign_code: Mapped[Code10] = mapped_column(String(12), unique=True)
    first_name: Mapped[str | None] = mapped_column(String(80))
    last_name: Mapped[str | None] = mapped_column(String(80))
    father_name: Mapped[str | None] = mapped_column(String(80))
    name_key: Mapped[str | None] = mapped_column(String(200), index=True)
    name_sort: Mapped[str | None] = mapped_column(String(400), index=True)
    gender: Mapped[Gender | None] = mapped_column(choice(Gender, "gender"))
    birth_date: Mapped[date | None]
    shenasname_no: Mapped[str | None] = mapped_column(String(12))
    postal_code: Mapped[str | None] = mapped_column(String(10))
    address: Mapped[str | None] = mapped_column(String(300))
    schooling: Mapped[Schooling | None] = mapped_column(choice(Schooling, "schooling"))
    is_alive: Mapped[bool] = mapped_column(default=True)
    mobile: Mapped[str | None] = mapped_column(String(11), index=True)
    mobile_status: Mapped[MobileStatus] = mapped_column(choice(MobileStatus, "mobile_status"), default="none")
    mobile_checked_at: Mapped[MaybeUtc]
    identity_status: Mapped[IdentityStatus] = mapped_column(
        choice(IdentityStatus, "identity_status"), default=IdentityStatus.PENDING, index=True
    )
    identity_note: Mapped[str | None] = mapped_column(String(20))
    sources: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]

    @property
    def full_name(self) -> str | None:
        return " ".join(part for part in (self.first_name, self.last_name) if part) or None


class DiscrepancyState(enum.StrEnum):
    OPEN = "open"
    SETTLED = "settled"


class Discrepancy(Model):
    """Two sources disagree on a field of a person; a reviewer settles which holds."""

    __tablename__ = "discrepancy"
    __table_args__ = (
        Index(
            "uq_discrepancy_open",
            "person_id",
            "field",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_discrepancy_waiting", "id", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")
        ),
    )

    id: Mapped[Pk]
    person_id: Mapped[int] = fk("person", index=True)
    province_id: Mapped[int | None] = fk("province", index=True)
    unit_id: Mapped[int | None] = fk("unit", index=True)
    field: Mapped[str] = mapped_column(String(20))
    ours: Mapped[dict[str, Any]] = mapped_column(JSON)
    theirs: Mapped[dict[str, Any]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(20))
    state: Mapped[DiscrepancyState] = mapped_column(choice(DiscrepancyState, "state"), default="open")
    chosen: Mapped[str | None] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(String(300))
    settled_by_id: Mapped[int | None] = fk("user")
    settled_at: Mapped[MaybeUtc]
    created_at: Mapped[Utc]

    person: Mapped[Person] = relationship(viewonly=True)


class InquiryKind(enum.StrEnum):
    REGISTRY = "registry"
    SHAHKAR = "shahkar"
    ADDRESS = "address"
    DECILE = "decile"


class InquiryOutcome(enum.StrEnum):
    MATCH = "match"
    NO_MATCH = "no_match"
    UNKNOWN = "unknown"
    ERROR = "error"


class Inquiry(Model):
    """One question put to an outside system about a person, and its outcome. Rows are added, never changed."""

    __tablename__ = "inquiry"

    id: Mapped[Pk]
    person_id: Mapped[int] = fk("person", index=True)
    outbox_id: Mapped[int | None] = mapped_column(BIG)
    kind: Mapped[InquiryKind] = mapped_column(choice(InquiryKind, "kind"))
    request_id: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[InquiryOutcome] = mapped_column(choice(InquiryOutcome, "outcome"))
    subject_hash: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[Utc]


class InquiryCount(Model):
    """How many questions were put to one system in one slot of time, by one user or by all together (`actor_id` 0)."""

    __tablename__ = "inquiry_count"
    __table_args__ = (UniqueConstraint("system", "actor_id", "slot"),)

    id: Mapped[Pk]
    system: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int] = mapped_column(BIG)
    slot: Mapped[str] = mapped_column(String(20))
    used: Mapped[int] = mapped_column(default=0)
    at: Mapped[Utc]


class Role(enum.StrEnum):
    CLERK = "clerk"
    MANAGER = "manager"
    COUNSELOR = "counselor"
    INSTRUCTOR = "instructor"
    COUNTER = "counter"
    REVIEWER = "reviewer"
    PLANNER = "planner"
    DIRECTOR = "director"
    ADMIN = "admin"
    OPERATOR = "operator"


class User(Model):
    """A staff account of a person; `password_epoch` grows with each new password and ends older forms' tokens."""

    __tablename__ = "user"

    id: Mapped[Pk]
    person_id: Mapped[int] = fk("person", index=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    password_epoch: Mapped[int] = mapped_column(default=0)
    disabled_at: Mapped[MaybeUtc]
    created_at: Mapped[Utc]

    person: Mapped[Person] = relationship(viewonly=True)
    roles: Mapped[list[UserRole]] = relationship(viewonly=True, order_by="UserRole.id")


class UserRole(Model):
    """A role held in a unit; `can_enroll_others` is the explicit, revocable permission of the circular."""

    __tablename__ = "user_role"
    __table_args__ = (UniqueConstraint("user_id", "role", "unit_id"),)

    id: Mapped[Pk]
    user_id: Mapped[int] = fk("user", index=True)
    unit_id: Mapped[int] = fk("unit", index=True)
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    can_enroll_others: Mapped[bool] = mapped_column(default=False)

    unit: Mapped[Unit] = relationship(viewonly=True)
    user: Mapped[User] = relationship(viewonly=True)


class SessionKind(enum.StrEnum):
    STAFF = "staff"
    TRAINEE = "trainee"


class UserSession(Model):
    """One signed-in browser, of a staff user or of a trainee; only the hash of its token is kept."""

    __tablename__ = "user_session"
    __table_args__ = (CheckConstraint("(user_id IS NULL) <> (person_id IS NULL)", name="one_owner"),)

    id: Mapped[Pk]
    user_id: Mapped[int | None] = fk("user", index=True)
    person_id: Mapped[int | None] = fk("person", index=True)
    kind: Mapped[SessionKind] = mapped_column(choice(SessionKind, "kind"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    browser: Mapped[str] = mapped_column(String(120), default="")
    address: Mapped[str] = mapped_column(String(45), default="")
    created_at: Mapped[Utc]
    last_seen_at: Mapped[Utc]
    ended_at: Mapped[MaybeUtc]


class OneTimeCode(Model):
    """A code that a manager hands over for a first sign-in or a forgotten password."""

    __tablename__ = "one_time_code"

    id: Mapped[Pk]
    user_id: Mapped[int] = fk("user", index=True)
    issued_by_id: Mapped[int] = fk("user")
    code_hash: Mapped[str] = mapped_column(String(200))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Utc]
    expires_at: Mapped[Utc]
    used_at: Mapped[MaybeUtc]


class MobileCode(Model):
    """A code sent to the proven mobile of a person, so that whoever holds the phone reads what is theirs.

    Without `person_id` nobody answers to what was typed; nothing was sent, and no code fits.
    """

    __tablename__ = "mobile_code"

    id: Mapped[Pk]
    key: Mapped[str] = mapped_column(String(36), unique=True)
    person_id: Mapped[int | None] = fk("person", index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Utc]
    expires_at: Mapped[Utc]
    used_at: Mapped[MaybeUtc]


class SignInThrottle(Model):
    """Failed sign-ins of one account or one address, and ways back from the national window that may be gone once.

    `bucket` is a keyed hash, never the name or address.
    """

    __tablename__ = "sign_in_throttle"

    id: Mapped[Pk]
    bucket: Mapped[str] = mapped_column(String(64), unique=True)
    failures: Mapped[int] = mapped_column(default=0)
    blocked_until: Mapped[MaybeUtc]
    updated_at: Mapped[Utc]


class HeldPost(Model):
    """A form posted after its session ended, encrypted, kept one hour for its owner."""

    __tablename__ = "held_post"

    id: Mapped[Pk]
    user_id: Mapped[int | None] = fk("user", index=True)
    person_id: Mapped[int | None] = fk("person", index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sealed: Mapped[str] = mapped_column(String())
    created_at: Mapped[Utc]
    expires_at: Mapped[Utc]


class TargetGroup(Model):
    """A group of trainees with its own rules, such as exemption from a mobile or from the fee."""

    __tablename__ = "target_group"

    id: Mapped[Pk]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    title: Mapped[Name]
    is_mobile_exempt: Mapped[bool] = mapped_column(default=False)
    is_fee_exempt: Mapped[bool] = mapped_column(default=False)
    is_literacy_waived: Mapped[bool] = mapped_column(default=False)
    needs_evidence: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)


class IncomeDecile(Model):
    """The decile of a person's household by income as the ministry has said it, from a day on."""

    __tablename__ = "income_decile"
    __table_args__ = (
        UniqueConstraint("person_id", "valid_from"),
        CheckConstraint("decile BETWEEN 1 AND 10", name="decile"),
    )

    id: Mapped[Pk]
    person_id: Mapped[int] = fk("person")
    recorded_by_id: Mapped[int | None] = fk("user")
    decile: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[str] = mapped_column(String(40))
    valid_from: Mapped[date]
    created_at: Mapped[Utc]
