"""Whether a PDF is a plain document: nothing that runs, nothing locked, nothing hidden beside it.

It is kept as it came and handed out as a download. What cannot be looked through is refused, not trusted.
"""

import re
import zlib
from collections.abc import Iterator

from services.files.reasons import PDF_ACTIVE, PDF_BROKEN, PDF_DOUBTFUL, PDF_LOCKED, PDF_MIXED, Unfit

MOST_PER_STREAM, MOST_IN_ALL, MOST_STREAMS = 16 * 1024 * 1024, 96 * 1024 * 1024, 20_000
CHUNK = 64 * 1024
TAIL = 1024
ZIP_TAIL = 70_000  # where a zip archive may keep its table of contents
ACTIVE = (
    "JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "RichMedia", "Rendition", "SubmitForm", "ImportData",
    "GoToE", "GoToR", "XFA", "Movie", "Sound",
)  # fmt: skip


def _name(*words: str) -> bytes:
    """The pattern of any of these PDF names, each letter as itself or as #xx, up to the end of the name."""
    spelled = ("".join(f"(?:{letter}|#(?i:{ord(letter):02x}))" for letter in word) for word in words)
    return rf"/(?:{'|'.join(spelled)})(?![A-Za-z0-9#_-])".encode()


_ACTIVE = re.compile(_name(*ACTIVE))
_LOCKED = re.compile(_name("Encrypt"))
_PACKED = re.compile(_name("ObjStm"))
_INFLATED = re.compile(_name("FlateDecode", "Fl"))
_PICTURE = re.compile(_name("Image"))
_PAGE = re.compile(_name("Type") + rb"\s*" + _name("Page"))
_STREAM = re.compile(rb"(?<!end)stream(?:\r\n|\n|\r)")


def check(sent: bytes) -> int:
    """The number of pages of a plain PDF.

    Raises:
        Unfit: it is broken, locked, does something by itself, hides something, or cannot be looked through.

    Source: docs/rules.md R-92.
    """
    _check_frame(sent)
    if _LOCKED.search(sent):
        raise Unfit(PDF_LOCKED)
    pages = 0
    for part in (sent, *_unpacked(sent)):
        if _ACTIVE.search(part):
            raise Unfit(PDF_ACTIVE)
        pages += len(_PAGE.findall(part))
    if not pages:
        raise Unfit(PDF_BROKEN)
    return pages


def _check_frame(sent: bytes) -> None:
    """It begins and ends as a PDF does, and nothing else ends there."""
    end = sent.rfind(b"%%EOF")
    if not re.match(rb"%PDF-[12]\.\d", sent) or end < max(0, len(sent) - TAIL) or b"startxref" not in sent[-2 * TAIL :]:
        raise Unfit(PDF_BROKEN)
    if sent[end + 5 :].strip(b"\r\n \t\0") or b"PK\x05\x06" in sent[-ZIP_TAIL:]:
        raise Unfit(PDF_MIXED)


def _unpacked(sent: bytes) -> Iterator[bytes]:
    """What lies compressed in the file, except pictures; objects may stand there as well as in the open.

    Every stream is tried, whatever it says about itself.
    """
    view, total = memoryview(sent), 0
    for number, found in enumerate(_STREAM.finditer(sent)):
        near = max(0, found.start() - 4096)
        about = sent[max(near, sent.rfind(b"obj", near, found.start())) : found.start()]
        holds_objects = _PACKED.search(about) is not None
        if _PICTURE.search(about) and not holds_objects:
            continue
        part = _inflated(view[found.end() :], is_needed=holds_objects or _INFLATED.search(about) is not None)
        total += len(part)
        if total > MOST_IN_ALL or number > MOST_STREAMS:
            raise Unfit(PDF_DOUBTFUL)
        yield part


def _inflated(packed: memoryview, *, is_needed: bool) -> bytes:
    """The stream that begins here, up to where it ends or breaks; empty when it is no such stream."""
    reader, out = zlib.decompressobj(), bytearray()
    for at in range(0, len(packed), CHUNK):
        try:
            out += reader.decompress(packed[at : at + CHUNK], MOST_PER_STREAM + 1 - len(out))
        except zlib.error:
            if is_needed or out:  # a reader may use what comes before the break
                raise Unfit(PDF_DOUBTFUL) from None
            break
        if len(out) > MOST_PER_STREAM:
            raise Unfit(PDF_DOUBTFUL)
        if reader.eof:
            break
    return bytes(out)
