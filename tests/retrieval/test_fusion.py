from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retrieval.fusion import LEXICAL_WEIGHT, OWN_LANGUAGE_PRIOR, Scores, fuse, standardise

COSINES = st.lists(st.integers(600, 950), min_size=1, max_size=10)


def scores(*values: float) -> Scores:
    return np.array(values, dtype=np.float32)


@given(COSINES)
def test_one_languages_order_stays_the_cosines(values: list[int]) -> None:
    cosines = scores(*(value / 1000 for value in values))
    fused = fuse(cosines, np.zeros_like(cosines), ["ru"] * len(values), "ru")
    assert fused.shape == cosines.shape
    assert np.isfinite(fused).all()
    for i in range(len(values)):
        for j in range(len(values)):
            assert values[i] <= values[j] or fused[i] > fused[j]


def test_a_languages_general_nearness_does_not_count() -> None:
    languages = ["ru", "ru", "en", "en"]
    near, far = scores(0.9, 0.8, 0.9, 0.8), scores(0.9, 0.8, 0.6, 0.5)
    np.testing.assert_allclose(standardise(near, languages), standardise(far, languages), atol=1e-3)


def test_among_equals_the_questions_language_comes_first() -> None:
    fused = fuse(scores(0.9, 0.8, 0.9, 0.8), scores(0, 0, 0, 0), ["ru", "ru", "en", "en"], "en")
    np.testing.assert_allclose(fused[2:] - fused[:2], OWN_LANGUAGE_PRIOR, atol=1e-5)


def test_coverage_adds_in_proportion_and_none_adds_nothing() -> None:
    cosines, languages = scores(0.9, 0.8, 0.7), ["ru"] * 3
    without = fuse(cosines, scores(0, 0, 0), languages, "ru")
    added = fuse(cosines, scores(0, 0.5, 1), languages, "ru") - without
    np.testing.assert_allclose(added, [0, LEXICAL_WEIGHT / 2, LEXICAL_WEIGHT], atol=1e-5)


def test_equal_cosines_have_no_deviation() -> None:
    assert standardise(scores(0.8, 0.8), ["ru", "ru"]).tolist() == [0.0, 0.0]
