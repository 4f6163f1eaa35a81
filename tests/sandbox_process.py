"""The real sandbox as a process, for tests: start it, turn its switches, read its phones."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

from scripts import plan
from scripts.processes import die_with_parent
from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 90  # of a loaded machine; who is quicker is not waited for


class Sandbox:
    """One sandbox with a file of its own in `folder`; `start` and `stop` may be repeated and it remembers."""

    def __init__(self, folder: Path, *, port: int | None = None, **environ: str) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://localhost:{self.port}"
        self.environ = {
            "DOREH_MODE": "test",
            "SANDBOX_PORT": str(self.port),
            "SANDBOX_DATA": str(folder / "sandbox.sqlite3"),
            "PRODUCT_URL": "http://127.0.0.1:8000",
            "PATH": os.environ["PATH"],
            **environ,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Sandbox":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> "Sandbox":
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "sandbox.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sandbox"],
                cwd=ROOT,
                env=self.environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(),
            )
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and self._process.poll() is None:
            try:
                requests.get(f"{self.url}/control", timeout=2).raise_for_status()
            except requests.RequestException:
                time.sleep(0.05)
            else:
                return self
        self.stop()
        raise RuntimeError(f"the sandbox did not start:\n{self.log()[-2000:]}")

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it, by default in peace; with SIGKILL master and worker die together."""
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, number)
        if self._process:
            self._process.wait(PATIENCE_S)
        self._process = None

    def log(self) -> str:
        return (self.folder / "sandbox.log").read_text(errors="replace")

    def product_settings(self) -> dict[str, str]:
        """What the product needs in its environment to speak to this sandbox."""
        sso, doreh, word = f"{self.url}/sso", "doreh", "doreh-sandbox"
        return {
            "SSO_MODE": "online",
            "SSO_ISSUER": sso,
            "SSO_CLIENT_ID": doreh,
            "SSO_CLIENT_SECRET": word,
            "SSO_AUTHORIZE_URL": f"{sso}/oauth2/authorize",
            "SSO_TOKEN_URL": f"{sso}/oauth2/token",
            "SSO_JWKS_URL": f"{sso}/oauth2/jwks",
            "SSO_USERINFO_URL": f"{sso}/api/v1/user/userinfo",
            "SSO_LOGOUT_URL": f"{sso}/logout",
            "REGISTRY_MODE": "online",
            "REGISTRY_URL": f"{self.url}/registry",
            "REGISTRY_CLIENT_ID": doreh,
            "SHAHKAR_MODE": "online",
            "SHAHKAR_URL": f"{self.url}/shahkar",
            "SHAHKAR_USERNAME": doreh,
            "SHAHKAR_PASSWORD": word,
            "SHAHKAR_PROVIDER_CODE": "0785",
            "SMS_MODE": "online",
            "SMS_URL": f"{self.url}/sms/api/http/sms/v2",
            "SMS_USERNAME": doreh,
            "SMS_PASSWORD": word,
            "SMS_SENDER": "40406404000",
        }

    def bank_settings(self, *gateways: str) -> dict[str, str]:
        """What the product needs to pay at this sandbox, by the given gateways or by all four."""
        every = plan.banks(self.url)
        return every | ({"PAYMENT_GATEWAYS": ",".join(gateways)} if gateways else {})

    def pay(self, bank: str, outcome: str = "pay", **payment: Any) -> dict[str, Any]:
        """Choose for the payer of the payment with this `token` or `order_id`; the answer is the way back, unsent.

        Outcomes stand in sandbox/systems/banks/page.py: pay, cancel, refused, lost, twice, unheard, already, html,
        silent, wrong, no_amount, duplicate, forged.
        """
        back: dict[str, Any] = self.post("bank/pay", {"bank": bank, "outcome": outcome, **payment})["back"]
        return back

    def bank(self, act: str, **body: Any) -> dict[str, Any]:
        """`act` is back, age (minutes), odd, answers (call, codes) or windows (visit_s, verify_s, undo_s)."""
        answer: dict[str, Any] = self.post(f"bank/{act}", body)
        return answer

    def payments(self, bank: str = "") -> list[dict[str, Any]]:
        """The bank's own books, newest first."""
        found: list[dict[str, Any]] = self.get(f"bank?bank={bank}")["payments"]
        return found

    def switch(self, system: str, mode: str, seconds: float = 5) -> None:
        """`system` is sso, registry, shahkar, sms, a bank or all; `mode` up, slow, error500, html, silent or wrong."""
        self.post("switch", {"system": system, "mode": mode, "seconds": seconds})

    def sso(self, **options: bool) -> None:
        """Options: userinfo_jwt, rotate_key."""
        self.post("sso", options)

    def reset(self) -> None:
        """All up, phones empty, no payments, counts zero; people stay."""
        self.post("reset", {})

    def people(self, *people: dict[str, Any]) -> None:
        """Add or replace people; see `person`."""
        self.post("people", list(people))

    def state(self) -> dict[str, Any]:
        """Switches and sizes, as GET /control tells them."""
        found: dict[str, Any] = self.get("")
        return found

    def messages(self, mobile: str | None = None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("phones" + (f"/{mobile}" if mobile else ""))["messages"]
        return found

    def by_uid(self, mobile: str | None = None) -> dict[str, int]:
        """How often each message was handed over."""
        found: dict[str, int] = self.get("phones" + (f"/{mobile}" if mobile else ""))["by_uid"]
        return found

    def counts(self) -> dict[str, dict[str, int]]:
        """Requests by system and path."""
        found: dict[str, dict[str, int]] = self.get("counts")
        return found

    def get(self, path: str) -> Any:
        answer = requests.get(f"{self.url}/control/{path}".rstrip("/"), timeout=PATIENCE_S)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        answer = requests.post(f"{self.url}/control/{path}", json=body, timeout=PATIENCE_S)
        answer.raise_for_status()
        return answer.json()


def person(national_code: str, **fields: Any) -> dict[str, Any]:
    """One person for `Sandbox.people`, whole, with what the test is about in `fields`."""
    return {
        "national_code": national_code,
        "first_name": "مریم",
        "last_name": "کریمی",
        "father_name": "علی",
        "gender": "female",
        "birth_date": "1991-04-15",
        "shenasname_no": "0",
        "mobile": None,
        "alive": True,
        "note": "",
        **fields,
    }
