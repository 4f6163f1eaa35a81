"""The sandbox's settings, read from the environment it shares with the product."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

KEY_BYTES = 24
DEMO_KEYS = {
    "SADAD_MERCHANT": "000000140336777",
    "SADAD_TERMINAL": "24000777",
    "SADAD_KEY": "ZG9yZWgtc2FuZGJveC1zYWRhZC1rZXkh",
    "MELLAT_TERMINAL": "1300777",
    "MELLAT_USER": "doreh",
    "MELLAT_PASSWORD": "doreh-sandbox",
    "SEP_TERMINAL": "13000777",
    "ZARINPAL_MERCHANT": "d0e7d0e7-0000-4000-8000-000000000777",
}


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
    address_client_id: str
    decile_login: tuple[str, str]
    sms_login: tuple[str, str]
    inbox: Path | None
    banks: "Merchant"

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
            address_client_id=environ.get("ADDRESS_CLIENT_ID", "doreh"),
            decile_login=(environ.get("DECILE_USERNAME", "doreh"), environ.get("DECILE_PASSWORD", "doreh-sandbox")),
            sms_login=(environ.get("SMS_USERNAME", "doreh"), environ.get("SMS_PASSWORD", "doreh-sandbox")),
            inbox=Path(environ["KARPOOSHEH_FOLDER"]) if environ.get("KARPOOSHEH_FOLDER") else None,
            banks=Merchant.read(environ),
        )


@dataclass(frozen=True)
class Merchant:
    """The product as the four banks know it; the defaults are those of `make run` and of the tests."""

    sadad_merchant: str
    sadad_terminal: str
    sadad_key: bytes
    mellat_terminal: str
    mellat_login: tuple[str, str]
    sep_terminal: str
    zarinpal_merchant: str

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Merchant":
        given = {name: environ.get(f"PAYMENT_{name}", value) for name, value in DEMO_KEYS.items()}
        try:
            key = base64.b64decode(given["SADAD_KEY"], validate=True)
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise Refused("PAYMENT_SADAD_KEY must be 24 bytes in base64.")
        return cls(
            sadad_merchant=given["SADAD_MERCHANT"],
            sadad_terminal=given["SADAD_TERMINAL"],
            sadad_key=key,
            mellat_terminal=given["MELLAT_TERMINAL"],
            mellat_login=(given["MELLAT_USER"], given["MELLAT_PASSWORD"]),
            sep_terminal=given["SEP_TERMINAL"],
            zarinpal_merchant=given["ZARINPAL_MERCHANT"],
        )
