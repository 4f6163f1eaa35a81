"""One sandbox process for all gateway tests, made new for each of them."""

import pytest

from tests.sandbox_process import Sandbox, person

MARYAM = person("0010350829", first_name="مریم", last_name="یزدی کیانی", birth_date="1991-03-21", mobile="09113701000")
AMIR = person(
    "0077611616",
    first_name="امیر",
    last_name="ایری",
    gender="male",
    mobile="09113701001",
    mobile_owner="0013542419",
    alive=False,
)


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        sandbox.people(MARYAM, AMIR)
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox):
    running_sandbox.reset()
    running_sandbox.sso(userinfo_jwt=False)
    return running_sandbox
