"""The outside systems: one module each, built once from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, current_app

from gateways.address import Address
from gateways.banks import chosen
from gateways.banks.base import Bank
from gateways.decile import Decile
from gateways.file_store import FileStore, LocalDisk
from gateways.karpoosheh import FileDrop, Karpoosheh
from gateways.registry import Registry
from gateways.shahkar import Shahkar
from gateways.sms import Magfa

if TYPE_CHECKING:
    from gateways.sso import NationalWindow

# A person who signs in must have an answer within 8 seconds, our own part included; jobs wait as the settings say.
SIGN_IN_TIMEOUT_S = 6.0


@dataclass(frozen=True)
class Gateways:
    """A system without settings is None; `banks` are the chosen gateways by code, in their order.

    Whether a system is called is not for these to know: its mode may change at any moment (services/outside.py).
    """

    sso: NationalWindow | None
    registry: Registry | None
    shahkar: Shahkar | None
    sms: Magfa | None
    karpoosheh: Karpoosheh | None = None
    banks: Mapping[str, Bank] = field(default_factory=dict)
    address: Address | None = None
    decile: Decile | None = None


def init_app(app: Flask) -> None:
    """Build the clients of all systems that are set up, whatever their mode, and the file store."""
    app.extensions["file_store"] = _file_store(app)
    known = app.config["SET_UP"]
    app.extensions["gateways"] = Gateways(
        # Nobody signs in at a job, and what checks tokens takes ten megabytes of each process that loads it.
        sso=_sso(app) if "SSO" in known and not app.config.get("IS_JOB") else None,
        registry=_registry(app) if "REGISTRY" in known else None,
        shahkar=_shahkar(app) if "SHAHKAR" in known else None,
        sms=_sms(app) if "SMS" in known else None,
        karpoosheh=FileDrop(Path(app.config["KARPOOSHEH_FOLDER"])) if "KARPOOSHEH" in known else None,
        banks=chosen.built(app.config) if "PAYMENT" in known else {},
        address=_address(app) if "ADDRESS" in known else None,
        decile=_decile(app) if "DECILE" in known else None,
    )


def window() -> NationalWindow | None:
    return _all().sso


def registry() -> Registry | None:
    return _all().registry


def shahkar() -> Shahkar | None:
    return _all().shahkar


def sms() -> Magfa | None:
    return _all().sms


def karpoosheh() -> Karpoosheh | None:
    return _all().karpoosheh


def address() -> Address | None:
    return _all().address


def decile() -> Decile | None:
    return _all().decile


def banks() -> Mapping[str, Bank]:
    """The gateways to pay by, the preferred one first."""
    return _all().banks


def bank(code: str) -> Bank | None:
    """The gateway of this code, if it is one of the chosen."""
    return _all().banks.get(code)


def files() -> FileStore:
    store: FileStore = current_app.extensions["file_store"]
    return store


def _all() -> Gateways:
    gateways: Gateways = current_app.extensions["gateways"]
    return gateways


def _file_store(app: Flask) -> FileStore:
    if app.config["FILES_STORE"] == "disk":
        return LocalDisk(Path(app.config["DATA_DIR"]).resolve() / "files")
    from gateways.s3 import Bucket

    return Bucket(
        url=app.config["S3_URL"].rstrip("/"),
        key_id=app.config["S3_KEY_ID"],
        secret=app.config["S3_SECRET"],
        region=app.config["S3_REGION"],
        timeout_s=app.config["S3_TIMEOUT_S"],
    )


def _sso(app: Flask) -> NationalWindow:
    from gateways import sso_claims
    from gateways.sso import NationalWindow

    return NationalWindow(
        issuer=app.config["SSO_ISSUER"],
        client_id=app.config["SSO_CLIENT_ID"],
        client_secret=app.config["SSO_CLIENT_SECRET"],
        authorize_url=app.config["SSO_AUTHORIZE_URL"],
        token_url=app.config["SSO_TOKEN_URL"],
        jwks_url=app.config["SSO_JWKS_URL"],
        userinfo_url=app.config["SSO_USERINFO_URL"],
        end_session_url=app.config["SSO_LOGOUT_URL"],
        timeout_s=SIGN_IN_TIMEOUT_S,
        scope=app.config["SSO_SCOPE"],
        claims=sso_claims.table(app.config["SSO_CLAIMS"]),
    )


def _registry(app: Flask) -> Registry:
    return Registry(app.config["REGISTRY_URL"], app.config["REGISTRY_CLIENT_ID"], app.config["OUTSIDE_TIMEOUT_S"])


def _address(app: Flask) -> Address:
    return Address(app.config["ADDRESS_URL"], app.config["ADDRESS_CLIENT_ID"], app.config["OUTSIDE_TIMEOUT_S"])


def _decile(app: Flask) -> Decile:
    names = ("DECILE_URL", "DECILE_USERNAME", "DECILE_PASSWORD", "OUTSIDE_TIMEOUT_S")
    return Decile(*(app.config[name] for name in names))


def _shahkar(app: Flask) -> Shahkar:
    return Shahkar(
        url=app.config["SHAHKAR_URL"],
        username=app.config["SHAHKAR_USERNAME"],
        password=app.config["SHAHKAR_PASSWORD"],
        provider_code=app.config["SHAHKAR_PROVIDER_CODE"],
        timeout_s=app.config["OUTSIDE_TIMEOUT_S"],
    )


def _sms(app: Flask) -> Magfa:
    return Magfa(
        url=app.config["SMS_URL"],
        username=app.config["SMS_USERNAME"],
        password=app.config["SMS_PASSWORD"],
        sender=app.config["SMS_SENDER"],
        timeout_s=app.config["OUTSIDE_TIMEOUT_S"],
    )
