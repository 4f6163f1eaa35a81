"""What `make run` will start and with which settings, read from the environment."""

import fcntl
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

PASSWORD = "doreh-demo"  # noqa: S105 printed at every start, for demo data only
ACCOUNTS = (
    ("مرکز دولتی گرگان", "clerk1 manager1 counselor1"),
    ("آموزشگاه آزاد", "academy1 head1"),
    ("اداره کل گلستان", "province1 planner1 director1"),
    ("ستاد", "hq1 admin1"),
    ("مربی، پیشخوان، راهبر", "instructor1 counter1 operator1"),
    ("استان دیگر", "clerk2 manager2 province2"),
)


class Refused(Exception):
    """We do not start; the text is the one sentence shown."""


@dataclass(frozen=True)
class Plan:
    """One run: two ports, one data folder, and the settings the user gave."""

    port: int
    sandbox_port: int
    data: Path
    demo: bool
    given: Mapping[str, str]

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Plan":
        if environ.get("DOREH_MODE") == "production":
            raise Refused("`make run` is for one machine with a sandbox; docs/deploy.md shows the production set-up.")
        port = _port(environ.get("PORT", "8000"), "PORT")
        sandbox = _port(environ.get("SANDBOX_PORT", str(port + 1)), "SANDBOX_PORT")
        if port == sandbox:
            raise Refused("PORT and SANDBOX_PORT must differ.")
        data = Path(environ.get("DATA_DIR", "var")).resolve()
        return cls(port, sandbox, data, environ.get("DEMO", "1") != "0", dict(environ))

    def take(self) -> TextIOWrapper:
        """Hold the data folder for as long as the returned file is open; refuse if somebody else is at work."""
        try:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self.data / "lock").open("a+")
        except OSError as error:
            raise Refused(f"The data folder {self.data} cannot be written: {error.strerror}.") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused(f"Doreh is already running on the data in {self.data}.") from error
        for port, name in ((self.port, "PORT"), (self.sandbox_port, "SANDBOX_PORT")):
            if not _free(port):
                raise Refused(f"Port {port} is taken by another program; choose another with {name}=... make run.")
        return lock

    def environ(self, redis_url: str) -> dict[str, str]:
        """The settings of every child; what the user set wins."""
        sandbox = f"http://localhost:{self.sandbox_port}"
        defaults = {
            "DOREH_MODE": "demo",
            "DATABASE_URL": f"sqlite:///{self.data}/doreh.sqlite3",
            "REDIS_URL": redis_url,
            "BASE_URL": f"http://127.0.0.1:{self.port}",
            "PRODUCT_URL": f"http://127.0.0.1:{self.port}",
            "SANDBOX_URL": f"{sandbox}/",
            "SANDBOX_DATA": f"{self.data}/sandbox.sqlite3",
            "SANDBOX_PEOPLE": f"{self.data}/people.json",
            "KARPOOSHEH_FOLDER": f"{self.data}/karpoosheh",  # the sandbox shows what is dropped there
            "MALLOC_ARENA_MAX": "1",  # one heap for every thread would cost each web process 15 MB
            **_outside(sandbox),
        }
        if "SECRET_KEY" not in self.given:
            defaults["SECRET_KEY"] = self._secret()
        fixed = {"DATA_DIR": str(self.data), "SANDBOX_PORT": str(self.sandbox_port), "PYTHONUNBUFFERED": "1"}
        return {**defaults, **self.given, **fixed}

    def _secret(self) -> str:
        path = self.data / "secret"
        if not path.exists():
            draft = self.data / "secret.new"
            draft.unlink(missing_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
            draft.replace(path)
        return path.read_text()


def _outside(sandbox: str) -> dict[str, str]:
    return {
        "SSO_MODE": "online",
        "SSO_ISSUER": f"{sandbox}/sso",
        "SSO_CLIENT_ID": "doreh",
        "SSO_CLIENT_SECRET": "doreh-sandbox",
        "SSO_AUTHORIZE_URL": f"{sandbox}/sso/oauth2/authorize",
        "SSO_TOKEN_URL": f"{sandbox}/sso/oauth2/token",
        "SSO_JWKS_URL": f"{sandbox}/sso/oauth2/jwks",
        "SSO_USERINFO_URL": f"{sandbox}/sso/api/v1/user/userinfo",
        "SSO_LOGOUT_URL": f"{sandbox}/sso/logout",
        "REGISTRY_MODE": "online",
        "REGISTRY_URL": f"{sandbox}/registry",
        "REGISTRY_CLIENT_ID": "doreh",
        "SHAHKAR_MODE": "online",
        "SHAHKAR_URL": f"{sandbox}/shahkar",
        "SHAHKAR_USERNAME": "doreh",
        "SHAHKAR_PASSWORD": "doreh-sandbox",
        "SHAHKAR_PROVIDER_CODE": "0785",
        "ADDRESS_MODE": "online",
        "ADDRESS_URL": f"{sandbox}/address",
        "ADDRESS_CLIENT_ID": "doreh",
        "DECILE_MODE": "online",
        "DECILE_URL": f"{sandbox}/decile",
        "DECILE_USERNAME": "doreh",
        "DECILE_PASSWORD": "doreh-sandbox",
        "SMS_MODE": "online",
        "SMS_URL": f"{sandbox}/sms/api/http/sms/v2",
        "SMS_USERNAME": "doreh",
        "SMS_PASSWORD": "doreh-sandbox",
        "SMS_SENDER": "30001234",
        **banks(sandbox),
    }


def banks(sandbox: str) -> dict[str, str]:
    """All four gateways at the sandbox, which knows these keys of itself."""
    return {
        "PAYMENT_MODE": "online",
        "PAYMENT_GATEWAYS": "sadad,sep,mellat,zarinpal",
        "PAYMENT_SADAD_URL": f"{sandbox}/sadad",
        "PAYMENT_SADAD_MERCHANT": "000000140336777",
        "PAYMENT_SADAD_TERMINAL": "24000777",
        "PAYMENT_SADAD_KEY": "ZG9yZWgtc2FuZGJveC1zYWRhZC1rZXkh",
        "PAYMENT_SEP_URL": f"{sandbox}/sep",
        "PAYMENT_SEP_TERMINAL": "13000777",
        "PAYMENT_MELLAT_URL": f"{sandbox}/mellat/pgwchannel/services/pgw",
        "PAYMENT_MELLAT_PAGE_URL": f"{sandbox}/mellat/pgwchannel/startpay.mellat",
        "PAYMENT_MELLAT_TERMINAL": "1300777",
        "PAYMENT_MELLAT_USER": "doreh",
        "PAYMENT_MELLAT_PASSWORD": "doreh-sandbox",
        "PAYMENT_ZARINPAL_URL": f"{sandbox}/zarinpal",
        "PAYMENT_ZARINPAL_MERCHANT": "d0e7d0e7-0000-4000-8000-000000000777",
    }


def _port(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise Refused(f"{name} must be a number between 1 and 65535.")
    return int(text)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
