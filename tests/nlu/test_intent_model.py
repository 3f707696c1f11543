from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from nlu.encoder import QUERY, Encoder
from nlu.errors import ModelBroken, TrainingDataError
from nlu.intent_model import (
    MODEL_FILE,
    NOTHING_REJECTED,
    TOO_FEW,
    IntentModel,
    IntentTrainingArguments,
    Prediction,
    TrainingReport,
)
from tests.fakes import HashEncoder
from tests.nlu.texts import INTENTS, TEXTS

ARGUMENTS = IntentTrainingArguments(epochs=1, batch_size=12, layers=2, threads=1)
UNSEEN = ["добрый вечер!", "где моя посылка?", "", "goodbye for now"]
OUTSIDE = ["сколько будет два плюс два", "спой песню", "what is the capital of France", "кто выиграл матч"]
# Two intents of three: none has the four that holding out needs.
FEW = (["привет", "hello", "hi there", "пока", "bye", "see you later"], ["greet"] * 3 + ["goodbye"] * 3)


@pytest.fixture(scope="module")
def steps() -> list[tuple[int, int, float]]:
    return []


@pytest.fixture(scope="module")
def trained(encoder: Encoder, steps: list[tuple[int, int, float]]) -> tuple[IntentModel, TrainingReport]:
    model = IntentModel(encoder)
    return model, model.train(TEXTS, INTENTS, ARGUMENTS, lambda *step: steps.append(step))


@pytest.fixture(scope="module")
def model(trained: tuple[IntentModel, TrainingReport]) -> IntentModel:
    return trained[0]


@pytest.fixture(scope="module")
def small(encoder: Encoder) -> tuple[IntentModel, TrainingReport]:
    """Trained on too few to calibrate, by an instance whose temperature another training had set."""
    model = IntentModel(encoder)
    model.temperature = 7.0
    return model, model.train(*FEW, ARGUMENTS)


TOLD = ["живу за городом", "коробку выбросил вчера", "my sister gave it to me", "we are leaving on Friday"]


def test_what_asks_is_known_after_loading_too(encoder: Encoder, tmp_path: Path) -> None:
    model = IntentModel(encoder)
    model.train(*FEW, ARGUMENTS, told=TOLD)
    model.save(tmp_path)
    loaded = IntentModel.load(tmp_path, encoder)
    for of in (model, loaded):
        asked, told = of.predict(["hello there", "my brother gave it to me"])
        assert asked.asks > 0.5 > told.asks


def test_without_told_examples_everything_asks(small: tuple[IntentModel, TrainingReport]) -> None:
    assert {prediction.asks for prediction in small[0].predict(UNSEEN)} == {1.0}


def same(one: Prediction, other: Prediction, within: float) -> None:
    assert dict(one.ranking) == pytest.approx(dict(other.ranking), abs=within)
    assert one.scope == pytest.approx(other.scope, abs=20 * within)


def test_a_small_model_learns_its_own_examples(model: IntentModel) -> None:
    predicted = [prediction.intent for prediction in model.predict(TEXTS)]
    assert np.mean([one == other for one, other in zip(predicted, INTENTS, strict=True)]) >= 0.9


def test_confidences_descend_and_sum_to_one_over_all_intents(model: IntentModel) -> None:
    for prediction in model.predict(UNSEEN):
        values = [confidence for _, confidence in prediction.ranking]
        assert values == sorted(values, reverse=True)
        assert sum(values) == pytest.approx(1.0, abs=1e-5)
        assert sorted(intent for intent, _ in prediction.ranking) == sorted(set(INTENTS))
        assert (prediction.intent, prediction.confidence) == prediction.ranking[0]


def test_a_prediction_does_not_depend_on_the_other_texts(model: IntentModel) -> None:
    for text, together in zip(UNSEEN, model.predict(UNSEEN), strict=True):
        same(model.predict([text])[0], together, 0.02)  # bf16 rounds differently in another batch


def test_a_pass_already_made_gives_the_same_and_no_texts_give_nothing(model: IntentModel) -> None:
    assert model.predict([]) == []
    assert model.predict_read(model.encoder.read(UNSEEN)) == model.predict(UNSEEN)


def test_messages_of_another_kind_lie_further_outside_than_the_intents_own(model: IntentModel) -> None:
    inside = [prediction.scope for prediction in model.predict(TEXTS)]
    outside = [prediction.scope for prediction in model.predict(OUTSIDE)]
    assert max(outside) < np.median(inside)


@pytest.mark.parametrize(("scope", "inside"), [(0.5, True), (0.0, True), (-0.01, False)])
def test_in_scope_is_from_zero_up(scope: float, inside: bool) -> None:
    assert Prediction([("greet", 1.0)], scope).in_scope == inside


def test_progress_goes_from_one_to_the_total(
    trained: tuple[IntentModel, TrainingReport], steps: list[tuple[int, int, float]]
) -> None:
    numbers = [step for step, _, _ in steps]
    assert numbers[0] == 1
    assert steps[-1][0] == steps[-1][1]
    assert all(before < after for before, after in zip(numbers, numbers[1:]))
    assert all(step <= total for step, total, _ in steps)
    assert steps[-1][2] == trained[1].last_loss


def test_the_report_tells_what_was_held_out_and_measured(trained: tuple[IntentModel, TrainingReport]) -> None:
    model, report = trained
    # A fifth of eight, rounded, of each of three intents.
    assert (report.examples, report.intents, report.held_out) == (24, 3, 6)
    assert report.accuracy is not None and round(report.accuracy * 6, 6) in range(7)
    assert report.calibration_error is not None and 0.0 <= report.calibration_error <= 1.0
    assert report.temperature == model.temperature
    assert report.warnings == []


def test_too_few_to_hold_any_out_is_told_and_nothing_is_rejected(small: tuple[IntentModel, TrainingReport]) -> None:
    model, report = small
    assert (report.held_out, report.accuracy, report.calibration_error) == (0, None, None)
    assert report.warnings == [TOO_FEW]
    assert model.threshold == NOTHING_REJECTED
    assert all(prediction.in_scope for prediction in model.predict([*OUTSIDE, ""]))
    assert model.temperature == report.temperature == 1.0


def test_two_intents_are_told_apart(small: tuple[IntentModel, TrainingReport]) -> None:
    for text, intent in zip(*FEW):
        (prediction,) = small[0].predict([text])
        assert prediction.intent == intent
        assert sum(confidence for _, confidence in prediction.ranking) == pytest.approx(1.0, abs=1e-5)


def test_a_saved_model_predicts_the_same(model: IntentModel, encoder: Encoder, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = IntentModel.load(tmp_path, encoder)
    for before, after in zip(model.predict(UNSEEN), loaded.predict(UNSEEN), strict=True):
        same(after, before, 0.02)  # the file keeps bf16
        assert after.intent == before.intent


def test_a_loaded_model_needs_nothing_set_up_beforehand(model: IntentModel, encoder: Encoder, tmp_path: Path) -> None:
    model.save(tmp_path)
    before = model.predict(UNSEEN)
    loaded = IntentModel.load(tmp_path, Encoder(encoder.name))
    for one, other in zip(loaded.predict(UNSEEN), before, strict=True):
        same(one, other, 0.02)


@pytest.mark.parametrize("files", [[], ["head.json", "layers.safetensors"]])
def test_a_folder_of_another_version_is_refused(fake_encoder: HashEncoder, tmp_path: Path, files: list[str]) -> None:
    for name in files:
        (tmp_path / name).write_text("{}")
    with pytest.raises(ModelBroken, match="no intent model of this version: train it again with `lichno train`"):
        IntentModel.load(tmp_path, fake_encoder)


def test_a_model_trained_on_another_encoder_is_refused_naming_both(
    model: IntentModel, fake_encoder: HashEncoder, tmp_path: Path
) -> None:
    model.save(tmp_path)
    with pytest.raises(
        ModelBroken,
        match=rf"^The intent model was trained on the encoder {model.encoder.identity}, not on hashed words: train it"
        r" again \(`lichno train nlu`, or `rasa train --force`\)\.$",
    ):
        IntentModel.load(tmp_path, fake_encoder)


def test_a_model_that_names_no_encoder_is_refused_before_anything_is_loaded(
    fake_encoder: HashEncoder, tmp_path: Path
) -> None:
    (tmp_path / MODEL_FILE).write_text('{"labels": [], "layers": 2}')
    with pytest.raises(ModelBroken, match="trained on the encoder None, not on hashed words: train it again"):
        IntentModel.load(tmp_path, fake_encoder)


def test_labels_of_any_script_survive_the_file(model: IntentModel, encoder: Encoder, tmp_path: Path) -> None:
    labels = model.labels
    try:
        model.labels = ["прощание", "привет", "статус"]
        model.save(tmp_path)
    finally:
        model.labels = labels
    assert "прощание" in (tmp_path / MODEL_FILE).read_text(encoding="utf-8")
    assert json.loads((tmp_path / MODEL_FILE).read_text(encoding="utf-8"))["layers"] == 2
    assert IntentModel.load(tmp_path, encoder).labels == ["прощание", "привет", "статус"]


def test_training_leaves_the_encoder_the_random_numbers_and_the_threads_alone(encoder: Encoder) -> None:
    text, threads = "где мой заказ?", torch.get_num_threads()
    before, state = encoder.encode([text], QUERY, 16), torch.random.get_rng_state()
    seen: list[int] = []
    arguments = replace(ARGUMENTS, threads=threads + 1)
    IntentModel(encoder).train(*FEW, arguments, lambda *_: seen.append(torch.get_num_threads()))
    np.testing.assert_array_equal(encoder.encode([text], QUERY, 16), before)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.get_num_threads() == threads
    assert set(seen) == {threads + 1}


def test_the_threads_come_back_after_an_error_too(encoder: Encoder) -> None:
    threads = torch.get_num_threads()

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        IntentModel(encoder).train(*FEW, replace(ARGUMENTS, threads=threads + 1), fail)
    assert torch.get_num_threads() == threads


def test_the_same_seed_gives_the_same_predictions_and_another_seed_others(
    small: tuple[IntentModel, TrainingReport], encoder: Encoder
) -> None:
    predicted = small[0].predict(UNSEEN)
    torch.manual_seed(99)  # what others drew before does not matter
    for seed, equal in ((ARGUMENTS.seed, True), (ARGUMENTS.seed + 1, False)):
        again = IntentModel(encoder)
        again.train(*FEW, replace(ARGUMENTS, seed=seed))
        assert (again.predict(UNSEEN) == predicted) == equal


def test_out_of_scope_examples_sharpen_the_detector_and_are_no_intent(model: IntentModel, encoder: Encoder) -> None:
    taught = IntentModel(encoder)
    report = taught.train(TEXTS, INTENTS, ARGUMENTS, out_of_scope=OUTSIDE)
    assert (report.examples, taught.labels) == (24, model.labels)

    def gap(one: IntentModel) -> float:
        inside, outside = ([p.scope for p in one.predict(texts)] for texts in (TEXTS, OUTSIDE))
        return float((np.mean(inside) - np.mean(outside)) / np.std(inside))

    assert gap(taught) > gap(model)
    assert not any(prediction.in_scope for prediction in taught.predict(OUTSIDE))


def test_texts_without_an_intent_each_are_refused_before_anything_is_read(fake_encoder: HashEncoder) -> None:
    with pytest.raises(TrainingDataError, match="2 texts but 1 intents: give one for each"):
        IntentModel(fake_encoder).train(["привет", "пока"], ["greet"])
    assert fake_encoder.encoded == []
