"""Where the sandbox starts, where it must not, and what it remembers."""

import json
import os
import signal
import subprocess
import sys

import pytest
import requests

from tests.ports import free_port
from tests.sandbox_process import ROOT, Sandbox, person


def started(folder, *command, **environ):
    """What came of starting the sandbox by a command that ends by itself."""
    environ = {"PATH": os.environ["PATH"], "SANDBOX_DATA": str(folder / "sandbox.sqlite3"), **environ}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("environ", [{"DOREH_MODE": "production"}, {}, {"DOREH_MODE": "Production"}], ids=str)
def test_it_does_not_start_in_production(tmp_path, environ):
    done = started(tmp_path, "sandbox", SANDBOX_PORT=str(free_port()), **environ)
    assert done.returncode == 1
    assert "must not run in production" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "sandbox.sqlite3").exists()


@pytest.mark.parametrize("options", [[], ["--preload"]], ids=str)
def test_a_server_of_its_app_stops_in_production_too(tmp_path, options):
    bind = ["--bind", f"127.0.0.1:{free_port()}", "--no-control-socket"]
    done = started(tmp_path, "gunicorn", *bind, *options, "sandbox.wsgi:app", DOREH_MODE="production")
    assert done.returncode != 0
    assert "must not run in production" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("SANDBOX_PORT", "x"), ("SANDBOX_PORT", "70000"), ("SANDBOX_PORT", "-1")], ids=str
)
def test_a_port_that_is_none_is_told(tmp_path, name, value):
    done = started(tmp_path, "sandbox", DOREH_MODE="test", **{name: value})
    assert (done.returncode, done.stderr) == (1, "SANDBOX_PORT must be a number between 1 and 65535.\n")


def test_a_key_that_seals_nothing_is_told(tmp_path):
    done = started(tmp_path, "sandbox", DOREH_MODE="test", PAYMENT_SADAD_KEY="c2hvcnQ=")
    assert (done.returncode, done.stderr) == (1, "PAYMENT_SADAD_KEY must be 24 bytes in base64.\n")


def test_people_come_from_the_file_at_every_start(tmp_path):
    path = tmp_path / "people.json"
    with Sandbox(tmp_path, SANDBOX_PEOPLE=str(path)) as sandbox:
        assert sandbox.state()["people"] == 0
        path.write_text(json.dumps([person("0010350829"), person("0077611616")]))
        sandbox.stop()
        sandbox.start()
        assert sandbox.state()["people"] == 2


def test_people_that_cannot_be_read_stop_the_start(tmp_path):
    path = tmp_path / "people.json"
    path.write_text('[{"national_code": "1"}]')
    with pytest.raises(RuntimeError, match="person 0"):
        Sandbox(tmp_path, SANDBOX_PEOPLE=str(path)).start()


def test_it_remembers_everything_after_a_kill(tmp_path):
    with Sandbox(tmp_path) as sandbox:
        sandbox.people(person("0010350829"))
        sandbox.switch("registry", "slow", 7)
        body = {"senders": ["4040"], "recipients": ["989113701000"], "messages": ["سلام"], "uids": ["o-1"]}
        send, login = f"{sandbox.url}/sms/api/http/sms/v2/send", ("doreh", "doreh-sandbox")
        first = requests.post(send, json=body, auth=login, timeout=60).json()
        keys = requests.get(f"{sandbox.url}/sso/oauth2/jwks", timeout=60).json()
        sandbox.stop(signal.SIGKILL)
        sandbox.start()
        assert sandbox.state()["systems"]["registry"] == {"mode": "slow", "seconds": 7}
        assert requests.get(f"{sandbox.url}/sso/oauth2/jwks", timeout=60).json() == keys
        assert requests.post(send, json=body, auth=login, timeout=60).json() == first
        assert sandbox.by_uid() == {"o-1": 2}
