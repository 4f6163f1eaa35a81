"""Waiting for a seat: who is offered one and until when, and that nobody else gets it."""

import uuid

import pytest

from models import Channel, DebitSource, db, utcnow
from services import catalog, courses, enrollment, ledger
from services.catalog import Search
from services.enrollment import Application, CourseFull, moving
from tests import make


@pytest.fixture(autouse=True)
def tariff():
    make.tariff(50_000)


def application(course, person, **over) -> Application:
    values = {"channel": Channel.SELF, "debit_source": DebitSource.TRAINEE, "payer": ledger.owner_of(person)}
    form = {"form_key": str(uuid.uuid4()), "course_id": course.id, "person_id": person.id}
    return Application(**{**form, **values, **over})


def rich(**values):
    """A person whose credit is enough for two enrollments."""
    person = make.person(**values)
    make.purse(person, 100_000)
    return person


def test_a_held_seat_is_nobody_elses_wherever_seats_are_counted_shown_or_taken():
    course, other = make.course(taken=14, held=1), make.course(capacity_max=1)
    assert (course.seats_left, [row.title for row in catalog.find(Search(only_free=True), utcnow()).rows]) == (
        0, [other.title],
    )  # fmt: skip
    assert [row.id for row in catalog.similar(other, utcnow())] == []
    with pytest.raises(CourseFull):
        enrollment.enroll(application(course, rich()))
    with pytest.raises(CourseFull):  # and past the first look
        enrollment.commit._take_seat(course.id)
    with pytest.raises(moving.Unsettled):
        moving.seat(course, 1)
    assert db.session.scalars(db.select(type(course).id).where(courses.has_room())).all() == [other.id]
