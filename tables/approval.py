"""What stands around the approval of a course: who has it in hand, signatures, deputies, and changes afterwards."""

from __future__ import annotations

import enum
from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import MaybeUtc, Model, Pk, Utc, choice, fk
from tables.courses import Course
from tables.foundations import Unit
from tables.people import Role, User


class ChecklistSignature(Model):
    """One level's signature under the checklist of a course as it was sent. Rows are added, never changed.

    `signature_key` is made of course, round and level: a level signs once. `course_version` is the version that was
    looked at, and `items` are the keys of what the signer has made sure of;
    `note` says what becomes of a shortage of equipment.
    """

    __tablename__ = "checklist_signature"

    id: Mapped[Pk]
    signature_key: Mapped[str] = mapped_column(String(60), unique=True)
    course_id: Mapped[int] = fk("course", index=True)
    actor_id: Mapped[int] = fk("user")
    on_behalf_of_id: Mapped[int | None] = fk("user")
    level: Mapped[str] = mapped_column(String(12))
    course_version: Mapped[int]
    items: Mapped[list[str]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[Utc]

    actor: Mapped[User] = relationship(viewonly=True, foreign_keys=[actor_id])


class CourseClaim(Model):
    """A reviewer has a waiting case in hand until an hour; another one sees it and may still take it over."""

    __tablename__ = "course_claim"

    id: Mapped[Pk]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), unique=True)
    user_id: Mapped[int] = fk("user", index=True)
    level: Mapped[str] = mapped_column(String(12))
    claimed_at: Mapped[Utc]
    until: Mapped[Utc]

    user: Mapped[User] = relationship(viewonly=True)


class Deputy(Model):
    """Who decides for somebody away (جانشین): one role in one unit, from a day to a day.

    `ended_at` is set when it is taken back early; what was decided meanwhile stays.
    """

    __tablename__ = "deputy"
    __table_args__ = (
        CheckConstraint("last_on >= first_on", name="dates_in_order"),
        CheckConstraint("deputy_id <> user_id", name="is_another"),
        Index("ix_deputy_for", "deputy_id", "last_on"),
        Index("ix_deputy_of", "user_id", "last_on"),
    )

    id: Mapped[Pk]
    user_id: Mapped[int] = fk("user")
    deputy_id: Mapped[int] = fk("user")
    unit_id: Mapped[int] = fk("unit", index=True)
    made_by_id: Mapped[int] = fk("user")
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    first_on: Mapped[date]
    last_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[Utc]
    ended_at: Mapped[MaybeUtc]

    user: Mapped[User] = relationship(viewonly=True, foreign_keys=[user_id])
    deputy: Mapped[User] = relationship(viewonly=True, foreign_keys=[deputy_id])
    unit: Mapped[Unit] = relationship(viewonly=True)


class ChangeKind(enum.StrEnum):
    EDIT = "edit"
    CANCEL = "cancel"
    MERGE = "merge"


class ChangeState(enum.StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"
    RETURNED = "returned"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class CourseChange(Model):
    """A change of an approved course that waits beside the live version; one open at a time.

    `wanted` has by field the pair of what stood there when it was asked for and what is wanted, both as
    `services.changes.encode` writes them; `other_course_id` is where the people of a canceled or merged course go.
    `levels` is the route, `level` the place on it; `level_since` when it came there.
    """

    __tablename__ = "course_change"
    __table_args__ = (
        CheckConstraint("state NOT IN ('refused', 'returned') OR decision IS NOT NULL", name="refused_has_reason"),
        Index(
            "uq_course_change_open",
            "course_id",
            unique=True,
            sqlite_where=text("state IN ('draft', 'waiting', 'returned')"),
            postgresql_where=text("state IN ('draft', 'waiting', 'returned')"),
        ),
        Index("ix_course_change_province", "province_id", "state", "level", "level_since", "id"),
        Index("ix_course_change_unit", "unit_id", "state", "level", "level_since", "id"),
        Index("ix_course_change_course", "course_id", "id"),
    )

    id: Mapped[Pk]
    course_id: Mapped[int] = fk("course")
    unit_id: Mapped[int] = fk("unit")
    province_id: Mapped[int] = fk("province")
    asked_by_id: Mapped[int] = fk("user")
    decided_by_id: Mapped[int | None] = fk("user")
    other_course_id: Mapped[int | None] = fk("course")
    kind: Mapped[ChangeKind] = mapped_column(choice(ChangeKind, "kind"))
    state: Mapped[ChangeState] = mapped_column(choice(ChangeState, "state"), default=ChangeState.DRAFT)
    wanted: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reason: Mapped[str] = mapped_column(String(500), default="")
    levels: Mapped[str | None] = mapped_column(String(40))
    level: Mapped[str | None] = mapped_column(String(12))
    level_since: Mapped[MaybeUtc]
    decision: Mapped[str | None] = mapped_column(String(500))
    decided_at: Mapped[MaybeUtc]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]

    course: Mapped[Course] = relationship(viewonly=True, foreign_keys=[course_id])
    other_course: Mapped[Course | None] = relationship(viewonly=True, foreign_keys=[other_course_id])
    asked_by: Mapped[User] = relationship(viewonly=True, foreign_keys=[asked_by_id])
    decided_by: Mapped[User | None] = relationship(viewonly=True, foreign_keys=[decided_by_id])


class SavedFilter(Model):
    """A list as somebody likes to see it: the address of its filter, under a name."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("user_id", "page", "title"),)

    id: Mapped[Pk]
    user_id: Mapped[int] = fk("user")
    page: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(600))
    created_at: Mapped[Utc]
