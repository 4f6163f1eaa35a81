"""A small application of the front-end base alone, a server for it, and Chromium to look at it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from playwright.sync_api import Browser, Page, Playwright
from werkzeug.serving import make_server

from blueprints import assets, components, filters, headers

ROOT = Path(__file__).resolve().parents[2]
AXE = (ROOT / "tests/vendor/axe.min.js").read_text()
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


def bare_app(**config: Any) -> Flask:
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update({"SECRET_KEY": "for tests", "DOREH_MODE": "test", "TESTING": True} | config)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["csrf_token"] = lambda: "a-token"
    for part in (headers, assets, filters):
        part.init_app(app)
    app.register_blueprint(components.bp)
    return app


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a free port of this machine, until the block ends."""
    server = make_server("127.0.0.1", free_port(), app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def free_port() -> int:
    """A port below those that outgoing connections take."""
    for port in range(21600, 22000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise RuntimeError("no free port between 21600 and 21999")


def chromium(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS.split())


def axe_violations(page: Page) -> list[str]:
    """What axe finds wrong, one line for each place."""
    page.evaluate(AXE + ";0")
    found = page.evaluate("() => axe.run()")["violations"]
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def sticks_out(page: Page) -> list[str]:
    """Elements wider than the window, except those that scroll by themselves, and whether the page scrolls sideways."""
    return page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(e => {
            const box = e.getBoundingClientRect();
            return (box.left < -1 || box.right > innerWidth + 1) && !e.closest('.tabs, .scroll, .unseen, .top nav');
        }).map(e => e.outerHTML.slice(0, 120)).concat(
            document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : [])"""
    )
