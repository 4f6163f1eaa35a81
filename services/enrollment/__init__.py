"""Enrolling a person in a course: drafts, the transaction, taking it back, and slips."""

from services.enrollment.commit import enroll
from services.enrollment.refusals import (
    AlreadyEnrolled,
    CourseFull,
    CourseNotOpen,
    FormUsed,
    NotEligible,
    Purses,
    Shortage,
)
from services.enrollment.reversal import end, undo, withdraw
from services.enrollment.terms import Application, Outcome

__all__ = [
    "AlreadyEnrolled",
    "Application",
    "CourseFull",
    "CourseNotOpen",
    "FormUsed",
    "NotEligible",
    "Outcome",
    "Purses",
    "Shortage",
    "end",
    "enroll",
    "undo",
    "withdraw",
]
