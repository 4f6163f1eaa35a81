"""Forms already carried out: one effect each, remembered for as long as a tab may stay open."""

import datetime as dt

import pytest
from sqlalchemy import select, update

from models import Course, FormSubmission, Role, db, utcnow
from services import courses, submissions
from services.errors import Conflict, DomainError
from services.transaction import atomic
from tests import course_cases, make


def carried_out(key: str, user_id: int, days: int = 0) -> None:
    """A form of this key that led to /there so many days ago."""
    with atomic():
        submissions.begin(key, user_id)
        submissions.finish(key, "/there")
        at = utcnow() - dt.timedelta(days=days, minutes=1)
        db.session.execute(update(FormSubmission).where(FormSubmission.key == key).values(at=at))


def begun(key: str, user_id: int) -> str | None:
    with atomic():
        return submissions.begin(key, user_id)


def test_a_repeat_finds_where_the_first_one_led_and_nobody_else_does():
    user, other = make.user(), make.user()
    carried_out("k", user.id)
    assert begun("k", user.id) == "/there"
    with pytest.raises(Conflict):
        begun("k", other.id)


def test_a_key_that_no_page_of_ours_has_is_refused_and_what_a_form_brings_is_cut_to_one():
    user = make.user()
    for key in ("k" * 37, "k\n"):
        with pytest.raises(DomainError, match="ناقص"):
            begun(key, user.id)
    assert len(submissions.key_of("9" * 5000)) == len(submissions.key_of(None)) == len(submissions.new_key())
    assert submissions.key_of("k") == "k"


def test_the_key_of_another_kind_of_form_is_refused():
    assert submissions.id_of("unit:7", "unit") == 7
    for other in ("course:7", "7", ""):
        with pytest.raises(DomainError, match="ناقص"):
            submissions.id_of(other, "unit")


def test_a_form_is_remembered_for_ninety_days_and_then_forgotten():
    user = make.user()
    carried_out("old", user.id, 90)
    carried_out("young", user.id, 89)
    assert submissions.purge(utcnow()) == 1
    assert db.session.scalars(select(FormSubmission.key)).all() == ["young"]
    assert begun("young", user.id) == "/there"


def test_what_a_forgotten_form_has_made_stays():
    clerk = course_cases.staff(Role.CLERK, course_cases.center())
    made = courses.create(clerk, make.first(make.SkillStandard).id, "k")
    db.session.execute(update(FormSubmission).values(at=utcnow() - dt.timedelta(days=91)))
    db.session.commit()
    assert submissions.purge(utcnow()) == 1
    assert db.session.scalars(select(Course.id)).all() == [made.id]
