from __future__ import annotations

import gc
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlu.encoder import MESSAGE_TOKENS, QUERY, Encoding, Progress, Vectors
from retrieval import knowledge_base
from retrieval.documents import Document, Passage
from retrieval.knowledge_base import KnowledgeBase, KnowledgeBaseError
from retrieval.passage_store import embedded_texts
from retrieval.reencode import UNFINISHED, reencode
from retrieval.store.index_file import FILE, made_with, single_file
from tests.fakes import HashEncoder
from tests.retrieval.articles import DELIVERY, RETURNS

QUESTIONS = ["цена курьера", "return a jacket", "сколько ждать заказ"]
OPEN = r"^Another process has the index .* open: stop the assistant and run again\.$"
UNDO_NOTHING = "There is no earlier version to go back to"


class Turned(HashEncoder):
    """Words on other axes: what it encodes itself is as near to each other as before, and far from the others'."""

    def encode(self, texts: Sequence[str], prefix: str, max_tokens: int, progress: Progress | None = None) -> Vectors:
        return np.roll(super().encode(texts, prefix, max_tokens, progress), 101, axis=1)

    def read(self, texts: Sequence[str], prefix: str = QUERY, max_tokens: int = MESSAGE_TOKENS) -> list[Encoding]:
        return [
            replace(e, vector=np.roll(e.vector, 101), last=e.last.roll(101, dims=1))
            for e in super().read(texts, prefix, max_tokens)
        ]


class Interrupted(Turned):
    """Stops at the second call: after what was remembered from the first."""

    def read(self, texts: Sequence[str], prefix: str = QUERY, max_tokens: int = MESSAGE_TOKENS) -> list[Encoding]:
        if self.encoded:
            raise KeyboardInterrupt
        return super().read(texts, prefix, max_tokens)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of an index with a changed article in the middle, closed as a process that has ended leaves it."""
    base = KnowledgeBase(tmp_path / "knowledge", HashEncoder())
    base.update([replace(DELIVERY, text="# Доставка\n\nМы доставляем."), RETURNS])
    base.update([DELIVERY])
    base.store.close()
    return base.folder


def opened(folder: Path, encoder: HashEncoder) -> KnowledgeBase:
    return KnowledgeBase(folder, encoder)


def kept(folder: Path, encoder: HashEncoder) -> list[Passage]:
    """The passages, by id; the file is closed again."""
    base = opened(folder, encoder)
    base.verify()
    passages = sorted(base.passages, key=lambda passage: passage.id)
    base.store.close()
    return passages


def answers(folder: Path, encoder: HashEncoder) -> list[list[tuple[str, float]]]:
    base = opened(folder, encoder)
    hits = [[(hit.passage.id, round(hit.score, 3)) for hit in base.search(q).hits] for q in QUESTIONS]
    base.store.close()
    return hits


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


# -- encoding anew ----------------------------------------------------------------------------


def test_another_encoders_index_has_afterwards_the_same_passages_and_finds_the_same(folder: Path) -> None:
    passages, found = kept(folder, HashEncoder()), answers(folder, HashEncoder())
    assert reencode(folder, Turned("turned")) == len(passages) == 3
    assert made_with(folder) == "turned"
    assert kept(folder, Turned("turned")) == passages
    assert answers(folder, Turned("turned")) == found


def test_every_vector_is_the_new_encoders_as_if_it_had_been_indexed_with_it(folder: Path, tmp_path: Path) -> None:
    reencode(folder, Turned("turned"))
    fresh = opened(tmp_path / "fresh", Turned("turned"))
    fresh.update([DELIVERY, RETURNS])

    def vectors(base: KnowledgeBase) -> dict[str, Vectors]:
        ids = [i for block in base.store.blocks() for i in block]
        passages, values = base.store.passages(ids), base.store.vectors(ids)
        return {passages[i].passage.id: values[i] for i in ids}

    one, other = vectors(opened(folder, Turned("turned"))), vectors(fresh)
    assert one.keys() == other.keys()
    for passage in one:
        np.testing.assert_array_equal(one[passage], other[passage])


def test_an_index_encoded_anew_need_not_encode_its_articles_again(folder: Path) -> None:
    reencode(folder, Turned("turned"))
    encoder = Turned("turned")
    report = opened(folder, encoder).update([DELIVERY, RETURNS])
    assert (report.unchanged, report.encoded, encoder.encoded) == (2, 0, [])


def test_progress_hears_of_every_text_once(folder: Path) -> None:
    heard: list[int] = []
    encoder = Turned("turned")
    reencode(folder, encoder, heard.append)
    texts = embedded_texts(kept(folder, Turned("turned")))
    assert sum(heard) == len(texts) == len(set(texts))
    assert [encoder.encoded.count(text) for text in texts] == [1] * len(texts)


def test_nothing_but_the_index_is_touched_or_left_beside_it(folder: Path) -> None:
    (folder / "usage.sqlite").write_text("counts")
    reencode(folder, Turned("turned"))
    assert names(folder.parent) == ["knowledge", f"knowledge/{FILE}", "knowledge/usage.sqlite"]
    assert (folder / "usage.sqlite").read_text() == "counts"


# -- nothing to do ----------------------------------------------------------------------------


def test_the_same_encoder_costs_nothing(folder: Path) -> None:
    before, encoder = (folder / FILE).read_bytes(), HashEncoder()
    assert reencode(folder, encoder) == 0
    assert (encoder.encoded, (folder / FILE).read_bytes()) == ([], before)
    assert names(folder) == [FILE]


def test_where_there_is_no_index_there_is_nothing_to_do(tmp_path: Path) -> None:
    encoder = Turned("turned")
    assert (reencode(tmp_path / "none", encoder), encoder.encoded) == (0, [])
    assert names(tmp_path) == []


def test_a_file_that_nothing_was_written_to_is_no_index(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    assert made_with(tmp_path) is None
    assert reencode(tmp_path, Turned("turned")) == 0


def test_an_empty_index_is_removed_and_the_next_encoder_begins_one(folder: Path) -> None:
    base = opened(folder, HashEncoder())
    base.remove(["delivery", "returns"])
    base.store.close()
    assert reencode(folder, Turned("turned")) == 0
    assert names(folder.parent) == ["knowledge"]
    opened(folder, Turned("turned")).update([RETURNS])
    assert made_with(folder) == "turned"


# -- interrupted or refused -------------------------------------------------------------------


def test_an_interruption_leaves_the_old_index_whole_and_the_next_run_finishes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knowledge_base, "REMEMBER_EVERY", 1)
    passages, found = kept(folder, HashEncoder()), answers(folder, HashEncoder())
    with pytest.raises(KeyboardInterrupt):
        reencode(folder, Interrupted("turned"))
    gc.collect()  # as the end of the process does, this closes what the interruption left open
    assert made_with(folder) == "hashed words"
    assert (kept(folder, HashEncoder()), answers(folder, HashEncoder())) == (passages, found)
    assert reencode(folder, Turned("turned")) == 3
    assert (kept(folder, Turned("turned")), answers(folder, Turned("turned"))) == (passages, found)
    assert names(folder.parent) == ["knowledge", f"knowledge/{FILE}"]


def test_what_an_interrupted_run_left_is_not_taken_for_the_index(folder: Path) -> None:
    passages = kept(folder, HashEncoder())
    left = opened(folder.with_name(folder.name + UNFINISHED), HashEncoder("a third"))
    left.update([Document("old", "Old", "Removed meanwhile.", "en")])
    left.store.close()
    reencode(folder, Turned("turned"))
    assert kept(folder, Turned("turned")) == passages


def test_while_another_has_the_index_open_it_is_refused_and_nothing_changes(folder: Path) -> None:
    passages = kept(folder, HashEncoder())
    running = opened(folder, HashEncoder())
    before = running.search(QUESTIONS[0])
    with pytest.raises(KnowledgeBaseError, match=OPEN):
        reencode(folder, Turned("turned"))
    assert (made_with(folder), running.search(QUESTIONS[0])) == ("hashed words", before)
    running.store.close()
    assert kept(folder, HashEncoder()) == passages
    assert reencode(folder, Turned("turned")) == 3


def test_a_second_time_too_it_is_refused_while_another_has_the_index_open(folder: Path) -> None:
    reencode(folder, Turned("turned"))
    running = opened(folder, Turned("turned"))
    running.search(QUESTIONS[0])
    with pytest.raises(KnowledgeBaseError, match=OPEN):
        reencode(folder, HashEncoder())


def test_readers_of_an_index_encoded_anew_go_on_while_another_process_writes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.store.index_file.WAIT_SECONDS", 0.1)
    reencode(folder, Turned("turned"))
    reader, writer = opened(folder, Turned("turned")), opened(folder, Turned("turned"))
    with reader.store.reading():
        before = reader.passages
        writer.remove(["returns"])
        assert reader.passages == before


def test_an_empty_index_that_another_has_open_is_not_removed(folder: Path) -> None:
    running = opened(folder, HashEncoder())
    running.remove(["delivery", "returns"])
    with pytest.raises(KnowledgeBaseError, match=OPEN):
        reencode(folder, Turned("turned"))
    assert (folder / FILE).is_file()


def test_a_damaged_index_is_named_and_left_as_it_is(folder: Path) -> None:
    (folder / FILE).write_bytes(b"x" * 5000)
    with pytest.raises(KnowledgeBaseError, match="is damaged: delete the file and index the articles again"):
        reencode(folder, Turned("turned"))
    assert (names(folder.parent), (folder / FILE).read_bytes()) == (["knowledge", f"knowledge/{FILE}"], b"x" * 5000)


def test_an_assistant_that_still_runs_on_the_old_vectors_refuses_and_names_the_remedy(folder: Path) -> None:
    running = opened(folder, HashEncoder())
    running.search(QUESTIONS[0])
    running.store.close()  # between two questions of another thread
    reencode(folder, Turned("turned"))
    with pytest.raises(KnowledgeBaseError, match="turned, not with hashed words: .* `lichno up`, which encodes"):
        running.search(QUESTIONS[0])


def test_an_assistant_of_the_new_encoder_sees_at_once_that_the_file_is_another(folder: Path) -> None:
    reencode(folder, Turned("turned"))
    running = opened(folder, Turned("turned"))
    found = running.search(QUESTIONS[0])
    running.store.close()
    reencode(folder, HashEncoder())
    reencode(folder, Turned("turned"))
    assert running.search(QUESTIONS[0]) == found


# -- earlier versions -------------------------------------------------------------------------


def test_going_back_begins_anew_from_the_index_encoded_anew(folder: Path) -> None:
    passages = kept(folder, HashEncoder())
    reencode(folder, Turned("turned"))
    base = opened(folder, Turned("turned"))
    assert base.version == 1
    base.remove(["returns"])
    base.rollback()
    base.store.close()
    assert kept(folder, Turned("turned")) == passages


def test_encoding_anew_is_no_change_that_could_be_undone(folder: Path) -> None:
    reencode(folder, Turned("turned"))
    base = opened(folder, Turned("turned"))
    with pytest.raises(KnowledgeBaseError, match=UNDO_NOTHING):
        base.rollback()
    assert len(base.passages) == 3


# -- the file ---------------------------------------------------------------------------------


def test_an_index_names_its_maker_and_stays_as_it_is(folder: Path) -> None:
    before = (folder / FILE).read_bytes()
    assert made_with(folder) == "hashed words"
    assert (names(folder), (folder / FILE).read_bytes()) == ([FILE], before)


def test_a_single_file_holds_what_stood_in_the_log(folder: Path, tmp_path: Path) -> None:
    base = opened(folder, HashEncoder())
    base.update([Document("new", "New", "Only in the log.", "en")])
    log = (folder / f"{FILE}-wal").read_bytes()
    assert b"Only in the log." in log
    for name in (FILE, f"{FILE}-wal"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    single_file(tmp_path)
    assert not (tmp_path / f"{FILE}-wal").exists() and not (tmp_path / f"{FILE}-shm").exists()
    (moved := tmp_path / "moved").mkdir()
    (tmp_path / FILE).rename(moved / FILE)
    assert [p.id for p in kept(moved, HashEncoder()) if p.document_id == "new"] == ["new#0"]


def test_a_file_that_a_reader_holds_is_not_made_single(folder: Path) -> None:
    reader = sqlite3.connect(folder / FILE)
    reader.execute("SELECT count(*) FROM passage").fetchone()
    with pytest.raises(KnowledgeBaseError, match=OPEN):
        single_file(folder)
    reader.close()
    single_file(folder)
    assert names(folder) == [FILE]
