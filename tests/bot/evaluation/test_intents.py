from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from bot.evaluation.intents import IntentEvaluation, evaluate_intents
from bot.evaluation.labelled import Labelled
from nlu.encoder import Encoder
from nlu.intent_model import IntentTrainingArguments, Prediction, TrainingReport
from tests.bot.evaluation.stubs import predict
from tests.fakes import HashEncoder
from tests.nlu.texts import INTENTS, TEXTS

ARGUMENTS = IntentTrainingArguments(epochs=1, batch_size=12, layers=2, threads=1)
TEST = Labelled(["добрый вечер", "where is my parcel", "увидимся"], ["greet", "order_status", "goodbye"])
OUTSIDE = Labelled(["сколько будет два плюс два", "спой песню"], ["", ""])

# Four texts of a, b, b, c (c is in the test file only): a is right, one b is right but rejected, one b goes to a.
BY_HAND = {
    "one": predict("a", 0.9),
    "two": predict("b", 0.7, scope=-0.5),
    "three": predict("a", 0.7),
    "four": predict("b", 0.5),
    "song": predict("a", 0.9, scope=-2.0),
    "sum": predict("a", 0.9, scope=0.2),
}


class Stub:
    """An intent model that gives the predictions above."""

    labels = ["a", "b"]

    def __init__(self, encoder: Encoder) -> None:
        self.learned: dict[str, Any] = {}

    def train(
        self, texts: list[str], intents: list[str], arguments: object, progress: object, outside: Sequence[str]
    ) -> TrainingReport:
        self.learned = {"texts": texts, "intents": intents, "outside": list(outside)}
        return TrainingReport(len(texts), 2, warnings=["of training"])

    def predict(self, texts: list[str]) -> list[Prediction]:
        return [BY_HAND[text] for text in texts]


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch, fake_encoder: HashEncoder) -> IntentEvaluation:
    monkeypatch.setattr("bot.evaluation.intents.IntentModel", Stub)
    train, test = Labelled(["x", "y"], ["a", "b"]), Labelled(["one", "two", "three", "four"], ["a", "b", "b", "c"])
    return evaluate_intents(fake_encoder, train, test, Labelled(["song", "sum"], ["", ""]), Labelled(["poem"], [""]))


def test_the_scores_are_those_worked_out_by_hand(stubbed: IntentEvaluation) -> None:
    scores = stubbed.scores
    assert (scores.texts, scores.intents, scores.oos_texts) == (4, 2, 2)
    assert scores.accuracy == pytest.approx(2 / 4)
    # a: precision 1/2, recall 1; b: precision 1/2, recall 1/2; c: nothing.
    assert scores.macro_f1 == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert scores.accepted == pytest.approx(3 / 4)
    assert scores.accuracy_accepted == pytest.approx(1 / 4)
    # Bins of a fifteenth: .9 right, .7 half right, .5 wrong.
    assert scores.expected_calibration_error == pytest.approx((0.1 + 2 * 0.2 + 0.5) / 4, abs=1e-6)
    # One of two outside is caught, as is one of four inside.
    assert scores.oos_recall == pytest.approx(1 / 2)
    assert scores.oos_precision == pytest.approx(1 / 2)
    # Pairs in order: all four against -2, three against 0.2.
    assert scores.oos_auc == pytest.approx(7 / 8)


def test_the_warnings_are_of_training_and_of_unknown_intents(stubbed: IntentEvaluation) -> None:
    first, second = stubbed.scores.warnings
    assert first == "of training"
    assert second.startswith("Only in the test file: c; the 1 texts")


def test_the_model_learns_the_training_file_and_its_out_of_scope_texts_alone(stubbed: IntentEvaluation) -> None:
    assert vars(stubbed.model)["learned"] == {"texts": ["x", "y"], "intents": ["a", "b"], "outside": ["poem"]}


def test_a_line_a_text_is_written_even_into_a_new_folder(stubbed: IntentEvaluation, tmp_path: Path) -> None:
    stubbed.write(tmp_path / "new/lines.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "new/lines.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["text"] for line in lines] == ["one", "two", "three", "four", "song", "sum"]
    assert [line["intent"] for line in lines] == ["a", "b", "b", "c", None, None]
    assert lines[1] == {
        "text": "two", "intent": "b", "predicted": "b", "confidence": 0.7, "in_scope": False, "scope": -0.5,
    }  # fmt: skip


def test_a_real_run_measures_every_figure_within_its_range(encoder: Encoder) -> None:
    threads, steps = torch.get_num_threads(), list[int]()
    evaluation = evaluate_intents(
        encoder, Labelled(TEXTS, INTENTS), TEST, OUTSIDE,
        arguments=ARGUMENTS, progress=lambda step, *_: steps.append(step),
    )  # fmt: skip
    scores = evaluation.scores
    right = [p.intent == intent for p, intent in zip(evaluation.predictions, TEST.intents, strict=True)]
    assert scores.accuracy == pytest.approx(sum(right) / 3)
    assert scores.accuracy >= 2 / 3
    assert (scores.texts, scores.intents, scores.oos_texts, len(evaluation.rejected)) == (3, 3, 2, 2)
    for share in (scores.macro_f1, scores.expected_calibration_error, scores.accepted, scores.oos_recall):
        assert share is not None and 0.0 <= share <= 1.0
    assert scores.accuracy_accepted <= min(scores.accuracy, scores.accepted)
    assert scores.ms_per_text > 0
    assert scores.training["examples"] == 24
    assert steps and torch.get_num_threads() == threads
    json.dumps(scores.as_dict(), allow_nan=False)


def test_without_outside_texts_their_figures_are_none(
    monkeypatch: pytest.MonkeyPatch, fake_encoder: HashEncoder
) -> None:
    monkeypatch.setattr("bot.evaluation.intents.IntentModel", Stub)
    evaluation = evaluate_intents(fake_encoder, Labelled(["x", "y"], ["a", "b"]), Labelled(["one"], ["a"]))
    scores = evaluation.scores
    assert (scores.oos_texts, scores.oos_recall, scores.oos_precision, scores.oos_auc) == (0, None, None, None)
    assert (scores.accuracy, scores.macro_f1, evaluation.rejected) == (1.0, 1.0, [])
