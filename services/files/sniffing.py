"""What a file is by its first bytes, whatever its name says, and the sentence for what is not taken."""

from collections.abc import Collection

from models import FileKind

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
MIME = {JPEG: FileKind.IMAGE, PNG: FileKind.IMAGE, PDF: FileKind.PDF}
BEGINNINGS = ((b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG), (b"%PDF-", PDF))
# What people send instead, with words of its own: (offset, beginning, what it is and what to do).
OTHERS = (
    (
        4,
        b"ftyphei",
        "این عکس با قالب HEIC است. در تنظیمات دوربین «سازگارترین» را انتخاب کنید یا عکس را به JPEG تبدیل کنید.",
    ),
    (
        4,
        b"ftypmif",
        "این عکس با قالب HEIF است. در تنظیمات دوربین «سازگارترین» را انتخاب کنید یا عکس را به JPEG تبدیل کنید.",
    ),
    (4, b"ftyp", "این یک ویدیو است. یک عکس بفرستید."),
    (0, b"GIF8", "این عکس با قالب GIF است."),
    (8, b"WEBP", "این عکس با قالب WebP است."),
    (0, b"BM", "این عکس با قالب BMP است."),
    (0, b"PK\x03\x04", "این یک پروندهٔ فشرده یا سند آفیس است. از آن عکس یا خروجی PDF بگیرید."),
    (0, b"\xd0\xcf\x11\xe0", "این یک سند آفیس است. از آن خروجی PDF بگیرید."),
    (0, b"<", "این یک متن یا نقشهٔ برداری است، نه عکس."),
)
TAKEN = {FileKind.IMAGE: "عکس JPEG یا PNG", FileKind.PDF: "سند PDF"}


def sniff(head: bytes) -> tuple[FileKind, str] | None:
    """The kind and media type by the first bytes; None for what is taken nowhere."""
    mime = next((mime for beginning, mime in BEGINNINGS if head.startswith(beginning)), None)
    return None if mime is None else (MIME[mime], mime)


def refusal(head: bytes, kinds: Collection[FileKind]) -> str:
    """Why a file is not taken here, and what is."""
    taken = f"اینجا {' یا '.join(TAKEN[kind] for kind in FileKind if kind in kinds)} پذیرفته می‌شود."
    if not head:
        return f"این پرونده خالی است و چیزی نرسید. {taken}"
    what = next(
        (words for at, start, words in OTHERS if head.lstrip(b"\xef\xbb\xbf \r\n\t")[at:].startswith(start)), ""
    )
    return f"{what or 'این نوع پرونده پذیرفته نمی‌شود.'} {taken}"
