from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.answerability import FEATURES, Answerability, features, fit
from tests.retrieval.articles import hit


def test_the_features_of_a_ranking() -> None:
    hits = [hit(0.9, 0.5, "a", 0.8, 0.95), hit(0.85, 0.7, "a"), hit(0.8, 0.1, "b")]
    assert dict(zip(FEATURES, features(hits, "ru"), strict=True)) == pytest.approx(
        {
            "cosine": 0.9,
            "best sentence": 0.95,
            "coverage": 0.5,
            "lead over other documents": 0.1,
            "best coverage": 0.7,
            "in another language": 0.0,
        }
    )


def test_a_lone_hit_without_sentences_has_no_lead() -> None:
    assert features([hit(0.9, 0.5)], "ru").tolist() == [0.9, 0.9, 0.5, 0.0, 0.5, 0.0]


def test_words_shared_with_another_language_count_for_nothing() -> None:
    assert features([hit(0.9, 0.5)], "en").tolist() == [0.9, 0.9, 0.0, 0.0, 0.0, 1.0]


def test_nothing_found_answers_nothing() -> None:
    assert Answerability.load().probability([], "ru") == 0.0


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0, 1), st.sampled_from("abc")), min_size=1, max_size=5))
def test_the_shipped_coefficients_give_a_probability(found: list[tuple[float, float, str]]) -> None:
    assert 0.0 <= Answerability.load().probability([hit(*one) for one in found], "ru") <= 1.0


def test_full_coverage_and_a_clear_lead_are_likelier_to_answer() -> None:
    shipped = Answerability.load()
    assert shipped.probability([hit(0.9, 1.0, "a"), hit(0.8, 0.0, "b")], "ru") > 0.5
    assert shipped.probability([hit(0.83, 0.0, "a"), hit(0.83, 0.0, "b")], "ru") < 0.5


def test_fitting_separates_and_survives_saving(tmp_path: Path) -> None:
    good = [[hit(0.9 + i / 100, 0.8, "a"), hit(0.7, 0.1, "b")] for i in range(5)]
    bad = [[hit(0.7 + i / 100, 0.1, "a"), hit(0.7, 0.1, "b")] for i in range(5)]
    fitted = fit([features(hits, "ru") for hits in good], [features(hits, "ru") for hits in bad])
    assert min(fitted.probability(h, "ru") for h in good) > 0.5 > max(fitted.probability(h, "ru") for h in bad)
    fitted.save(tmp_path / "coefficients.json")
    assert Answerability.load(tmp_path / "coefficients.json") == fitted


def test_a_feature_that_never_varies_does_not_break_the_fit() -> None:
    fitted = fit([np.array([0.9, 0.9, 1.0, 0.0, 1.0, 0.0])], [np.array([0.8, 0.8, 1.0, 0.0, 1.0, 0.0])])
    assert np.isfinite(fitted.weights).all()
