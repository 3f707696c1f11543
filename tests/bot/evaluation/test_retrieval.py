from __future__ import annotations

import json
import math
from collections.abc import Collection
from pathlib import Path

import pytest

from bot.evaluation.questions import Question
from bot.evaluation.retrieval import DEPTH, Ranked, ask, score, write
from retrieval.documents import Document
from retrieval.knowledge_base import KnowledgeBase
from tests.fakes import HashEncoder
from tests.retrieval.articles import DELIVERY, RETURNS


def ranked(relevant: Collection[str], found: str, answerable: float = 0.5, ms: tuple[float, float] = (2, 1)) -> Ranked:
    """A question with these articles found, a letter each, best first."""
    articles = [(i, 1.0 - place / 10, i.upper()) for place, i in enumerate(found)]
    return Ranked(Question(f"for {found}", frozenset(relevant)), articles, answerable, *ms)


# -- scores -----------------------------------------------------------------------------------


def test_the_scores_are_those_worked_out_by_hand() -> None:
    scores = score(
        [
            ranked("a", "abc", 0.9, (10, 1)),  # found first
            ranked("bd", "abcd", 0.4, (10, 2)),  # second and fourth
            ranked("f", "abcdef", 0.8, (10, 3)),  # sixth
            ranked("x", "abc", 0.7, (10, 4)),  # missed
            ranked("", "abc", 0.6, (10, 5)),
            ranked("", "", 0.0, (10, 6)),
        ],
        articles=7,
        warnings=["A file was not read."],
    )
    assert (scores.questions, scores.unanswerable, scores.articles) == (4, 2, 7)
    assert scores.recall_at_1 == pytest.approx(1 / 4)
    assert scores.recall_at_5 == pytest.approx(2 / 4)
    assert scores.recall_at_10 == pytest.approx(3 / 4)
    assert scores.mrr_at_10 == pytest.approx((1 + 1 / 2 + 1 / 6 + 0) / 4)
    second, fourth, sixth = (1 / math.log2(place + 1) for place in (2, 4, 6))
    assert scores.ndcg_at_10 == pytest.approx((1 + (second + fourth) / (1 + second) + sixth + 0) / 4)
    # Pairs in order: against 0.6 all but 0.4, against 0.0 all.
    assert scores.answerable_auc == pytest.approx(7 / 8)
    assert (scores.ms, scores.ms_search) == (13.5, 3.5)
    assert scores.ms_search_p95 == pytest.approx(5.75, abs=0.06)
    assert scores.warnings == ["A file was not read."]
    json.dumps(scores.as_dict(), allow_nan=False)


def test_finding_everything_first_scores_one_and_finding_nothing_zero() -> None:
    best = score([ranked("a", "ab"), ranked("ab", "ba")], 2)
    worst = score([ranked("a", ""), ranked("b", "a")], 2)
    for scores, value in ((best, 1.0), (worst, 0.0)):
        assert scores.recall_at_1 == scores.recall_at_5 == scores.recall_at_10 == value
        assert scores.mrr_at_10 == scores.ndcg_at_10 == value


def test_more_relevant_articles_than_are_looked_at_can_still_score_one() -> None:
    letters = "abcdefghijkl"
    assert len(letters) > DEPTH
    assert score([ranked(letters, letters[:DEPTH])], 12).ndcg_at_10 == pytest.approx(1.0)


@pytest.mark.parametrize("relevant", ["a", ""])
def test_the_area_under_the_curve_needs_questions_of_both_kinds(relevant: str) -> None:
    scores = score([ranked(relevant, "ab")], 2)
    assert scores.answerable_auc is None
    assert scores.recall_at_1 == float(bool(relevant))
    assert scores.questions + scores.unanswerable == 1


# -- asking -----------------------------------------------------------------------------------


@pytest.fixture
def base(tmp_path: Path, fake_encoder: HashEncoder) -> KnowledgeBase:
    base = KnowledgeBase(tmp_path / "index", fake_encoder)
    base.update([DELIVERY, RETURNS])
    return base


def test_each_question_has_every_article_once_by_its_best_passage(base: KnowledgeBase) -> None:
    heard: list[int] = []
    asked = [Question("цена курьера", frozenset({"delivery"})), Question("return a jacket", frozenset({"returns"}))]
    courier, jacket = ask(base, asked, heard.append)
    assert heard == [1, 1]
    assert (courier.question, jacket.question) == (asked[0], asked[1])
    assert [i for i, _, _ in courier.articles] == ["delivery", "returns"]
    assert courier.articles[0][2] == "Доставка. Курьер"
    assert [i for i, _, _ in jacket.articles] == ["returns", "delivery"]
    for one in (courier, jacket):
        assert one.rank == 1
        assert one.articles[0][1] >= one.articles[1][1]
        assert 0.0 <= one.answerable <= 1.0
        assert one.encoding_ms >= 0.0 and one.search_ms > 0.0


def test_a_question_is_read_once(base: KnowledgeBase, fake_encoder: HashEncoder) -> None:
    ask(base, [Question("цена курьера", frozenset())])
    assert fake_encoder.encoded.count("цена курьера") == 1


def test_at_most_ten_articles_are_looked_at(base: KnowledgeBase) -> None:
    base.update(Document(f"gloves {i}", "Gloves", f"Warm gloves number {i}.", "en") for i in range(DEPTH + 5))
    (one,) = ask(base, [Question("warm gloves", frozenset({"returns"}))])
    assert len(one.articles) == DEPTH
    assert (one.rank, score([one], 17).mrr_at_10) == (None, 0.0)


def test_an_empty_base_finds_no_article(tmp_path: Path, fake_encoder: HashEncoder) -> None:
    (one,) = ask(KnowledgeBase(tmp_path / "empty", fake_encoder), [Question("цена", frozenset({"delivery"}))])
    assert (one.articles, one.answerable, one.rank) == ([], 0.0, None)


# -- lines ------------------------------------------------------------------------------------


def test_a_line_a_question_is_written_even_into_a_new_folder(tmp_path: Path) -> None:
    path = tmp_path / "new/lines.jsonl"
    write([ranked("bx", "ab", 0.123456), ranked("", "", 0.0), ranked("\u2028", "a")], path)
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") == 3
    first, second, third = (json.loads(line) for line in text.split("\n")[:3])
    assert first == {
        "question": "for ab",
        "relevant": ["b", "x"],
        "ranked": [{"id": "a", "score": 1.0, "heading": "A"}, {"id": "b", "score": 0.9, "heading": "B"}],
        "answerable": 0.1235,
        "rank": 2,
    }
    assert (second["ranked"], second["rank"], second["relevant"]) == ([], None, [])
    assert third["relevant"] == ["\u2028"]
