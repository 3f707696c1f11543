"""``lichno eval``: measuring with one's own files; the demo's models and index stay as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bot.cli.prepare import console, counting
from bot.settings import load_settings

app = typer.Typer(help="Measure on your own files.", no_args_is_help=True)


@app.callback()
def measure() -> None:
    """Measure on your own files; nothing of the running assistant is touched."""


@app.command()
def intents(
    train: Annotated[Path, typer.Option(help="CSV text,intent to train on.")],
    test: Annotated[Path, typer.Option(help="CSV text,intent to measure on.")],
    oos: Annotated[Path | None, typer.Option(help="CSV text: messages that belong to no intent.")] = None,
    oos_train: Annotated[Path | None, typer.Option(help="CSV text: such messages for training.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write a JSON line a text here.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write report.md and confusion.png into this folder.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of training.")] = 13,
) -> None:
    """Train an intent model on one file, measure it on another."""
    from bot.evaluation.confusion import worst_pairs, write_report
    from bot.evaluation.intents import evaluate_intents
    from bot.evaluation.labelled import read_labelled
    from nlu.encoder import shared_encoder
    from nlu.intent_model import IntentTrainingArguments

    trained = read_labelled(train)
    tested = read_labelled(test)
    outside, outside_train = (read_labelled(path, needs_intent=False) if path else None for path in (oos, oos_train))
    encoder = shared_encoder(load_settings().encoder)
    with counting("Fine-tuning", quiet=as_json) as (progress, task):
        evaluation = evaluate_intents(
            encoder,
            trained,
            tested,
            outside,
            outside_train,
            IntentTrainingArguments(seed=seed),
            lambda step, steps, loss: progress.update(
                task, total=steps, completed=step, description=f"Fine-tuning, loss {loss:.2f}"
            ),
        )
    if out:
        evaluation.write(out)
    written = write_report(evaluation, trained, encoder, report) if report else None
    if as_json:
        console.print_json(data=evaluation.scores.as_dict())
        return
    for warning in evaluation.scores.warnings:
        console.print(warning, style="yellow", markup=False)
    console.print(_table(evaluation.scores.as_dict()))
    for right, wrong, texts in worst_pairs(evaluation)[:5]:
        console.print(f"{right} taken for {wrong}: {len(texts)}, such as “{texts[0]}”", markup=False)
    if written:
        console.print(f"What to mend: {written}")


def _table(scores: dict[str, object]) -> Table:
    table = Table(show_header=False, box=None)
    for name, value in scores.items():
        if isinstance(value, (int, float)):
            table.add_row(name.replace("_", " "), f"{value:.3f}" if isinstance(value, float) else str(value))
    return table
