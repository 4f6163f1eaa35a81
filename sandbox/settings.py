"""The sandbox's settings, read from the environment it shares with the product."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class Refused(Exception):
    """The sandbox does not start; the text says why."""


@dataclass(frozen=True)
class Settings:
    """Where the sandbox lives, and the names and passwords the product must come with."""

    port: int
    data: Path
    people: Path | None
    product_url: str
    issuer: str
    sso_client: tuple[str, str]
    registry_client_id: str
    shahkar_login: tuple[str, str]
    sms_login: tuple[str, str]

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Settings":
        # Unset is production for the product, so it is production here.
        if environ.get("DOREH_MODE", "production") not in ("demo", "test"):
            raise Refused(
                "The sandbox plays the outside systems and must not run in production: "
                "it starts only with DOREH_MODE=demo or DOREH_MODE=test."
            )
        port = environ.get("SANDBOX_PORT", "8001")
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise Refused("SANDBOX_PORT must be a number between 1 and 65535.")
        people = environ.get("SANDBOX_PEOPLE", "")
        return cls(
            port=int(port),
            data=Path(environ.get("SANDBOX_DATA", "var/sandbox.sqlite3")),
            people=Path(people) if people else None,
            product_url=environ.get("PRODUCT_URL", "").rstrip("/"),
            issuer=environ.get("SSO_ISSUER", f"http://localhost:{port}/sso"),
            sso_client=(environ.get("SSO_CLIENT_ID", "doreh"), environ.get("SSO_CLIENT_SECRET", "doreh-sandbox")),
            registry_client_id=environ.get("REGISTRY_CLIENT_ID", "doreh"),
            shahkar_login=(environ.get("SHAHKAR_USERNAME", "doreh"), environ.get("SHAHKAR_PASSWORD", "doreh-sandbox")),
            sms_login=(environ.get("SMS_USERNAME", "doreh"), environ.get("SMS_PASSWORD", "doreh-sandbox")),
        )
