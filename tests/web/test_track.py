"""«پیگیری» as its owner, a stranger with the address and a browser of somebody else see it."""

import pytest
from bs4 import BeautifulSoup

from models import EnrollmentStatus, db
from services import codes, tracking
from tests import make
from tests.web import pages, track_scenes
from tests.web.pages import enroll


class World:
    """Somebody who is in one course and has left another one."""

    def __init__(self, **over):
        self.person = make.person(mobile="09113703000", mobile_status="matched", **over)
        left = enroll(make.course(), self.person)
        left.status = EnrollmentStatus.CANCELED
        self.enrollment = enroll(make.course(), self.person)
        db.session.commit()


def text_of(answer) -> str:
    return BeautifulSoup(answer.data, "html.parser").select_one("main").get_text(" ", strip=True)


def test_the_page_tells_state_next_step_deadline_and_what_is_missing(client, token):
    world = World(first_name=None, last_name=None)
    url = track_scenes.seen(client, token, world)
    answer = client.get(url)
    said = text_of(answer)
    for words in ("قطعی", "لغوشده", "گام بعد:", "مهلت انصراف", "نام ثبت نشده", "با یک بار ورود تازه"):
        assert words in said
    assert answer.headers["Cache-Control"] == "no-store"
    assert world.person.national_code not in answer.text
    assert "انصراف می‌دهم" not in said


@pytest.mark.once
def test_whoever_has_the_address_alone_is_asked_for_the_code(app, client, token):
    url = track_scenes.seen(client, token, World())
    stranger = app.test_client()
    assert "کد پیامکی" in text_of(stranger.get(url))
    assert "گام بعد" not in text_of(stranger.get(url))


def test_closing_takes_the_page_from_this_browser(client, token):
    url = track_scenes.seen(client, token, World())
    client.post(f"{url}/close", data={"csrf_token": token(client, url)})
    assert "گام بعد" not in text_of(client.get(url))


@pytest.mark.once
def test_an_unknown_tracking_code_leads_to_the_same_page_as_a_known_one(client, token):
    answers = []
    for code in (World().enrollment.tracking_code, codes.tracking_code()):
        sent = client.post("/track", data={"code": code, "csrf_token": token(client, "/track")})
        answers.append(text_of(client.get(sent.location)))
    assert answers[0] == answers[1]


@pytest.mark.once
def test_a_wrong_code_stays_in_its_field_and_says_how_many_tries_are_left(client, token):
    url = f"/track/{track_scenes.asked(World())}"
    answer = client.post(url, data={"code": "۰۰۰۰۰", "csrf_token": token(client, url)})
    assert (answer.status_code, "۶ رقم" in text_of(answer)) == (422, True)
    for _ in range(tracking.TRIES):
        answer = client.post(url, data={"code": "۱۲۳۴۵۶", "csrf_token": token(client, url)})
    assert answer.status_code == 422
    assert "دیگر به کار نمی‌آید" in text_of(answer)


@pytest.mark.once
def test_too_many_questions_are_told_when_to_come_back(client, token):
    code = World().enrollment.tracking_code
    for _ in range(tracking.FREE_FOR_CODE + 1):
        data = {"code": code, "csrf_token": token(client, "/track")}
        answer = client.post("/track", data=data)
    assert answer.status_code == 429
    assert "کدهای زیادی" in text_of(answer)


def test_the_page_keeps_to_its_number_of_queries(client, token, queries):
    world = World()
    for _ in range(5):
        enroll(make.course(), world.person)
    url = track_scenes.seen(client, token, world)
    with queries() as seen:
        client.get(url)
    assert len(seen) <= pages.LIST_QUERIES, "\n".join(seen)
