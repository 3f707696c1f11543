"""Fitting the encoder to the company's articles: ``lichno train encoder``."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from bot.cli.prepare import console, counting, prepare_knowledge
from bot.evaluation.questions import read_questions
from bot.settings import Settings
from nlu.base_models import BASE_ENCODER, BASE_MODELS, ENCODER, MODELS, build_atomically, ensure
from nlu.encoder import Encoder
from nlu.errors import LichnoError
from nlu.weights.adapted import OWN, adapter_weights, build_adapted
from retrieval.adaptation import Adaptation, Logged, Measured
from retrieval.index_report import content_of
from retrieval.passage_store import PassageStore
from retrieval.scenarios import parts, read_scenarios
from retrieval.store.index_file import made_with

TRAINING = MODELS / "training" / "encoder"


class NotAdaptable(LichnoError):
    """The settings name an encoder that this command cannot train."""


def adapt_encoder(settings: Settings, questions: Path | None) -> None:
    """Train on the index's articles and keep the result if it is better.

    Raises:
        NotAdaptable: another encoder than the shipped one is in use.
        LichnoError: there are too few articles, or the questions cannot be read.
    """
    if settings.encoder != str(ENCODER):
        raise NotAdaptable(
            f"config.yml names the encoder {settings.encoder}: only {ENCODER} can be trained on your articles."
        )
    logged = [Logged(q.text, q.relevant) for q in read_questions(questions) if q.relevant] if questions else []
    folder = Path(settings.knowledge)
    store = PassageStore(folder, made_with(folder) or "")
    content, left_out = content_of(store)
    store.close()
    if left_out:
        console.print(f"Not learned from, since there are too many: {left_out} passages", style="yellow")
    adaptation = Adaptation(content, logged, parts(read_scenarios()))
    with console.status("Asking the present encoder what will be held out"):
        before = adaptation.measure(Encoder(ENCODER))
    adapter, built = TRAINING / "adapter", TRAINING / "merged"
    with counting("Training the encoder") as (progress, task):
        adaptation.train(
            BASE_ENCODER,
            adapter_weights().parent,
            adapter,
            TRAINING / "checkpoint",
            progress=lambda step, steps, loss: progress.update(
                task, total=steps, completed=step, description=f"Training the encoder, loss {loss:.2f}"
            ),
        )
    with console.status("Asking the trained encoder the same"):
        build_atomically(built, lambda path: build_adapted(BASE_ENCODER, adapter, path))
        after = adaptation.measure(Encoder(built))
    _tell(before, after)
    if after.beats(before):
        _put_in_use(adapter, before, after)
        prepare_knowledge(settings)
        console.print("The trained encoder is in use; `lichno up` now trains understanding on it anew.")
    else:
        console.print("The encoder stays as it was: the trained one is not better.")
    shutil.rmtree(TRAINING, ignore_errors=True)


def _tell(before: Measured, after: Measured) -> None:
    for name, title in (
        ("company", "Your articles, right one first"),
        ("reciprocal", "Your articles, mean reciprocal rank"),
        ("general", "Other companies, right one first"),
    ):
        console.print(f"{title}: {getattr(before, name):.3f} before, {getattr(after, name):.3f} after")


def _put_in_use(adapter: Path, before: Measured, after: Measured) -> None:
    """The adapter goes beside the models, with its card, and the served encoder is built from it."""
    shutil.rmtree(OWN, ignore_errors=True)
    shutil.move(adapter, OWN)
    figures = json.dumps({"before": asdict(before), "after": asdict(after)}, indent=1)
    (OWN / "README.md").write_text(
        "# The encoder's adapter, trained on this company's articles\n\n"
        "Made by `lichno train encoder` from the articles of the index; to go back to the shipped one, delete this"
        " folder and run `lichno up`.\n\n"
        f"What neither encoder learned from, asked of both:\n\n```json\n{figures}\n```\n"
    )
    for model in BASE_MODELS:
        ensure(model)
