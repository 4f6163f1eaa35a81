"""Files: what is taken in, what becomes of it, who sees it, and when it is let go."""

import datetime as dt
import io
import os
import time
import uuid
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

import gateways
from models import AuditEvent, FileAccess, FileState, Outbox, StoredFile, UnitKind, db, utcnow
from services import files, outbox
from services.access import Level
from services.errors import Conflict, DomainError, NotFound, OutsideTerritory
from services.files import Viewer, receiving
from services.files.receiving import clean_name
from tests import attachments, make
from tests.attachments import actor, jpeg, moving_png, phone_photo, picture, place, png_bomb, saved, send, settled
from tests.race.crowd import storm

JPEG_HEAD = b"\xff\xd8\xff\xe0"


@pytest.fixture
def unit():
    return make.unit()


@pytest.fixture
def clerk(unit):
    return actor(make.user(unit_=unit))


@pytest.fixture(autouse=True)
def folder(app, tmp_path, monkeypatch) -> Path:
    """An empty store for each test; the answer is its folder."""
    store = gateways.LocalDisk(tmp_path / "files")
    monkeypatch.setitem(app.extensions, "file_store", store)
    return store.folder


def on_disk(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.rglob("*") if path.is_file())


def rows() -> int:
    return db.session.scalar(select(func.count()).select_from(StoredFile))


def seen(file: StoredFile, part: str = "file") -> Image.Image:
    return Image.open(io.BytesIO(gateways.files().read(f"{file.key}.{part}")))


# -- Pictures ----------------------------------------------------------------------


@pytest.mark.once
def test_a_photo_comes_out_upright_small_and_without_a_trace_of_its_place(clerk, unit, folder):
    file = settled(send(clerk, phone_photo(), place(unit)))
    body = gateways.files().read(f"{file.key}.file")
    assert (file.state, file.mime, file.width, file.height) == (FileState.READY, "image/jpeg", 200, 400)
    assert seen(file).getpixel((100, 50))[2] > 200  # what was left is above now
    assert not dict(seen(file).getexif())
    assert not any(word in body for word in (b"Exif", b"MAKER", b"PROFILE", b"COMMENT"))
    assert on_disk(folder) == [".file", ".thumb"]


@pytest.mark.once
@pytest.mark.parametrize(("turn", "size"), [(1, (60, 40)), (3, (60, 40)), (5, (40, 60)), (8, (40, 60))])
def test_a_photo_is_turned_as_its_camera_was_held(clerk, unit, turn, size):
    exif = Image.Exif()
    exif[0x0112] = turn
    assert seen(settled(send(clerk, jpeg(exif=exif), place(unit)))).size == size


@pytest.mark.once
def test_a_large_photo_becomes_one_of_300_kilobytes_and_a_small_picture(clerk, unit):
    noise = Image.frombytes("RGB", (2600, 1900), os.urandom(2600 * 1900 * 3))
    file = settled(send(clerk, saved(noise, quality=60), place(unit)))
    assert file.bytes <= 300_000
    assert max(seen(file).size) <= 1600
    assert max(seen(file, "thumb").size) == 320
    assert len(gateways.files().read(f"{file.key}.thumb")) < 30_000


@pytest.mark.once
@pytest.mark.parametrize("body", [
    saved(picture("CMYK", color=(0, 255, 255, 0))), moving_png(), saved(picture("P"), "PNG"),
    saved(picture("RGBA", color=(255, 0, 0, 255)), "PNG"), saved(picture("RGB"), "PNG", transparency=(0, 0, 0)),
    jpeg(progressive=True), jpeg() + b"PK\x03\x04 and an archive behind it",
], ids=["cmyk", "moving", "palette", "alpha", "transparent", "progressive", "jar"])  # fmt: skip
def test_an_unusual_picture_is_mended(clerk, unit, body):
    file = settled(send(clerk, body, place(unit)))
    assert file.state is FileState.READY
    assert seen(file).mode == "RGB"
    assert getattr(seen(file), "n_frames", 1) == 1
    red, green, blue = seen(file).getpixel((5, 5))
    assert red > 200
    assert max(green, blue) < 60
    assert b"archive" not in gateways.files().read(f"{file.key}.file")


@pytest.mark.once
def test_gray_of_sixteen_bits_keeps_its_tones(clerk, unit):
    gray = Image.new("I;16", (40, 40), 0x8000)
    assert 120 <= seen(settled(send(clerk, saved(gray, "PNG"), place(unit)))).getpixel((5, 5))[0] <= 136


@pytest.mark.once
def test_what_is_transparent_becomes_white(clerk, unit):
    glass = picture("RGBA", color=(0, 0, 0, 0))
    assert seen(settled(send(clerk, saved(glass, "PNG"), place(unit)))).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.once
@pytest.mark.parametrize(("body", "reason"), [
    (png_bomb(), "too_many_pixels"), (png_bomb(12_000), "too_many_pixels"), (png_bomb(5_200), "too_many_pixels"),
    (jpeg()[:-200], "unreadable"), (saved(picture(), "PNG")[:60], "unreadable"),
    (JPEG_HEAD + b"\0" * 500, "unreadable"), (JPEG_HEAD + b"<html><script>alert(1)</script>", "unreadable"),
], ids=["bomb", "bomb 144 MP", "27 MP", "cut jpeg", "cut png", "empty jpeg", "html behind a jpeg's head"])  # fmt: skip
def test_a_picture_that_cannot_be_shown_is_refused_and_nothing_of_it_stays(clerk, unit, folder, body, reason):
    file = settled(send(clerk, body, place(unit)))
    assert (file.state, file.refused_reason) == (FileState.REFUSED, reason)
    assert on_disk(folder) == []


@pytest.mark.once
def test_the_bomb_is_small_where_it_is_sent():
    assert len(png_bomb()) < 400_000


# -- At the door -------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize(("body", "word"), [
    (b"", "خالی"), (b"GIF89a" + b"\0" * 40 + b"PK\x03\x04<script>", "GIF"),
    (b"<svg><script>1</script></svg>", "برداری"),
    (b"\xef\xbb\xbf  <?xml version='1.0'?><svg/>", "برداری"), (b"<html>", "برداری"), (b"PK\x03\x04", "فشرده"),
    (b"\0\0\0\x20ftypheic", "HEIC"), (b"RIFF\0\0\0\0WEBPVP8 ", "WebP"), (b"MZ\x90", "پذیرفته نمی‌شود"),
    (b" %PDF-1.4", "پذیرفته نمی‌شود"),
], ids=["nothing", "gif", "svg", "svg with a mark", "html", "zip", "heic", "webp", "program", "late pdf"])  # fmt: skip
def test_what_is_of_another_kind_is_refused_at_the_door_whatever_its_name(clerk, unit, folder, body, word):
    with pytest.raises(DomainError, match=word) as refused:
        send(clerk, body, place(unit), name="photo.jpg")
    assert refused.value.field == "file"
    assert (rows(), on_disk(folder)) == (0, [])


@pytest.mark.parametrize(("head", "most"), [(JPEG_HEAD, 8), (b"%PDF-1.5\n", 10)])
def test_what_is_too_large_is_refused_with_its_limit_and_nothing_stays(clerk, unit, folder, head, most):
    limit = {8: "۸", 10: "۱۰"}[most]
    with pytest.raises(DomainError, match=f"بزرگ‌تر از {limit} مگابایت"):
        send(clerk, head + b"\0" * (most * receiving.MIB), place(unit))
    assert (rows(), on_disk(folder)) == (0, [])


@pytest.mark.once
def test_the_content_decides_and_the_name_follows(clerk, unit):
    file = send(clerk, saved(picture(), "PNG"), place(unit), name="scan.pdf")
    assert (file.mime, file.name) == ("image/png", "scan.png")


@pytest.mark.once
@pytest.mark.parametrize(("name", "shown"), [
    ("../../etc/passwd", "passwd.jpg"), ("C:\\fakepath\\عكس من.JPG", "عکس من.jpg"), ("/a/b/..", "پرونده.jpg"),
    ("", "پرونده.jpg"), ("x\r\nSet-Cookie: a=b.jpg", "xSet-Cookie a=b.jpg"), ("\u202egpj.exe", "gpj.jpg"),
    ("a" * 300 + ".jpg", "a" * 100 + ".jpg"), ("a\0b.jpg", "ab.jpg"), ("run.jpg.html", "run.jpg"),
    (".htaccess", "htaccess.jpg"),
])  # fmt: skip
def test_a_name_is_shown_without_folders_and_unseen_marks(name, shown):
    assert clean_name(name, "image/jpeg") == shown


@pytest.mark.once
def test_no_path_on_the_disk_comes_from_a_name(clerk, unit, folder):
    send(clerk, jpeg(), place(unit), name="../../../tmp/evil.jpg")
    (path,) = (path for path in folder.rglob("*") if path.is_file())
    assert path.parent.parent.parent == folder
    assert (path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.once
def test_an_owner_has_a_limited_number_of_files(clerk, unit, folder):
    for _ in range(3):
        send(clerk, jpeg(), place(unit))
    with pytest.raises(DomainError, match="بیش از ۳ پرونده"):
        send(clerk, jpeg(), place(unit))
    assert (rows(), len(on_disk(folder))) == (3, 3)


# -- The same form again -----------------------------------------------------------


def test_the_same_form_sent_twice_keeps_one_file(clerk, unit, folder):
    key, body = str(uuid.uuid4()), jpeg()
    first, second = (send(clerk, body, place(unit), key=key) for _ in range(2))
    assert (first.id, rows(), len(on_disk(folder))) == (second.id, 1, 1)
    assert settled(first).state is FileState.READY
    assert send(clerk, body, place(unit), key=key).id == first.id  # and after the job still
    assert on_disk(folder) == [".file", ".thumb"]


def test_the_same_form_sent_by_eight_at_once_keeps_one_file(app, clerk, unit, folder):
    key, body, where = str(uuid.uuid4()), jpeg(), place(unit)
    found = storm(app, lambda _: send(clerk, body, where, key=key).id, range(8))
    db.session.rollback()
    assert (list(found.values()), rows(), len(on_disk(folder))) == ([8], 1, 1), found


def test_the_same_form_with_another_file_is_a_conflict_and_keeps_the_first(clerk, unit, folder):
    key = str(uuid.uuid4())
    send(clerk, jpeg(), place(unit), key=key)
    with pytest.raises(Conflict, match="پروندهٔ دیگری"):
        send(clerk, jpeg((50, 50)), place(unit), key=key)
    with pytest.raises(Conflict, match="کاربر دیگری"):
        send(actor(make.user(unit_=unit)), jpeg(), place(unit), key=key)
    assert (rows(), len(on_disk(folder))) == (1, 1)


@pytest.mark.once
def test_a_form_without_a_key_keeps_nothing(clerk, unit, folder):
    with pytest.raises(DomainError, match="ناقص"):
        files.receive(clerk, io.BytesIO(jpeg()), "a.jpg", "", place(unit))
    assert (rows(), on_disk(folder)) == (0, [])


@pytest.mark.once
def test_when_the_row_cannot_be_stored_the_bytes_go_too(clerk, unit, folder, monkeypatch):
    monkeypatch.setattr(receiving, "owe", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        send(clerk, jpeg(), place(unit))
    assert (rows(), on_disk(folder)) == (0, [])


# -- The job -----------------------------------------------------------------------


class Killed(BaseException):
    """What no handler catches, as the end of a process is."""


@pytest.mark.parametrize("part", ["thumb", "file"])
def test_a_job_killed_after_writing_is_done_once_by_the_next(clerk, unit, folder, monkeypatch, part):
    file = send(clerk, jpeg(), place(unit))
    row, put = db.session.scalar(select(Outbox.id)), gateways.LocalDisk.put

    def dying(self, name, chunks):
        put(self, name, chunks)
        if name.endswith(part):
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(gateways.LocalDisk, "put", dying)
        with pytest.raises(Killed):
            outbox.handle(row)
    db.session.rollback()
    assert not outbox.handle(row)  # the lease of the dead one holds
    monkeypatch.setattr(outbox, "utcnow", lambda: utcnow() + outbox.LEASE)
    assert outbox.handle(row)
    assert settled(file).state is FileState.READY
    assert (on_disk(folder), outbox.handle(row)) == ([".file", ".thumb"], False)


def test_a_file_that_ends_process_after_process_is_refused(clerk, unit):
    file = send(clerk, jpeg(), place(unit))
    db.session.execute(Outbox.__table__.update().values(attempts=5))
    db.session.commit()
    assert settled(file).refused_reason == "unreadable"


@pytest.mark.once
def test_a_file_whose_bytes_were_lost_is_refused_with_that_reason(clerk, unit):
    file = send(clerk, jpeg(), place(unit))
    gateways.files().delete(f"{file.key}.raw")
    assert settled(file).refused_reason == "lost"


def test_a_file_taken_away_before_its_job_is_not_made(clerk, unit, folder):
    file = send(clerk, jpeg(), place(unit))
    assert files.remove(clerk, file)
    assert not files.remove(clerk, file)
    settled(file)
    assert on_disk(folder) == [".raw"]
    assert db.session.scalar(select(AuditEvent.action)) == "file_removed"


# -- Who sees it -------------------------------------------------------------------


def test_a_file_is_for_those_in_whose_territory_its_owner_lies(clerk, unit):
    file = settled(send(clerk, jpeg(), place(unit)))
    province = actor(make.user("reviewer", make.unit(UnitKind.DIRECTORATE)), Level.PROVINCE)
    for viewer in (clerk, province):
        found, stream = files.hand_out(Viewer((viewer,)), file.key)
        stream.close()
        assert found.id == file.id
    with pytest.raises(OutsideTerritory):
        files.hand_out(Viewer((actor(make.user(unit_=make.unit())),)), file.key)
    with pytest.raises(OutsideTerritory):
        files.hand_out(Viewer(), file.key)
    log = db.session.execute(select(FileAccess.user_id, FileAccess.part).order_by(FileAccess.id)).all()
    assert log == [(clerk.user_id, "file"), (province.user_id, "file")]


@pytest.mark.once
def test_before_its_owner_exists_a_file_is_its_senders_alone(clerk, unit):
    file = send(clerk, jpeg(), place(unit, None))
    colleague = actor(make.user(unit_=unit))
    assert files.get(Viewer((clerk,)), file.key).id == file.id
    with pytest.raises(OutsideTerritory):
        files.get(Viewer((colleague,)), file.key)
    assert files.attach(colleague, [file.key], place(unit, 7)) == 0
    assert files.attach(clerk, [file.key], place(unit, 7)) == 1
    assert files.attach(clerk, [file.key], place(unit, 8)) == 0
    assert [each.id for each in files.of_owner(attachments.OWNER, 7)] == [file.id]
    assert files.get(Viewer((colleague,)), file.key).owner_id == 7


def test_nobody_gets_a_file_that_waits_is_refused_or_was_taken_away(clerk, unit):
    waiting, bad = (send(clerk, body, place(unit)) for body in (jpeg(), jpeg()[:-100]))
    viewer = Viewer((clerk,))
    with pytest.raises(NotFound, match="هنوز آماده نیست"):
        files.hand_out(viewer, waiting.key)
    settled(bad)
    with pytest.raises(NotFound):
        files.hand_out(viewer, bad.key)
    files.remove(clerk, waiting)
    for key in (waiting.key, "0" * 32, "../x", "\0"):
        with pytest.raises(NotFound):
            files.get(viewer, key)


# -- By the clock ------------------------------------------------------------------


def aged(folder: Path, hours: int) -> None:
    then = time.time() - hours * 3600
    for path in folder.rglob("*"):
        os.utime(path, (then, then))


def test_a_file_whose_owner_never_came_goes_after_a_day(clerk, unit, folder):
    kept, left = send(clerk, jpeg(), place(unit)), send(clerk, jpeg(), place(unit, None))
    settled(left)
    aged(folder, 25)
    assert files.sweep(utcnow() + dt.timedelta(hours=23)) == 0
    assert files.sweep(utcnow() + dt.timedelta(hours=25)) == 2
    db.session.expire_all()
    assert (kept.removed_at, left.removed_at is None) == (None, False)
    assert on_disk(folder) == [".file", ".thumb"]
    assert files.attach(clerk, [left.key], place(unit, 9)) == 0


@pytest.mark.once
def test_bytes_without_a_row_and_unfinished_ones_go_after_a_day(folder):
    gateways.files().put("ab" * 16 + ".raw", (b"x",))
    gateways.files().put("ab" * 16 + ".sheet", (b"not of this subject",))
    (folder / "unfinished" / "half").write_bytes(b"x")
    assert files.sweep(utcnow()) == 0
    aged(folder, 25)
    assert files.sweep(utcnow()) == 1
    assert on_disk(folder) == [".sheet"]


def test_bytes_of_a_file_taken_away_go_after_thirty_days(clerk, unit, folder):
    file = settled(send(clerk, jpeg(), place(unit)))
    files.remove(clerk, file)
    aged(folder, 25)
    assert files.sweep(utcnow() + dt.timedelta(days=29)) == 0
    assert files.sweep(utcnow() + dt.timedelta(days=31)) == 2


def test_a_store_that_the_database_does_not_know_is_left_alone(folder, monkeypatch, caplog):
    monkeypatch.setattr("services.files.sweeping.FEW", 2)
    for n in range(3):
        gateways.files().put(f"{n:032x}.file", (b"x",))
    aged(folder, 25)
    assert files.sweep(utcnow()) == 0
    assert "no row" in caplog.text
