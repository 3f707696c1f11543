from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.encoder import unit
from retrieval.report import geometry
from retrieval.report.geometry import NOWHERE, centred, nearest


def test_what_all_have_in_common_is_taken_away() -> None:
    crowded = np.array([[10, 1, 0], [10, 0, 1], [10, -1, 0], [10, 0, -1]], np.float32)
    apart = centred(crowded / np.linalg.norm(crowded, axis=1, keepdims=True))
    np.testing.assert_allclose(apart @ apart.T, [[1, 0, -1, 0], [0, 1, 0, -1], [-1, 0, 1, 0], [0, -1, 0, 1]], atol=1e-4)


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_to_have_anything_in_common(rows: int) -> None:
    vectors = np.ones((rows, 4), np.float32) / 2
    assert centred(vectors).tolist() == vectors.tolist()
    positions, cosines = nearest(vectors, np.arange(rows), 3)
    assert positions.shape == cosines.shape == (rows, rows)
    assert (cosines == NOWHERE).all()


@given(st.lists(st.integers(0, 3), min_size=1, max_size=20), st.integers(1, 5), st.integers(1, 8))
def test_the_nearest_are_those_of_other_owners_in_order(owners: list[int], k: int, block: int) -> None:
    vectors = unit(np.random.default_rng(len(owners)).standard_normal((len(owners), 8)).astype(np.float32))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geometry, "BLOCK", block)
        positions, cosines = nearest(vectors, np.array(owners), k)
    for row, owner in enumerate(owners):
        strangers = [other for other in range(len(owners)) if owners[other] != owner]
        expected = sorted((float(vectors[row] @ vectors[other]) for other in strangers), reverse=True)[:k]
        found = cosines[row][cosines[row] > NOWHERE]
        np.testing.assert_allclose(found, expected, rtol=1e-5)
        assert all(owners[other] != owner for other in positions[row, : len(found)])
