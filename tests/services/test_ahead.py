"""The next step of a trainee: the offer that runs out first, then what was begun, then the next first day."""

import datetime as dt
import uuid

import pytest

from models import CourseStatus, PersonPhoto, WaitlistEntry, db, utcnow
from services import policy
from services.enrollment import ahead, lacks, resuming
from tests import make
from tests.web.pages import enroll
from tests.web.track_scenes import as_visitor


@pytest.fixture
def person():
    return make.person()


def offered(course, person, **over):
    where = {"course_id": course.id, "unit_id": course.unit_id, "province_id": course.province_id}
    until = {"offered_at": utcnow(), "offer_until": utcnow() + dt.timedelta(hours=2)} | over
    who = {"person_id": person.id, "form_key": str(uuid.uuid4()), "channel": "self", "state": "offered"}
    return make.save(WaitlistEntry(**who, **where, **until))


def portrait(person, state, reason=None):
    return make.save(PersonPhoto(person_id=person.id, state=state, reason=reason))


def step_of(person):
    step = ahead.of_person(person.id)
    return step.button, step.url


def test_the_most_pressing_step_stands_first(person, queries):
    seen = [step_of(person)]
    soon, later = (make.course(start_on=policy.today() + dt.timedelta(days=days)) for days in (20, 30))
    slips = [enroll(course, person).tracking_code for course in (later, soon)]
    seen.append(step_of(person))
    portrait(person, "accepted")
    seen.append(step_of(person))
    begun, full = make.course(), make.course()
    resuming.begin(as_visitor(person), begun.id)
    seen.append(step_of(person))
    offered(full, person)
    with queries() as statements:
        seen.append(step_of(person))
    assert len(statements) == 1
    assert seen == [
        ("یافتن دوره", "/courses"),
        ("فرستادن عکس", "/trainee/photo"),
        ("رسید", f"/slip/{slips[1]}"),
        ("ادامهٔ ثبت‌نام", f"/trainee/enroll/{begun.code}"),
        ("ثبت‌نام در این دوره", f"/trainee/enroll/{full.code}"),
    ]


@pytest.mark.once
def test_what_is_over_is_no_step(person):
    offered(make.course(), person, offer_until=utcnow() - dt.timedelta(seconds=1))
    gone = make.course(enroll_close_at=utcnow() - dt.timedelta(hours=1))
    resuming.begin(as_visitor(person), gone.id)
    enroll(make.course(CourseStatus.FINISHED), person)
    assert ahead.of_person(person.id) == ahead.NOTHING


@pytest.mark.once
def test_a_course_that_runs_asks_to_be_there(person):
    running = {"start_on": policy.today() - dt.timedelta(days=3), "end_on": policy.today() + dt.timedelta(days=9)}
    enroll(make.course(CourseStatus.RUNNING, **running), person)
    portrait(person, "accepted")
    assert "در جلسه‌های دورهٔ" in ahead.of_person(person.id).text


def test_a_portrait_lacks_until_one_holds(person):
    def missing():
        return [lack.what for lack in lacks.of_person(person.id) if lack.url == lacks.PHOTO]

    seen = [missing()]
    row = portrait(person, "waiting")
    seen.append(missing())
    row.state, row.reason = "rejected", "تار است"
    db.session.commit()
    seen.append(missing())
    assert "تار است. عکس دیگری بفرستید." in [lack.todo for lack in lacks.of_person(person.id)]
    portrait(person, "accepted")
    portrait(person, "rejected", "تار است")
    assert [*seen, missing()] == [
        ["عکس پرسنلی نفرستاده‌اید"], ["عکس پرسنلی نیمه‌کاره است"], ["عکس پرسنلی پذیرفته نشد"], [],
    ]  # fmt: skip
