"""Courses and their approval."""

from __future__ import annotations

import enum
from datetime import date, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tables.base import MaybeUtc, Model, Pk, Utc, choice, fk
from tables.catalog import TradeField
from tables.foundations import County, Gender, Province, Unit
from tables.instructors import Instructor
from tables.people import User
from tables.places import Place, Workshop

if TYPE_CHECKING:
    from tables.approval import ChecklistSignature, CourseClaim


class CourseStatus(enum.StrEnum):
    DRAFT = "draft"
    CENTER_REVIEW = "center_review"
    PROVINCE_REVIEW = "province_review"
    HQ_REVIEW = "hq_review"
    RETURNED = "returned"
    REJECTED = "rejected"
    APPROVED = "approved"
    OPEN = "open"
    CLOSED = "closed"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELED = "canceled"


# Somebody decides on it, or it is on or to come: it still needs its unit, its place and its workshop.
UNDER_WAY = (
    CourseStatus.CENTER_REVIEW,
    CourseStatus.PROVINCE_REVIEW,
    CourseStatus.HQ_REVIEW,
    CourseStatus.APPROVED,
    CourseStatus.OPEN,
    CourseStatus.CLOSED,
    CourseStatus.RUNNING,
)


class Shift(enum.StrEnum):
    MORNING = "morning"
    EVENING = "evening"
    NIGHT = "night"
    FULL_DAY = "full_day"


class Setting(enum.StrEnum):
    FIXED = "fixed"
    BRANCH = "branch"
    MOBILE_URBAN = "mobile_urban"
    MOBILE_RURAL = "mobile_rural"
    MOBILE_NOMADIC = "mobile_nomadic"
    PRISON = "prison"
    BARRACKS = "barracks"
    INDUSTRY = "industry"
    BESIDE_WORKSHOP = "beside_workshop"
    BETWEEN_WORKSHOPS = "between_workshops"
    WORKPLACE = "workplace"
    INSTRUCTOR_CENTER = "instructor_center"
    ACADEMY = "academy"
    INSTITUTION = "institution"


class Trigger(enum.StrEnum):
    """What has made a center hold a course."""

    PLAN = "plan"
    REQUEST = "request"
    DEMAND = "demand"
    EVENT = "event"


class Delivery(enum.StrEnum):
    IN_PERSON = "in_person"
    VIRTUAL = "virtual"
    ELECTRONIC = "electronic"
    BLENDED = "blended"


class Course(Model):
    """One run of a skill standard at a place, in a workshop, with an instructor; drafts may lack any field.

    `standard_code`, `title` and the minutes are a snapshot taken when the standard is chosen. `weekdays` is a
    bit mask, Saturday the lowest. `taken` counts the active enrollments, `held` the offers to people of the waiting
    list that still run. `levels` is the route of approval
    fixed at sending ("center,province"), and `standard_snapshot` what the standard asked for on that day.
    `copied_from_id` is the course whose values a clerk began with.
    """

    __tablename__ = "course"
    __table_args__ = (
        CheckConstraint(
            "taken >= 0 AND held >= 0 AND (capacity_max IS NULL OR taken + held <= capacity_max)",
            name="taken_in_capacity",
        ),
        CheckConstraint("capacity_max IS NULL OR capacity_max > 0", name="capacity_positive"),
        CheckConstraint("end_on IS NULL OR start_on IS NULL OR end_on >= start_on", name="dates_in_order"),
        CheckConstraint(
            "status IN ('draft', 'returned', 'rejected', 'canceled') OR (standard_id IS NOT NULL AND workshop_id "
            "IS NOT NULL AND instructor_id IS NOT NULL AND capacity_max IS NOT NULL AND start_on IS NOT NULL AND "
            "end_on IS NOT NULL AND enroll_open_at IS NOT NULL AND enroll_close_at IS NOT NULL)",
            name="sent_is_complete",
        ),
        # The public list reads these in order and stops after a page, however many courses are over.
        Index(
            "ix_course_public",
            "start_on",
            "id",
            sqlite_where=text("status IN ('approved', 'open')"),
            postgresql_where=text("status IN ('approved', 'open')"),
        ),
        # For those who ask for the whole country: the clock, and the queue of HQ. Each of one state, so that no
        # database takes it for the public list.
        Index(
            "ix_course_opens",
            "enroll_open_at",
            sqlite_where=text("status = 'approved'"),
            postgresql_where=text("status = 'approved'"),
        ),
        Index(
            "ix_course_closes",
            "enroll_close_at",
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index(
            "ix_course_starts",
            "start_on",
            sqlite_where=text("status = 'closed'"),
            postgresql_where=text("status = 'closed'"),
        ),
        Index(
            "ix_course_ends",
            "end_on",
            sqlite_where=text("status = 'running'"),
            postgresql_where=text("status = 'running'"),
        ),
        Index(
            "ix_course_at_hq",
            "level_since",
            "id",
            sqlite_where=text("status = 'hq_review'"),
            postgresql_where=text("status = 'hq_review'"),
        ),
        Index(
            "ix_course_returned",
            "level_since",
            "id",
            sqlite_where=text("status = 'returned'"),
            postgresql_where=text("status = 'returned'"),
        ),
        Index("ix_course_province_status", "province_id", "status", "id"),
        Index("ix_course_unit_status", "unit_id", "status", "id"),
        # Lists by first day, of the country, of a province and of a unit: of each state the first rows. The words of
        # the first one are those of its list alone, so that SQLite does not take it for a queue.
        Index(
            "ix_course_dates",
            "status",
            "start_on",
            "id",
            sqlite_where=text("status NOT IN ('draft')"),
            postgresql_where=text("status NOT IN ('draft')"),
        ),
        Index("ix_course_province_dates", "province_id", "status", "start_on", "id"),
        Index("ix_course_unit_dates", "unit_id", "status", "start_on", "id"),
        # Who may go to the exam: of a province and of a unit, those whose courses end last.
        Index("ix_course_province_ends", "province_id", "end_on", "id"),
        Index("ix_course_unit_ends", "unit_id", "end_on", "id"),
    )

    id: Mapped[Pk]
    province_id: Mapped[int] = fk("province")
    county_id: Mapped[int | None] = fk("county", index=True)
    unit_id: Mapped[int] = fk("unit")
    standard_id: Mapped[int | None] = fk("skill_standard", index=True)
    field_id: Mapped[int | None] = fk("trade_field", index=True)
    place_id: Mapped[int | None] = fk("place")
    workshop_id: Mapped[int | None] = fk("workshop", index=True)
    instructor_id: Mapped[int | None] = fk("instructor", index=True)
    target_group_id: Mapped[int | None] = fk("target_group")
    agreement_id: Mapped[int | None] = fk("agreement", index=True)
    copied_from_id: Mapped[int | None] = fk("course")
    entered_by_id: Mapped[int] = fk("user")
    code: Mapped[str] = mapped_column(String(12), unique=True)
    standard_code: Mapped[str | None] = mapped_column(String(15))
    title: Mapped[str | None] = mapped_column(String(200))
    standard_snapshot: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    search_key: Mapped[str] = mapped_column(String(600), default="")
    theory_minutes: Mapped[int] = mapped_column(default=0)
    practice_minutes: Mapped[int] = mapped_column(default=0)
    project_minutes: Mapped[int] = mapped_column(default=0)
    internship_minutes: Mapped[int] = mapped_column(default=0)
    min_education: Mapped[str | None] = mapped_column(String(60))
    setting: Mapped[Setting | None] = mapped_column(choice(Setting, "setting"))
    start_trigger: Mapped[Trigger | None] = mapped_column(choice(Trigger, "start_trigger"))
    delivery: Mapped[Delivery | None] = mapped_column(choice(Delivery, "delivery"))
    shift: Mapped[Shift | None] = mapped_column(choice(Shift, "shift"))
    gender: Mapped[Gender | None] = mapped_column(choice(Gender, "gender"))
    capacity_min: Mapped[int | None]
    capacity_max: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)
    age_min: Mapped[int | None]
    age_max: Mapped[int | None]
    start_on: Mapped[date | None]
    end_on: Mapped[date | None]
    weekdays: Mapped[int] = mapped_column(default=0)
    start_time: Mapped[time | None]
    end_time: Mapped[time | None]
    enroll_open_at: Mapped[MaybeUtc]
    enroll_close_at: Mapped[MaybeUtc]
    tuition_rials: Mapped[int | None] = mapped_column(BigInteger)
    status: Mapped[CourseStatus] = mapped_column(choice(CourseStatus, "status"), default=CourseStatus.DRAFT)
    levels: Mapped[str | None] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(default=1)
    sent_at: Mapped[MaybeUtc]
    level_since: Mapped[MaybeUtc]
    created_at: Mapped[Utc]

    unit: Mapped[Unit] = relationship(viewonly=True)
    county: Mapped[County | None] = relationship(viewonly=True)
    province: Mapped[Province] = relationship(viewonly=True)
    place: Mapped[Place | None] = relationship(viewonly=True)
    workshop: Mapped[Workshop | None] = relationship(viewonly=True)
    instructor: Mapped[Instructor | None] = relationship(viewonly=True)
    field: Mapped[TradeField | None] = relationship(viewonly=True)
    claim: Mapped[CourseClaim | None] = relationship(viewonly=True, uselist=False)
    events: Mapped[list[CourseEvent]] = relationship(viewonly=True, order_by="CourseEvent.id")

    @property
    def seats_left(self) -> int:
        return (self.capacity_max or 0) - self.taken - self.held

    @property
    def total_minutes(self) -> int:
        return self.theory_minutes + self.practice_minutes + self.project_minutes + self.internship_minutes


class CourseSession(Model):
    """One meeting of a course; local times in Tehran."""

    __tablename__ = "course_session"
    __table_args__ = (UniqueConstraint("course_id", "on_date", "start_time"),)

    id: Mapped[Pk]
    course_id: Mapped[int] = fk("course")
    on_date: Mapped[date] = mapped_column(index=True)
    start_time: Mapped[time]
    end_time: Mapped[time]


class CourseInstructor(Model):
    """An instructor who teaches a part of a course beside its own, so many minutes of it."""

    __tablename__ = "course_instructor"
    __table_args__ = (
        UniqueConstraint("course_id", "instructor_id"),
        CheckConstraint("minutes > 0", name="minutes_positive"),
    )

    id: Mapped[Pk]
    course_id: Mapped[int] = fk("course")
    instructor_id: Mapped[int] = fk("instructor", index=True)
    minutes: Mapped[int]

    instructor: Mapped[Instructor] = relationship(viewonly=True)


class CourseEvent(Model):
    """One step taken on a course, or one edit of it with old and new values. Rows are added, never changed.

    `reason` is what the center was told, whole; `reason_text_id` the saved reason in it, by which reasons are counted.
    `comments` says by field what is to be mended. `on_behalf_of_id` is who was away when a deputy took the step, and
    `letter_number` with `letter_on` the letter it rests on.
    """

    __tablename__ = "course_event"

    id: Mapped[Pk]
    course_id: Mapped[int] = fk("course", index=True)
    actor_id: Mapped[int | None] = fk("user", index=True)
    reason_text_id: Mapped[int | None] = fk("reason_text")
    on_behalf_of_id: Mapped[int | None] = fk("user")
    action: Mapped[str] = mapped_column(String(24))
    level: Mapped[str] = mapped_column(String(12))
    source: Mapped[str] = mapped_column(String(24))
    target: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(String(1000), default="")
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    comments: Mapped[dict[str, str] | None] = mapped_column(JSON)
    letter_number: Mapped[str | None] = mapped_column(String(40))
    letter_on: Mapped[date | None]
    course_version: Mapped[int]
    at: Mapped[Utc]

    actor: Mapped[User | None] = relationship(viewonly=True, foreign_keys=[actor_id])
    on_behalf_of: Mapped[User | None] = relationship(viewonly=True, foreign_keys=[on_behalf_of_id])
    reason_text: Mapped[ReasonText | None] = relationship(viewonly=True)
    # What was signed with the step, by who took it: it stands under the version that the step has made a next one of.
    signature: Mapped[ChecklistSignature | None] = relationship(
        viewonly=True,
        uselist=False,
        primaryjoin="and_(foreign(ChecklistSignature.course_id) == CourseEvent.course_id,"
        " foreign(ChecklistSignature.course_version) + 1 == CourseEvent.course_version,"
        " foreign(ChecklistSignature.actor_id) == CourseEvent.actor_id)",
    )


class ApprovalRoute(Model):
    """The levels a course of a unit kind and setting (`*` for any) passes, from a day on."""

    __tablename__ = "approval_route"
    __table_args__ = (UniqueConstraint("unit_kind", "setting", "valid_from"),)

    id: Mapped[Pk]
    unit_kind: Mapped[str] = mapped_column(String(20))
    setting: Mapped[str] = mapped_column(String(20), default="*")
    valid_from: Mapped[date]
    levels: Mapped[str] = mapped_column(String(40))


class ReasonText(Model):
    """A saved reason that a reviewer can pick when returning or rejecting; `title` is its name in a few words."""

    __tablename__ = "reason_text"

    id: Mapped[Pk]
    kind: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(24), unique=True)
    title: Mapped[str] = mapped_column(String(60))
    body: Mapped[str] = mapped_column(String(300))
    position: Mapped[int] = mapped_column(default=0)
