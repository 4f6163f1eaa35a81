"""A PDF that does nothing by itself is taken; one that might is not."""

import zlib

import pytest

from services.files import pdfs
from services.files.reasons import Unfit
from tests.attachments import PAGE, pdf, stream

SCRIPT = b"<< /S /JavaScript /JS (app.alert(1)) >>"
OPENS = b"/OpenAction << /S /%s >>"


def why(body: bytes) -> str | None:
    try:
        pdfs.check(body)
    except Unfit as error:
        return error.code
    return None


@pytest.mark.parametrize("body", [
    pdf(), pdf(stream(b"BT (Hello) Tj ET")), pdf(catalog=b"/OpenAction [3 0 R /Fit] /Lang (fa)"),
    pdf(b"<< /S /URI /URI (https://example.ir) >>"), pdf() + b"\r\n\0\0", pdf(b"(the word JavaScript in a text)"),
    pdf(stream(b"/JS /AA", b"/Type /XObject /Subtype /Image")),
], ids=["one page", "text", "opens at a page", "link", "padding", "word", "picture"])  # fmt: skip
def test_a_plain_document_is_taken_with_the_number_of_its_pages(body):
    assert pdfs.check(body) == 1


def test_pages_are_counted_in_the_open_and_in_packed_objects():
    packed = stream(b"7 0 " + PAGE + b" 8 90 " + PAGE, b"/Type /ObjStm /N 2 /First 8")
    assert pdfs.check(pdf(packed)) == 3


@pytest.mark.parametrize("body", [
    pdf(SCRIPT), pdf(SCRIPT.replace(b"/JavaScript", b"/J#61va#53cript")), pdf(catalog=OPENS % b"Launch"),
    pdf(stream(SCRIPT, b"/Type /ObjStm /N 1 /First 4")), pdf(stream(SCRIPT)),
    pdf(stream(SCRIPT, b"/Type /ObjStm /Subtype /Image")), pdf(catalog=OPENS % b"SubmitForm"),
    pdf(catalog=b"/Names << /EmbeddedFiles 9 0 R >>"), pdf(b"<< /Subtype /RichMedia >>"),
    pdf(b"(stream\n)", SCRIPT), pdf(catalog=b"/AcroForm << /XFA 9 0 R >>"),
], ids=[
    "script", "script spelled oddly", "program", "packed script", "script in any stream", "packed as a picture",
    "sends a form", "attachment", "film", "script behind a false stream", "xfa",
])  # fmt: skip
def test_a_document_that_does_something_by_itself_is_refused(body):
    assert why(body) == "pdf_active"


@pytest.mark.parametrize(("body", "reason"), [
    (pdf(trailer=b"/Encrypt 9 0 R"), "pdf_locked"), (pdf(trailer=b"/#45ncrypt 9 0 R"), "pdf_locked"),
    (pdf()[:-30], "pdf_broken"), (b"%PDF-1.4\n", "pdf_broken"), (b"%PDF-x" + pdf()[6:], "pdf_broken"),
    (b"%PDF-1.4\nstartxref\n0\n%%EOF", "pdf_broken"), (pdf() + b"<script>1</script>", "pdf_mixed"),
    (pdf(b"PK\x05\x06" + b"\0" * 18), "pdf_mixed"),
    (pdf(b"<< /Type /ObjStm /Filter /LZWDecode >>\nstream\n\x80\x0b\x60\nendstream"), "pdf_doubtful"),
    (pdf(stream(b"\0" * (pdfs.MOST_PER_STREAM + 1))), "pdf_doubtful"),
    (pdf(*[stream(b"\0" * 15_000_000)] * 7), "pdf_doubtful"),
], ids=[
    "locked", "locked oddly", "cut", "only a head", "no version", "no page", "page behind it", "archive", "odd packing",
    "bomb", "many bombs",
])  # fmt: skip
def test_what_is_broken_locked_mixed_or_cannot_be_looked_through_is_refused(body, reason):
    assert why(body) == reason


def test_a_script_in_a_stream_that_breaks_off_is_not_let_through():
    packed = zlib.compress(SCRIPT + b"x" * 5000)
    broken = b"<< /Filter /FlateDecode >>\nstream\n" + packed[:-6] + b"!!!!!!\nendstream"
    assert why(pdf(broken)) == "pdf_doubtful"
