"""Who may enter which section, and what the shell shows them."""

import pytest
from bs4 import BeautifulSoup

from models import Role, UnitKind, UserRole, db, utcnow
from tests import make

HQ_ADMIN = (Role.ADMIN, UnitKind.HQ)
REVIEWER = (Role.REVIEWER, UnitKind.DIRECTORATE)
MANAGER = (Role.MANAGER, UnitKind.CENTER)
DOORS = {"/center/staff": MANAGER, "/province/staff": REVIEWER, "/hq/users": HQ_ADMIN}


def user(role, kind):
    return make.user(role, make.unit(kind))


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("who", DOORS.values(), ids=lambda who: who[1].value)
def test_only_those_of_a_level_enter_it(sign_in, door, who):
    answer = sign_in(user(*who)).get(door)
    assert answer.status_code == (200 if DOORS[door] == who else 403)


@pytest.mark.parametrize("door", DOORS)
def test_a_visitor_is_sent_to_sign_in(client, door):
    answer = client.get(door)
    assert answer.status_code == 303
    assert answer.location == f"/auth/login?next={door}"


def test_a_trainee_page_leads_to_the_national_window(client):
    assert client.get("/auth/trainee/sessions").location == "/auth/sso?next=/auth/trainee/sessions"


def test_the_wrong_role_reads_who_may_enter(sign_in):
    page = sign_in(user(*MANAGER)).get("/hq/users").get_data(as_text=True)
    assert "این بخش برای نقش شما نیست" in page
    assert "مدیر سامانه" in page


def test_a_trainees_cookie_opens_no_staff_page(sign_in):
    client = sign_in(make.person())
    client.set_cookie("doreh_staff", client.get_cookie("doreh_trainee").value)
    assert client.get("/center/staff").status_code == 303


@pytest.mark.parametrize("cookie", ["", "x", "x" * 43, "x" * 3000])
def test_a_made_up_cookie_opens_nothing(client, cookie):
    client.set_cookie("doreh_staff", cookie)
    assert client.get("/center/staff").status_code == 303


def test_disabling_a_user_ends_all_their_sessions_at_once(sign_in):
    person = user(*MANAGER)
    clients = [sign_in(person) for _ in range(5)]
    person.disabled_at = utcnow()
    db.session.commit()
    assert [client.get("/center/staff").status_code for client in clients] == [303] * 5


def test_a_role_taken_back_counts_from_the_next_request_on(sign_in):
    person = user(*MANAGER)
    client = sign_in(person)
    db.session.query(UserRole).filter_by(user_id=person.id).delete()
    db.session.commit()
    assert client.get("/center/staff").status_code == 403


def test_a_guarded_page_finds_out_who_is_here_in_two_queries(sign_in, queries):
    client = sign_in(user(*MANAGER))
    with queries() as seen:
        client.get("/hq/users")
    assert len(seen) == 2


def test_the_sections_of_the_level_are_shown_if_they_exist_and_the_current_one_is_marked(sign_in):
    soup = BeautifulSoup(sign_in(user(*MANAGER)).get("/center/staff").data, "html.parser")
    links = {a["href"] for a in soup.select("header nav a")}
    assert "/center/staff" in links
    assert soup.select_one("header nav a[aria-current]")["href"] == "/center/staff"
    assert soup.select_one("header form[action='/auth/logout']")


def test_every_section_shown_is_a_page(app, sign_in):
    from blueprints import addresses, shell

    with app.app_context():
        for sections in shell.SECTIONS.values():
            for _, url, is_current in shell._existing(list(sections)):
                assert addresses.exists(url)
                assert not is_current


def test_clerks_are_not_shown_the_page_of_managers(sign_in):
    clerk = make.user(Role.CLERK)
    assert "/center/staff" not in sign_in(clerk).get("/auth/sessions").get_data(as_text=True)


def test_somebody_with_two_levels_is_shown_the_way_between_them(sign_in):
    person = user(*MANAGER)
    unit = make.unit(UnitKind.DIRECTORATE)
    make.save(UserRole(user_id=person.id, unit_id=unit.id, role=Role.REVIEWER))
    client = sign_in(person)
    assert client.get("/center/staff").status_code == client.get("/province/staff").status_code == 200


def test_a_public_page_has_no_sign_out_and_a_way_back(sign_in):
    soup = BeautifulSoup(sign_in(user(*MANAGER)).get("/auth/window").data, "html.parser")
    assert soup.select_one("header .me a")
    assert not soup.select("header form")


def test_a_notice_is_shown_once(sign_in, token):
    client = sign_in(user(*MANAGER))
    client.post("/auth/sessions/close-others", data={"csrf_token": token(client, "/auth/sessions")})
    assert "ورودهای دیگر بسته شد" in client.get("/auth/sessions").get_data(as_text=True)
    assert "همهٔ ورودهای دیگر بسته شد" not in client.get("/auth/sessions").get_data(as_text=True)


def test_a_made_up_notice_is_not_shown(client):
    client.set_cookie("doreh_notice", "W1siYmFkIiwibGllIl1d.aaaa.bbbb")
    assert "lie" not in client.get("/auth/login").get_data(as_text=True)
