"""The gateways that the settings choose, each loaded only when it is chosen."""

from collections.abc import Callable, Mapping
from typing import Any

from gateways.banks.base import Bank
from gateways.banks.wire import Line

Settings = Mapping[str, Any]


def built(settings: Settings) -> dict[str, Bank]:
    """The chosen gateways by code, the preferred one first."""
    line = Line(settings["PAYMENT_TIMEOUT_S"], settings["PAYMENT_PROXY"])
    return {code: BUILDERS[code](settings, line) for code in settings["PAYMENT_GATEWAYS"]}


def _sadad(settings: Settings, line: Line) -> Bank:
    from gateways.banks.sadad import Sadad

    url, merchant, terminal, key = _of(settings, "SADAD", "URL", "MERCHANT", "TERMINAL", "KEY")
    return Sadad(url, merchant, terminal, key, line)


def _sep(settings: Settings, line: Line) -> Bank:
    from gateways.banks.sep import Sep

    url, terminal = _of(settings, "SEP", "URL", "TERMINAL")
    return Sep(url, terminal, line)


def _mellat(settings: Settings, line: Line) -> Bank:
    from gateways.banks.mellat import Mellat

    url, page_url, terminal = _of(settings, "MELLAT", "URL", "PAGE_URL", "TERMINAL")
    user, password = _of(settings, "MELLAT", "USER", "PASSWORD")
    return Mellat(url, page_url, terminal, (user, password), line)


def _zarinpal(settings: Settings, line: Line) -> Bank:
    from gateways.banks.zarinpal import Zarinpal

    url, merchant = _of(settings, "ZARINPAL", "URL", "MERCHANT")
    return Zarinpal(url, merchant, line)


def _of(settings: Settings, gateway: str, *names: str) -> list[str]:
    return [settings[f"PAYMENT_{gateway}_{name}"] for name in names]


BUILDERS: dict[str, Callable[[Settings, Line], Bank]] = {
    "sadad": _sadad,
    "sep": _sep,
    "mellat": _mellat,
    "zarinpal": _zarinpal,
}
