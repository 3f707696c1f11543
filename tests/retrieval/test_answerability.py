from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.answerability import FEATURES, JUDGED, Answerability, features
from retrieval.documents import Hit
from retrieval.ranking import Ranking, Signals
from tests.retrieval.articles import hit


def named(*hits: Hit) -> dict[str, float]:
    return dict(zip(FEATURES, features(hits).tolist(), strict=True))


def ranked(*found: dict[str, float]) -> list[Hit]:
    """Hits of different documents with these signals, scored as the shipped weights score them."""
    hits = [hit(0.0, f"document {number}", values["sentence"], **values) for number, values in enumerate(found)]
    scores = Ranking.load().scores([one.signals for one in hits])
    return [replace(one, score=float(score)) for one, score in zip(hits, scores, strict=True)]


def test_the_features_are_of_the_best_hit_and_of_its_lead_over_the_next() -> None:
    best = hit(0.9, "a", 0.8, 0.2, cosine=0.85, own=1.0)
    rivals = [hit(0.85, "a", cosine=0.99), hit(0.8, "b"), hit(0.6, "c")]
    assert named(best, *rivals) == pytest.approx({"cosine": 0.85, "own": 1.0, "lead": 0.15})


def test_hits_further_down_are_not_looked_at() -> None:
    first = [hit(1.0 - number / 10, f"{number}") for number in range(JUDGED)]
    assert named(*first, hit(-9.0, "last")) == named(*first)


def test_where_nothing_else_was_found_the_lead_counts_as_average() -> None:
    judge = Answerability([0.0, 0.0, 5.0], [1.0] * 3, [0.0, 0.0, 1.0], 0.0)
    alone = hit(3.0, "a")
    assert np.isnan(features([alone])[2])
    assert judge.probability([alone]) == 0.5 == judge.probability([alone, hit(-2.0, "b")])


def test_nothing_found_answers_nothing() -> None:
    assert Answerability.load().probability([]) == 0.0


def test_a_probability_is_of_the_rankings_features() -> None:
    judge = Answerability([0.0] * len(FEATURES), [1.0] * len(FEATURES), [1.0] * len(FEATURES), -1.0)
    hits = [hit(0.5, "a", cosine=0.5, own=1.0), hit(0.25, "b")]
    assert judge.probability(hits) == judge.probability_of(features(hits)) == pytest.approx(1 / (1 + np.exp(-0.75)))


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
    nothing = dict.fromkeys(Signals.names(), 0.0) | {"cosine": 0.4}
    assert shipped.probability(ranked(everything, nothing)) > 0.5 > shipped.probability(ranked(nothing, nothing))


def test_fitting_separates_and_survives_saving(tmp_path: Path) -> None:
    good = [[hit(0.9 + i / 100, "a", cosine=0.9), hit(0.7, "b", cosine=0.8)] for i in range(5)]
    bad = [[hit(0.7 + i / 100, "a", cosine=0.8), hit(0.7, "b", cosine=0.8)] for i in range(5)]
    fitted = Answerability.fit([features(hits) for hits in good], [features(hits) for hits in bad])
    assert min(map(fitted.probability, good)) > 0.5 > max(map(fitted.probability, bad))
    fitted.save(tmp_path / "coefficients.json")
    assert Answerability.load(tmp_path / "coefficients.json") == fitted


def test_a_feature_that_never_varies_does_not_break_the_fit() -> None:
    values = np.arange(len(FEATURES), dtype=np.float64)
    fitted = Answerability.fit([values], [np.where(values == 0.0, 1.0, values)])
    assert np.isfinite(fitted.weights).all()
    assert fitted.probability_of(values) > 0.5
