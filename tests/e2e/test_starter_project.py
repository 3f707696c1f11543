"""The understanding components in Rasa's own starter project, in place of DIETClassifier."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.core.agent import load_agent
from rasa.model_training import train_nlu

from nlu.base_models import ENCODER

MODEL = str(ENCODER.resolve())
PIPELINE: list[dict[str, Any]] = [
    {"name": "nlu.language_detector.LanguageDetector"},
    {"name": "WhitespaceTokenizer"},
    {"name": "nlu.sentence_encoder.SentenceEncoder", "model": MODEL},
    {"name": "nlu.intent_classifier.IntentClassifier", "model": MODEL},
    {"name": "nlu.entity_extractor.EntityExtractor", "model": MODEL},
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    project = tmp_path_factory.mktemp("starter") / "project"
    shutil.copytree(Path(str(files("rasa.cli") / "initial_project")), project)
    config = {"recipe": "default.v1", "assistant_id": "starter", "language": "en", "pipeline": PIPELINE}
    (project / "config.yml").write_text(yaml.safe_dump({**config, "policies": []}))
    return str(train_nlu(str(project / "config.yml"), str(project / "data" / "nlu.yml"), str(project / "models")))


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("hey there!", "greet"),
        ("so sad today", "mood_unhappy"),
        ("I feel fantastic", "mood_great"),
        ("до свидания!", "goodbye"),
    ],
)
async def test_the_starter_project_understands_without_diet(model: str, text: str, intent: str) -> None:
    agent = await load_agent(model_path=model)
    parsed = await agent.parse_message(text)
    names = [entry["name"] for entry in parsed["intent_ranking"] if entry["name"] != "nlu_fallback"]
    assert intent in names[:2]
    assert parsed["language"]["language"] == ("ru" if text == "до свидания!" else "en")
