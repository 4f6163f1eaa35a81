"""The one bounded call, against a server that does everything wrong."""

import datetime
import logging
import ssl
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateways.errors import GatewayError, Refused, Temporary, Unanswered
from gateways.http import CAP_BYTES, Answer, call
from tests.gateways.bad_server import OK, BadServer, answering, reset
from tests.ports import free_port


def failure_of(script, timeout_s=30.0):
    """The error a call to such a server ends with, and how long that took."""
    with BadServer(script) as server:
        began = time.monotonic()
        with pytest.raises(GatewayError) as caught:
            call("POST", server.url, timeout_s, payload={"a": 1}).document()
        return caught.value, time.monotonic() - began


def test_a_good_answer_comes_back_whole():
    with BadServer(answering({"a": "پاسخ"})) as server:
        assert call("GET", server.url, 30).document() == {"a": "پاسخ"}


def test_a_server_that_is_not_there_means_nothing_was_done():
    with pytest.raises(Temporary, match="unreachable"):
        call("GET", f"http://127.0.0.1:{free_port()}", 2)


def test_a_name_that_does_not_exist_means_nothing_was_done():
    with pytest.raises(Temporary, match="unreachable"):
        call("GET", "http://nowhere.invalid", 2)


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        pytest.param(b"", b"H", id="status line"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", id="headers"),
        pytest.param(OK + b"Content-Length: 9999\r\n\r\n", b"a", id="body with a length"),
        pytest.param(OK + b"\r\n", b" ", id="body without a length"),
    ],
)
def test_a_dripping_answer_ends_at_the_deadline(start, drop):
    with BadServer(lambda connection: server.drip(connection, start, drop)) as server:
        began = time.monotonic()
        with pytest.raises(Unanswered, match="timeout"):
            call("GET", server.url, 0.8)
        assert 0.7 < time.monotonic() - began < 30


def test_a_silent_server_ends_at_the_deadline():
    error, seconds = failure_of(lambda connection: connection.recv(1), timeout_s=0.5)  # until the caller hangs up
    assert (type(error), error.code) == (Unanswered, "timeout")
    assert seconds < 30


def test_a_reset_may_have_been_done():
    error, _ = failure_of(reset)
    assert (type(error), error.code) == (Unanswered, "broken")


def test_a_connection_closed_without_an_answer_may_have_been_done():
    assert type(failure_of(lambda connection: None)[0]) is Unanswered


def test_half_an_answer_is_none():
    error, _ = failure_of(lambda connection: connection.sendall(OK + b'Content-Length: 100\r\n\r\n{"a":'))
    assert (type(error), error.code) == (Unanswered, "broken")


def test_a_huge_answer_is_not_read_to_its_end():
    sent = []

    def endless(connection):
        connection.sendall(OK + b"\r\n")
        for _ in range(10_000):
            connection.sendall(b"x" * 65536)
            sent.append(65536)

    error, _ = failure_of(endless)
    assert (type(error), error.code) == (Unanswered, "too_big")
    assert sum(sent) < 100 * CAP_BYTES  # what the kernel takes beforehand is in it


def test_an_answer_just_below_the_cap_is_read():
    text = "a" * (CAP_BYTES - 20)
    with BadServer(answering({"a": text})) as server:
        assert call("GET", server.url, 30).document() == {"a": text}


def test_a_compressed_answer_is_not_opened():
    error, _ = failure_of(lambda connection: connection.sendall(OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b"))
    assert (type(error), error.code) == (Unanswered, "compressed")


def test_a_redirect_is_not_followed():
    with BadServer(answering({"secret": 1})) as inner:
        location = f"302 Found\r\nLocation: {inner.url}/private"
        error, _ = failure_of(answering({}, status=location))
        assert (type(error), error.code) == (Unanswered, "http_302")
        assert inner.requests == []


NOT_OBJECTS = [
    b"<!doctype html><p>200",
    b"",
    b"[1]",
    b"null",
    b'"a"',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"a":' + b"9" * 5000,
]


@pytest.mark.parametrize("body", NOT_OBJECTS, ids=lambda body: repr(body[:12]))
def test_what_is_no_json_object_is_no_answer(body):
    error, _ = failure_of(answering(body, kind="text/html"))
    assert (type(error), error.code) == (Unanswered, "not_json")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Refused), (404, Refused), (422, Refused), (401, Temporary), (403, Temporary), (429, Temporary)]
    + [(503, Temporary), (500, Unanswered), (502, Unanswered), (504, Unanswered), (301, Unanswered)],
)
def test_a_status_means_one_of_the_three(status, kind):
    with pytest.raises(kind) as caught:
        Answer(status, "", b'{"ok": true}').document()
    assert caught.value.code == f"http_{status}"


def test_a_server_without_a_trusted_certificate_gets_nothing(tmp_path):
    context, heard = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), []
    context.load_cert_chain(_self_signed(tmp_path / "server.pem"))

    def speak_tls(connection):
        heard.append(context.wrap_socket(connection, server_side=True).recv(100))

    with BadServer(speak_tls, listens=False) as server, pytest.raises(Temporary, match="unreachable"):
        call("POST", server.url.replace("http:", "https:"), 30, payload={"a": 1})
    assert heard == []


def test_a_handshake_that_never_ends_is_cut_and_nothing_was_done():
    with BadServer(lambda connection: server.drip(connection, b"", b"\x16"), listens=False) as server:
        began = time.monotonic()
        with pytest.raises(Temporary, match="unreachable"):
            call("POST", server.url.replace("http:", "https:"), 0.6, payload={"a": 1})
        assert time.monotonic() - began < 30


def _self_signed(path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, today, today + datetime.timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate)
    return path


def test_the_environment_adds_no_proxy_and_no_password(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    with BadServer(answering({"a": 1})) as server:
        assert call("GET", server.url, 30).document() == {"a": 1}
        assert b"Authorization" not in server.requests[0]


def test_the_log_tells_the_host_and_nothing_of_the_person(caplog):
    caplog.set_level(logging.INFO, logger="gateways")
    with BadServer(answering({"name": "مریم"})) as server:
        call("POST", f"{server.url}/0010350829", 30, payload={"nationalCode": "0010350829"})
    assert "POST 127.0.0.1: 200" in caplog.text
    assert "0010350829" not in caplog.text
    assert "مریم" not in caplog.text


def test_a_proxy_that_does_not_lead_to_the_bank_means_nothing_was_done():
    with BadServer(answering(b"no", status="502 Bad Gateway")) as proxy:
        with pytest.raises(Temporary, match="unreachable"):
            call("POST", "https://bank.invalid/pay", 30, payload={"a": 1}, proxy=proxy.url)
        assert proxy.requests[0].startswith(b"CONNECT bank.invalid:443 ")


def test_a_proxy_that_never_answers_is_cut_at_the_deadline():
    with BadServer(lambda connection: proxy.drip(connection, b"", b"H"), listens=False) as proxy:
        with pytest.raises(Temporary, match="unreachable"):
            call("POST", "https://bank.invalid/pay", 0.5, payload={"a": 1}, proxy=proxy.url)
        with pytest.raises(Unanswered, match="timeout"):
            call("POST", "http://bank.invalid/pay", 0.5, payload={"a": 1}, proxy=proxy.url)
