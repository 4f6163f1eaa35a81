"""Settings, read once from the environment; production refuses to start with a missing or default secret."""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

MODES_OF_RUNNING = ("production", "demo", "test")
MODES = ("online", "batch", "manual", "off")
DEFAULT_SECRETS = {"", "changeme", "change-me", "secret", "test", "demo", "doreh", "doreh-demo"}

# What each outside system needs while its mode is `online`. A default stands only where it is right in production.
SYSTEMS: dict[str, dict[str, str]] = {
    "SSO": {
        "SSO_ISSUER": "https://sso.my.gov.ir",
        "SSO_CLIENT_ID": "",
        "SSO_CLIENT_SECRET": "",
        "SSO_AUTHORIZE_URL": "https://sso.my.gov.ir/oauth2/authorize",
        "SSO_TOKEN_URL": "https://sso.my.gov.ir/oauth2/token",
        "SSO_JWKS_URL": "https://sso.my.gov.ir/oauth2/jwks",
        "SSO_USERINFO_URL": "https://sso.my.gov.ir/api/v1/user/userinfo",
        "SSO_LOGOUT_URL": "https://sso.my.gov.ir/logout",
        "SSO_SCOPE": "openid profile",
    },
    "REGISTRY": {"REGISTRY_URL": "", "REGISTRY_CLIENT_ID": ""},
    "SHAHKAR": {"SHAHKAR_URL": "", "SHAHKAR_USERNAME": "", "SHAHKAR_PASSWORD": "", "SHAHKAR_PROVIDER_CODE": ""},
    "SMS": {
        "SMS_URL": "https://sms.magfa.com/api/http/sms/v2",
        "SMS_USERNAME": "",
        "SMS_PASSWORD": "",
        "SMS_SENDER": "40406404000",
    },
    "KARPOOSHEH": {"KARPOOSHEH_FOLDER": ""},
    "PAYMENT": {"PAYMENT_GATEWAYS": ""},
    "ADDRESS": {"ADDRESS_URL": "", "ADDRESS_CLIENT_ID": ""},
    "DECILE": {"DECILE_URL": "", "DECILE_USERNAME": "", "DECILE_PASSWORD": ""},
}
# All others are online: nobody has promised the first an inbox yet, and nothing waits for what the others tell.
DEFAULT_MODES = {"KARPOOSHEH": "off", "ADDRESS": "off", "DECILE": "off"}
# The gateways of banks, and what each needs when `PAYMENT_GATEWAYS` names it.
GATEWAYS: dict[str, dict[str, str]] = {
    "sadad": {
        "PAYMENT_SADAD_URL": "https://sadad.shaparak.ir",
        "PAYMENT_SADAD_MERCHANT": "",
        "PAYMENT_SADAD_TERMINAL": "",
        "PAYMENT_SADAD_KEY": "",
    },
    "sep": {"PAYMENT_SEP_URL": "https://sep.shaparak.ir", "PAYMENT_SEP_TERMINAL": ""},
    "mellat": {
        "PAYMENT_MELLAT_URL": "https://bpm.shaparak.ir/pgwchannel/services/pgw",
        "PAYMENT_MELLAT_PAGE_URL": "https://bpm.shaparak.ir/pgwchannel/startpay.mellat",
        "PAYMENT_MELLAT_TERMINAL": "",
        "PAYMENT_MELLAT_USER": "",
        "PAYMENT_MELLAT_PASSWORD": "",
    },
    "zarinpal": {"PAYMENT_ZARINPAL_URL": "https://payment.zarinpal.com", "PAYMENT_ZARINPAL_MERCHANT": ""},
}
SADAD_KEY_BYTES = 24
# Where files lie, and what the store in a bucket needs beside its address.
STORES = ("disk", "s3")
BUCKET = {"S3_URL": "", "S3_KEY_ID": "", "S3_SECRET": "", "S3_REGION": "us-east-1"}
# Numbers: the default, which also says what kind, then the least and the most.
NUMBERS: dict[str, tuple[float, float, float]] = {
    # How many proxies of ours stand in front; without the right number all visitors share one address.
    "TRUSTED_PROXIES": (0, 0, 9),
    "OUTSIDE_TIMEOUT_S": (10.0, 0.1, 10),  # the lease of a job is longer
    "S3_TIMEOUT_S": (20.0, 0.1, 25),  # for one whole file; a person waits for it
    "PAYMENT_TIMEOUT_S": (6.0, 0.1, 6),  # the way to the bank is open within 8 seconds, our own part included
    # How long what all visitors see alike may be shown again; 0 makes every page anew.
    "PUBLIC_PAGES_KEPT_S": (1.0, 0, 60),
}


class BadSettings(Exception):
    """Everything that is missing or wrong in the settings, at once."""


def load(environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings as Flask takes them: upper-case names to values.

    Raises:
        BadSettings: something is wrong, or, unless `DOREH_MODE` is `demo` or `test`, missing or a default; all of
            it is listed.
    """
    mode = environ.get("DOREH_MODE", "production")
    settings: dict[str, Any] = {
        "DOREH_MODE": mode,
        "DATABASE_URL": environ.get("DATABASE_URL", ""),
        "REDIS_URL": environ.get("REDIS_URL", ""),
        "SECRET_KEY": environ.get("SECRET_KEY", ""),
        "BASE_URL": environ.get("BASE_URL", "").rstrip("/"),
        "DATA_DIR": environ.get("DATA_DIR", "var"),
        "METRICS_TOKEN": environ.get("METRICS_TOKEN", ""),
        # Further names of claims of the national window, such as "national_code=melliCode mobile=cell,msisdn".
        "SSO_CLAIMS": environ.get("SSO_CLAIMS", ""),
        "SANDBOX_URL": environ.get("SANDBOX_URL", ""),
        "HELP_PHONE": environ.get("HELP_PHONE", "021-66583637"),
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 512 * 1024,
        "WTF_CSRF_TIME_LIMIT": None,
        "TESTING": mode == "test",
    }
    wrong = [f"DOREH_MODE: {mode!r} is none of production, demo, test"] if mode not in MODES_OF_RUNNING else []
    wrong += _read_store(environ, settings)
    for name in NUMBERS:
        wrong += _read_number(name, environ, settings)
    missing = _missing(settings)
    for system, fields in SYSTEMS.items():
        missing += _read_system(system, fields, environ, settings)
    missing += _read_gateways(environ, settings)
    wrong += _wrong_payment(settings)
    if wrong or (mode == "production" and missing):
        raise BadSettings(f"the settings are not fit for {mode}:\n  " + "\n  ".join(wrong + missing))
    settings["SQLALCHEMY_DATABASE_URI"] = _driver_url(settings["DATABASE_URL"])
    settings["SET_UP"] = frozenset(system for system in SYSTEMS if _is_set_up(system, settings))
    settings["FORM_ACTION_ORIGINS"] = _origins(settings)
    return settings


def _read_number(name: str, environ: Mapping[str, str], into: dict[str, Any]) -> list[str]:
    default, least, most = NUMBERS[name]
    into[name] = default
    try:
        into[name] = type(default)(environ.get(name, default))
    except ValueError:
        return [f"{name}: {environ[name]!r} is no number"]
    return [] if least <= into[name] <= most else [f"{name}: {into[name]} is not between {least} and {most}"]


def _read_system(system: str, fields: dict[str, str], environ: Mapping[str, str], into: dict[str, Any]) -> list[str]:
    mode = environ.get(f"{system}_MODE", DEFAULT_MODES.get(system, "online"))
    into[f"{system}_MODE"] = mode
    for name, default in fields.items():
        into[name] = environ.get(name, default)
    if mode not in MODES:
        return [f"{system}_MODE: {mode!r} is none of {', '.join(MODES)}"]
    return [f"{name} is not set" for name in fields if mode == "online" and not into[name]]


def _read_gateways(environ: Mapping[str, str], into: dict[str, Any]) -> list[str]:
    """The names of the chosen gateways in their order, and the settings of all; lists what a chosen one lacks."""
    chosen = into["PAYMENT_GATEWAYS"] = tuple(into["PAYMENT_GATEWAYS"].replace(",", " ").split())
    into["PAYMENT_PROXY"] = environ.get("PAYMENT_PROXY", "")
    for fields in GATEWAYS.values():
        into |= {name: environ.get(name, default) for name, default in fields.items()}
    if into["PAYMENT_MODE"] != "online":
        return []
    return [f"{name} is not set" for code in chosen for name in GATEWAYS.get(code, ()) if not into[name]]


def _is_set_up(system: str, settings: Mapping[str, Any]) -> bool:
    """Whether a system can be called, whatever its mode is now: an operator may switch that at any moment."""
    chosen = settings["PAYMENT_GATEWAYS"] if system == "PAYMENT" else ()
    names = [*SYSTEMS[system], *(name for code in chosen for name in GATEWAYS.get(code, ()))]
    return settings[f"{system}_MODE"] == "online" or all(settings[name] for name in names)


def _wrong_payment(settings: dict[str, Any]) -> list[str]:
    """What is wrong with what is set, without telling a secret."""
    chosen, key, proxy = settings["PAYMENT_GATEWAYS"], settings["PAYMENT_SADAD_KEY"], settings["PAYMENT_PROXY"]
    names = ", ".join(GATEWAYS)
    problems = [f"PAYMENT_GATEWAYS: {code!r} is none of {names}" for code in chosen if code not in GATEWAYS]
    if len(set(chosen)) < len(chosen):
        problems.append("PAYMENT_GATEWAYS: names a gateway twice")
    if key and not _is_sadad_key(key):
        problems.append(f"PAYMENT_SADAD_KEY: is not {SADAD_KEY_BYTES} bytes in base64")
    if proxy and (urlsplit(proxy).scheme not in ("http", "https") or not urlsplit(proxy).hostname):
        problems.append("PAYMENT_PROXY: is no address like http://name:password@host:port")
    return problems


def _is_sadad_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == SADAD_KEY_BYTES
    except ValueError:
        return False


def _read_store(environ: Mapping[str, str], into: dict[str, Any]) -> list[str]:
    store = into["FILES_STORE"] = environ.get("FILES_STORE", "disk")
    into |= {name: environ.get(name, default) for name, default in BUCKET.items()}
    if store not in STORES:
        return [f"FILES_STORE: {store!r} is none of {', '.join(STORES)}"]
    return [f"{name} is not set" for name in BUCKET if store == "s3" and not into[name]]


def _missing(settings: dict[str, Any]) -> list[str]:
    problems = [f"{name} is not set" for name in ("DATABASE_URL", "REDIS_URL", "BASE_URL") if not settings[name]]
    if settings["SECRET_KEY"] in DEFAULT_SECRETS or len(settings["SECRET_KEY"]) < 32:
        problems.append("SECRET_KEY is missing, a default or shorter than 32 characters")
    if settings["BASE_URL"] and not settings["BASE_URL"].startswith("https://"):
        problems.append("BASE_URL does not start with https://")
    return problems


def _driver_url(url: str) -> str:
    """psycopg 3 for any spelling of a PostgreSQL address."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _origins(settings: dict[str, Any]) -> list[str]:
    """Origins a form of ours may end at after a redirect: Chromium blocks any other silently.

    Those of systems that are not online too, when they are set up.
    """
    urls = []
    if "SSO" in settings["SET_UP"]:
        urls += [settings["SSO_AUTHORIZE_URL"], settings["SSO_LOGOUT_URL"]]
    if "PAYMENT" in settings["SET_UP"]:
        names = (f"PAYMENT_{code.upper()}" for code in settings["PAYMENT_GATEWAYS"])
        urls += [settings.get(f"{name}_PAGE_URL") or settings[f"{name}_URL"] for name in names]
    return sorted({f"{part.scheme}://{part.netloc}" for part in map(urlsplit, urls)})
