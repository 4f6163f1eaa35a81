"""Who was there: the marks of an attendance sheet."""

from __future__ import annotations

import enum

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tables.base import Model, Pk, Utc, choice, fk


class Presence(enum.StrEnum):
    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"
    EXCUSED = "excused"


class Attendance(Model):
    """What is known of one person at one meeting of a course; `marked_at` is when the last mark was said."""

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("session_id", "enrollment_id"),)

    id: Mapped[Pk]
    session_id: Mapped[int] = fk("course_session")
    enrollment_id: Mapped[int] = fk("enrollment", index=True)
    course_id: Mapped[int] = fk("course", index=True)
    presence: Mapped[Presence] = mapped_column(choice(Presence, "presence"))
    marked_by_id: Mapped[int] = fk("user")
    marked_at: Mapped[Utc]
    version: Mapped[int] = mapped_column(default=1)


class AttendanceMark(Model):
    """One mark as a device sent it, counted once by its key, whether it held or another mark stood against it.

    Rows are added, never changed. `said_at` is the time of the device, `at` ours.
    """

    __tablename__ = "attendance_mark"

    id: Mapped[Pk]
    mark_key: Mapped[str] = mapped_column(String(36), unique=True)
    session_id: Mapped[int] = fk("course_session", index=True)
    enrollment_id: Mapped[int] = fk("enrollment")
    actor_id: Mapped[int] = fk("user")
    presence: Mapped[Presence] = mapped_column(choice(Presence, "presence"))
    held: Mapped[bool]
    said_at: Mapped[Utc]
    at: Mapped[Utc]
