from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nlu.encoder import QUERY, Encoder
from nlu.errors import TrainingDataError
from nlu.intent_model import (
    IntentModel,
    IntentTrainingArguments,
    TrainingReport,
    check_examples,
    fit_temperature,
    split_for_calibration,
)
from tests.fakes import HashEncoder
from tests.nlu.texts import INTENTS, TEXTS

ARGUMENTS = IntentTrainingArguments(epochs=1, batch_size=12)
UNSEEN = ["добрый вечер!", "где моя посылка?", "", "goodbye for now"]


@pytest.fixture(scope="module")
def steps() -> list[tuple[int, int, float]]:
    return []


@pytest.fixture(scope="module")
def trained(encoder: Encoder, steps: list[tuple[int, int, float]]) -> tuple[IntentModel, TrainingReport]:
    model = IntentModel(encoder)
    return model, model.train(TEXTS, INTENTS, ARGUMENTS, lambda *step: steps.append(step))


def test_a_small_model_learns_its_own_examples(trained: tuple[IntentModel, TrainingReport]) -> None:
    predicted = [prediction.intent for prediction in trained[0].predict(TEXTS)]
    assert np.mean([one == other for one, other in zip(predicted, INTENTS, strict=True)]) >= 0.9


def test_confidences_descend_and_sum_to_one_over_all_intents(trained: tuple[IntentModel, TrainingReport]) -> None:
    for prediction in trained[0].predict(UNSEEN):
        values = [confidence for _, confidence in prediction.ranking]
        assert values == sorted(values, reverse=True)
        assert sum(values) == pytest.approx(1.0, abs=1e-5)
        assert {intent for intent, _ in prediction.ranking} == set(INTENTS)
        assert (prediction.intent, prediction.confidence) == prediction.ranking[0]


def test_a_prediction_does_not_depend_on_the_other_texts(trained: tuple[IntentModel, TrainingReport]) -> None:
    model, _ = trained
    for text, together in zip(UNSEEN, model.predict(UNSEEN), strict=True):
        alone = model.predict([text])[0]
        assert alone.intent == together.intent
        assert alone.confidence == pytest.approx(together.confidence, abs=1e-3)


def test_the_report_and_progress_account_for_every_step(
    trained: tuple[IntentModel, TrainingReport], steps: list[tuple[int, int, float]]
) -> None:
    report = trained[1]
    assert (report.examples, report.held_out, report.accuracy) == (24, 0, None)
    assert [step[:2] for step in steps] == [(1, 2), (2, 2)]
    assert [loss for *_, loss in steps] == report.losses


def test_a_saved_model_predicts_the_same(
    trained: tuple[IntentModel, TrainingReport], encoder: Encoder, tmp_path: Path
) -> None:
    model, _ = trained
    model.save(tmp_path)
    loaded = IntentModel.load(tmp_path, encoder)
    for before, after in zip(model.predict(UNSEEN), loaded.predict(UNSEEN), strict=True):
        assert after.intent == before.intent
        # The file keeps bf16.
        assert dict(after.ranking) == pytest.approx(dict(before.ranking), abs=0.02)


def test_training_leaves_the_base_encoder_and_the_thread_count_alone(encoder: Encoder) -> None:
    text, threads = "где мой заказ?", torch.get_num_threads()
    before = encoder.encode([text], QUERY, 16)
    IntentModel(encoder).train(TEXTS[:2] + TEXTS[-2:], INTENTS[:2] + INTENTS[-2:], ARGUMENTS)
    np.testing.assert_array_equal(encoder.encode([text], QUERY, 16), before)
    assert torch.get_num_threads() == threads


def test_texts_without_an_intent_each_are_refused(fake_encoder: HashEncoder) -> None:
    with pytest.raises(TrainingDataError, match="2 texts but 1 intents: give one for each"):
        IntentModel(fake_encoder).train(["привет", "пока"], ["greet"])
    assert fake_encoder.encoded == []


@pytest.mark.parametrize(("texts", "intents", "found"), [([], [], 0), (["привет", "хай"], ["greet", "greet"], 1)])
def test_fewer_than_two_intents_are_refused(texts: list[str], intents: list[str], found: int) -> None:
    with pytest.raises(TrainingDataError, match=f"at least two intents, found {found}: add examples under"):
        check_examples(texts, intents)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=120), st.integers(0, 3))
def test_the_split_loses_no_example_and_spares_small_classes(targets: list[int], seed: int) -> None:
    array = np.array(targets)
    kept, held_out = split_for_calibration(array, IntentTrainingArguments(seed=seed))
    assert sorted([*kept, *held_out]) == list(range(len(targets)))
    for target in set(targets):
        count, spared = targets.count(target), int((array[held_out] == target).sum())
        assert spared == (max(1, round(count * 0.1)) if count >= 10 else 0)


def test_temperature_undoes_overconfidence() -> None:
    # Logits of 8 claim certainty; the targets bear them out three times in four.
    logits = torch.tensor([[8.0, 0.0]] * 4)
    temperature = fit_temperature(logits, torch.tensor([0, 0, 0, 1]))
    assert temperature == pytest.approx(4.0)
    assert fit_temperature(logits / 8, torch.tensor([0, 0, 0, 0])) == pytest.approx(0.25)
