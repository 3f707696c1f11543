from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval.documents import Document
from retrieval.knowledge_base import KnowledgeBase, KnowledgeBaseError, embedded_texts
from tests.fakes import HashEncoder
from tests.retrieval.articles import DELIVERY, RETURNS


@pytest.fixture
def base(tmp_path: Path, fake_encoder: HashEncoder) -> KnowledgeBase:
    base = KnowledgeBase.open(tmp_path / "index", fake_encoder)
    base.update([DELIVERY, RETURNS])
    fake_encoder.encoded.clear()
    return base


def reopened(base: KnowledgeBase) -> KnowledgeBase:
    return KnowledgeBase.open(base.folder, HashEncoder())


def test_an_empty_base_finds_nothing(tmp_path: Path, fake_encoder: HashEncoder) -> None:
    base = KnowledgeBase.open(tmp_path / "index", fake_encoder)
    result = base.search("где заказ")
    assert (result.hits, result.answerable, base.version) == ([], 0.0, 0)
    assert not (tmp_path / "index").exists()


def test_the_passage_that_answers_comes_first_with_its_sentences(base: KnowledgeBase) -> None:
    result = base.search("Сколько стоит курьер: цена?", k=2)
    assert [hit.passage.id for hit in result.hits][0] == "delivery#1"
    assert [text for text, _ in result.hits[0].sentences] == ["Курьер привозит заказ за два дня.", "Цена 299 рублей."]
    assert len(result.hits) == 2
    assert result.hits[0].score >= result.hits[1].score
    assert 0.0 < result.answerable <= 1.0


@pytest.mark.parametrize("question", ["", " \n"])
def test_an_empty_question_finds_nothing(base: KnowledgeBase, question: str) -> None:
    assert base.search(question).hits == []


def test_a_given_vector_is_used_instead_of_encoding(base: KnowledgeBase, fake_encoder: HashEncoder) -> None:
    vector = HashEncoder().encode_query("return a jacket")
    assert base.search("return a jacket", vector=vector).hits[0].passage.document_id == "returns"
    assert fake_encoder.encoded == []


def test_the_report_counts_documents_and_encoded_texts(tmp_path: Path, fake_encoder: HashEncoder) -> None:
    heard: list[int] = []
    report = KnowledgeBase(tmp_path, fake_encoder).update([DELIVERY, RETURNS], heard.append)
    assert (report.added, report.changed, report.unchanged, report.removed, report.passages) == (2, 0, 0, 0, 3)
    assert report.encoded == len(fake_encoder.encoded) == sum(heard) == 8  # three passages, five sentences


def test_the_same_documents_again_encode_and_save_nothing(base: KnowledgeBase, fake_encoder: HashEncoder) -> None:
    report = base.update([RETURNS, DELIVERY])
    assert (report.unchanged, report.encoded) == (2, 0)
    assert (fake_encoder.encoded, base.current_version()) == ([], 1)


def test_a_change_encodes_only_what_is_new(base: KnowledgeBase, fake_encoder: HashEncoder) -> None:
    changed = replace(DELIVERY, text=DELIVERY.text + "\n\n## Почта\n\nПочта идёт неделю.")
    report = base.update([changed])
    assert (report.added, report.changed, report.encoded) == (0, 1, 2)
    assert fake_encoder.encoded == ["Доставка. Почта\nПочта идёт неделю.", "Доставка. Почта: Почта идёт неделю."]


def test_a_changed_document_replaces_the_old_one(base: KnowledgeBase) -> None:
    base.update([replace(RETURNS, text="Nothing can be returned.")])
    assert [p.text for p in base.passages if p.document_id == "returns"] == ["Nothing can be returned."]


def test_every_stored_vector_is_its_texts_after_changes(base: KnowledgeBase) -> None:
    base.update([Document("new", "Новое", "Новая статья. Ещё строка.", "ru")])
    base.remove(["delivery"])
    fresh = reopened(base)
    expected = HashEncoder().encode_passages(embedded_texts(fresh.passages))
    np.testing.assert_allclose(fresh._vectors, expected, atol=1e-6)


def test_a_removed_document_is_not_found(base: KnowledgeBase) -> None:
    report = base.remove(["delivery"])
    assert (report.removed, report.unchanged, report.encoded) == (1, 1, 0)
    assert {hit.passage.document_id for hit in base.search("курьер").hits} == {"returns"}


def test_an_unknown_id_is_named_and_nothing_is_removed(base: KnowledgeBase) -> None:
    with pytest.raises(KnowledgeBaseError, match="No article has the id nope: `lichno index status` lists them"):
        base.remove(["delivery", "nope"])
    assert base.status()["ids"] == ["delivery", "returns"]


def test_everything_may_be_removed_and_added_again(base: KnowledgeBase) -> None:
    base.remove(["delivery", "returns"])
    empty = reopened(base)
    assert empty.search("курьер").hits == []
    empty.update([DELIVERY])
    assert empty.search("курьер").hits[0].passage.document_id == "delivery"


def test_a_reopened_base_answers_the_same_without_encoding_passages(base: KnowledgeBase) -> None:
    fresh = reopened(base)
    assert fresh.passages == base.passages
    assert fresh.search("цена курьера") == base.search("цена курьера")
    assert isinstance(fresh.encoder, HashEncoder)
    assert fresh.encoder.encoded == ["цена курьера"]


def test_a_running_base_takes_up_anothers_change_once(base: KnowledgeBase) -> None:
    running = reopened(base)
    base.remove(["delivery"])
    assert [running.reload(), running.reload()] == [True, False]
    assert running.status()["ids"] == ["returns"]


def test_odd_line_separators_survive_saving(base: KnowledgeBase) -> None:
    base.update([Document("odd", "Один\u2028два\x85три", "Текст.", "ru", url="https://a.b")])
    assert reopened(base).passages == base.passages


def test_old_versions_are_deleted(base: KnowledgeBase) -> None:
    for number in range(3):
        base.update([replace(RETURNS, text=f"Version {number} of the text.")])
    assert {path.name for path in base.folder.iterdir()} == {"current", "version-3", "version-4"}


@pytest.mark.parametrize("name", ["vectors.faiss", "passages.jsonl", "config.json"])
def test_a_damaged_index_is_named_with_the_remedy(base: KnowledgeBase, name: str) -> None:
    with (base.folder / "version-1" / name).open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(KnowledgeBaseError, match=r"version-1 is damaged: index the articles again \(lichno index add"):
        reopened(base)


def test_an_unfinished_version_is_ignored(base: KnowledgeBase) -> None:
    (base.folder / "version-2").mkdir()
    (base.folder / "version-2" / "passages.jsonl").write_text("{unfinished")
    assert reopened(base).version == 1


def test_another_encoders_index_is_refused_naming_both(base: KnowledgeBase) -> None:
    with pytest.raises(KnowledgeBaseError, match="encoder hashed words, the settings name other: delete the folder"):
        KnowledgeBase.open(base.folder, HashEncoder("other"))


def test_status_counts_by_language(base: KnowledgeBase) -> None:
    status = base.status()
    assert (status["documents"], status["passages"], status["version"]) == (2, 3, 1)
    assert status["languages"] == {"ru": 1, "en": 1}
