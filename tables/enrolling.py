"""What stands around an enrollment: waiting lines, lists of many, rules overridden, portraits, prints."""

from __future__ import annotations

import enum
from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import MaybeUtc, Model, Pk, Utc, choice, fk
from tables.courses import Course
from tables.enrollment import Channel, DebitSource, Enrollment
from tables.files import StoredFile
from tables.people import Person


class WaitState(enum.StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    TAKEN = "taken"
    EXPIRED = "expired"
    LEFT = "left"
    CLOSED = "closed"


class WaitlistEntry(Model):
    """A place in the line for a course; the order is that of `id`, which is never used again.

    An offer holds a seat (`course.held`) until `offer_until`. `ahead_reason` is why somebody was let in before
    their turn, and `ahead_by_id` who did. `closed` is what the end of the course's enrollment makes of the rest.
    """

    __tablename__ = "waitlist_entry"
    __table_args__ = (
        CheckConstraint("state <> 'offered' OR offer_until IS NOT NULL", name="offer_has_end"),
        CheckConstraint("state <> 'taken' OR enrollment_id IS NOT NULL", name="taken_has_enrollment"),
        CheckConstraint("(ahead_reason IS NULL) = (ahead_by_id IS NULL)", name="ahead_has_reason"),
        Index(
            "uq_waitlist_entry_standing",
            "course_id",
            "person_id",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'offered')"),
            postgresql_where=text("state IN ('waiting', 'offered')"),
        ),
        Index(
            "ix_waitlist_entry_line",
            "course_id",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_waitlist_entry_offers",
            "offer_until",
            sqlite_where=text("state = 'offered'"),
            postgresql_where=text("state = 'offered'"),
        ),
        Index("ix_waitlist_entry_course", "course_id", "id"),
        Index("ix_waitlist_entry_person", "person_id", "id"),
    )

    id: Mapped[Pk]
    form_key: Mapped[str] = mapped_column(String(36), unique=True)
    course_id: Mapped[int] = fk("course")
    person_id: Mapped[int] = fk("person")
    province_id: Mapped[int] = fk("province")
    unit_id: Mapped[int] = fk("unit")
    state: Mapped[WaitState] = mapped_column(choice(WaitState, "state"), default=WaitState.WAITING)
    channel: Mapped[Channel] = mapped_column(choice(Channel, "channel"))
    joined_by_id: Mapped[int | None] = fk("user")
    offered_at: Mapped[MaybeUtc]
    offer_until: Mapped[MaybeUtc]
    ahead_reason: Mapped[str | None] = mapped_column(String(300))
    ahead_by_id: Mapped[int | None] = fk("user")
    enrollment_id: Mapped[int | None] = fk("enrollment", index=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]
    ended_at: Mapped[MaybeUtc]

    course: Mapped[Course] = relationship(viewonly=True)
    person: Mapped[Person] = relationship(viewonly=True)


class ListState(enum.StrEnum):
    OPEN = "open"
    DONE = "done"
    PUT_ASIDE = "put_aside"


class EnrollmentList(Model):
    """Many people for one course, pasted or from a workbook, addressed by `key` (a uuid)."""

    __tablename__ = "enrollment_list"
    __table_args__ = (Index("ix_enrollment_list_unit", "unit_id", "id"),)

    id: Mapped[Pk]
    key: Mapped[str] = mapped_column(String(36), unique=True)
    unit_id: Mapped[int] = fk("unit")
    province_id: Mapped[int] = fk("province")
    course_id: Mapped[int] = fk("course", index=True)
    created_by_id: Mapped[int] = fk("user", index=True)
    file_name: Mapped[str | None] = mapped_column(String(120))
    debit_source: Mapped[DebitSource | None] = mapped_column(choice(DebitSource, "debit_source"))
    state: Mapped[ListState] = mapped_column(choice(ListState, "state"), default=ListState.OPEN)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]
    updated_at: Mapped[Utc]

    course: Mapped[Course] = relationship(viewonly=True)


class ListRowState(enum.StrEnum):
    WAITING = "waiting"
    ENROLLED = "enrolled"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    LEFT_OUT = "left_out"


class EnrollmentListRow(Model):
    """One person of a list. `form_key` becomes that of the enrollment, so that the list is run any number of times.

    `typed` is what stood where the national code should, `problem` the sentence that the last run has left.
    """

    __tablename__ = "enrollment_list_row"
    __table_args__ = (
        UniqueConstraint("list_id", "line"),
        CheckConstraint("state <> 'enrolled' OR enrollment_id IS NOT NULL", name="enrolled_has_enrollment"),
        Index(
            "uq_enrollment_list_row_person",
            "list_id",
            "national_code",
            unique=True,
            sqlite_where=text("national_code IS NOT NULL"),
            postgresql_where=text("national_code IS NOT NULL"),
        ),
    )

    id: Mapped[Pk]
    list_id: Mapped[int] = fk("enrollment_list")
    line: Mapped[int]
    form_key: Mapped[str] = mapped_column(String(36), unique=True)
    typed: Mapped[str] = mapped_column(String(40), default="")
    national_code: Mapped[str | None] = mapped_column(String(10))
    fields: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    person_id: Mapped[int | None] = fk("person", index=True)
    draft_id: Mapped[int | None] = fk("enrollment_draft", index=True)
    enrollment_id: Mapped[int | None] = fk("enrollment", index=True)
    state: Mapped[ListRowState] = mapped_column(choice(ListRowState, "state"), default=ListRowState.WAITING)
    problem: Mapped[str | None] = mapped_column(String(400))
    tried_at: Mapped[MaybeUtc]


class EligibilityWaiver(Model):
    """A rule that somebody entitled has set aside for one person in one course, with the reason in their words."""

    __tablename__ = "eligibility_waiver"
    __table_args__ = (UniqueConstraint("person_id", "course_id", "rule"),)

    id: Mapped[Pk]
    person_id: Mapped[int] = fk("person")
    course_id: Mapped[int] = fk("course", index=True)
    rule: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(String(300))
    granted_by_id: Mapped[int] = fk("user", index=True)
    created_at: Mapped[Utc]


class PhotoState(enum.StrEnum):
    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REPLACED = "replaced"


class PersonPhoto(Model):
    """A portrait of a trainee and what a reviewer says of it; a newer accepted one replaces the one before.

    `cut` is where the 3 by 4 picture lies in what was sent: left, top, width in thousandths, and turns to the right.
    """

    __tablename__ = "person_photo"
    __table_args__ = (
        CheckConstraint("state <> 'rejected' OR reason IS NOT NULL", name="rejected_has_reason"),
        *(
            Index(
                f"uq_person_photo_{state}",
                "person_id",
                unique=True,
                sqlite_where=text(f"state = '{state}'"),
                postgresql_where=text(f"state = '{state}'"),
            )
            for state in ("waiting", "accepted")
        ),
        Index("ix_person_photo_person", "person_id", "id"),
        Index(
            "ix_person_photo_queue",
            "unit_id",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[Pk]
    person_id: Mapped[int] = fk("person")
    file_id: Mapped[int | None] = fk("stored_file", index=True)
    unit_id: Mapped[int | None] = fk("unit")
    province_id: Mapped[int | None] = fk("province", index=True)
    cut: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    state: Mapped[PhotoState] = mapped_column(choice(PhotoState, "state"), default=PhotoState.WAITING)
    reason: Mapped[str | None] = mapped_column(String(300))
    decided_by_id: Mapped[int | None] = fk("user")
    decided_at: Mapped[MaybeUtc]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]

    person: Mapped[Person] = relationship(viewonly=True)
    file: Mapped[StoredFile | None] = relationship(viewonly=True)


class SlipPrint(Model):
    """A printed slip of an enrollment; each after the first says «المثنی». Rows are added, never changed."""

    __tablename__ = "slip_print"

    id: Mapped[Pk]
    enrollment_id: Mapped[int] = fk("enrollment", index=True)
    user_id: Mapped[int | None] = fk("user")
    person_id: Mapped[int | None] = fk("person")
    at: Mapped[Utc]

    enrollment: Mapped[Enrollment] = relationship(viewonly=True)


class CounterContract(Model):
    """Under which contract a counter office acts, and what it may do under it from day to day."""

    __tablename__ = "counter_contract"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="dates_in_order"),
        UniqueConstraint("unit_id", "contract_no"),
    )

    id: Mapped[Pk]
    unit_id: Mapped[int] = fk("unit")
    office_code: Mapped[str] = mapped_column(String(20))
    contract_no: Mapped[str] = mapped_column(String(40))
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    may_enroll: Mapped[bool] = mapped_column(default=True)
    may_top_up: Mapped[bool] = mapped_column(default=True)
    ended_at: Mapped[MaybeUtc]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Utc]
