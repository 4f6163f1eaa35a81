"""The civil registry's gateway against the sandbox and against nonsense."""

import base64
import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.errors import GatewayError, Refused, Temporary, Unanswered
from gateways.registry import Registry
from tests.gateways.bad_server import BadServer, answering
from tests.ports import free_port

BORN = datetime.date(1991, 3, 21)


def registry_at(sandbox, timeout_s=30.0, client="doreh"):
    return Registry(f"{sandbox.url}/registry", client, timeout_s)


def test_a_person_is_found_by_code_and_birth_date(sandbox):
    person = registry_at(sandbox).person("0010350829", BORN)
    assert person.national_code == "0010350829"
    assert (person.gender, person.birth_date, person.shenasname_no, person.alive) == ("female", BORN, "0", True)
    assert (person.first_name, person.father_name) == ("مريم", "علي")


def test_names_come_as_received_with_arabic_letters(sandbox):
    assert registry_at(sandbox).person("0010350829", BORN).last_name == "يزدي كياني"


def test_a_dead_man_is_told(sandbox):
    person = registry_at(sandbox).person("0077611616", datetime.date(1991, 4, 15))
    assert (person.alive, person.gender) == (False, "male")


@pytest.mark.parametrize(("code", "born"), [("0013542419", BORN), ("0010350829", datetime.date(1991, 3, 22))])
def test_nobody_is_none(sandbox, code, born):
    assert registry_at(sandbox).person(code, born) is None


@pytest.mark.parametrize("mode", ["slow", "error500", "html", "silent", "wrong"])
def test_every_fault_is_unanswered_and_never_nobody(sandbox, mode):
    sandbox.switch("registry", mode, 5)
    with pytest.raises(Unanswered):
        registry_at(sandbox, timeout_s=0.6).person("0010350829", BORN)


def test_another_persons_record_is_not_taken(sandbox):
    sandbox.switch("registry", "wrong")
    with pytest.raises(Unanswered, match="other_person"):
        registry_at(sandbox).person("0010350829", BORN)


def test_a_slow_answer_is_waited_for_within_the_time(sandbox):
    sandbox.switch("registry", "slow", 0.5)
    assert registry_at(sandbox).person("0010350829", BORN).alive


def test_a_client_the_registry_does_not_know_may_try_later(sandbox):
    with pytest.raises(Temporary, match="http_401"):
        registry_at(sandbox, client="somebody").person("0010350829", BORN)


def test_a_registry_that_is_down_may_be_tried_later():
    with pytest.raises(Temporary, match="unreachable"):
        Registry(f"http://127.0.0.1:{free_port()}", "doreh", 2).person("0010350829", BORN)


def test_it_goes_on_when_the_registry_returns(sandbox):
    sandbox.switch("registry", "silent")
    with pytest.raises(Unanswered):
        registry_at(sandbox, timeout_s=0.4).person("0010350829", BORN)
    sandbox.switch("registry", "up")
    assert registry_at(sandbox).person("0010350829", BORN) is not None


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"isSuccessful": True, "result": None, "code": 9}, Unanswered),
        ({"isSuccessful": True, "result": None}, Unanswered),
        ({"isSuccessful": False, "code": 77}, Temporary),
        ({"isSuccessful": True, "code": 0, "result": {"nin": 10350829, "name": "***"}}, Unanswered),
        ({}, Temporary),
    ],
)
def test_an_odd_answer_is_never_nobody(document, kind):
    with BadServer(answering(document)) as server, pytest.raises(kind):
        Registry(server.url, "doreh", 30).person("0010350829", BORN)


def said(text: str, code_page: str = "utf-8") -> str:
    return base64.b64encode(text.encode(code_page)).decode()


RECORD = {"nin": 10350829, "name": said("مريم"), "family": said("يزدي كياني"), "gender": 0, "birthDate": 13700101}


@pytest.mark.parametrize(
    ("oddity", "expected"),
    [
        ({"nin": "0010350829"}, {"national_code": "0010350829"}),
        ({"name": said("مريم", "cp1256")}, {"first_name": "مريم"}),
        ({"name": [b - 256 if b > 127 else b for b in "مريم".encode()]}, {"first_name": "مريم"}),
        ({"prefix": said("سید"), "postfix": said("اصل")}, {"last_name": "سید يزدي كياني اصل"}),
        ({"prefix": 1, "postfix": 0}, {"last_name": "يزدي كياني"}),
        ({"gender": "1"}, {"gender": "male"}),
        ({"gender": 7}, {"gender": None}),
        ({"birthDate": "13700101", "shenasnameNo": 0}, {"birth_date": BORN, "shenasname_no": "0"}),
        ({"fatherName": "", "shenasnameNo": None}, {"father_name": None, "shenasname_no": None}),
        ({"deathStatus": 1, "deathDate": 14000101}, {"alive": False}),
        ({"deathDate": "14000101"}, {"alive": False}),
        ({"deathStatus": 0, "deathDate": 0}, {"alive": True}),
    ],
)
def test_the_oddities_of_a_record_are_understood(oddity, expected):
    with BadServer(answering({"isSuccessful": True, "code": 0, "result": RECORD | oddity})) as server:
        person = Registry(server.url, "doreh", 30).person("0010350829", BORN)
    whole = {"national_code": "0010350829", "last_name": "يزدي كياني", "alive": True} | expected
    assert {name: getattr(person, name) for name in whole} == whole


def test_a_refusal_by_status_is_final():
    with BadServer(answering({}, status="400 Bad Request")) as server, pytest.raises(Refused, match="http_400"):
        Registry(server.url, "doreh", 30).person("0010350829", BORN)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
FIELDS = ["nin", "name", "family", "fatherName", "gender", "birthDate", "shenasnameNo", "deathStatus"]


@settings(max_examples=60, deadline=None)
@given(record=st.dictionaries(st.sampled_from(FIELDS), JSON) | JSON, code=JSON)
def test_no_answer_whatever_ends_in_another_error(record, code):
    with BadServer(answering({"isSuccessful": True, "code": code, "result": record})) as server:
        try:
            found = Registry(server.url, "doreh", 30).person("0010350829", BORN)
        except GatewayError:
            return
    assert found is None
    assert str(code) == "1"
