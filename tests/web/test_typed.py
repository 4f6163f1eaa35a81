"""A NUL in a query or a form is not there for any of our pages; everything else is, as it was sent."""

import io

import pytest
from flask import request

pytestmark = pytest.mark.once


def test_values_and_names_come_without_nul_and_files_as_they_are(app):
    sent = {"a\0b": "one\0two", "c": ["\u200c", "٣"], "file": (io.BytesIO(b"a\0b"), "name.bin")}
    with app.test_request_context("/?q=%00x&q=y", method="POST", data=sent):
        assert request.args.getlist("q") == ["x", "y"]
        assert (request.form["ab"], request.form.getlist("c")) == ("onetwo", ["\u200c", "٣"])
        assert request.files["file"].read() == b"a\0b"
        assert request.values["ab"] == "onetwo"


def test_a_search_with_nul_is_the_search_without_it(client):
    assert client.get("/courses?q=%00%D8%AC%D9%88%D8%B4").data == client.get("/courses?q=%D8%AC%D9%88%D8%B4").data
