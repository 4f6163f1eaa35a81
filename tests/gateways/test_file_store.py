"""The stores of files, a folder and a bucket: whole or not at all, under names of ours alone."""

import dataclasses
import os
import threading
import time

import pytest

from gateways import s3
from gateways.file_store import LocalDisk, NoSuchFile, StoreAway
from gateways.s3 import Bucket
from tests import bucket_process
from tests.gateways.bad_server import OK, BadServer

NAME = "ab" * 16 + ".file"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with bucket_process.serving(tmp_path_factory.mktemp("s3") / "served") as address:
        yield address


@pytest.fixture
def bucket(address):
    bucket = Bucket(address, bucket_process.KEY_ID, bucket_process.SECRET, "us-east-1", 10)
    yield bucket
    for name in list(bucket.names(float("inf"))):
        bucket.delete(name)


@pytest.fixture
def disk(tmp_path):
    return LocalDisk(tmp_path / "files")


@pytest.fixture(params=["disk", "bucket"])
def store(request):
    return request.getfixturevalue(request.param)


# -- Both --------------------------------------------------------------------------


def test_what_was_put_is_read_and_a_repeat_replaces(store):
    store.put(NAME, (b"first",))
    store.put(NAME, (b"sec", b"ond"))
    assert store.read(NAME) == b"second"
    assert list(store.names(float("inf"))) == [NAME]


def test_what_breaks_off_leaves_nothing_and_keeps_what_was_there(store):
    def broken():
        yield b"half"
        raise ConnectionError

    store.put(NAME, (b"whole",))
    for name in (NAME, "cd" * 16 + ".file"):
        with pytest.raises(ConnectionError):
            store.put(name, broken())
    assert store.read(NAME) == b"whole"
    assert list(store.names(float("inf"))) == [NAME]


@pytest.mark.parametrize("name", [
    "../../etc/passwd", "/etc/passwd", "ab.file", "AB" * 16 + ".file", "ab" * 16, "ab" * 16 + ".a/b", NAME + "\n", "",
])  # fmt: skip
def test_a_name_that_is_not_ours_is_a_bug_and_refused(store, name):
    for act in (store.open, store.delete, lambda bad: store.put(bad, (b"x",))):
        with pytest.raises(ValueError, match="not a name of ours"):
            act(name)
    assert list(store.names(float("inf"))) == []


def test_what_is_not_there_is_said_so_and_may_be_deleted(store):
    for act in (store.open, store.read):
        with pytest.raises(NoSuchFile):
            act(NAME)
    store.delete(NAME)


def test_a_file_is_opened_to_be_read_from_any_place_in_it(store):
    store.put(NAME, (b"0123456789" * 100_000,))
    with store.open(NAME) as file:
        assert file.seek(0, 2) == 1_000_000
        file.seek(999_995)
        assert file.read() == b"56789"


def test_names_are_told_by_their_age(store):
    store.put(NAME, (b"x",))
    assert list(store.names(time.time() - 60)) == []
    assert list(store.names(time.time() + 60)) == [NAME]


def put_at_once(store, names) -> list[bytes]:
    """What eight threads have put, each under its own of the names."""
    bodies = [bytes([n]) * 300_000 for n in range(8)]
    threads = [
        threading.Thread(target=store.put, args=put) for put in zip(names, ((body,) for body in bodies), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return bodies


def test_eight_who_put_at_once_leave_eight_whole_files(store):
    names = [f"{n:032x}.file" for n in range(8)]
    assert put_at_once(store, names) == [store.read(name) for name in names]


# -- The folder --------------------------------------------------------------------


def test_nobody_else_on_the_machine_reads_a_file(disk):
    disk.put(NAME, (b"x",))
    paths = [disk.folder, *disk.folder.rglob("*")]
    assert {path.stat().st_mode & 0o077 for path in paths} == {0}


def test_eight_who_put_under_one_name_leave_one_whole_file(disk):
    bodies = put_at_once(disk, [NAME] * 8)
    assert disk.read(NAME) in bodies


def test_what_a_killed_process_left_unfinished_goes_by_its_age(disk):
    disk.put(NAME, (b"x",))
    draft = disk.folder / "unfinished" / "half"
    draft.write_bytes(b"x")
    os.utime(draft, (1000, 1000))
    assert (disk.sweep(999), disk.sweep(1001)) == (0, 1)
    assert not draft.exists()


def test_a_broken_writing_leaves_no_file_of_any_name(disk):
    with pytest.raises(ZeroDivisionError):
        disk.put(NAME, (bytes(1 // n) for n in (1, 0)))
    assert [path for path in disk.folder.rglob("*") if path.is_file()] == []


# -- The bucket --------------------------------------------------------------------


def test_a_bucket_of_many_names_is_listed_to_its_end(bucket, monkeypatch):
    monkeypatch.setattr(s3, "LISTED", 2)
    wanted = [f"{n:032x}.file" for n in range(5)]
    for name in wanted:
        bucket.put(name, (b"x",))
    assert sorted(bucket.names(float("inf"))) == wanted


@pytest.mark.parametrize("other", [{"secret": "wrong"}, {"key_id": "nobody"}, {"url": "http://127.0.0.1:9/doreh"}])
def test_a_bucket_that_does_not_let_us_in_or_is_not_there_is_away_and_nothing_is_missing(bucket, other):
    bucket.put(NAME, (b"x",))
    away = dataclasses.replace(bucket, **other)
    for act in (away.read, away.delete, lambda name: away.put(name, (b"y",)), lambda _: list(away.names(1))):
        with pytest.raises(StoreAway):
            act(NAME)
    assert bucket.read(NAME) == b"x"


def test_a_bucket_that_was_never_made_is_away_and_not_empty(bucket):
    never = dataclasses.replace(bucket, url=f"{bucket.url}-never-made")
    with pytest.raises(StoreAway):
        never.read(NAME)


def test_an_answer_that_ends_in_the_middle_is_no_file(bucket):
    half = OK + b"Content-Length: 10\r\n\r\nhalf"
    with BadServer(lambda connection: connection.sendall(half)) as server, pytest.raises(StoreAway):
        dataclasses.replace(bucket, url=f"{server.url}/doreh").read(NAME)


def test_the_keys_of_the_bucket_stand_in_no_text_about_it(bucket):
    assert bucket_process.SECRET not in repr(bucket)
