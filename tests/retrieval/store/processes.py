"""What tests leave to other processes: ``python -m tests.retrieval.store.processes FUNCTION FOLDER ARGUMENTS``.

The process that is started is small and has one thread, so that it may fork as often as it likes.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from retrieval.passage_store import PassageStore
from retrieval.store.index_file import IndexFile
from retrieval.store.versions import KEPT_COMMITS
from tests.retrieval.store.contents import Put, commit, documents, store_in

WORKERS, COMMITS = 4, 8


def started(function: str, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """A process that runs one of this file's functions."""
    command = [sys.executable, "-W", "ignore", "-m", __name__, function, str(folder), *arguments]
    return subprocess.Popen(command, cwd=Path(__file__).parents[3])


# -- several at once --------------------------------------------------------------------------


def index_at_once(folder: Path) -> None:
    """Workers that each commit documents of their own into an index that is not there yet."""

    def work(worker: int) -> None:
        store = store_in(folder)
        for number in range(COMMITS):
            commit(store, documents(**{f"d{worker}x{number}": f"Text {number}."}))

    children = [in_child(lambda worker=worker: work(worker)) for worker in range(WORKERS)]  # type: ignore[misc]
    assert [exit_code(child) for child in children] == [0] * WORKERS


def generation(number: int) -> Put:
    return documents(**{name: f"Generation{number}." for name in "abcd"})


def index_generations(folder: Path) -> None:
    """Commits that each replace everything."""
    store = store_in(folder)
    for number in range(1, COMMITS + 1):
        commit(store, generation(number))


# -- killed -----------------------------------------------------------------------------------


def filled(folder: Path) -> PassageStore:
    """With so many commits that :func:`change` has something to purge."""
    store = store_in(folder)
    first_commit(store)
    for number in range(KEPT_COMMITS):
        commit(store, documents(last=f"Text {number}."))
    return store


def first_commit(store: PassageStore) -> None:
    commit(store, documents(delivery="Курьер.", returns="Return it."))


def change(store: PassageStore) -> None:
    """With something to add and to remove."""
    commit(store, documents(delivery="Курьер.\nПочта."), ["returns"])


def go_back(store: PassageStore) -> None:
    store.rollback()


def kill_everywhere(folder: Path, *works: str) -> None:
    """For each work, in the folder of its name."""
    for work in works:
        _kill_everywhere(folder / work, work)


def _kill_everywhere(folder: Path, work: str) -> None:
    """Copy ``old`` to ``0``, ``1`` and so on and kill the work there before its statement of that number.

    The last copy is the one where the work came to its end.
    """
    for statement in itertools.count():
        copy = folder / str(statement)
        shutil.copytree(folder / "old", copy)
        code = exit_code(in_child(lambda: _work_until(statement, copy, work)))  # noqa: B023
        if code == 0:
            return
        assert code == -signal.SIGKILL


def _work_until(statement: int, folder: Path, work: str) -> None:
    left = [statement]

    def count(_: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    with connecting(lambda connection: connection.set_trace_callback(count)):
        globals()[work](store_in(folder))


@contextmanager
def connecting(alter: Callable[[sqlite3.Connection], object]) -> Iterator[None]:
    """Alter every connection that stores open."""
    connect = IndexFile._connect

    def altered(self: IndexFile, uri: str) -> sqlite3.Connection:
        connection = connect(self, uri)
        alter(connection)
        return connection

    with patch.object(IndexFile, "_connect", altered):
        yield


@contextmanager
def unsynchronised() -> Iterator[None]:
    """Do not wait for the disk, which only a power failure would need."""
    with connecting(lambda connection: connection.execute("PRAGMA synchronous = OFF")):
        yield


def in_child(work: Callable[[], object]) -> int:
    """Run in a fork of this process, which ends at once after it; its process id."""
    child = os.fork()
    if child:
        return child
    try:
        work()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def exit_code(child: int) -> int:
    """What the child ended with; negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    globals()[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
