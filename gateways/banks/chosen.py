"""The gateways that the settings choose, each built from its own settings and loaded only when it is chosen."""

from collections.abc import Callable, Mapping
from typing import Any

from gateways.banks.base import Bank

Settings = Mapping[str, Any]


def built(settings: Settings) -> dict[str, Bank]:
    """The chosen gateways by code, the preferred one first."""
    return {code: BUILDERS[code](settings) for code in settings["PAYMENT_GATEWAYS"] if code in BUILDERS}


BUILDERS: dict[str, Callable[[Settings], Bank]] = {}
