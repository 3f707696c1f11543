"""``lichno train``: fine-tuning."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.adapt import adapt_encoder
from bot.cli.prepare import console, counting, prepare_models, train_dialogue
from bot.settings import load_settings
from nlu.base_models import MODELS


class Part(str, Enum):
    """What can be trained."""

    nlu = "nlu"
    dialogue = "dialogue"
    generator = "generator"
    encoder = "encoder"


def train(
    part: Annotated[
        Part,
        typer.Argument(
            help="nlu: understanding; dialogue: understanding and policies; generator: the decoder, which reads what"
            " search finds, writes and verifies; encoder: search, on the articles of the index."
        ),
    ] = Part.dialogue,
    questions: Annotated[
        Path | None,
        typer.Option(help='encoder: JSONL {"question": …, "relevant": [id]} that customers asked, and what helped.'),
    ] = None,
    further: Annotated[
        bool, typer.Option("--further", help="generator: go on from the adapter that is there, with new lessons.")
    ] = False,
) -> None:
    """Fine-tune a part; all but those of nlu and dialogue resume where they were interrupted."""
    if further and part != Part.generator:
        raise typer.BadParameter(f"only the generator can be trained further; leave it out for {part.value}.")
    if part == Part.encoder:
        adapt_encoder(load_settings(), questions)
        return
    if part in (Part.nlu, Part.dialogue):
        # One model holds both; Rasa trains anew only what changed.
        train_dialogue(force=True)
        console.print(f"Model card: {MODELS / 'nlu.md'}")
        return
    from bot.generation.training import DecoderTrainingArguments, train_decoder

    title = "Fine-tuning the decoder"
    with counting(title) as (progress, task):

        def heard(step: int, steps: int, loss: float) -> None:
            progress.update(task, total=steps, completed=step, description=f"{title}, loss {loss:.2f}")

        arguments = DecoderTrainingArguments.further() if further else DecoderTrainingArguments()
        metrics = train_decoder(arguments, progress=heard, further=further)
    console.print_json(data=metrics)
    prepare_models()
