from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.ranking import WEIGHTS, Ranking, Signals
from tests.retrieval.articles import signals

NAMES = Signals.names()
BY_HAND = Ranking({"words": 1.0, "sentence": 2.0, "cosine": 4.0, "coverage": 0.5, "spelling": 0.25, "own": -1.0})
SIGNALS = st.lists(st.floats(-1, 1), min_size=len(NAMES), max_size=len(NAMES)).map(lambda values: Signals(*values))


def test_the_shipped_file_has_a_finite_weight_for_each_signal_and_no_other() -> None:
    weights = json.loads(WEIGHTS.read_text())
    assert list(weights) == NAMES
    assert np.isfinite(list(weights.values())).all()


def test_the_shipped_weights_prefer_what_has_everything_to_what_has_nothing() -> None:
    full, empty = Ranking.load().scores([signals(**dict.fromkeys(NAMES, 1.0)), signals()])
    assert full > empty


def test_values_come_in_the_order_of_the_names() -> None:
    assert Signals(**{name: float(i) for i, name in enumerate(NAMES)}).values() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_a_score_is_the_weighted_sum() -> None:
    found = [Signals(0.5, 0.25, 0.125, 1.0, 1.0, 1.0), signals(cosine=0.5), signals()]
    assert BY_HAND.scores(found).tolist() == [0.5 + 0.5 + 0.5 + 0.5 + 0.25 - 1.0, 2.0, 0.0]


def test_no_passages_no_scores() -> None:
    assert BY_HAND.scores([]).shape == (0,)


@given(SIGNALS, SIGNALS, st.floats(-2, 2))
def test_scores_are_linear(first: Signals, second: Signals, factor: float) -> None:
    mixed = Signals(*(a + factor * b for a, b in zip(first.values(), second.values(), strict=True)))
    one, other, both = BY_HAND.scores([first, second, mixed])
    assert both == pytest.approx(one + factor * other)


@given(SIGNALS, st.sampled_from(NAMES), st.floats(0, 1))
def test_more_of_a_signal_raises_the_score_if_its_weight_is_positive(one: Signals, name: str, more: float) -> None:
    raised = Signals(*(v + more * (own == name) for own, v in zip(NAMES, one.values(), strict=True)))
    before, after = BY_HAND.scores([one, raised])
    assert after - before == pytest.approx(more * BY_HAND.as_dict()[name])


def test_weights_survive_as_a_file_whatever_their_order(tmp_path: Path) -> None:
    path = tmp_path / "ranking.json"
    path.write_text(json.dumps(dict(reversed(BY_HAND.as_dict().items()))))
    assert Ranking.load(path).as_dict() == BY_HAND.as_dict()


def test_a_missing_weight_is_named() -> None:
    with pytest.raises(KeyError, match="sentence"):
        Ranking({"words": 1.0})
