from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.answerability import FEATURES, Answerability, features, fit
from retrieval.documents import Hit
from retrieval.ranking import Ranking, Signals
from tests.retrieval.articles import hit

LEADS = FEATURES[len(Signals.names()) :]


def named(*hits: Hit) -> dict[str, float]:
    return dict(zip(FEATURES, features(hits).tolist(), strict=True))


def ranked(*found: dict[str, float]) -> list[Hit]:
    """Hits of different documents with these signals, scored as the shipped weights score them."""
    hits = [hit(0.0, f"document {number}", values["sentence"], **values) for number, values in enumerate(found)]
    scores = Ranking.load().scores([one.signals for one in hits])
    return [replace(one, score=float(score)) for one, score in zip(hits, scores, strict=True)]


def test_the_features_of_a_ranking() -> None:
    best = hit(0.9, "a", 0.8, 0.2, words=0.5, sentence=0.8, cosine=0.85, coverage=0.3, spelling=0.4, own=1.0)
    assert named(best, hit(0.85, "a", coverage=0.7), hit(0.8, "b"), hit(0.1, "c")) == pytest.approx(
        {
            "words": 0.5,
            "sentence": 0.8,
            "cosine": 0.85,
            "coverage": 0.3,
            "spelling": 0.4,
            "own": 1.0,
            "best sentence's lead": 0.8 - 0.5,
            "lead over other documents": 0.1,
            "agreement": 0.3 - 0.7,
        }
    )


def test_a_lone_hit_without_sentences_has_no_lead() -> None:
    alone = named(hit(0.9, sentence=0.5, coverage=0.5))
    assert {name: alone[name] for name in LEADS} == dict.fromkeys(LEADS, 0.0)


def test_passages_of_the_same_document_are_no_rivals() -> None:
    assert named(hit(0.9, "a"), hit(0.8, "a"), hit(0.7, "a"))["lead over other documents"] == 0.0


def test_a_sentence_that_was_not_read_does_not_count() -> None:
    assert named(hit(0.9, "a", 0.8, 0.6, -1.0))["best sentence's lead"] == pytest.approx(0.1)


def test_nothing_found_answers_nothing() -> None:
    assert Answerability.load().probability([]) == 0.0


def test_a_probability_is_of_the_rankings_features() -> None:
    judge = Answerability([0.0] * len(FEATURES), [1.0] * len(FEATURES), [1.0] * len(FEATURES), -1.0)
    hits = [hit(0.5, "a", words=0.5, own=1.0), hit(0.0, "b")]
    assert judge.probability(hits) == judge.probability_of(features(hits)) == pytest.approx(1 / (1 + np.exp(-1.0)))


def test_the_shipped_file_has_a_coefficient_for_each_feature() -> None:
    shipped = Answerability.load()
    assert len(shipped.mean) == len(shipped.deviation) == len(shipped.weights) == len(FEATURES)


SIGNALS = st.fixed_dictionaries({name: st.floats(-1, 1) for name in Signals.names()})


@given(st.lists(SIGNALS, min_size=1, max_size=5))
def test_the_shipped_coefficients_give_a_probability(found: list[dict[str, float]]) -> None:
    assert 0.0 <= Answerability.load().probability(ranked(*found)) <= 1.0


def test_a_ranking_that_shares_everything_is_likelier_to_answer_than_one_that_shares_nothing() -> None:
    shipped = Answerability.load()
    everything = dict.fromkeys(Signals.names(), 0.95)
    nothing = dict.fromkeys(Signals.names(), 0.0) | {"cosine": 0.75}
    assert shipped.probability(ranked(everything, nothing)) > 0.5 > shipped.probability(ranked(nothing, nothing))


def test_fitting_separates_and_survives_saving(tmp_path: Path) -> None:
    good = [[hit(0.9 + i / 100, "a", coverage=0.8), hit(0.7, "b", coverage=0.1)] for i in range(5)]
    bad = [[hit(0.7 + i / 100, "a", coverage=0.1), hit(0.7, "b", coverage=0.1)] for i in range(5)]
    fitted = fit([features(hits) for hits in good], [features(hits) for hits in bad])
    assert min(map(fitted.probability, good)) > 0.5 > max(map(fitted.probability, bad))
    fitted.save(tmp_path / "coefficients.json")
    assert Answerability.load(tmp_path / "coefficients.json") == fitted


def test_a_feature_that_never_varies_does_not_break_the_fit() -> None:
    values = np.arange(len(FEATURES), dtype=np.float64)
    fitted = fit([values], [np.where(values == 0.0, 1.0, values)])
    assert np.isfinite(fitted.weights).all()
    assert fitted.probability_of(values) > 0.5
