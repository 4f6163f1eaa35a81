"""No outside system is asked before the slip is there, however long it would take to answer; with a control."""

from itertools import repeat

import pytest
from sqlalchemy import select

from gateways.errors import Unanswered
from models import Enrollment, Role, db
from services import outbox
from tests import course_cases, fakes, make, owed

SLIP_S = 3


class Silence(list):
    """A trouble that never ends: whoever asks waits as long as our gateways do and hears nothing."""

    def __init__(self, app):
        super().__init__(repeat(self.wait, 50))
        self.app, self.waited_s = app, 0.0

    def wait(self):
        self.waited_s += self.app.config["OUTSIDE_TIMEOUT_S"]
        raise Unanswered("timeout")


@pytest.fixture
def silence(app):
    """Every outside system takes questions and answers none."""
    trouble = Silence(app)
    systems = {"registry": fakes.Registry(trouble=trouble), "shahkar": fakes.Shahkar(trouble=trouble)}
    with fakes.installed(app, sms=fakes.Phones(trouble=trouble), **systems):
        yield trouble


@pytest.fixture
def clerk():
    make.tariff(0)
    return make.user(Role.CLERK, course_cases.center())


def enroll(client, token, clerk):
    """Somebody of whom everything must be asked, from the first page of the desk to the slip; gives the slip."""
    course = make.course(unit_=clerk.roles[0].unit)
    data = {"national_code": make.national_code(), "csrf_token": token(client, "/center/enroll")}
    url = client.post("/center/enroll", data=data).headers["Location"]
    typed = {"birth_date-y": "1370", "birth_date-m": "1", "birth_date-d": "26", "mobile": "09130000001"}
    form = {"csrf_token": data["csrf_token"], "version": "1", "course": course.id, "debit_source": "trainee", **typed}
    assert client.post(url, data=form).status_code == 303
    return client.get(f"/slip/{db.session.scalars(select(Enrollment.tracking_code)).one()}")


def test_the_slip_is_there_before_any_system_is_asked(sign_in, token, clerk, silence):
    assert enroll(sign_in(clerk), token, clerk).status_code == 200
    assert silence.waited_s == 0
    owed.run()
    assert {row.topic for row in owed.rows() if row.attempts} == {"registry", "shahkar", "sms"}
    assert silence.waited_s > SLIP_S, "nobody was asked afterwards either"


def test_control_asked_within_the_request_silent_systems_hold_up_the_slip(sign_in, token, clerk, silence, monkeypatch):
    monkeypatch.setattr(outbox.queue, "nudge", outbox.handle)
    assert enroll(sign_in(clerk), token, clerk).status_code == 200
    assert silence.waited_s > SLIP_S
