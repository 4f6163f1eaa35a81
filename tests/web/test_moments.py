"""What everybody sees alike is made once a moment: alike for all, never one visitor's for another, never a decision."""

import pytest

from blueprints.public import moments
from models import CourseStatus
from services import catalog
from tests import make

PATHS = ("/courses", "/courses/{code}")


@pytest.fixture(autouse=True)
def moment(app):
    """A moment that is longer than any test."""
    catalog.forget()
    moments._kept.clear()
    make.tariff(50_000)
    app.config["PUBLIC_PAGES_KEPT_S"] = 3600
    yield
    app.config["PUBLIC_PAGES_KEPT_S"] = 0
    moments._kept.clear()


@pytest.mark.parametrize("path", PATHS)
def test_the_second_visitor_of_a_moment_asks_the_database_nothing(client, queries, path):
    path = path.format(code=make.course().code)
    first = client.get(path)
    with queries() as seen:
        second = client.get(path)
    assert seen == []
    assert second.data == first.data


@pytest.mark.parametrize("path", PATHS)
def test_a_signed_in_visitor_has_their_own_name_around_the_same_body_and_nobody_elses(client, sign_in, path):
    path = path.format(code=make.course().code)
    zahra = make.person(first_name="زهرا", last_name="کمالی")
    omid = make.person(first_name="امید", last_name="رستگار")
    pages = [each.get(path).get_data(as_text=True) for each in (sign_in(zahra), sign_in(omid), client)]
    assert ["کمالی" in page for page in pages] == [True, False, False]
    assert ["رستگار" in page for page in pages] == [False, True, False]


def test_another_search_another_page_and_another_course_are_kept_apart(client):
    course, other = make.course(title="برق"), make.course(title="جوش")
    addresses = ("/courses", "/courses?q=برق", "/courses?q=جوش", f"/courses/{course.code}", f"/courses/{other.code}")
    once, twice = ([client.get(address).data for address in addresses] for _ in range(2))
    assert once == twice
    assert len(set(once)) == len(addresses)


def test_after_a_moment_the_seats_are_counted_again(client, app):
    course = make.course()
    assert "۱۵ جای خالی" in client.get("/courses").get_data(as_text=True)
    course.taken = 14
    make.save(course)
    assert "۱۵ جای خالی" in client.get("/courses").get_data(as_text=True)
    for key, (_until, values) in list(moments._kept.items()):
        moments._kept[key] = (0.0, values)
    assert "۱ جای خالی" in client.get("/courses").get_data(as_text=True)


def test_a_code_without_a_course_is_not_kept_so_that_a_course_approved_now_is_there_at_once(client):
    course = make.course(CourseStatus.DRAFT)
    assert client.get(f"/courses/{course.code}").status_code == 404
    course.status = CourseStatus.OPEN
    make.save(course)
    assert client.get(f"/courses/{course.code}").status_code == 200


def test_who_types_endless_addresses_fills_no_memory(client):
    make.course()
    for n in range(moments.MOST + 20):
        client.get(f"/courses?page={n}")
    client.get("/courses?q=" + "x" * 300)
    assert len(moments._kept) == moments.MOST
    assert max(sum(map(len, key[1:])) for key in moments._kept) <= moments.LONGEST_KEY


def test_a_wrong_filter_is_told_in_the_title_too(client):
    page = client.get("/courses?from-d=31&from-m=7&from-y=1405").get_data(as_text=True)
    assert "<title>خطا: " in page
