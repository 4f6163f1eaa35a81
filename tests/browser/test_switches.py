"""Every switch of every outside system turned during the job: the slip comes, and the rest follows by itself."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from tests.browser import by_http
from tests.browser.by_http import someone, until
from tests.web.bare import follow

pytestmark = pytest.mark.once
MODES = ("slow", "error500", "html", "silent", "wrong")
SLIP_S = 3.0
SIGN_IN_S = 8.0
SETTLED_S = 120.0  # of a loaded machine; a job lost with the queue is looked for after twenty
TRIES = 4  # a busy machine is slow now and then; whoever waits for an outside system is slow each time


@pytest.fixture(autouse=True)
def all_up(house, books):
    yield
    house.switch("all", "up")
    books.hurry()


def newcomers(house, count, **over):
    people = [someone(**over) for _ in range(count)]
    house.control("/people", people)
    return people


def asked(house, system):
    """How often a system has been asked anything so far."""
    return sum(house.control("/counts").get(system, {}).values())


def in_time(attempt):
    """Try until an attempt is in time; each gives its people and its share of the time allowed. Gives all people."""
    people, seen = [], []
    for _ in range(TRIES):
        new, share = attempt()
        people += new
        seen.append(round(share, 2))
        if share < 1:
            return people
    raise AssertionError(f"never in time; the shares of the time allowed were {seen}")


def enroll_some(house, course, count):
    """New people, all at the same time, each by a browser of the same clerk; nobody waits for the slip."""

    def attempt():
        people = newcomers(house, count)
        with ThreadPoolExecutor(count) as pool:
            made = list(pool.map(lambda person: by_http.enroll(by_http.clerk(house), course, person), people))
        return people, max(one.seconds for one in made) / SLIP_S

    return in_time(attempt)


def test_control_who_waits_for_a_system_at_every_attempt_is_found():
    with pytest.raises(AssertionError, match="never in time"):
        in_time(lambda: ([], 1.1))
    assert in_time(iter([(["slow"], 1.1), (["quick"], 0.2)]).__next__) == ["slow", "quick"]


# -- Registry, Shahkar, SMS --------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_a_system_that_fails_delays_no_slip_and_the_rest_follows_when_it_is_back(house, books, course, mode):
    people = []
    for system in ("registry", "shahkar", "sms"):
        before = asked(house, system)
        house.switch(system, mode)
        some = enroll_some(house, course, 2)
        until(lambda system=system, before=before: asked(house, system) > before)
        assert not any(books.is_settled(person) for person in some)
        house.switch(system, "up")
        people += some
    books.settle(people, SETTLED_S)


def waiting_times(page):
    """Seconds until each page from now on was there, added as they come; what the browser makes of it is not in it."""
    waits = []
    page.on(
        "requestfinished", lambda one: one.is_navigation_request() and waits.append(one.timing["responseEnd"] / 1000)
    )
    return waits


def test_with_everything_silent_the_clerk_sees_the_slip_and_the_name_when_it_comes(house, books, course, staff):
    page = staff("clerk1")
    house.switch("all", "silent")
    waits = waiting_times(page)
    people = in_time(lambda: enroll_at_the_desk(house, page, course, waits))
    house.switch("all", "up")
    books.settle(people, SETTLED_S)
    page.reload()
    expect(page.locator("main")).to_contain_text(f"{people[-1]['first_name']} {people[-1]['last_name']}")


def enroll_at_the_desk(house, page, course, waits):
    """Somebody new, from the question for the national code to the slip."""
    (person,), before = newcomers(house, 1), len(waits)
    page.goto(f"/center/enroll?course={course}")
    page.fill("input[name=national_code]", person["national_code"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/center/enroll/*-*")
    for name, value in by_http.desk_values(person).items():
        page.check(f"[name={name}][value={value}]") if name == "debit_source" else page.fill(f"[name={name}]", value)
    follow(page, "main .act button.primary")
    follow(page, page.get_by_role("link", name="رسید و چاپ"))
    expect(page.locator("main")).to_contain_text("نام ثبت نشده")
    until(lambda: page.wait_for_timeout(50) or len(waits) >= before + 4)  # the browser tells of a page when it can
    return [person], sum(waits[before:]) / SLIP_S


# -- The national window -----------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_a_failing_window_says_so_in_time_lets_nobody_in_and_disturbs_nobody_inside(house, books, course, mode):
    for outside in in_time(lambda: one_inside_and_one_outside(house, books, course, mode)):
        assert by_http.trainee(house, outside).get("/trainee").status_code == 200


def one_inside_and_one_outside(house, books, course, mode):
    """Somebody enrolls while somebody else is on the way back from the window; gives the other one."""
    inside, outside = newcomers(house, 2)
    books.top_up(inside["national_code"], 10_000_000)
    signed_in, visitor = by_http.trainee(house, inside), by_http.Client(house)
    back = by_http.at_the_window(visitor, outside)
    house.switch("sso", mode)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(visitor.get, back)
        made = by_http.enroll_oneself(signed_in, course, inside)
        waited = check_trouble(answer.result())
    assert "doreh_trainee" not in visitor.cookies
    assert "/auth/sso" in visitor.get("/trainee", allow_redirects=False).headers["Location"]
    house.switch("sso", "up")
    return [outside], max(made.seconds / SLIP_S, waited / SIGN_IN_S)


def test_a_crowd_that_waits_for_a_hanging_window_leaves_room_for_the_clerk(house, course):
    in_time(lambda: one_beside_a_crowd(house, course))


def one_beside_a_crowd(house, course):
    """Somebody comes to the desk while two dozen wait for the window, which is slow; it is set right again."""
    (person,), crowd = newcomers(house, 1), newcomers(house, 24)
    desk, visitors = by_http.clerk(house), [by_http.Client(house) for _ in crowd]
    ways = [by_http.at_the_window(visitor, one) for visitor, one in zip(visitors, crowd, strict=True)]
    house.switch("sso", "slow", seconds=20)
    with ThreadPoolExecutor(len(crowd)) as pool:
        answers = [pool.submit(visitor.get, way) for visitor, way in zip(visitors, ways, strict=True)]
        time.sleep(0.5)
        made = by_http.enroll(desk, course, person)
        waited = max(check_trouble(answer.result()) for answer in answers)
    house.switch("sso", "up")
    return [person], max(made.seconds / SLIP_S, waited / SIGN_IN_S)


def check_trouble(answer):
    """Answered with what happened and what to do; gives the seconds it took."""
    assert answer.status_code in (400, 503), answer.status_code
    assert "ورود انجام نشد" in answer.text
    assert "دوباره امتحان می‌کنم" in answer.text
    assert "به مرکز آموزش بروید" in answer.text
    return answer.elapsed.total_seconds()


def fail_on_the_way_back(house, route):
    """The window lets the person in and breaks before we have asked it who that was."""
    answer = route.fetch(max_redirects=0)
    house.switch("sso", "error500")
    route.fulfill(response=answer)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_button_of_the_window_that_failed_leads_back_to_the_course(house, books, course, visit, javascript):
    (person,) = newcomers(house, 1)
    page = visit(javascript=javascript, width=360)
    page.goto(f"/auth/sso?next=/trainee/enroll/{course}")
    page.fill("input[name=national_code]", person["national_code"])
    form = page.locator("form", has=page.locator("input[name=national_code]"))
    page.route("**/sso/login", lambda route: fail_on_the_way_back(house, route))
    follow(page, form.locator("button").first)
    expect(page.locator("h1")).to_have_text("ورود انجام نشد")
    page.unroute_all()
    house.switch("sso", "up")
    follow(page, page.get_by_role("link", name="دوباره امتحان می‌کنم"))
    page.fill("input[name=national_code]", person["national_code"])
    form.locator("button").first.click()
    page.wait_for_url(f"{house.base}/trainee/enroll/{course}")
    expect(page.locator("main")).to_contain_text(person["last_name"])


# -- Our own queue and worker ------------------------------------------------------


@pytest.mark.parametrize("words", ["valkey", "jobs.worker", "jobs.dispatcher"])
def test_a_hanging_process_of_ours_delays_no_slip_either(house, books, course, words):
    with books.stopped(words):
        people = enroll_some(house, course, 4)
    books.settle(people, SETTLED_S)


def test_a_queue_that_dies_during_enrollments_delays_no_slip_and_loses_nothing(house, books, course):
    with ThreadPoolExecutor(1) as pool:
        enrolled = pool.submit(lambda: [enroll_some(house, course, 2) for _ in range(3)])
        for _ in range(2):
            os.kill(until(lambda: house.installation.find("valkey")), signal.SIGKILL)
            time.sleep(1.5)  # it is started again after a second
        people = [person for some in enrolled.result() for person in some]
    books.settle(people, SETTLED_S)
