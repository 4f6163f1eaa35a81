"""A form that brings a file, and the address that hands it out."""

import io
import uuid

import pytest
from bs4 import BeautifulSoup
from flask import Blueprint, Response, render_template_string, request
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart
from wtforms import FileField, Form

import gateways
from app import create_app
from blueprints import guards, uploads
from blueprints.htmx import go, wants_fragment
from models import AuditEvent, FileAccess, StoredFile, db
from services import files
from services.errors import DomainError
from services.files import reasons
from tests import attachments, make
from tests.attachments import jpeg, pdf, work
from tests.conftest import SETTINGS, PageClient

FORM = """{% import "shared/uploads.html" as up %}{{ up.form(form, "/attach/1", key) }}"""
PAGE = """{% extends "base.html" %}{% import "shared/layout.html" as layout %}{% import "shared/uploads.html" as up %}
{% block title %}پرونده‌ها{% endblock %}
{% block scripts %}{{ super() }}{{ layout.htmx() }}{{ up.script() }}{% endblock %}
{% block content %}<h1>پرونده‌ها</h1>{% for file in files %}{{ up.shown(file, words(file.refused_reason)) }}{% endfor %}
{{ up.form(form, "/attach/1", key) }}{% endblock %}"""
bp = Blueprint("files_test", __name__)
bp.before_request(guards.require("center"))


class UploadForm(Form):
    """One file."""

    file = FileField("عکس یا سند")


def shown(status: int = 200, error: str = "") -> Response:
    form = UploadForm()
    form.file.errors = [error] if error else []
    context = {"files": files.of_owner(attachments.OWNER, 1), "words": reasons.words, "key": str(uuid.uuid4())}
    return Response(render_template_string(FORM if wants_fragment() else PAGE, form=form, **context), status)


@bp.get("/attach/1")
def page() -> Response:
    return shown()


@bp.post("/attach/1")
@uploads.accepts_file
def attach() -> Response:
    actor = guards.me()
    place = files.Place(attachments.OWNER, 1, actor.units[0], actor.provinces[0])
    try:
        uploads.take(actor, place)
    except DomainError as error:
        return shown(error.status, str(error))
    return go("/attach/1")


@bp.post("/plain")
def plain() -> Response:
    return Response(str(len(request.form)))


@pytest.fixture(scope="module")
def house(app, tmp_path_factory):
    """An application with a page that takes files, on the database of the test."""
    guards.STAFF_SIDE |= {"files_test"}
    settings = {"DATABASE_URL": app.config["DATABASE_URL"], "DATA_DIR": str(tmp_path_factory.mktemp("house"))}
    house = create_app({**SETTINGS, **settings})
    house.register_blueprint(bp)
    house.test_client_class = PageClient
    yield house
    guards.STAFF_SIDE -= {"files_test"}
    with house.app_context():
        db.engine.dispose()


@pytest.fixture
def clerk():
    return make.user(unit_=make.unit())


@pytest.fixture
def client(house, app, clerk, monkeypatch):
    monkeypatch.setitem(app.extensions, "file_store", house.extensions["file_store"])
    yield signed_in(house, clerk)
    with house.app_context():
        db.engine.dispose()  # or the next test would have its database replaced below an open connection


def signed_in(house, user, *, htmx=False):
    from services import sessions

    client = house.test_client()
    client.set_cookie(guards.staff_cookie(), sessions.open_staff(user.id))
    if htmx:
        client.environ_base["HTTP_HX_REQUEST"] = "true"
    return client


def fields(client):
    form = BeautifulSoup(client.get("/attach/1").data, "html.parser").select_one("form[data-upload]")
    return {field["name"]: field["value"] for field in form.select("input[type=hidden]")}


def post(client, body=None, name="a.jpg", data=None, url="/attach/1"):
    sent = {**(data or fields(client))}
    if body is not None:
        sent["file"] = FileStorage(io.BytesIO(body), name)
    boundary, packed = encode_multipart(sent)
    return client.post(url, data=packed, content_type=f"multipart/form-data; boundary={boundary}")


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def key_of_ready(client, body=None, name="a.jpg"):
    assert post(client, body or jpeg(), name).status_code == 303
    work()
    return db.session.scalar(select(StoredFile.key))


# -- Sending -----------------------------------------------------------------------


def test_a_plain_form_brings_a_file_that_is_shown_once_it_was_looked_at(client):
    assert post(client, jpeg(), "کارگاه.JPG").status_code == 303
    assert "در حال بررسی" in client.get("/attach/1").text
    work()
    picture = BeautifulSoup(client.get("/attach/1").data, "html.parser").select_one("main img")
    assert picture["alt"] == "کارگاه.jpg"
    assert client.get(picture["src"]).mimetype == "image/jpeg"


def test_the_same_form_posted_twice_stores_once(client):
    data = fields(client)
    assert [post(client, jpeg(), data=data).status_code for _ in range(2)] == [303, 303]
    assert count(StoredFile) == 1


@pytest.mark.parametrize(("body", "word"), [
    (None, "انتخاب نشده"), (b"", "خالی"), (b"<svg onload=alert(1)>", "برداری"),
    (b"\xff\xd8\xff" + b"0" * 8_400_000, "۸ مگابایت"),
], ids=["none", "empty", "svg", "large"])  # fmt: skip
def test_what_is_not_taken_comes_back_with_a_sentence_at_its_field(client, body, word):
    answer = post(client, body)
    field = BeautifulSoup(answer.data, "html.parser").select_one("#file-error")
    assert answer.status_code == 422
    assert word in field.text
    assert count(StoredFile) == 0


def full(*_):
    raise OSError("no space left")


def test_a_store_that_takes_nothing_says_so_at_the_field_and_one_that_gives_nothing_too(client, monkeypatch):
    key = key_of_ready(client)
    monkeypatch.setattr(gateways.LocalDisk, "put", full)
    monkeypatch.setattr(gateways.LocalDisk, "open", full)
    answer = post(client, jpeg())
    assert (answer.status_code, count(StoredFile)) == (503, 1)
    assert "انبار پرونده‌ها" in BeautifulSoup(answer.data, "html.parser").select_one("#file-error").text
    answer = client.get(f"/files/{key}")
    assert (answer.status_code, "انبار پرونده‌ها" in answer.text) == (503, True)


def test_htmx_gets_the_form_alone_with_the_sentence_or_an_address(house, client, clerk):
    quick = signed_in(house, clerk, htmx=True)
    data = fields(client)
    refused = BeautifulSoup(post(quick, b"GIF89a", data=data).data, "html.parser")
    assert refused.select_one("form[data-upload] #file-error")
    assert refused.select_one("html") is None
    assert post(quick, jpeg(), data=data).headers["HX-Redirect"] == "/attach/1"


def test_a_refused_file_says_why(client):
    post(client, jpeg()[:-100])
    work()
    assert "خراب است یا نیمه‌کاره رسیده است" in client.get("/attach/1").text


def test_a_request_beyond_all_limits_is_refused_with_the_limit_of_its_address(client):
    large = b"\xff\xd8\xff" + b"0" * (12 * 1024 * 1024)
    answers = [post(client, large), post(client, large, url="/plain", data=fields(client))]
    assert [answer.status_code for answer in answers] == [413, 413]
    assert ["۱۰ مگابایت" in answers[0].text, "۲ مگابایت" in answers[1].text] == [True, True]
    assert count(StoredFile) == 0


def test_a_file_as_large_as_its_limit_fits_with_the_rest_of_its_form(client):
    answer = post(client, b"%PDF-1.5" + b"0" * (uploads.LARGEST - 8), "a.pdf")
    assert (answer.status_code, count(StoredFile)) == (303, 1)


# -- Handing out -------------------------------------------------------------------


def test_a_picture_comes_with_headers_that_let_nothing_run_and_nobody_share(client):
    answer = client.get(f"/files/{key_of_ready(client)}")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "private, max-age=3600"
    assert "Cookie" in answer.headers["Vary"]
    assert answer.headers["Content-Disposition"].startswith("inline;")
    assert answer.content_length == len(answer.data)


def test_a_document_is_a_download_under_its_own_name(client):
    body = pdf()
    answer = client.get(f"/files/{key_of_ready(client, body, 'فاکتور ۱.pdf')}")
    assert (answer.mimetype, answer.data) == ("application/pdf", body)
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''%D9%81%D8%A7" in answer.headers["Content-Disposition"]


def test_a_browser_that_has_it_gets_nothing_and_a_cut_download_goes_on(client):
    url = f"/files/{key_of_ready(client)}"
    whole = client.get(url)
    assert client.get(url, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    rest = client.get(url, headers={"Range": "bytes=100-"})
    assert (rest.status_code, rest.data) == (206, whole.data[100:])


def test_each_handing_out_is_a_row(client, clerk):
    key = key_of_ready(client)
    client.get(f"/files/{key}")
    client.get(f"/files/{key}/thumb")
    log = db.session.execute(select(FileAccess.user_id, FileAccess.part).order_by(FileAccess.id)).all()
    assert log == [(clerk.id, "file"), (clerk.id, "thumb")]


@pytest.mark.parametrize("part", ["", "/thumb"])
def test_a_file_of_another_unit_does_not_exist_and_the_look_is_written_down(house, client, part):
    key = key_of_ready(client)
    stranger = make.user(unit_=make.unit())
    answer = signed_in(house, stranger).get(f"/files/{key}{part}")
    assert answer.status_code == 404
    event = db.session.execute(select(AuditEvent.action, AuditEvent.subject, AuditEvent.actor_id)).one()
    assert event == ("outside_territory", "file", stranger.id)
    assert count(FileAccess) == 0


def test_a_visitor_is_asked_to_sign_in_whether_or_not_the_file_exists(house, client):
    key = key_of_ready(client)
    answers = [house.test_client().get(f"/files/{name}") for name in (key, "0" * 32)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert all("/auth/login" in answer.headers["Location"] for answer in answers)


def test_a_trainee_sees_no_file_of_staff(house, client, app):
    from services import sessions

    key, person = key_of_ready(client), make.person()
    browser = house.test_client()
    browser.set_cookie(guards.trainee_cookie(), sessions.open_trainee(person.id))
    assert browser.get(f"/files/{key}").status_code == 404
    assert db.session.scalar(select(AuditEvent.actor_person_id)) == person.id


def test_what_was_lost_from_the_disk_is_not_found(client):
    key = key_of_ready(client)
    gateways.files().delete(f"{key}.thumb")
    assert client.get(f"/files/{key}/thumb").status_code == 404
