"""A process that is killed, a log that is cut short and a disk that is full leave the old version or the new."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from retrieval.passage_store import KnowledgeBaseError, PassageStore
from tests.retrieval.store.contents import commit, content, documents, store_in, texts_of, vectors_of
from tests.retrieval.store.processes import (
    change,
    connecting,
    filled,
    first_commit,
    go_back,
    started,
    unsynchronised,
)

WORKS = (first_commit, change, go_back)


def test_a_process_may_be_killed_before_any_statement(tmp_path: Path) -> None:
    with unsynchronised():
        outcomes = [prepare(tmp_path / work.__name__, work) for work in WORKS]
        assert started("kill_everywhere", tmp_path, *(work.__name__ for work in WORKS)).wait() == 0
        for work, states in zip(WORKS, outcomes):
            copies = [folder for folder in (tmp_path / work.__name__).iterdir() if folder.name.isdigit()]
            seen = [states.index(assert_sound(folder)) for folder in sorted(copies, key=lambda f: int(f.name))]
            assert seen == sorted(seen) and set(seen) == {0, 1}
            assert len(seen) > 30


def prepare(folder: Path, work: Callable[[PassageStore], None]) -> list[dict[str, str]]:
    """An index in ``old`` to do the work on; the contents before it and after."""
    (folder / "old").mkdir(parents=True)
    if work is not first_commit:
        filled(folder / "old").close()
    shutil.copytree(folder / "old", folder / "new")
    store = store_in(folder / "new")
    before = content(store)
    work(store)
    after = content(store)
    store.close()
    return [before, after]


def test_a_log_may_be_cut_anywhere(tmp_path: Path) -> None:
    """What a power failure leaves of a commit that was on its way to the disk."""
    with unsynchronised():
        store, other = filled(tmp_path / "index"), store_in(tmp_path / "index")
        log = tmp_path / "index" / "knowledge.sqlite-wal"
        before, length = content(store), log.stat().st_size
        change(other)
        after, whole = content(other), log.read_bytes()
        seen = []
        for end in range(length, len(whole) + 1, 1030):  # a page takes 4120 bytes
            folder = tmp_path / str(end)
            folder.mkdir()
            shutil.copy(tmp_path / "index" / "knowledge.sqlite", folder)
            (folder / log.name).write_bytes(whole[:end])
            seen.append([before, after].index(assert_sound(folder)))
    assert seen == sorted(seen) and set(seen) == {0, 1}


def assert_sound(folder: Path) -> dict[str, str]:
    """The content, after checking it and that a further commit works."""
    store = store_in(folder)
    store.verify()
    found = content(store)
    commit(store, documents(further="Дальше."))
    assert content(store) == {**found, "further#0": "Дальше."}
    store.close()
    return found


# -- a full disk ------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("Mounting a small disk is not permitted here.")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def article(number: int) -> str:
    return "\n".join(f"Text {number} {line}." for line in range(10))


def test_a_full_disk_keeps_the_last_version(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(500_000))
    store = store_in(small_disk / "index")
    committed = {}
    with pytest.raises(KnowledgeBaseError, match=f"No space is left in {small_disk}/index: free some and run again"):
        for number in range(1000):
            commit(store, documents(**{f"d{number}": article(number)}))
            committed = content(store)
    assert committed and content(store) == committed
    store.verify()
    ballast.unlink()
    commit(store, documents(**{f"d{number}": article(number)}))
    assert len(content(store)) == len(committed) + 10
    store.close()


def test_a_disk_without_any_space_is_named(small_disk: Path) -> None:
    fill(small_disk)
    store = store_in(small_disk / "index")
    with pytest.raises(KnowledgeBaseError, match="No space is left"):
        first_commit(store)
    assert content(store) == {}
    (small_disk / "ballast").unlink()
    first_commit(store)
    store.close()
    fill(small_disk)
    with pytest.raises(KnowledgeBaseError, match="No space is left"):
        store_in(small_disk / "index")
    (small_disk / "ballast").unlink()
    assert set(content(store)) == {"delivery#0", "returns#0"}
    store.close()


def fill(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as stream, contextlib.suppress(OSError):
        while True:
            stream.write(bytes(4096))


def test_no_room_for_more_pages_leaves_everything_as_it_was(tmp_path: Path) -> None:
    filled(tmp_path).close()
    before = content(store_in(tmp_path))
    put = documents(big="\n".join(article(number) for number in range(50)))
    with connecting(lambda connection: connection.execute("PRAGMA max_page_count = 1")):  # that is, no more than now
        store = store_in(tmp_path)
        with pytest.raises(KnowledgeBaseError, match="No space is left"):
            store.commit(put, ["returns"], vectors_of(texts_of(put)))
        assert content(store) == before
        store.verify()
        store.close()
    assert assert_sound(tmp_path) == before
