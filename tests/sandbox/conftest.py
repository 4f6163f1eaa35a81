"""A running sandbox for the tests of the sandbox itself."""

import pytest

from tests.sandbox_process import Sandbox, person

PEOPLE = (
    person("0010350829", first_name="مریم", last_name="یزدی کیانی", mobile="09113701000", note="نامش هنوز نیامده است"),
    person("0077611616", first_name="امیر", last_name="ایری", gender="male", alive=False),
)


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        sandbox.people(*PEOPLE)
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox):
    running_sandbox.reset()
    running_sandbox.sso(userinfo_jwt=False)
    return running_sandbox
