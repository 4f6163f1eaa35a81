"""Static files: hashed, packed, kept for a year, small, and the vendored ones unchanged."""

import gzip
import hashlib
import json
import re

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints.assets import FOLDER, asset_url, assets
from tests.web.bare import bare_app

pytestmark = pytest.mark.once
BUDGETS = {
    "site.css": 5_000,
    "site.js": 3_000,
    "htmx.js": 15_300,
    "upload.js": 1_000,
    "count.js": 3_000,
    "attend.js": 2_200,
    "attend.css": 700,
    "sheet.css": 700,
    "poster.css": 600,
    "paper.css": 500,
    "paper.js": 60,
    "favicon.svg": 300,
    "share.png": 6_000,
}


@pytest.fixture(scope="module")
def bare() -> Flask:
    return bare_app()


@pytest.fixture
def visitor(bare: Flask) -> FlaskClient:
    return bare.test_client()


def url(bare: Flask, name: str) -> str:
    with bare.test_request_context("/"):
        return asset_url(name)


@pytest.mark.parametrize(("name", "limit"), BUDGETS.items())
def test_a_file_stays_within_its_budget(name: str, limit: int) -> None:
    bodies = assets()[name].bodies
    assert len(bodies.get("br", bodies["identity"])) <= limit


def test_every_served_file_has_a_budget() -> None:
    assert set(assets()) == set(BUDGETS)


def test_an_address_carries_the_hash_of_what_is_sent(bare: Flask) -> None:
    body = assets()["site.css"].bodies["identity"]
    assert url(bare, "site.css") == f"/static/site.{hashlib.sha256(body).hexdigest()[:10]}.css"


@pytest.mark.parametrize(
    ("accepts", "coding", "unpack"),
    [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip, deflate", "gzip", gzip.decompress),
        ("br;q=0, gzip", "gzip", gzip.decompress),
        ("identity", None, bytes),
        ("", None, bytes),
    ],
)
def test_a_browser_gets_the_smallest_form_it_takes(bare: Flask, visitor: FlaskClient, accepts, coding, unpack) -> None:
    answer = visitor.get(url(bare, "site.js"), headers={"Accept-Encoding": accepts})
    assert answer.headers.get("Content-Encoding") == coding
    assert unpack(answer.data) == assets()["site.js"].bodies["identity"]
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_a_file_is_kept_for_a_year_and_sets_no_cookie(bare: Flask, visitor: FlaskClient) -> None:
    answer = visitor.get(url(bare, "site.css"))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content_type == "text/css; charset=utf-8"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("name", ["site.css", "site.0000000000.css", "vendor.json", "..%2fapp.py", "none.js"])
def test_a_name_without_the_right_hash_is_not_found(visitor: FlaskClient, name: str) -> None:
    assert visitor.get(f"/static/{name}").status_code == 404


def test_an_unknown_file_fails_when_the_page_is_made(bare: Flask) -> None:
    with pytest.raises(KeyError):
        url(bare, "stie.css")


def test_vendored_files_are_what_their_authors_published() -> None:
    for name, told in json.loads((FOLDER / "vendor.json").read_text()).items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == told["sha256"], name


def test_a_vendored_file_is_sent_as_it_came() -> None:
    assert assets()["htmx.js"].bodies["identity"] == (FOLDER / "htmx.js").read_bytes()


def test_what_is_sent_of_our_files_has_no_comment_left_and_lost_no_rule() -> None:
    source, sent = (FOLDER / "site.css").read_text(), assets()["site.css"].bodies["identity"].decode()
    assert "/*" not in sent
    assert sent.count("{") == source.count("{")
    assert sent.count("{") == sent.count("}")


def test_our_script_asks_nothing_of_the_page_that_the_policy_forbids() -> None:
    script = (FOLDER / "site.js").read_text()
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\.style\b", script
    )


def test_our_script_is_understood_by_browsers_of_2017() -> None:
    assert not re.search(
        r"\?\.|\?\?|#[a-z]+\(|\basync\b|\.at\(|replaceAll|catch \{|\*\*", (FOLDER / "site.js").read_text()
    )
