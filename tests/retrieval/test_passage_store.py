from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.passage_store import NOTHING, Changes, Commit, KnowledgeBaseError, PassageStore, StoredPassage
from retrieval.store import index_file, vectors, versions
from retrieval.store.versions import KEPT_COMMITS
from tests.retrieval.store.contents import (
    Put,
    commit,
    content,
    documents,
    ids,
    passages,
    store_in,
    texts_of,
    vectors_of,
)
from tests.retrieval.store.processes import COMMITS, WORKERS, generation, started, unsynchronised

PUT = documents(delivery="Курьер привозит заказ.\nЦена 299 рублей. Почта дешевле.", returns="Return a jacket.")
CONTENT = {
    "delivery#0": "Курьер привозит заказ.",
    "delivery#1": "Цена 299 рублей. Почта дешевле.",
    "returns#0": "Return a jacket.",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PassageStore]:
    store = store_in(tmp_path / "index")
    commit(store, PUT)
    yield store
    store.close()


# -- an empty store ---------------------------------------------------------------------------


def test_an_empty_store_reads_as_empty_and_makes_nothing(tmp_path: Path) -> None:
    store = store_in(tmp_path / "index")
    assert (store.version(), store.size, store.dimension, content(store)) == (NOTHING, 0, 0, {})
    assert (store.documents(), store.lexical.match({"x": 0}, 5)) == ([], [])
    assert store.changes(NOTHING) == Changes(NOTHING, [], [])
    assert store.missing(["a", "b", "a"]) == ["a", "b"]
    store.verify()
    store.remember({})
    assert store.commit({}, ["delivery"]) == Commit(NOTHING)
    with pytest.raises(KnowledgeBaseError, match="There is no earlier version to go back to"):
        store.rollback()
    assert not (tmp_path / "index").exists()


# -- commits ----------------------------------------------------------------------------------


def test_what_was_committed_is_there_at_once_for_every_store(store: PassageStore, tmp_path: Path) -> None:
    assert content(store) == content(store_in(tmp_path / "index")) == CONTENT
    store.verify()


def test_a_passage_comes_back_with_its_sentences_and_terms(store: PassageStore) -> None:
    stored = store.passages(ids(store))[2]
    assert stored == StoredPassage.of(PUT["delivery"][1])
    assert stored.sentences == ["Цена 299 рублей.", "Почта дешевле."]
    assert stored.terms == ["deliveri", "цен", "299", "рубл", "почт", "дешевл"]


def test_a_commit_counts_documents(store: PassageStore) -> None:
    put = dict(documents(delivery="Курьер бесплатный.", new="Новое."), returns=PUT["returns"])
    report = store.commit(put, ["gone"], vectors_of(store.missing(texts_of(put))))
    assert report == Commit(store.version(), added=1, changed=1, unchanged=1)
    assert store.commit({}, ["new", "gone"]) == Commit(store.version(), removed=1)


def test_what_is_unchanged_makes_no_version(store: PassageStore) -> None:
    before = store.version()
    assert store.commit(PUT, ["gone"]) == Commit(before, unchanged=2)
    assert store.version() == before


def test_a_document_in_both_lists_is_put(store: PassageStore) -> None:
    assert store.commit(PUT, ["delivery"]).unchanged == 2


def test_unchanged_passages_keep_their_ids(store: PassageStore) -> None:
    before = store.passages(ids(store))
    commit(store, {"delivery": passages("delivery", "Курьер привозит заказ.", "Цена 199 рублей.")})
    after = store.passages(ids(store))
    assert [before[i] for i in sorted(before.keys() & after.keys())] == [before[1], before[3]]


def test_ids_are_never_used_again(store: PassageStore) -> None:
    used = set(ids(store))
    for number in range(KEPT_COMMITS + 3):
        commit(store, documents(last=f"Text {number}."))
        new = set(ids(store)) - used
        assert len(new) == 1 and min(new) > max(used)
        used |= new


def test_a_text_without_a_vector_is_refused_and_nothing_changes(store: PassageStore) -> None:
    with pytest.raises(KnowledgeBaseError, match="The article new has a text without a vector"):
        store.commit(dict(PUT, new=passages("new", "Новое.")), ["returns"])
    assert content(store) == CONTENT


def test_vectors_of_another_length_are_refused(store: PassageStore) -> None:
    with pytest.raises(KnowledgeBaseError, match="holds vectors of length 16, the encoder gives 3: delete"):
        store.commit(documents(new="Новое."), [], {"Новое.": np.ones(3, np.float32)})


@pytest.mark.parametrize(
    "text", ["", "\n", "|", "\u2028\x85\x1c", "x" * 50_000, 'a"b OR c', "12,5 a-1 a_b", "e\u0301 ς ß İ 漢字 🙂"]
)
def test_odd_texts_survive(store: PassageStore, text: str) -> None:
    commit(store, {"odd": passages("odd", text, "Обычный.")})
    assert content(store) == {**CONTENT, "odd#0": text, "odd#1": "Обычный."}
    commit(store, {}, ["odd"])
    assert content(store) == CONTENT
    store.verify()


def test_documents_are_listed_with_their_first_passages_words(store: PassageStore) -> None:
    commit(store, {"new": [replace(passages("new", "Текст.")[0], url="https://a.b", updated="2024-05-01")]})
    listed = {d.id: d for d in store.documents()}
    assert [(i, d.title, d.passages) for i, d in listed.items()] == [
        ("delivery", "Delivery", 2),
        ("returns", "Returns", 1),
        ("new", "New", 1),
    ]
    assert (listed["new"].language, listed["new"].url, listed["new"].updated) == ("ru", "https://a.b", "2024-05-01")


# -- vectors ----------------------------------------------------------------------------------


def test_known_texts_need_no_vectors_even_under_another_document(store: PassageStore) -> None:
    moved = {"other": [replace(p, id=f"other#{i}", document_id="other") for i, p in enumerate(PUT["delivery"])]}
    assert store.missing(texts_of(moved)) == []
    store.commit(moved)
    assert len(content(store)) == 5


def test_a_removed_document_comes_back_without_new_vectors(store: PassageStore) -> None:
    store.commit({}, ["delivery"])
    assert store.missing(texts_of(PUT)) == []
    store.commit(PUT)
    assert content(store) == CONTENT


def test_vectors_go_with_the_last_version_that_could_need_them(store: PassageStore) -> None:
    store.commit({}, ["delivery"])
    for number in range(KEPT_COMMITS):
        assert store.missing(texts_of(PUT)) == []
        commit(store, documents(last=f"Text {number}."))
    assert store.missing(texts_of(PUT)) == texts_of({"delivery": PUT["delivery"]})
    store.verify()


def test_vectors_remembered_ahead_wait_for_their_commit(
    store: PassageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = documents(new="Новое. И ещё.")
    before = store.version()
    store.remember(vectors_of(texts_of(put)))
    assert store.version() == before
    for number in range(KEPT_COMMITS + 1):
        commit(store, documents(last=f"Text {number}."))
    again = store_in(tmp_path / "index")
    again.commit(put)
    assert content(again)["new#0"] == "Новое. И ещё."
    monkeypatch.setattr(vectors, "WAITING_SECONDS", -1.0)
    store.remember(vectors_of(["Never used."]))
    commit(store, documents(last="Text."))
    assert store.missing([*texts_of(put), "Never used."]) == ["Never used."]
    store.verify()


# -- going back -------------------------------------------------------------------------------


def test_a_rollback_is_a_new_version_with_the_old_content_and_ids(store: PassageStore) -> None:
    before, old = store.version(), store.passages(ids(store))
    changed = commit(store, documents(delivery="Курьер бесплатный."), ["returns"])
    version = store.rollback()
    assert store.version() == version and len({before, changed, version}) == 3
    assert (content(store), store.passages(ids(store))) == (CONTENT, old)
    store.verify()


def test_the_last_commits_can_be_undone_one_after_another_and_no_more(store: PassageStore) -> None:
    states = [content(store)]
    for number in range(KEPT_COMMITS + 1):
        commit(store, documents(last=f"Text {number}."))
        states.append(content(store))
    for state in reversed(states[1:-1]):
        store.rollback()
        assert content(store) == state
    with pytest.raises(KnowledgeBaseError, match="There is no earlier version to go back to: only the last 3 changes"):
        store.rollback()
    assert content(store) == states[1]


def test_the_first_commit_can_be_undone(store: PassageStore) -> None:
    store.rollback()
    assert (content(store), store.documents()) == ({}, [])
    commit(store, PUT)
    assert content(store) == CONTENT


# -- another process's view -------------------------------------------------------------------


def test_changes_name_what_came_and_what_went(store: PassageStore) -> None:
    since = store.version()
    commit(store, documents(delivery="Курьер привозит заказ.\nНовая цена."))
    version = commit(store, documents(new="Новое."), ["returns"])
    added = [i for i, stored in store.passages(ids(store)).items() if "Нов" in stored.passage.text]
    assert store.changes(since) == Changes(version, added, [2, 3])
    assert store.changes(version) == Changes(version, [], [])


def test_what_came_and_went_again_is_no_change(store: PassageStore) -> None:
    since = store.version()
    commit(store, documents(new="Новое."))
    version = store.rollback()
    assert store.changes(since) == Changes(version, [], [])


def test_who_is_too_far_behind_reads_everything(store: PassageStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "KEPT_CHANGES", 5)
    seen = [store.version()]
    for number in range(8):
        seen.append(commit(store, documents(last=f"Text {number}.")))
    assert [store.changes(version).everything for version in seen] == [True] * 3 + [False] * 6
    assert store.changes(NOTHING) == Changes(seen[-1], [], [], everything=True)


def test_another_file_in_the_same_place_is_another_version(store: PassageStore, tmp_path: Path) -> None:
    before = store.version()
    shutil.rmtree(tmp_path / "index")
    assert (store.version(), content(store)) == (NOTHING, {})
    commit(store_in(tmp_path / "index"), documents(new="Новое."))
    assert store.version().number == before.number
    assert store.changes(before).everything
    assert content(store) == {"new#0": "Новое."}
    commit(store, PUT)
    assert content(store_in(tmp_path / "index")) == {**CONTENT, "new#0": "Новое."}


def test_reads_in_one_block_are_of_one_version(store: PassageStore, tmp_path: Path) -> None:
    with store.reading():
        before = store.version()
        commit(store_in(tmp_path / "index"), documents(new="Новое."), ["returns"])
        assert (store.version(), content(store)) == (before, CONTENT)
    assert store.version() != before
    assert set(content(store)) == {"delivery#0", "delivery#1", "new#0"}


def test_writing_inside_a_reading_block_is_refused(store: PassageStore) -> None:
    with store.reading(), pytest.raises(RuntimeError, match="write after it"):
        store.commit({}, ["delivery"])
    assert content(store) == CONTENT


def test_ids_that_are_gone_are_left_out(store: PassageStore) -> None:
    store.commit({}, ["delivery"])
    assert set(store.passages([1, 2, 3, 99])) == {3}
    assert store.passage_vectors([99, 3, 1])[0] == [3]
    assert store.sentence_vectors([1, 99])[0] == []


def test_blocks_list_every_id_once_in_order(store: PassageStore) -> None:
    commit(store, documents(many="\n".join(f"Text {i}." for i in range(9))), ["returns"])
    assert list(store.blocks(4)) == [[1, 2, 4, 5], [6, 7, 8, 9], [10, 11, 12]]


TEXTS = st.lists(st.sampled_from(["Да.", "Нет.", "One. Two.", ""]), max_size=3)
OPERATIONS = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from("abc"), TEXTS, max_size=2), st.lists(st.sampled_from("abc")), st.booleans()
    ),
    max_size=12,
)


@given(OPERATIONS)
def test_a_store_and_one_that_follows_it_agree_with_a_model(
    operations: list[tuple[dict[str, list[str]], list[str], bool]],
) -> None:
    with tempfile.TemporaryDirectory() as folder, unsynchronised():
        store, follower = store_in(Path(folder)), store_in(Path(folder))
        states: list[dict[str, str]] = [{}]
        followed: set[int] = set()
        version = NOTHING
        for texts, remove, back in operations:
            if back and len(states) > 1:
                states.pop()
                store.rollback()
            else:
                put: Put = {document: passages(document, *own) for document, own in texts.items()}
                kept = {i: t for i, t in states[-1].items() if i.split("#")[0] not in {*put, *remove}}
                state = {**kept, **{p.id: p.text for own in put.values() for p in own}}
                commit(store, put, remove)
                if state != states[-1]:
                    states = [*states, state][-KEPT_COMMITS - 1 :]
            changes = follower.changes(version)
            followed = set(ids(follower)) if changes.everything else followed - {*changes.removed} | {*changes.added}
            version = changes.version
            assert followed == set(ids(follower))
            assert content(follower) == states[-1]
        store.verify()
        store.close()
        follower.close()


# -- several at once --------------------------------------------------------------------------


def test_processes_that_index_at_once_lose_nothing(tmp_path: Path) -> None:
    assert started("index_at_once", tmp_path / "index").wait() == 0
    store = store_in(tmp_path / "index")
    assert store.version().number == len(content(store)) == WORKERS * COMMITS
    store.verify()


def test_a_reader_never_sees_half_a_commit(tmp_path: Path) -> None:
    reader = store_in(tmp_path / "index")
    commit(reader, generation(0))
    process = started("index_generations", tmp_path / "index")
    running = True
    while running:
        running = process.poll() is None
        seen = set(content(reader).values())
        assert len(seen) == 1
    assert (process.returncode, seen) == (0, {f"Generation{COMMITS}."})


def test_threads_share_one_store(store: PassageStore) -> None:
    def work(number: int) -> int:
        commit(store, documents(**{f"d{number}": f"Text {number}."}))
        return len(content(store))

    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(work, range(12)))
    assert max(seen) == len(content(store)) == 15


def test_who_waits_too_long_is_told_that_another_process_is_indexing(
    store: PassageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_file, "WAIT_SECONDS", 0.01)
    other = store_in(tmp_path / "index")
    with store._file.writing(), pytest.raises(KnowledgeBaseError, match="Another process is indexing into"):
        other.commit({}, ["delivery"])
    other.commit({}, ["delivery"])
    assert set(content(store)) == {"returns#0"}


# -- damage -----------------------------------------------------------------------------------


def test_another_encoders_index_is_refused_naming_both(store: PassageStore, tmp_path: Path) -> None:
    with pytest.raises(
        KnowledgeBaseError, match="made with the encoder of hashed texts, not with other: stop the assistant and run"
    ):
        PassageStore(tmp_path / "index", "other")


def test_another_releases_index_is_refused(store: PassageStore, tmp_path: Path) -> None:
    altered(tmp_path, "PRAGMA user_version = 99")
    with pytest.raises(KnowledgeBaseError, match="made by another release of Lichno: delete the folder"):
        store_in(tmp_path / "index")


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KnowledgeBaseError, match=r"cannot be read or written \(unable to open: Not a directory\)"):
        store_in(tmp_path / "file")


DAMAGED = r"knowledge.sqlite is damaged: delete the file and index the articles again \(lichno index add"


@pytest.mark.parametrize(("start", "data"), [(0, b"x" * 100), (40, b"\xff" * 60), (4096, b"x" * 9000)])
def test_a_file_that_is_overwritten_is_damaged(store: PassageStore, tmp_path: Path, start: int, data: bytes) -> None:
    store.close()
    with (tmp_path / "index" / "knowledge.sqlite").open("r+b") as stream:
        stream.seek(start)
        stream.write(data)
    with pytest.raises(KnowledgeBaseError, match=DAMAGED):
        store_in(tmp_path / "index").verify()


def test_a_file_that_is_cut_is_damaged(store: PassageStore, tmp_path: Path) -> None:
    store.close()
    path = tmp_path / "index" / "knowledge.sqlite"
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(KnowledgeBaseError, match=DAMAGED):
        store_in(tmp_path / "index")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("written")
    store = store_in(folder)
    commit(store, PUT)
    store.close()
    return (folder / "knowledge.sqlite").read_bytes()


@given(st.data(), st.binary(min_size=1, max_size=5000))
def test_damage_anywhere_is_found_or_changes_nothing(written: bytes, data: st.DataObject, garbage: bytes) -> None:
    start = data.draw(st.integers(0, len(written) - 1))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "knowledge.sqlite"
        path.write_bytes(written[:start] + garbage + written[start + len(garbage) :])
        try:
            store = store_in(Path(folder))
            store.verify()
        except KnowledgeBaseError:
            return
        assert content(store) == CONTENT
        store.close()


def test_an_altered_text_is_noticed_when_it_is_read(store: PassageStore, tmp_path: Path) -> None:
    altered(tmp_path, "UPDATE body SET json = replace(json, '299', '199')")
    with pytest.raises(KnowledgeBaseError, match=DAMAGED):
        store.passages([2])
    assert set(store.passages([1, 3])) == {1, 3}


def test_an_altered_vector_is_noticed_when_it_is_read(store: PassageStore, tmp_path: Path) -> None:
    altered(tmp_path, "UPDATE vector SET value = zeroblob(length(value)) WHERE id = 1")
    with pytest.raises(KnowledgeBaseError, match=DAMAGED):
        store.passage_vectors([1])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM body WHERE id = 1",
        "UPDATE body SET json = json || ' ' WHERE id = 1",
        "UPDATE passage SET removed = 1 WHERE id = 3",
        "UPDATE vector SET crc = crc + 1 WHERE id = 4",
        "UPDATE embedding SET vector = 1 WHERE passage = 2 AND position = 0",
        "DELETE FROM embedding WHERE passage = 3",
        "UPDATE version SET passages = 7",
        "UPDATE version SET checksum = x'00'",
        "INSERT INTO lexical (rowid, terms) VALUES (9, 'term')",
        "INSERT INTO lexical (lexical, rowid, terms) VALUES ('delete', 3, 'jacket')",
        "INSERT INTO lexical (lexical) VALUES ('delete-all')",
        "DROP TABLE change",
        "DELETE FROM change",
        "DROP TABLE lexical",
        "DELETE FROM made_with",
    ],
)
def test_verifying_finds_any_alteration(store: PassageStore, tmp_path: Path, statement: str) -> None:
    store.verify()
    altered(tmp_path, statement)
    with pytest.raises(KnowledgeBaseError, match=DAMAGED):
        store_in(tmp_path / "index").verify()


def altered(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / "index" / "knowledge.sqlite", isolation_level=None)
    connection.execute(statement)
    connection.close()
