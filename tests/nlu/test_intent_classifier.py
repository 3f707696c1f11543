from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.encoder import Encoder, Encoding
from nlu.errors import TrainingDataError
from nlu.intent_classifier import FALLBACK, RANKING_LENGTH, SEVERAL, IntentClassifier
from nlu.intent_model import Prediction
from tests.nlu.texts import INTENTS, TEXTS

CONFIG = {**IntentClassifier.get_default_config(), "epochs": 1, "batch_size": 12, "utterances": "", "told": ""}


def examples(texts: list[str], intents: list[str]) -> TrainingData:
    return TrainingData(
        [Message(data={TEXT: text, INTENT: intent}) for text, intent in zip(texts, intents, strict=True)]
    )


@pytest.fixture(scope="module")
def trained(encoder: Encoder, storage: ModelStorage, resource: Resource, context: ExecutionContext) -> IntentClassifier:
    classifier = IntentClassifier.create(CONFIG, storage, resource, context)
    assert classifier.train(examples(TEXTS, INTENTS)) is resource
    return classifier


def parse(classifier: IntentClassifier, text: str | None) -> dict[str, Any]:
    (message,) = classifier.process([Message(data={TEXT: text})])
    result: dict[str, Any] = message.as_dict(only_output_properties=True)
    return result


def test_the_intent_heads_its_ranking(trained: IntentClassifier) -> None:
    result = parse(trained, "где мой заказ")
    assert result[INTENT]["name"] == "order_status"
    assert result[INTENT] == result[INTENT_RANKING_KEY][0]
    assert sum(entry["confidence"] for entry in result[INTENT_RANKING_KEY]) == pytest.approx(1.0, abs=1e-5)


def test_a_misspelled_message_is_classified_as_meant(
    trained: IntentClassifier, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = "    - где мой заказ\n" * 30
    (tmp_path / "ru.yml").write_text(f"nlu:\n- intent: order_status\n  examples: |\n{lines}")
    classifier = IntentClassifier(
        {**CONFIG, "utterances": str(tmp_path)}, trained._storage, trained._resource, trained.model
    )
    read: list[str] = []
    read_message = trained.model.encoder.read_message

    def remembering(text: str) -> Encoding:
        read.append(text)
        return read_message(text)

    monkeypatch.setattr(trained.model.encoder, "read_message", remembering)
    (message,) = classifier.process([Message(data={TEXT: "где мой зказ"})])
    assert read == ["где мой заказ"]
    assert message.get(TEXT) == "где мой зказ"
    assert message.get(INTENT)["name"] == "order_status"


@pytest.mark.parametrize("text", ["", "  \n", None, "🙂!", "слово " * 400])
def test_a_text_without_a_word_falls_back(trained: IntentClassifier, text: str | None) -> None:
    result = parse(trained, text)
    assert result[INTENT] == {"name": FALLBACK, "confidence": 1.0}
    assert result[INTENT_RANKING_KEY] == [result[INTENT]]


def test_a_stored_component_parses_the_same(
    trained: IntentClassifier, storage: ModelStorage, resource: Resource, context: ExecutionContext
) -> None:
    loaded = IntentClassifier.load(CONFIG, storage, resource, context)
    for text in ("здравствуйте!", "has my parcel shipped?"):
        before, after = parse(trained, text)[INTENT], parse(loaded, text)[INTENT]
        assert after["name"] == before["name"]
        assert after["confidence"] == pytest.approx(before["confidence"], abs=0.02)


def test_the_training_report_is_stored(trained: IntentClassifier, storage: ModelStorage, resource: Resource) -> None:
    with storage.read_from(resource) as folder:
        report = json.loads((folder / "report.json").read_text())
    assert report["examples"] == len(TEXTS)
    assert report["intents"] == len(set(INTENTS))


def test_other_told_examples_are_another_training(tmp_path: Path) -> None:
    config = {**CONFIG, "told": str(tmp_path)}
    (tmp_path / "en.txt").write_text("We moved in May.\n\n")
    before = IntentClassifier.fingerprint_addon(config)
    assert before == IntentClassifier.fingerprint_addon(config)
    (tmp_path / "en.txt").write_text("We moved in May.\nIt rains.\n")
    assert IntentClassifier.fingerprint_addon(config) != before
    assert IntentClassifier.fingerprint_addon({**CONFIG, "told": ""}) not in ("", before)


def test_one_intent_is_refused(encoder: Encoder, storage: ModelStorage, context: ExecutionContext) -> None:
    classifier = IntentClassifier.create(CONFIG, storage, Resource("refused"), context)
    with pytest.raises(TrainingDataError, match="at least two intents, found 1: add examples"):
        classifier.train(examples(["привет", "хай"], ["greet", "greet"]))


def known(monkeypatch: pytest.MonkeyPatch, classifier: IntentClassifier, prediction: Prediction) -> None:
    monkeypatch.setattr(classifier.model, "predict_read", lambda encodings: [prediction])


def test_the_ranking_is_cut(trained: IntentClassifier, monkeypatch: pytest.MonkeyPatch) -> None:
    ranking = [("intent 0", 0.5), *((f"intent {i}", 0.5 / 19) for i in range(1, 20))]
    known(monkeypatch, trained, Prediction(ranking))
    assert [entry["name"] for entry in parse(trained, "привет")[INTENT_RANKING_KEY]] == [
        name for name, _ in ranking[:RANKING_LENGTH]
    ]


@pytest.mark.parametrize(
    ("confidence", "scope", "intent"),
    [(0.9, 1.0, "greet"), (0.9, -0.1, FALLBACK), (0.2, 1.0, FALLBACK)],
)
def test_what_is_out_of_scope_or_uncertain_falls_back(
    trained: IntentClassifier, monkeypatch: pytest.MonkeyPatch, confidence: float, scope: float, intent: str
) -> None:
    known(monkeypatch, trained, Prediction([("greet", confidence), ("goodbye", 0.1)], scope))
    result = parse(trained, "привет")
    assert result[INTENT] == result[INTENT_RANKING_KEY][0]
    assert result[INTENT]["name"] == intent
    assert {"name": "greet", "confidence": confidence} in result[INTENT_RANKING_KEY]


def test_several_requests_are_told_only_where_wanted(
    trained: IntentClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = {"где мой заказ": "order_status", "верните деньги": "goodbye"}

    def predict(texts: list[str]) -> list[Prediction]:
        return [Prediction([(parts.get(text, "goodbye"), 0.9 if text in parts else 0.4)], 1.0) for text in texts]

    monkeypatch.setattr(trained.model, "predict", predict)
    known(monkeypatch, trained, Prediction([("order_status", 0.5), ("goodbye", 0.4)], 1.0))
    text = "где мой заказ и верните деньги"
    assert "requests" not in parse(trained, text)
    monkeypatch.setitem(trained.config, "request_intents", ["order_status", "goodbye"])
    result = parse(trained, text)
    assert result[INTENT] == {"name": SEVERAL, "confidence": 0.9}
    assert [(part["text"], part["intent"]) for part in result["requests"]] == list(parts.items())
