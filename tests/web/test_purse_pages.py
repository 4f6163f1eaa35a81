"""Pages of purses: what waits is said on the first page, and no month leads into the future."""

import pytest
from bs4 import BeautifulSoup

from models import Role
from services import jalali, policy
from tests import make
from tests.web import pages, purse_scenes

pytestmark = pytest.mark.once


@pytest.fixture
def world():
    return pages.build()


def soup(client, path: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(path).data, "html.parser")


def test_a_manager_sees_waiting_objections_on_the_first_page_and_a_clerk_does_not(world, sign_in):
    purse_scenes.objection(world)
    manager, clerk = (sign_in(make.user(role, world.unit)) for role in (Role.MANAGER, Role.CLERK))
    assert "اعتراض" in soup(manager, "/center").select_one(".tiles a[href='/center/credit/objections']").text
    assert not soup(clerk, "/center").select(".tiles a[href='/center/credit/objections']")


@pytest.mark.parametrize("path", ["/center/credit/month", "/center/credit/clerks"])
def test_no_month_leads_into_the_future(world, sign_in, path):
    manager = sign_in(make.user(Role.MANAGER, world.unit))
    assert not soup(manager, path).select("a[rel=next]")
    year = jalali.parts(policy.today())[0] - 1
    assert soup(manager, f"{path}?month={year}-01").select("a[rel=next]")
