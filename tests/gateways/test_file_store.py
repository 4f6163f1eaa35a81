"""The folder of files: whole or not at all, under names of ours alone."""

import os
import threading

import pytest

from gateways.file_store import LocalDisk, NoSuchFile

NAME = "ab" * 16 + ".file"


@pytest.fixture
def store(tmp_path):
    return LocalDisk(tmp_path / "files")


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
    assert [path.name for path in store.folder.rglob("*") if path.is_file()] == [NAME]


@pytest.mark.parametrize("name", [
    "../../etc/passwd", "/etc/passwd", "ab.file", "AB" * 16 + ".file", "ab" * 16, "ab" * 16 + ".a/b", NAME + "\n", "",
])  # fmt: skip
def test_a_name_that_is_not_ours_is_a_bug_and_refused(store, name):
    for act in (store.open, store.delete, lambda bad: store.put(bad, (b"x",))):
        with pytest.raises(ValueError, match="not a name of ours"):
            act(name)
    assert not store.folder.exists()


def test_what_is_not_there_is_said_so_and_may_be_deleted(store):
    with pytest.raises(NoSuchFile):
        store.open(NAME)
    store.delete(NAME)


def test_nobody_else_on_the_machine_reads_a_file(store):
    store.put(NAME, (b"x",))
    paths = [store.folder, *store.folder.rglob("*")]
    assert {path.stat().st_mode & 0o077 for path in paths} == {0}


def test_names_and_what_is_unfinished_are_told_by_their_age(store):
    store.put(NAME, (b"x",))
    draft = store.folder / "unfinished" / "half"
    draft.write_bytes(b"x")
    os.utime(draft, (1000, 1000))
    assert list(store.names(1001)) == []
    assert (store.sweep(999), store.sweep(1001)) == (0, 1)
    assert not draft.exists()


def test_eight_who_put_under_one_name_leave_one_whole_file(store):
    bodies = [bytes([n]) * 300_000 for n in range(8)]
    threads = [threading.Thread(target=store.put, args=(NAME, (body,))) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read(NAME) in bodies
