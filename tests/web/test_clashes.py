"""What a course collides with, where it is written, where it is sent and where it is decided, with links to follow."""

import pytest
from bs4 import BeautifulSoup

from models import CourseStatus, Role
from tests import course_cases as cases
from tests import make


@pytest.fixture
def unit():
    return cases.center()


@pytest.fixture
def draft(unit):
    return cases.draft(cases.staff(Role.CLERK, unit))


@pytest.fixture
def other(draft):
    """An approved course of the same workshop at the same hours."""
    teacher = make.instructor(draft.unit, make.first(make.TradeField))
    course = make.course(CourseStatus.APPROVED, draft.unit, workshop_id=draft.workshop_id, instructor_id=teacher.id)
    make.meeting(course, draft.start_on)
    return course


def notices(answer):
    soup = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    return [each for each in soup.select("main .notice") if "گرفته شده است" in each.get_text()]


@pytest.mark.parametrize("part", ["workshop", "time"])
def test_a_clerk_sees_it_beside_the_part_with_a_link_and_it_goes_with_its_cause(sign_in, draft, other, part):
    desk = sign_in(make.user(Role.CLERK, draft.unit))
    (seen,) = notices(desk.get(f"/center/courses/{draft.id}/edit/{part}"))
    assert "bad" in seen["class"]
    assert seen.select_one(f'a[href="/center/courses/{other.id}"]')
    other.status = CourseStatus.CANCELED
    make.db.session.commit()
    assert notices(desk.get(f"/center/courses/{draft.id}/edit/{part}")) == []


def test_the_page_that_sends_says_it_once_with_links_to_its_part_and_the_other_course(sign_in, draft, other):
    desk = sign_in(make.user(Role.CLERK, draft.unit))
    (seen,) = notices(answer := desk.get(f"/center/courses/{draft.id}/edit/send"))
    assert answer.text.count("گرفته شده است") == 1
    assert seen.select_one(f'a[href="/center/courses/{draft.id}/edit/workshop"]')
    assert seen.select_one(f'a[href="/center/courses/{other.id}"]')


def test_a_reviewer_reads_it_above_the_checks_with_a_link_of_their_own(sign_in, draft, other):
    draft.status, draft.sent_at, draft.level_since = CourseStatus.PROVINCE_REVIEW, make.utcnow(), make.utcnow()
    make.meeting(draft)
    desk = sign_in(make.user(Role.REVIEWER, cases.office()))
    (seen,) = notices(desk.get(f"/province/courses/{draft.id}"))
    assert seen.select_one(f'a[href="/province/courses/{other.id}"]')
    assert desk.get(f"/province/courses/{other.id}").status_code == 200
