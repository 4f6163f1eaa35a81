"""What is typed at a desk meets what the national window says at the same moment, with a control."""

import threading
import time

from sqlalchemy import select

from models import IdentityStatus, Person, Role, db
from services import official, people
from services.enrollment import drafts
from services.enrollment.drafts import Entry
from services.official import Facts
from services.transaction import atomic
from tests import course_cases, make


def meeting(app) -> Person:
    """Somebody nameless whose name is typed at a desk while the window says another one; the person afterwards."""
    make.tariff(0)
    clerk, person = course_cases.staff(Role.CLERK, make.unit()), make.person(first_name=None, last_name=None)
    course = make.course(unit_=make.first(make.Unit, id=clerk.units[0]))
    key = drafts.start(clerk, person.national_code)
    entry = Entry(course_id=course.id, debit_source="trainee", first_name="مریم", last_name="کریمی")
    draft, is_inside = drafts.save(clerk, key, 1, entry), threading.Event()

    def come_through_the_window() -> None:
        with app.app_context(), atomic():
            official.take_in(people.locked(person.id), Facts(people.SSO, first_name="زهرا", last_name="محمدی"))
            db.session.flush()
            is_inside.set()
            time.sleep(1.5)  # long enough for the desk to come to the same person

    window = threading.Thread(target=come_through_the_window)
    window.start()
    is_inside.wait()
    drafts.confirm(clerk, draft)
    window.join()
    db.session.rollback()
    return db.session.get_one(Person, person.id, populate_existing=True)


def test_a_typed_name_never_replaces_the_official_one_that_comes_at_the_same_moment(app):
    stored = meeting(app)
    assert (stored.last_name, stored.sources["name"]["source"]) == ("محمدی", people.SSO)
    assert stored.identity_status is IdentityStatus.VERIFIED


def test_control_without_lock_and_new_look_the_typed_name_replaces_the_official_one(app, monkeypatch):
    # As a form handler often does it: what the session read before is written back, whatever has come since.
    monkeypatch.setattr(people, "_locked", lambda where: db.session.scalar(select(Person).where(where)))
    stored = meeting(app)
    assert (stored.last_name, stored.sources["name"]["source"]) == ("کریمی", people.CLERK)
