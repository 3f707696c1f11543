from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from retrieval import usage
from retrieval.usage import FILE, WAITING, Counts, Found, Usage, UsageError


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[Usage]:
    counting = Usage(tmp_path / "index")
    yield counting
    counting.flush()


def test_before_the_first_question_nothing_is_known_and_nothing_made(counting: Usage) -> None:
    assert counting.counts() == Counts("", 0, {})
    assert counting.never_found(["a", "b"]) == ["a", "b"]
    counting.flush()
    assert not counting.path.parent.exists()


def test_an_article_is_counted_once_a_question(counting: Usage) -> None:
    counting.found(["a", "b", "a", "c"])
    counting.found(["b", "a"])
    counting.found([])
    counts = counting.counts()
    assert counts.articles == {"a": Found(1, 2), "b": Found(1, 2), "c": Found(0, 1)}
    assert counts.questions == 3
    assert len(counts.since) == len("2024-05-01")
    assert counting.never_found(["d", "c", "e"]) == ["d", "e"]


def test_counts_are_added_up_over_time(counting: Usage) -> None:
    counting.found(["a"])
    before = counting.counts()
    counting.found(["a"])
    again = Usage(counting.path.parent)
    again.found(["a", "b"])
    again.flush()
    assert counting.counts() == Counts(before.since, 3, {"a": Found(3, 3), "b": Found(0, 1)})


def test_most_questions_touch_no_file(counting: Usage) -> None:
    for _ in range(WAITING - 1):
        counting.found(["a"])
    assert not counting.path.exists()
    counting.found(["a"])
    assert Usage(counting.path.parent).counts().questions == WAITING


def test_what_waits_is_written_when_the_process_ends(tmp_path: Path) -> None:
    code = f"from pathlib import Path; from retrieval.usage import Usage; Usage(Path({str(tmp_path)!r})).found(['a'])"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert Usage(tmp_path).counts().articles == {"a": Found(1, 1)}


def test_threads_and_processes_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "WAITING", 3)
    monkeypatch.setattr(usage, "WAIT_SECONDS", 30.0)
    counters = [Usage(tmp_path), Usage(tmp_path)]  # as two processes have them

    def ask(number: int) -> None:
        counters[number % 2].found(["a", f"b{number % 5}"])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(200)))
    for counter in counters:
        counter.flush()
    counts = counters[0].counts()
    assert (counts.questions, counts.articles["a"], counts.articles["b4"]) == (200, Found(200, 200), Found(0, 40))


def test_a_locked_file_costs_no_answer_and_no_count(counting: Usage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "WAIT_SECONDS", 0.0)
    counting.found(["a"])
    counting.flush()
    other = sqlite3.connect(counting.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for _ in range(WAITING):
        counting.found(["a"])
    other.execute("ROLLBACK")
    other.close()
    assert counting.counts().questions == WAITING + 1


def test_a_damaged_file_never_breaks_an_answer_and_is_named_when_read(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"this is no database" * 100)
    counting = Usage(tmp_path)
    for _ in range(2 * WAITING):
        counting.found(["a"])
    with pytest.raises(UsageError, match=f"{FILE} cannot be read .*delete the file"):
        counting.counts()
    (tmp_path / FILE).unlink()
    assert counting.counts().articles == {"a": Found(2 * WAITING, 2 * WAITING)}


def test_a_file_cut_off_before_its_tables_is_filled(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    with pytest.raises(UsageError, match="cannot be read"):
        Usage(tmp_path).counts()
    counting = Usage(tmp_path)
    counting.found(["a"])
    assert counting.counts().questions == 1


def test_a_folder_that_cannot_be_made_never_breaks_an_answer(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file")
    counting = Usage(tmp_path / "index")
    for _ in range(2 * WAITING):
        counting.found(["a"])
    (tmp_path / "index").unlink()
    assert counting.counts().questions == 2 * WAITING


def test_nothing_but_ids_counts_and_a_day_is_kept(counting: Usage) -> None:
    counting.found(["article-1", "article-2"])
    counts = counting.counts()
    with sqlite3.connect(counting.path) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {table: sorted(connection.execute(f"SELECT * FROM {table}")) for table in tables}
    assert rows == {"article": [("article-1", 1, 1), ("article-2", 0, 1)], "total": [(1, counts.since, 1)]}
