"""A small application of the front-end base alone, a server for it, and Chromium to look at it."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect
from werkzeug.serving import make_server

from blueprints import assets, components, filters, headers

ROOT = Path(__file__).resolve().parents[2]
AXE = (ROOT / "tests/vendor/axe.min.js").read_text()
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
PATIENCE_MS = 60_000  # of a loaded machine; what comes sooner is not waited for
expect.set_options(timeout=PATIENCE_MS)


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
    """The application on a free port of this machine, until the block ends and the last answer is made."""
    active, changed = set[int](), threading.Condition()

    def answer(environ: Any, start_response: Any) -> Any:
        active.add(threading.get_ident())
        try:
            return app(environ, start_response)
        finally:
            with changed:
                active.discard(threading.get_ident())
                changed.notify_all()

    server = make_server("127.0.0.1", 0, answer, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        with changed:  # whatever a browser has left behind must not write into the next test
            assert changed.wait_for(lambda: not active, PATIENCE_MS / 1000)


def chromium(playwright: Playwright) -> Browser:
    """Chromium's shell without a window, which is twice as quick; the whole browser where only that is installed."""
    program = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
    return playwright.chromium.launch(executable_path=program, args=FLAGS.split())


def patient(browser: Browser, **options: Any) -> BrowserContext:
    """A browser of one's own that waits for a loaded machine."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    return context


def follow(page: Page, what: str | Locator) -> None:
    """Click on what leads to another page, and wait for that page; a click alone may return before it is there."""
    target = page.locator(what) if isinstance(what, str) else what
    with page.expect_navigation():
        target.click()


def axe_violations(page: Page) -> list[str]:
    """What axe finds wrong, one line for each place."""
    page.evaluate(AXE + ";0")
    # What passed is neither collected nor sent to us: there is much more of it.
    found = page.evaluate("async () => (await axe.run({resultTypes: ['violations']})).violations")
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def sticks_out(page: Page) -> list[str]:
    """Elements wider than the window, except those that scroll by themselves, and whether the page scrolls sideways."""
    return page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(e => {
            const box = e.getBoundingClientRect();
            return (box.left < -1 || box.right > innerWidth + 1) && !e.closest('.scroll, .unseen, .top nav');
        }).map(e => e.outerHTML.slice(0, 120)).concat(
            document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : [])"""
    )
