from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.encoder import MESSAGE_TOKENS, QUERY, Encoder, Encoding, Progress, Vectors
from retrieval import knowledge_base
from retrieval.answerability import FEATURES, Answerability
from retrieval.documents import Document
from retrieval.knowledge_base import KnowledgeBase, KnowledgeBaseError
from retrieval.late_interaction import TYPICAL
from retrieval.passage_store import embedded_texts
from retrieval.ranking import Ranking, Signals
from retrieval.sentences import sentences_of
from tests.fakes import HashEncoder
from tests.retrieval.articles import DELIVERY, RETURNS

FILE = "knowledge.sqlite"
UNDECIDED = Answerability([0.0] * len(FEATURES), [1.0] * len(FEATURES), [0.0] * len(FEATURES), 0.0)
UNWEIGHTED = dict.fromkeys(Signals.names(), 0.0)


@pytest.fixture
def base(tmp_path: Path, fake_encoder: HashEncoder) -> KnowledgeBase:
    base = KnowledgeBase(tmp_path / "index", fake_encoder)
    base.update([DELIVERY, RETURNS])
    fake_encoder.encoded.clear()
    return base


def reopened(base: KnowledgeBase) -> KnowledgeBase:
    """As another process opens it, with an encoder that has encoded nothing yet."""
    return KnowledgeBase(base.folder, HashEncoder())


def encoded(base: KnowledgeBase) -> list[str]:
    """Texts given to the encoder, those left out by which late interaction finds out what is common."""
    assert isinstance(base.encoder, HashEncoder)
    return [text for text in base.encoder.encoded if text not in TYPICAL]


def found(base: KnowledgeBase, question: str) -> list[str]:
    return [hit.passage.id for hit in base.search(question).hits]


# -- searching --------------------------------------------------------------------------------


def test_an_empty_base_finds_nothing_and_makes_nothing(tmp_path: Path, fake_encoder: HashEncoder) -> None:
    base = KnowledgeBase(tmp_path / "index", fake_encoder)
    result = base.search("где заказ")
    assert (result.hits, result.answerable, base.version, base.passages) == ([], 0.0, 0, [])
    base.verify()
    assert fake_encoder.encoded == []
    assert not (tmp_path / "index").exists()


def test_the_passage_that_answers_comes_first_with_its_sentences(base: KnowledgeBase) -> None:
    result = base.search("Сколько стоит курьер: цена?", k=2)
    assert result.hits[0].passage.id == "delivery#1"
    assert [text for text, _ in result.hits[0].sentences] == ["Курьер привозит заказ за два дня.", "Цена 299 рублей."]
    assert len(result.hits) == 2
    assert result.hits[0].score >= result.hits[1].score
    assert 0.0 < result.answerable <= 1.0


def test_the_sentence_that_answers_matches_best(base: KnowledgeBase) -> None:
    (_, courier), (_, price) = base.search("цена в рублей").hits[0].sentences
    assert price > courier


@pytest.mark.parametrize("question", ["", " \n"])
def test_an_empty_question_finds_nothing(base: KnowledgeBase, question: str) -> None:
    result = base.search(question)
    assert (result.hits, result.answerable) == ([], 0.0)
    assert encoded(base) == []


@pytest.mark.parametrize("question", ["?!", "🙂", "и", "\x00", '" OR * NEAR(', "а" * 5_000, "\u2028 12,5 \x85"])
def test_an_odd_question_is_answered_with_a_ranking(base: KnowledgeBase, question: str) -> None:
    result = base.search(question)
    assert len(result.hits) == 3
    assert np.isfinite([hit.score for hit in result.hits]).all()
    assert 0.0 <= result.answerable <= 1.0


def test_a_question_is_read_once_for_understanding_and_search(base: KnowledgeBase) -> None:
    base.encoder.read_message("цена курьера")
    base.search("цена курьера")
    assert encoded(base) == ["цена курьера"]


def test_the_signals_say_what_a_hit_is_made_of(base: KnowledgeBase) -> None:
    hits = base.search("Сколько стоит kurier, цена 299?").hits
    courier, returns = (next(h for h in hits if h.passage.id == i).signals for i in ("delivery#1", "returns#0"))
    assert (courier.own, returns.own) == (1.0, 0.0)
    assert courier.coverage > returns.coverage == 0.0
    assert courier.spelling > returns.spelling == 0.0  # "kurier" is "курьер" by sound
    assert courier.words > returns.words and courier.sentence > returns.sentence
    assert courier.cosine > returns.cosine


def test_a_name_in_the_other_script_finds_its_passage(base: KnowledgeBase) -> None:
    base.update(
        [Document("broncos", "Teams", "The Denver Broncos won.", "en"), Document("x", "Teams", "Others.", "en")]
    )
    by_spelling = Ranking(UNWEIGHTED | {"spelling": 1.0})
    assert found(KnowledgeBase(base.folder, HashEncoder(), ranking=by_spelling), "Денвер Бронкос")[0] == "broncos#0"


def test_the_given_weights_order_and_the_given_coefficients_judge(base: KnowledgeBase) -> None:
    foreign_first = Ranking(UNWEIGHTED | {"own": -1.0})
    result = KnowledgeBase(base.folder, HashEncoder(), UNDECIDED, foreign_first).search("цена курьера")
    assert [hit.passage.id for hit in result.hits][0] == "returns#0"
    assert [hit.score for hit in result.hits] == [0.0, -1.0, -1.0]
    assert result.answerable == 0.5


@given(st.integers(0, 5), st.sampled_from(["цена", "jacket refunds", "заказ"]))
def test_the_first_hits_do_not_depend_on_how_many_are_wanted(shared_base: KnowledgeBase, k: int, question: str) -> None:
    assert shared_base.search(question, k).hits == shared_base.search(question).hits[:k]


@pytest.fixture(scope="module")
def shared_base(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    base = KnowledgeBase(tmp_path_factory.mktemp("index"), HashEncoder())
    base.update([DELIVERY, RETURNS])
    return base


def test_the_order_in_which_documents_came_changes_nothing_found(base: KnowledgeBase, tmp_path: Path) -> None:
    backwards = KnowledgeBase(tmp_path / "backwards", HashEncoder())
    backwards.update([RETURNS])
    backwards.update([DELIVERY])
    for question in ("цена курьера", "return a jacket", "по всей России"):
        hits, others = base.search(question).hits, backwards.search(question).hits
        assert [hit.passage for hit in others] == [hit.passage for hit in hits]
        assert [hit.score for hit in others] == pytest.approx([hit.score for hit in hits])


# -- updating ---------------------------------------------------------------------------------


def test_the_report_counts_documents_and_encoded_texts(tmp_path: Path, fake_encoder: HashEncoder) -> None:
    heard: list[int] = []
    base = KnowledgeBase(tmp_path, fake_encoder)
    report = base.update([DELIVERY, RETURNS], heard.append)
    assert (report.added, report.changed, report.unchanged, report.removed, report.passages) == (2, 0, 0, 0, 3)
    assert report.encoded == len(encoded(base)) == sum(heard) == 8  # three passages, five sentences


def test_the_same_documents_again_encode_and_save_nothing(base: KnowledgeBase, fake_encoder: HashEncoder) -> None:
    report = base.update([RETURNS, DELIVERY])
    assert (report.added, report.changed, report.unchanged, report.encoded) == (0, 0, 2, 0)
    assert (fake_encoder.encoded, base.version) == ([], 1)


def test_a_change_encodes_only_what_is_new(base: KnowledgeBase) -> None:
    changed = replace(DELIVERY, text=DELIVERY.text + "\n\n## Почта\n\nПочта идёт неделю.")
    report = base.update([changed])
    assert (report.added, report.changed, report.encoded) == (0, 1, 2)
    assert encoded(base) == ["Доставка. Почта\nПочта идёт неделю.", "Доставка. Почта: Почта идёт неделю."]


def test_what_was_removed_comes_back_without_being_encoded(base: KnowledgeBase) -> None:
    before = base.search("цена курьера").hits
    base.remove(["delivery"])
    report = base.update([DELIVERY])
    assert (report.added, report.encoded) == (1, 0)
    assert base.search("цена курьера").hits == before
    assert encoded(base) == ["цена курьера"]


def test_a_text_that_two_documents_share_is_encoded_once(base: KnowledgeBase) -> None:
    twins = [Document(name, "Gloves", "Gloves are warm.", "en") for name in ("one", "two")]
    assert base.update(twins).encoded == len(encoded(base)) == 2
    assert set(found(base, "warm gloves")) >= {"one#0", "two#0"}


def test_a_changed_document_replaces_the_old_one(base: KnowledgeBase) -> None:
    base.update([replace(RETURNS, text="Nothing can be returned.")])
    assert [p.text for p in base.passages if p.document_id == "returns"] == ["Nothing can be returned."]
    (hit,) = (h for h in base.search("return a jacket").hits if h.passage.document_id == "returns")
    assert hit.sentences[0][0] == "Nothing can be returned."


def test_a_document_without_text_has_no_passages(base: KnowledgeBase) -> None:
    assert base.update([Document("empty", "Пусто", "", "ru")]).passages == 0
    assert base.status()["ids"] == ["delivery", "returns"]


def test_no_documents_change_nothing(base: KnowledgeBase) -> None:
    assert base.update([]).passages == 0
    assert base.version == 1


def test_every_vector_and_piece_is_its_texts_after_changes(base: KnowledgeBase) -> None:
    base.update([Document("new", "Новое", "Новая статья. Ещё строка.", "ru")])
    base.remove(["delivery"])
    base.update([replace(DELIVERY, text="Доставка подорожала.")])
    store = reopened(base).store
    stored = {i: one.passage for ids in store.blocks() for i, one in store.passages(ids).items()}
    vectors, tokens = store.vectors(list(stored)), store.tokens(list(stored))
    for i, passage in stored.items():
        np.testing.assert_allclose(vectors[i], HashEncoder().encode_passages(embedded_texts([passage])), atol=1e-3)
        (encoding,) = HashEncoder().read([passage.embedded_text])
        assert sorted(tokens[i].values.argmax(axis=1)) == sorted(encoding.ids[1:-1])
        assert tokens[i].owners.max() == len(sentences_of(passage.text)) - 1
    base.verify()


def test_odd_texts_survive_saving(base: KnowledgeBase) -> None:
    odd = Document("odd", "Один\u2028два\x85три", "Текст\x00. 漢字 🙂 ß İ.", "ru", "https://a.b", "2024-05-01", row=7)
    base.update([odd, Document("signs", "?", "!!! …", "en")])
    assert reopened(base).passages == base.passages
    assert {"odd#0", "signs#0"} < set(found(base, "текст"))
    base.verify()


# -- removing and going back ------------------------------------------------------------------


def test_a_removed_document_is_not_found(base: KnowledgeBase) -> None:
    assert "delivery#1" in found(base, "курьер")
    report = base.remove(["delivery"])
    assert (report.removed, report.unchanged, report.encoded, report.passages) == (1, 1, 0, 1)
    assert found(base, "курьер") == found(reopened(base), "курьер") == ["returns#0"]


def test_an_unknown_id_is_named_and_nothing_is_removed(base: KnowledgeBase) -> None:
    with pytest.raises(KnowledgeBaseError, match="No article has the id nope: `lichno index status --json` lists them"):
        base.remove(["delivery", "nope"])
    assert base.status()["ids"] == ["delivery", "returns"]


def test_everything_may_be_removed_and_added_again(base: KnowledgeBase) -> None:
    base.remove(["delivery", "returns"])
    empty = reopened(base)
    assert empty.search("курьер").hits == base.search("курьер").hits == []
    empty.update([DELIVERY])
    assert found(empty, "курьер")[0] == found(base, "курьер")[0] == "delivery#1"


def test_a_rollback_brings_the_old_content_back_for_every_base(base: KnowledgeBase) -> None:
    other = reopened(base)
    before, passages = other.search("цена курьера").hits, base.passages
    base.update([replace(DELIVERY, text="Доставки больше нет.")])
    assert other.search("цена курьера").hits != before
    assert base.rollback() == base.version == 3
    assert base.search("цена курьера").hits == other.search("цена курьера").hits == before
    assert base.passages == other.passages == passages
    base.verify()


def test_there_may_be_nothing_to_go_back_to(tmp_path: Path, fake_encoder: HashEncoder) -> None:
    with pytest.raises(KnowledgeBaseError, match="There is no earlier version to go back to"):
        KnowledgeBase(tmp_path, fake_encoder).rollback()


# -- several at once --------------------------------------------------------------------------


def test_a_reopened_base_answers_the_same_without_encoding_passages(base: KnowledgeBase) -> None:
    fresh = reopened(base)
    assert fresh.passages == base.passages
    assert fresh.search("цена курьера") == base.search("цена курьера")
    assert encoded(fresh) == ["цена курьера"]


def test_a_running_base_knows_anothers_changes_at_its_next_search(base: KnowledgeBase) -> None:
    running = reopened(base)
    assert "gloves#0" not in found(running, "warm gloves")
    base.update([Document("gloves", "Gloves", "Gloves are warm.", "en")])
    assert found(running, "warm gloves")[0] == "gloves#0"
    base.update([Document("gloves", "Gloves", "Gloves are cold. Warm gloves are not sold.", "en")])
    assert running.search("warm gloves").hits[0].passage.text.startswith("Gloves are cold.")
    base.remove(["gloves", "delivery"])
    assert found(running, "warm gloves") == ["returns#0"]
    assert running.status()["ids"] == ["returns"]
    assert running.version == base.version == 4


def test_an_index_that_was_deleted_is_empty_and_may_be_filled_again(base: KnowledgeBase) -> None:
    running = reopened(base)
    assert found(running, "курьер")
    for path in base.folder.iterdir():
        path.unlink()
    assert found(running, "курьер") == []
    reopened(base).update([RETURNS])
    assert found(running, "курьер") == ["returns#0"]


def test_threads_may_search_while_documents_change(base: KnowledgeBase) -> None:
    texts = [f"Gloves number {number} are warm." for number in range(12)]

    def update(*texts: str) -> None:
        for text in texts:
            reopened(base).update([Document("gloves", "Gloves", text, "en")])

    def search(_: int) -> list[str]:
        hits = base.search("warm gloves").hits
        return [hit.passage.text for hit in hits if hit.passage.document_id == "gloves"]

    update(texts[0])
    with ThreadPoolExecutor(4) as pool:
        writing = pool.submit(update, *texts[1:])
        seen = list(pool.map(search, range(40)))
        writing.result()
    assert all(len(one) == 1 for one in seen)
    assert {text for one in seen for text in one} <= set(texts)
    assert search(0) == texts[-1:]


class Meanwhile(HashEncoder):
    """Does something, once, when it is about to read a question."""

    do: Callable[[], object] | None = None

    def read(self, texts: Sequence[str], prefix: str = QUERY, max_tokens: int = MESSAGE_TOKENS) -> list[Encoding]:
        do, self.do = self.do, None
        if do:
            do()
        return super().read(texts, prefix, max_tokens)


def test_a_search_is_of_one_version_though_another_thread_takes_up_a_change(base: KnowledgeBase) -> None:
    encoder = Meanwhile()
    shared = KnowledgeBase(base.folder, encoder)
    shared.search("jacket")

    def change() -> None:
        base.update([replace(RETURNS, text="A jacket is never returned.")])
        with ThreadPoolExecutor(1) as pool:
            pool.submit(shared.search, "other").result()

    encoder.do = change
    assert sorted(found(shared, "return a jacket")) == ["delivery#0", "delivery#1", "returns#0"]


# -- interruptions ----------------------------------------------------------------------------


class Interrupted(HashEncoder):
    """Stops in the middle: at a text with these words."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words

    def encode(self, texts: Sequence[str], prefix: str, max_tokens: int, progress: Progress | None = None) -> Vectors:
        self._stop_at(texts)
        return super().encode(texts, prefix, max_tokens, progress)

    def read(self, texts: Sequence[str], prefix: str = QUERY, max_tokens: int = MESSAGE_TOKENS) -> list[Encoding]:
        self._stop_at(texts)
        return super().read(texts, prefix, max_tokens)

    def _stop_at(self, texts: Sequence[str]) -> None:
        if any(self.words in text for text in texts):
            raise KeyboardInterrupt


def test_an_interrupted_update_loses_nothing_and_goes_on_where_it_was(
    base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knowledge_base, "REMEMBER_EVERY", 2)
    before = base.search("цена курьера")
    new = Document(
        "gloves", "Gloves", "# Gloves\n\nThey are warm. Wool lasts.\n\n# Care\n\nWash by hand. Then dry.", "en"
    )
    stopped = KnowledgeBase(base.folder, Interrupted("Care: Then"))
    with pytest.raises(KeyboardInterrupt):
        stopped.update([new, replace(RETURNS, text="Nothing can be returned.")])
    assert (base.version, base.search("цена курьера")) == (1, before)
    again = reopened(base)
    report = again.update([new, replace(RETURNS, text="Nothing can be returned.")])
    assert (report.added, report.changed) == (1, 1)
    assert set(encoded(again)).isdisjoint(encoded(stopped))
    assert len(encoded(stopped)) + report.encoded == 8
    assert "Gloves. Care: Then dry." in encoded(again)
    again.verify()


# -- bad files --------------------------------------------------------------------------------


def test_another_encoders_index_is_refused_naming_both(base: KnowledgeBase) -> None:
    with pytest.raises(KnowledgeBaseError, match="encoder hashed words, not with other: stop the assistant"):
        KnowledgeBase(base.folder, HashEncoder("other"))


DAMAGED = r"knowledge.sqlite is damaged: delete the file and index the articles again \(lichno index add"


def test_a_damaged_file_is_named_with_the_remedy(base: KnowledgeBase) -> None:
    base.store.close()
    (base.folder / FILE).write_bytes(b"x" * 5000)
    with pytest.raises(KnowledgeBaseError, match=DAMAGED):
        reopened(base)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE token SET value = zeroblob(length(value))",
        "UPDATE vector SET value = zeroblob(length(value))",
        "UPDATE body SET json = replace(json, '299', '199')",
    ],
)
def test_altered_content_is_noticed_by_search_and_verification(base: KnowledgeBase, statement: str) -> None:
    connection = sqlite3.connect(base.folder / FILE, isolation_level=None)
    connection.execute(statement)
    connection.close()
    with pytest.raises(KnowledgeBaseError, match=DAMAGED):
        reopened(base).search("цена курьера")
    with pytest.raises(KnowledgeBaseError, match=DAMAGED):
        reopened(base).verify()


def test_status_counts_by_language(base: KnowledgeBase) -> None:
    status = base.status()
    assert (status["documents"], status["passages"], status["version"]) == (2, 3, 1)
    assert status["languages"] == {"ru": 1, "en": 1}
    assert (status["encoder"], status["folder"]) == ("hashed words", str(base.folder))


def test_a_hit_names_what_says_the_same_in_the_other_language(tmp_path: Path, encoder: Encoder) -> None:
    base = KnowledgeBase(tmp_path, encoder)
    base.update(
        [
            Document("en", "Delivery", "A courier brings your order in two days. Delivery costs 300 roubles.", "en"),
            Document("ru", "Доставка", "Курьер привезёт заказ за два дня. Доставка стоит 300 рублей.", "ru"),
            Document("other", "Returns", "Return an unopened item within 14 days. The box must be whole.", "en"),
        ]
    )
    hits = {hit.passage.document_id: hit for hit in base.search("how much is delivery?", 3).hits}
    assert hits["en"].translations == {hits["ru"].passage.id}
    assert hits["ru"].translations == {hits["en"].passage.id}
    assert not hits["other"].translations
