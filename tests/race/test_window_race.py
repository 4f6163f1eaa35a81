"""Sign-ins of one person at the same instant fill their gaps once, and one way back is gone once, with controls."""

import dataclasses
import threading
from collections import Counter

import pytest
from sqlalchemy import func, select

from models import Discrepancy, Enrollment, IdentityEvent, Message, MobileChange, Person, UserSession, db
from services import official, people, throttle, window
from services.sso_people import sign_in
from services.window import Kept
from tests import make
from tests.race.crowd import storm
from tests.services.test_sso_people import ENROLLED
from tests.window import PERSON, FakeWindow, Script

CROWD = 6
WAY = Kept("s" * 32, "n" * 32, "v" * 64, 0)


def facts(n):
    """What the window says of the same person in each of several browsers; of their mobile it has two."""
    return dataclasses.replace(PERSON, mobile=f"0913123456{n % 2}")


def of_each_kind() -> Counter[str]:
    """How much stands in the database of what must be there once."""
    tables = (Discrepancy, Message, MobileChange)
    found = {table.__tablename__: db.session.scalar(select(func.count()).select_from(table)) for table in tables}
    fields = db.session.scalars(select(IdentityEvent.field).where(IdentityEvent.field != "mobile"))
    return Counter(found) + Counter(f"{field} noted" for field in fields)


def test_several_first_sign_ins_at_once_make_one_person_with_one_history(app):
    assert storm(app, lambda n: sign_in(facts(n)).national_code, range(CROWD)) == {PERSON.national_code: CROWD}
    person = db.session.scalars(select(Person)).one()
    assert (person.full_name, person.mobile_status, person.identity_status) == ("مریم صادقی", "matched", "verified")
    assert set(of_each_kind().values()) == {1}


def a_disputed_person():
    """Nameless, in a course, with another birth date than the window says."""
    person = make.person(national_code=PERSON.national_code, first_name=None, last_name=None, identity_status="pending")
    person.birth_date = PERSON.birth_date.replace(year=1990)
    course = make.course()
    values = {"course_id": course.id, "unit_id": course.unit_id, "province_id": course.province_id, "fee_rials": 0}
    make.save(Enrollment(person_id=person.id, **values, **ENROLLED))


def test_several_sign_ins_at_once_fill_the_gaps_once_and_open_a_discrepancy_once(app):
    a_disputed_person()
    storm(app, lambda n: sign_in(facts(n)).id, range(CROWD))
    found = of_each_kind()
    assert set(found.values()) == {1}
    assert {"discrepancy", "message", "name noted", "birth_date noted"} <= set(found)


@pytest.mark.only("postgresql")  # SQLite lets one writer in at a time whatever we lock
def test_control_without_the_lock_the_gaps_are_filled_several_times(app, monkeypatch):
    a_disputed_person()
    together = threading.Barrier(CROWD)
    monkeypatch.setattr(people, "_locked", lambda where: db.session.scalar(select(Person).where(where)))
    take_in = official.take_in
    monkeypatch.setattr(official, "take_in", lambda *said: (together.wait(60), take_in(*said)))
    storm(app, lambda n: sign_in(facts(n)).id, range(CROWD))
    assert max(of_each_kind().values()) > 1


class SlowWindow(FakeWindow):
    """Its answers are out until so many others have been told to wait."""

    def finish(self, *sent):
        for _ in range(self.keys.wait_for):
            assert self.keys.others.acquire(timeout=60)
        return super().finish(*sent)


@pytest.fixture
def asked(app, monkeypatch):
    script = Script()
    script.others, script.wait_for = threading.Semaphore(0), CROWD - 1
    addresses = dict.fromkeys(("authorize_url", "token_url", "jwks_url", "userinfo_url", "end_session_url"), "")
    slow = SlowWindow("i", "c", "s", **addresses, timeout_s=1, keys=script)
    monkeypatch.setitem(app.extensions, "gateways", dataclasses.replace(app.extensions["gateways"], sso=slow))
    monkeypatch.setitem(app.config, "SSO_MODE", "online")
    monkeypatch.setattr(window, "_room", threading.BoundedSemaphore(CROWD))
    return script


def come_back(script):
    try:
        return type(window.finish("b", "c", WAY)).__name__
    finally:
        script.others.release()


def test_one_page_loaded_by_several_at_once_asks_the_window_once(app, asked):
    counted = storm(app, lambda _: come_back(asked), range(CROWD))
    assert counted == {"Arrival": 1, "UnderWay": CROWD - 1}
    assert (len(asked.asked), db.session.query(UserSession).count()) == (1, 1)
    asked.wait_for = 0
    assert window.finish("b", "c", WAY).token == WAY.token
    assert len(asked.asked) == 1


def test_control_without_taking_turns_each_of_them_sends_the_code(app, asked, monkeypatch):
    monkeypatch.setattr(throttle, "take_once", lambda _: True)
    asked.wait_for = 0
    storm(app, lambda _: come_back(asked), range(CROWD))
    assert len(asked.asked) == CROWD
