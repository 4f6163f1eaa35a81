"""The script of uploads in Chromium: photos shrink before they leave, the way is shown, a cut line loses nothing."""

import io
import os
from collections.abc import Iterator

import pytest
from flask import Flask, Response, render_template_string, request
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from wtforms import FileField, Form

from tests.attachments import saved
from tests.web.bare import axe_violations, bare_app, served

PAGE = """{% extends "base.html" %}{% import "shared/layout.html" as layout %}{% import "shared/uploads.html" as up %}
{% block title %}پرونده{% endblock %}
{% block scripts %}{{ super() }}{{ layout.htmx() }}{{ up.script() }}{% endblock %}
{% block content %}<h1>پرونده</h1>{{ up.form(form, "/up", "k1", megabytes=1) }}{% endblock %}"""


pytestmark = pytest.mark.once


class UploadForm(Form):
    """One file."""

    file = FileField("عکس یا سند")


Got = list[tuple[str, bytes]]


@pytest.fixture
def got() -> Got:
    return []


@pytest.fixture
def tab(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    context.set_default_timeout(8_000)
    yield context
    context.close()


@pytest.fixture
def page(tab: BrowserContext, got: Got) -> Iterator[Page]:
    with served(upload_app(got)) as address:
        page = tab.new_page()
        page.goto(f"{address}/up")
        yield page


def upload_app(got: Got) -> Flask:
    app = bare_app()
    app.context_processor(lambda: {"account": ("من", "#"), "sign_out": "/out"})

    @app.get("/up")
    @app.get("/done")
    def show() -> str:
        return render_template_string(PAGE, form=UploadForm())

    @app.post("/up")
    def post() -> Response:
        got.append((request.form["form_key"], request.files["file"].read()))
        return Response(status=204, headers={"HX-Redirect": "/done"})

    return app


def photo(size: tuple[int, int] = (2400, 1200)) -> bytes:
    """Noise, so that it is large, held upright by a phone that wrote so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "MAKER-OF-PHONES"
    noise = Image.frombytes("RGB", (size[0] // 8, size[1] // 8), os.urandom(size[0] * size[1] * 3 // 64))
    return saved(noise.resize(size), exif=exif, quality=95)


def choose(page: Page, body: bytes, name: str = "a.jpg", mime: str = "image/jpeg") -> None:
    page.set_input_files("#file", {"name": name, "mimeType": mime, "buffer": body})
    expect(page.locator("[data-said]")).to_contain_text("مگابایت")


def go_on(page: Page, loaded: int) -> None:
    """Tell the page that so many of four bytes are on their way."""
    page.evaluate("loaded => htmx.trigger('[data-upload]', 'htmx:xhr:progress', {loaded, total: 4})", loaded)


def test_a_photo_leaves_small_upright_and_without_the_name_of_the_phone(page: Page, got: Got) -> None:
    body = photo()
    choose(page, body)
    page.get_by_role("button", name="فرستادن").click()
    page.wait_for_url("**/done")
    ((key, sent),) = got
    picture = Image.open(io.BytesIO(sent))
    assert (key, picture.size) == ("k1", (800, 1600))
    assert len(sent) < len(body)
    assert b"MAKER" not in sent


def test_what_is_too_large_is_said_before_it_is_sent(page: Page) -> None:
    page.set_input_files(
        "#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-" + b"0" * 1_100_000}
    )
    expect(page.locator("[data-said]")).to_contain_text("بزرگ‌تر از حد است")
    assert page.eval_on_selector("#file", "field => field.files.length") == 0


def test_a_cut_line_leaves_the_file_and_a_button_that_sends_it_again(tab: BrowserContext, page: Page, got: Got) -> None:
    choose(page, b"%PDF-1.4" + b"0" * 500_000, "a.pdf", "application/pdf")
    page.route("**/up", lambda route: route.abort("connectionreset"), times=1)
    page.get_by_role("button", name="فرستادن").click()
    page.get_by_role("button", name="ارسال دوباره").click()
    page.wait_for_url("**/done")
    assert [len(body) for _, body in got] == [500_008]


def test_the_bar_shows_the_way_and_goes_when_it_ends(page: Page) -> None:
    bar = page.locator("progress")
    expect(bar).to_be_hidden()
    go_on(page, 3)
    expect(bar).to_be_visible()
    assert bar.evaluate("bar => bar.value") == 0.75
    page.evaluate("() => htmx.trigger('[data-upload]', 'htmx:afterRequest', {})")
    expect(bar).to_be_hidden()


def test_a_line_on_which_nothing_moves_is_given_up_and_the_form_can_be_sent_again(page: Page, got: Got) -> None:
    page.clock.install()
    choose(page, b"%PDF-1.4", "a.pdf", "application/pdf")
    go_on(page, 1)
    page.clock.fast_forward(41_000)
    page.get_by_role("button", name="ارسال دوباره").click()
    page.wait_for_url("**/done")
    assert len(got) == 1


def test_the_form_works_without_javascript_and_axe_finds_nothing(browser: Browser, page: Page, got: Got) -> None:
    assert axe_violations(page) == []
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(page.url)
    plain.set_input_files("#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"})
    with plain.expect_response("**/up"):
        plain.get_by_role("button", name="فرستادن").click()
    plain.context.close()
    assert [body for _, body in got] == [b"%PDF-1.4"]
