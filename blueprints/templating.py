"""Jinja with one habit changed that costs every page a tenth of its time."""

from collections.abc import MutableMapping
from typing import Any

from flask import Flask
from flask.templating import Environment


class LeanEnvironment(Environment):
    """Templates share the global names themselves.

    Jinja wraps them for each template anew, so that a template could have globals of its own, which none of ours has;
    and at each `import` in a page it compares the wrapped names one by one.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


def init_app(app: Flask) -> None:
    """Call before anything else touches `app.jinja_env`."""
    app.jinja_environment = LeanEnvironment
