"""What a sheet may be, looked at before anything opens it: a small workbook without macros, or text."""

import io
import zipfile
from enum import StrEnum

from services.errors import DomainError

MOST_BYTES = 2 * 1024 * 1024
MOST_ENTRIES = 200
MOST_UNPACKED = 30 * 1024 * 1024
# Of what the library reads whole into memory, in a sheet of many colors or many different texts.
MOST_OF_PART, MOST_OF_TEXTS = 2 * 1024 * 1024, 12 * 1024 * 1024
MOST_RATIO = 100
SMALL = 1024 * 1024  # below this unpacked size the ratio says nothing: a short sheet of equal cells packs very well

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_FORBIDDEN = {
    "vbaproject": "این پرونده ماکرو دارد. آن را به‌صورت «Excel Workbook (xlsx)» بدون ماکرو ذخیره کنید.",
    "externallinks/": "این پرونده به پرونده‌های دیگر پیوند دارد. پیوندها را به مقدار تبدیل کنید و دوباره بفرستید.",
    "connections.xml": "این پرونده به یک منبع دادهٔ بیرونی وصل است. آن را جدا کنید و دوباره بفرستید.",
    "activex/": "این پرونده کنترل برنامه‌نویسی دارد. فقط داده‌ها را در پروندهٔ تازه‌ای بفرستید.",
    "embeddings/": "این پرونده چیز دیگری در خود دارد. فقط داده‌ها را در پروندهٔ تازه‌ای بفرستید.",
}
_BAD_ZIP = "این پرونده اکسل سالمی نیست. آن را در اکسل باز کنید و دوباره با پسوند xlsx ذخیره کنید."
_TOO_LARGE = "این پرونده پس از باز شدن بیش از اندازه بزرگ می‌شود و خوانده نشد."
_OLD = "این پرونده قالب قدیمی اکسل (xls) یا گذرواژه دارد. آن را بدون گذرواژه با پسوند xlsx ذخیره کنید."
_NOT_WHAT_IT_SAYS = "محتوای این پرونده با پسوند نام آن یکی نیست. پروندهٔ xlsx یا csv بفرستید."
_UNKNOWN = "فقط پروندهٔ xlsx یا csv خوانده می‌شود."


class Shape(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"


class UnsafeSheet(DomainError):
    """A file that is not read; the sentence says why and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message, field="file")


def shape_of(name: str, data: bytes) -> Shape:
    """Whether this is a workbook or text, by what is in it; the ending of the name must agree.

    Raises:
        UnsafeSheet: it is neither, too large, or holds what no sheet of ours needs.
    """
    ending = name.rpartition(".")[2].lower()
    if not data:
        raise UnsafeSheet("این پرونده خالی است. پروندهٔ پرشده را بفرستید.")
    if len(data) > MOST_BYTES:
        raise UnsafeSheet("این پرونده بیش از ۲ مگابایت است. آن را به چند پرونده تقسیم کنید.")
    if data.startswith(_OLD_EXCEL):
        raise UnsafeSheet(_OLD)
    if ending not in set(Shape):
        raise UnsafeSheet(_UNKNOWN)
    if data.startswith(b"PK") != (ending == Shape.XLSX):
        raise UnsafeSheet(_NOT_WHAT_IT_SAYS)
    if ending == Shape.XLSX:
        _look_into(data)
    elif b"\0" in data:
        raise UnsafeSheet(_NOT_WHAT_IT_SAYS)
    return Shape(ending)


def _look_into(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _weigh(entries, len(data))
            names = [entry.filename.lower().replace("\\", "/") for entry in entries]
            _refuse_forbidden(names)
            if "[content_types].xml" not in names or "xl/workbook.xml" not in names:
                raise UnsafeSheet(_BAD_ZIP)
            if b"macroenabled" in archive.read(entries[names.index("[content_types].xml")]).lower():
                raise UnsafeSheet(_FORBIDDEN["vbaproject"])
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise UnsafeSheet(_BAD_ZIP) from error


def _weigh(entries: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED:
        raise UnsafeSheet(_TOO_LARGE)
    if unpacked > SMALL and unpacked > packed * MOST_RATIO:
        raise UnsafeSheet(_TOO_LARGE)
    if any(entry.file_size > _most_of(entry.filename.lower()) for entry in entries):
        raise UnsafeSheet(_TOO_LARGE)
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnsafeSheet(_OLD)
    if len({entry.filename for entry in entries}) < len(entries):
        raise UnsafeSheet(_BAD_ZIP)


def _most_of(name: str) -> int:
    """How large a part may be: lines are read one by one, pictures not at all, everything else at once."""
    if "sharedstrings" in name:
        return MOST_OF_TEXTS
    return MOST_OF_PART if name.endswith((".xml", ".rels")) and "worksheets/" not in name else MOST_UNPACKED


def _refuse_forbidden(names: list[str]) -> None:
    for part, sentence in _FORBIDDEN.items():
        if any(part in name for name in names):
            raise UnsafeSheet(sentence)
