"""Pictures and documents of every kind, good and bad, and a kind of owner that tests may hang them on."""

import io
import struct
import uuid
import zlib

from PIL import Image
from sqlalchemy import select

import gateways
from models import FileKind, Outbox, OutboxState, StoredFile, User, db
from services import access, files, outbox
from services.access import Actor, Level
from services.files import Place, processing
from tests import make

OWNER = "test_thing"
assert processing  # which takes over its topic when it is loaded
files.register(OWNER, FileKind, files.in_territory, most=3)


def actor(user: User, level: Level = Level.CENTER) -> Actor:
    return access.actor(user, level, access.roles_of(user.id))


def place(unit, owner_id: int | None = 1) -> Place:
    return Place(OWNER, owner_id, unit.id, unit.province_id)


def send(who: Actor, body: bytes, where: Place, *, name: str = "a.jpg", key: str = "") -> StoredFile:
    return files.receive(who, io.BytesIO(body), name, key or str(uuid.uuid4()), where)


def work() -> int:
    """Carry out what is owed about files."""
    rows = select(Outbox.id).where(Outbox.topic == "file", Outbox.state == OutboxState.OPEN)
    return sum(outbox.handle(row) for row in db.session.scalars(rows).all())


def settled(file: StoredFile) -> StoredFile:
    """The file after its job."""
    work()
    return db.session.get(StoredFile, file.id, populate_existing=True)


# -- Pictures ----------------------------------------------------------------------


def picture(mode: str = "RGB", size: tuple[int, int] = (60, 40), color: object = "red") -> Image.Image:
    return Image.new(mode, size, color)


def saved(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    return saved(picture(size=size), **options)


def phone_photo() -> bytes:
    """Landscape pixels that were taken upright, with a place on the earth, a maker and a comment."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "MAKER-OF-PHONES"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (36.0, 50.0, 12.0)
    half = picture(size=(400, 200))
    half.paste("blue", (0, 0, 200, 200))
    return saved(half, exif=exif, icc_profile=b"A-PROFILE" * 20, comment=b"A-COMMENT", quality=95)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_bomb(side: int = 50_000) -> bytes:
    """A few kilobytes that would take gigabytes when they are unpacked."""
    packer, row = zlib.compressobj(9, wbits=-15), side // 8 + 1
    hundred = packer.compress(b"\0" * row * 100) + packer.flush(zlib.Z_FULL_FLUSH)  # stands alone, so it is repeated
    checksum = struct.pack(">I", row * side % 65_521 << 16 | 1)  # Adler-32 of nothing but zeros
    rows = b"\x78\xda" + hundred * (side // 100) + b"\3\0" + checksum
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def moving_png() -> bytes:
    return saved(picture(), "PNG", save_all=True, append_images=[picture(color="blue")])


# -- Documents ---------------------------------------------------------------------

PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"


def pdf(*more: bytes, catalog: bytes = b"", trailer: bytes = b"", page: bytes = PAGE) -> bytes:
    """A PDF of one page and whatever else is asked for, with a table of its objects."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R " + catalog + b" >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"]
    body, places = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n", []
    for number, content in enumerate([*objects, page, *more], 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % at for at in places)
    size = len(places) + 1
    body, start = body + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table), len(body)
    return body + b"trailer << /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)


def stream(content: bytes, about: bytes = b"") -> bytes:
    packed = zlib.compress(content)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream" % (len(packed), about, packed)


def ready(user: User, unit) -> StoredFile:
    """A picture that has been looked at."""
    key = uuid.uuid4().hex
    for part in ("file", "thumb"):
        gateways.files().put(f"{key}.{part}", (jpeg(),))
    owner = {"owner_kind": OWNER, "owner_id": 1, "unit_id": unit.id, "province_id": unit.province_id}
    what = {"kind": "image", "state": "ready", "mime": "image/jpeg", "bytes": len(jpeg()), "name": "تصویر.jpg"}
    digests = {"sha256": "0" * 64, "sent_sha256": "0" * 64}
    return make.save(
        StoredFile(key=key, form_key=str(uuid.uuid4()), uploaded_by_id=user.id, **owner, **what, **digests)
    )
