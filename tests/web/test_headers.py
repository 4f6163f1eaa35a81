"""What every answer carries, and what a page asked for again costs."""

import gzip
import re

import brotli
import pytest
from flask import Flask, Response, g, request
from flask.testing import FlaskClient

from tests.web.bare import bare_app

PAGE = "<!doctype html><title>د</title>" + "<p>متن یک صفحه که بلند است</p>" * 40
BROTLI = {"Accept-Encoding": "br"}


def app_with_pages(**config: object) -> Flask:
    app = bare_app(**config)

    @app.get("/page")
    def page() -> str:
        return PAGE

    @app.get("/form")
    def form() -> str:
        g.csrf_token, g.reference = (
            f"user7.{request.args['time']}.signature{request.args['time']}",
            request.args["time"],
        )
        return f"{PAGE}<input name=csrf_token value={g.csrf_token}><a href=/help?ref={g.reference}>"

    @app.get("/own")
    def own() -> Response:
        return Response(PAGE, headers={"Cache-Control": "no-store"})

    @app.post("/page")
    def post() -> tuple[str, int]:
        return PAGE, 422

    app.add_url_rule("/step", view_func=step)
    return app


def step() -> Response:
    return Response(status=303, headers={"Location": "/page"})


@pytest.fixture
def visitor() -> FlaskClient:
    return app_with_pages(FORM_ACTION_ORIGINS=["https://bank.example"], BASE_URL="https://doreh.example").test_client()


def test_the_policy_closes_everything_that_pages_do_not_use(visitor: FlaskClient) -> None:
    policy = dict(part.split(" ", 1) for part in visitor.get("/page").headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["font-src"] == "'self'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self' https://bank.example"
    assert "unsafe" not in str(policy)


@pytest.mark.parametrize("path", ["/page", "/nowhere"])
def test_pages_and_errors_carry_the_security_headers(visitor: FlaskClient, path: str) -> None:
    headers = visitor.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "camera=()" in headers["Permissions-Policy"]


def test_a_step_to_another_page_carries_only_what_holds_for_a_step(visitor: FlaskClient) -> None:
    headers = visitor.get("/step").headers
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert not {"Content-Security-Policy", "Permissions-Policy", "X-Content-Type-Options"} & set(headers.keys())


def test_a_site_without_https_does_not_promise_it() -> None:
    headers = app_with_pages(BASE_URL="http://127.0.0.1:8000").test_client().get("/page").headers
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize(("accepts", "unpack"), [("br, gzip", brotli.decompress), ("gzip", gzip.decompress)])
def test_a_refused_form_comes_packed_like_any_page(visitor: FlaskClient, accepts: str, unpack) -> None:
    refused = visitor.post("/page", headers={"Accept-Encoding": accepts})
    assert (refused.status_code, unpack(refused.data).decode()) == (422, PAGE)
    assert int(refused.headers["Content-Length"]) == len(refused.data) < len(PAGE.encode()) / 5
    assert "Accept-Encoding" in refused.headers["Vary"]
    assert visitor.post("/page").content_encoding is None


def test_a_page_asked_for_again_is_answered_without_its_body(visitor: FlaskClient) -> None:
    first = visitor.get("/page", headers=BROTLI)
    again = visitor.get("/page", headers=BROTLI | {"If-None-Match": first.headers["ETag"]})
    assert brotli.decompress(first.data).decode() == PAGE
    assert re.fullmatch(r'W/"[0-9a-f]{18}"', first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Content-Security-Policy" not in again.headers


def test_the_tag_is_the_same_whatever_the_compression(visitor: FlaskClient) -> None:
    tags = {visitor.get("/page", headers={"Accept-Encoding": coding}).headers["ETag"] for coding in ("br", "gzip", "")}
    assert len(tags) == 1


def test_a_new_signature_or_reference_is_no_new_page(visitor: FlaskClient) -> None:
    first, again = (visitor.get(f"/form?time={time}").headers["ETag"] for time in ("1111", "2222"))
    assert first == again


def test_a_refused_form_is_never_answered_from_the_cache(visitor: FlaskClient) -> None:
    tag = visitor.get("/page").headers["ETag"]
    answer = visitor.post("/page", headers={"If-None-Match": tag})
    assert answer.status_code == 422
    assert "ETag" not in answer.headers


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        ("", "no-cache"),
        ("doreh_seed", "no-cache"),
        ("doreh_staff", "private, no-cache"),
        ("__Host-doreh_trainee", "private, no-cache"),
    ],
)
def test_a_page_of_somebody_signed_in_is_private(visitor: FlaskClient, cookie: str, expected: str) -> None:
    if cookie:
        visitor.set_cookie(cookie, "x")
    answer = visitor.get("/page")
    assert answer.headers["Cache-Control"] == expected
    assert "Cookie" in answer.headers["Vary"]


def test_a_view_may_forbid_keeping_a_page(visitor: FlaskClient) -> None:
    answer = visitor.get("/own")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "203.0.113.9")])
def test_behind_proxies_of_ours_the_address_is_the_browsers_and_no_made_up_one(proxies: int, address: str) -> None:
    app = bare_app(TRUSTED_PROXIES=proxies)
    app.add_url_rule("/address", view_func=lambda: Response(request.remote_addr, mimetype="text/plain"))
    forwarded = {"X-Forwarded-For": "10.0.0.1, 203.0.113.9"}
    assert app.test_client().get("/address", headers=forwarded).text == address
