from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.encoder import Vectors
from nlu.out_of_scope import OutOfScope, RelativeDistance, Seen, distances_with_all, roc_auc, threshold_for

DIMENSION = 6
CENTRES = 4.0 * np.eye(3, DIMENSION, dtype=np.float32)
SPREAD = 0.4


def seen(points: Vectors) -> Seen:
    """As a classifier sees them that measures distances from the clusters' centres."""
    points = points.astype(np.float32)
    squares = ((points[:, None, :] - CENTRES[None]) ** 2).sum(-1)
    return Seen(points - CENTRES.mean(axis=0), points, -squares)


def around(centres: Vectors, each: int, seed: int) -> Vectors:
    noise = np.random.default_rng(seed).normal(0.0, SPREAD, (each * len(centres), DIMENSION))
    points: Vectors = (np.repeat(centres, each, axis=0) + noise).astype(np.float32)
    return points


TARGETS = np.repeat(np.arange(3), 40)
INSIDE, UNSEEN = around(CENTRES, 40, 0), around(CENTRES, 40, 1)
# Where no cluster is, and not even a direction that the training set knows.
FAR = around(np.array([[0, 0, 0, 0, 6, 0], [-4, 0, 0, 0, 0, 6]], dtype=np.float32), 20, 2)
# Beside the first cluster: without examples of them such messages look much like its own.
BESIDE = CENTRES[:1] + np.array([[0, 0, 0, 1.6, 0, 0]], dtype=np.float32)


@pytest.fixture(scope="module")
def detector() -> OutOfScope:
    return OutOfScope.fit(seen(INSIDE), TARGETS)


def test_far_messages_score_below_every_unseen_one_in_scope(detector: OutOfScope) -> None:
    assert detector.score(seen(FAR)).max() < detector.score(seen(UNSEEN)).min()


def test_the_distance_alone_tells_what_lies_between_the_classes() -> None:
    def unsure(points: Vectors) -> Seen:
        """By a classifier that says nothing, so that its energy tells nothing either."""
        return replace(seen(points), logits=np.zeros((len(points), 3), dtype=np.float32))

    detector = OutOfScope.fit(unsure(INSIDE), TARGETS)
    between = CENTRES.mean(axis=0, keepdims=True)
    assert detector.score(unsure(between))[0] < detector.score(unsure(UNSEEN)).min()


def test_a_message_scores_the_same_alone_and_among_others(detector: OutOfScope) -> None:
    together = detector.score(seen(UNSEEN[:5]))
    alone = [detector.score(seen(UNSEEN[i : i + 1]))[0] for i in range(5)]
    np.testing.assert_allclose(together, alone, atol=1e-3)


def test_examples_beside_a_class_lower_such_messages_and_no_others_as_much(detector: OutOfScope) -> None:
    taught = OutOfScope.fit(seen(INSIDE), TARGETS, seen(around(BESIDE, 10, 3)))
    near = seen(around(BESIDE, 40, 4))
    inside = seen(UNSEEN)
    assert detector.reject is None and taught.reject is not None
    before = roc_auc(detector.score(inside).tolist(), detector.score(near).tolist())
    after = roc_auc(taught.score(inside).tolist(), taught.score(near).tolist())
    assert before < after
    assert after > 0.95
    assert taught.score(near).mean() < detector.score(near).mean()


@pytest.mark.parametrize("outside", [None, seen(FAR)])
def test_the_arrays_make_the_same_detector_again(outside: Seen | None) -> None:
    detector = OutOfScope.fit(seen(INSIDE), TARGETS, outside)
    arrays = detector.arrays()
    assert ("reject" in arrays) == (outside is not None)
    again = OutOfScope.from_arrays(arrays)
    np.testing.assert_array_equal(again.score(seen(UNSEEN)), detector.score(seen(UNSEEN)))


def test_scaled_scores_have_a_spread_of_one_each_on_the_given_messages(detector: OutOfScope) -> None:
    scaled = OutOfScope.fit(seen(INSIDE), TARGETS, seen(FAR)).scaled(seen(UNSEEN))
    spreads = (scaled.scores(seen(UNSEEN)) / scaled.scales[:, None]).std(axis=1)
    np.testing.assert_allclose(spreads, 1.0, rtol=1e-3)
    # A score that never varies (no reject class) neither divides by zero nor counts.
    assert np.isfinite(detector.scaled(seen(UNSEEN)).score(seen(UNSEEN))).all()


def test_identical_examples_make_a_detector_nonetheless() -> None:
    points = np.repeat(CENTRES, 5, axis=0)
    detector = OutOfScope.fit(seen(points), np.repeat(np.arange(3), 5))
    inside, outside = detector.score(seen(CENTRES)), detector.score(seen(FAR))
    assert np.isfinite(inside).all() and np.isfinite(outside).all()
    assert outside.max() < inside.min()
    nothing, one = np.zeros((4, 2), dtype=np.float32), np.ones((1, 2), dtype=np.float32)
    all_the_same = OutOfScope.fit(Seen(nothing, nothing, nothing), np.array([0, 0, 1, 1]))
    assert np.isfinite(all_the_same.score(Seen(one, one, one))).all()


@pytest.mark.parametrize("each", [4, 8])
def test_distances_are_foretold_for_a_detector_with_more_examples(each: int) -> None:
    centres = np.random.default_rng(5).normal(0.0, 1.0, (30, 64)).astype(np.float32)
    noise = np.random.default_rng(6)

    def drawn(count: int) -> Vectors:
        return np.repeat(centres, count, axis=0) + noise.normal(0.0, 1.0, (30 * count, 64)).astype(np.float32)

    known, added, unseen = drawn(each), drawn(1), drawn(10)
    targets = np.repeat(np.arange(30), each)
    part = each / (each + 1)
    later = RelativeDistance.fit(np.r_[known, added], np.r_[targets, np.arange(30)]).score(unseen).mean()
    now = RelativeDistance.fit(known, targets).score(unseen).mean()
    foretold = distances_with_all(known, targets, unseen, part, seed=1).mean()
    assert abs(foretold - later) < abs(now - later)


def test_with_one_example_a_class_nothing_is_foretold() -> None:
    targets = np.arange(3)
    now = RelativeDistance.fit(CENTRES, targets).score(UNSEEN)
    np.testing.assert_array_equal(distances_with_all(CENTRES, targets, UNSEEN, 0.8, seed=1), now)


@given(
    st.lists(st.floats(-100, 100, width=32), min_size=1, max_size=60),
    st.sampled_from([0.5, 0.9, 0.98, 1.0]),
)
def test_the_threshold_lets_at_least_its_part_pass(scores: list[float], recall: float) -> None:
    array = np.array(scores)
    threshold = threshold_for(array, recall)
    # The quantile lies between two scores: at most the one below it is lost beyond the part.
    assert (array >= threshold).sum() >= np.floor(recall * len(scores))
    if recall == 1.0:
        assert threshold == array.min()


def test_the_threshold_of_a_hundred_even_scores() -> None:
    scores = np.arange(101, dtype=np.float32)
    assert threshold_for(scores, 0.98) == pytest.approx(2.0, abs=1e-4)


@pytest.mark.parametrize(
    ("inside", "outside", "area"),
    [
        ([3.0, 4.0], [1.0, 2.0], 1.0),
        ([1.0, 2.0], [3.0, 4.0], 0.0),
        ([1.0, 1.0], [1.0], 0.5),
        ([1.0, 3.0], [2.0, 0.0], 0.75),  # of four pairs three are in order
    ],
)
def test_the_area_is_the_part_of_pairs_in_order(inside: Sequence[float], outside: Sequence[float], area: float) -> None:
    assert roc_auc(inside, outside) == pytest.approx(area)
