"""Rasa's default pipeline and this project's on the same examples, in one run.

    python -m benchmarks.against_diet TRAIN.csv TEST.csv

Both CSV files have the columns ``text,intent``. Prints for each pipeline the seconds of training,
accuracy, and the median milliseconds to parse one message; then the ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

import bot.quiet  # noqa: F401
from bot.evaluation.labelled import Labelled, read_labelled

os.environ["RASA_MAX_CACHE_SIZE"] = "0"  # else a component trained before on the same data costs nothing

PARSED = 400
DIET = """
recipe: default.v1
assistant_id: diet
language: en
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: 100
    constrain_similarities: true
  - name: EntitySynonymMapper
  - name: ResponseSelector
    epochs: 100
    constrain_similarities: true
  - name: FallbackClassifier
    threshold: 0.3
    ambiguity_threshold: 0.1
"""


@dataclass
class Measured:
    """One pipeline's figures."""

    seconds: float
    accuracy: float
    milliseconds: float


async def main() -> None:
    """Train, parse, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    options = parser.parse_args()
    train, test = read_labelled(options.train), read_labelled(options.test)
    results = {}
    for name, config in {"lichno": _own_config(), "DIET": DIET}.items():
        results[name] = await _measure(config, train, test)
        print(name, results[name], flush=True)
    own, diet = results["lichno"], results["DIET"]
    print(f"training {own.seconds / diet.seconds:.2f}, a message {own.milliseconds / diet.milliseconds:.2f} of DIET's")


def _own_config() -> str:
    config = yaml.safe_load(Path("config.yml").read_text())
    config["policies"] = []
    return yaml.safe_dump(config, sort_keys=False)


async def _measure(config: str, train: Labelled, test: Labelled) -> Measured:
    from rasa.core.agent import load_agent
    from rasa.model_training import train_nlu
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)  # else every parsed message is logged
    with tempfile.TemporaryDirectory() as folder:
        config_file, data = _write(Path(folder), config, train)
        started = time.perf_counter()
        model = await asyncio.to_thread(train_nlu, config_file, data, folder)
        seconds = time.perf_counter() - started
        agent = await load_agent(model_path=model)
        times, right = [], 0
        for text, intent in list(zip(test.texts, test.intents))[:: max(1, len(test.texts) // PARSED)]:
            started = time.perf_counter()
            parsed = await agent.parse_message(text)
            times.append(time.perf_counter() - started)
            ranking = [entry["name"] for entry in parsed["intent_ranking"] if entry["name"] != "nlu_fallback"]
            right += ranking[0] == intent
    return Measured(round(seconds, 1), right / len(times), round(statistics.median(times) * 1000, 1))


def _write(folder: Path, config: str, train: Labelled) -> tuple[str, str]:
    (folder / "config.yml").write_text(config)
    examples: dict[str, list[str]] = {}
    for text, intent in zip(train.texts, train.intents):
        examples.setdefault(intent, []).append("- " + " ".join(text.split()).replace("[", "(").replace("]", ")"))
    nlu = [{"intent": intent, "examples": "\n".join(lines) + "\n"} for intent, lines in examples.items()]
    (folder / "nlu.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True))
    return str(folder / "config.yml"), str(folder / "nlu.yml")


if __name__ == "__main__":
    asyncio.run(main())
