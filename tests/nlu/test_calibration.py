from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.calibration import expected_calibration_error, fit_temperature, softmax
from nlu.encoder import Vectors


def loss(logits: Vectors, targets: list[int]) -> float:
    return float(-np.log(softmax(logits)[np.arange(len(targets)), targets]).mean())


def test_shares_are_as_the_powers_of_e() -> None:
    logits = np.log(np.array([[1.0, 2.0, 5.0], [3.0, 3.0, 3.0]], dtype=np.float32))
    np.testing.assert_allclose(softmax(logits), [[0.125, 0.25, 0.625], [1 / 3] * 3], rtol=1e-5)


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=2, max_size=5), st.floats(-1e4, 1e4, width=32))
def test_rows_sum_to_one_keep_their_order_and_do_not_mind_a_shift(row: list[float], shift: float) -> None:
    logits = np.array([row], dtype=np.float32)
    shares = softmax(logits)
    assert shares.sum() == pytest.approx(1.0, abs=1e-5)
    assert shares.argmax() == logits.argmax() or shares.max() == shares[0, logits.argmax()]
    # fp32 keeps logits of ten thousand to a thousandth.
    np.testing.assert_allclose(softmax(logits + np.float32(shift)), shares, atol=5e-3)


@pytest.mark.parametrize(
    ("claimed", "right"),
    [(8.0, 3), (0.2, 3)],  # of four: claims of near certainty, and of hardly more than a coin
)
def test_the_temperature_brings_confidence_to_the_accuracy(claimed: float, right: int) -> None:
    logits = np.array([[claimed, 0.0]] * 4, dtype=np.float32)
    targets = [0] * right + [1] * (4 - right)
    temperature = fit_temperature(logits, np.array(targets))
    assert (temperature > 1.0) == (claimed > np.log(3))
    assert softmax(logits / temperature)[0, 0] == pytest.approx(right / 4, abs=0.02)
    assert loss(logits / temperature, targets) < loss(logits, targets)


def test_the_temperature_stays_within_its_bounds() -> None:
    logits = np.array([[1.0, 0.0]] * 4, dtype=np.float32)
    assert fit_temperature(logits, np.array([0] * 4)) == pytest.approx(0.1)
    assert fit_temperature(logits * 10, np.array([1] * 4)) == pytest.approx(10.0)


def test_the_error_is_the_weighted_gap_of_the_bins() -> None:
    # Two bins: below one half .2 and .4, one of two right; above it .7, .9 and 1.0, two of three right.
    confidences = np.array([0.2, 0.4, 0.7, 0.9, 1.0], dtype=np.float32)
    right = np.array([True, False, True, True, False])
    expected = 2 / 5 * abs(0.3 - 1 / 2) + 3 / 5 * abs(2.6 / 3 - 2 / 3)
    assert expected_calibration_error(confidences, right, bins=2) == pytest.approx(expected, abs=1e-6)


def test_no_error_where_confidence_is_the_accuracy_and_the_whole_of_it_where_all_is_wrong() -> None:
    certain = np.ones(5, dtype=np.float32)
    assert expected_calibration_error(certain, np.array([True] * 5)) == 0.0
    assert expected_calibration_error(certain, np.array([False] * 5)) == pytest.approx(1.0)
    half = np.array([0.5] * 4, dtype=np.float32)
    assert expected_calibration_error(half, np.array([True, False, True, False])) == pytest.approx(0.0)
