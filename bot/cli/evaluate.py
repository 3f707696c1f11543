"""``lichno eval``: measuring with one's own files; the demo's models and index stay as they are."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bot.cli.prepare import console, counting
from bot.settings import load_settings
from retrieval.documents import DocumentError

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


@app.command()
def retrieval(
    knowledge: Annotated[Path, typer.Option(help="A file or folder of articles.")],
    questions: Annotated[
        Path, typer.Option(help='JSONL {"question": …, "relevant": [id]}; without ids: unanswerable.')
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write a JSON line a question here.")] = None,
    misses: Annotated[int, typer.Option(help="How many missed questions to show.")] = 10,
) -> None:
    """Index articles apart from the assistant's own and ask them questions."""
    from bot.evaluation.questions import read_questions, unknown_articles
    from bot.evaluation.retrieval import ask, score, write
    from nlu.encoder import shared_encoder
    from retrieval.knowledge_base import KnowledgeBase
    from retrieval.loaders import load_documents

    asked = read_questions(questions)
    failed: list[DocumentError] = []
    documents = list(load_documents([knowledge], failed))
    doubts = [*map(str, failed), *([doubt] if (doubt := unknown_articles(asked, [d.id for d in documents])) else [])]
    with tempfile.TemporaryDirectory() as folder:
        base = KnowledgeBase(Path(folder), shared_encoder(load_settings().encoder))
        with counting("Indexing", quiet=as_json) as (progress, task):
            base.update(documents, lambda texts: progress.update(task, advance=texts))
        with counting("Asking", quiet=as_json) as (progress, task):
            progress.update(task, total=len(asked))
            ranked = ask(base, asked, lambda count: progress.update(task, advance=count))
        base.store.close()
    scores = score(ranked, len(documents), doubts)
    if out:
        write(ranked, out)
    if as_json:
        console.print_json(data=scores.as_dict())
        return
    for doubt in doubts:
        console.print(doubt, style="yellow", markup=False)
    console.print(_table(scores.as_dict()))
    for missed in [r for r in ranked if r.question.relevant and r.rank != 1][:misses]:
        found = missed.articles[0][0] if missed.articles else "nothing"
        console.print(
            f"“{missed.question.text}”: {found} instead of {', '.join(sorted(missed.question.relevant))}", markup=False
        )


@app.command()
def answers(
    knowledge: Annotated[Path, typer.Option(help="A file or folder of articles.")],
    questions: Annotated[
        Path,
        typer.Option(
            help='JSONL {"question": …, "customer"?, "relevant"?: [id], "answers"?: […], "must"?: [regex],'
            ' "answerable"?}; right is a reply with one of the answers, or one that matches every regex.'
        ),
    ],
    customers: Annotated[Path | None, typer.Option(help="Folder of the customers' CSV files.")] = None,
    quote: Annotated[bool, typer.Option(help="Quote what is chosen instead of writing: the baseline.")] = False,
    anonymous: Annotated[bool, typer.Option(help="Ask as a stranger: what the customers' facts are worth.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write a JSON line a question here.")] = None,
) -> None:
    """Ask the assistant questions on your articles and judge its replies; every message counts as a question."""
    from bot.cli.own_shop import own_shop
    from bot.evaluation.answers import ask, score, write
    from bot.evaluation.questions import read_questions

    asked = [replace(question, customer="") if anonymous else question for question in read_questions(questions)]
    with tempfile.TemporaryDirectory() as folder:
        shop = own_shop(Path(folder), knowledge, customers, asked, quote, quiet=as_json)
        with counting("Asking", quiet=as_json) as (progress, task):
            progress.update(task, total=len(asked))
            replies = asyncio.run(ask(shop.generator, asked, lambda count: progress.update(task, advance=count)))
        shop.knowledge.store.close()
    scores = score(replies, shop.articles, shop.doubts)
    if out:
        write(replies, out)
    if as_json:
        console.print_json(data=scores.as_dict())
        return
    for doubt in shop.doubts:
        console.print(doubt, style="yellow", markup=False)
    console.print(_table(scores.as_dict()))


def _table(scores: dict[str, object]) -> Table:
    table = Table(show_header=False, box=None)
    for name, value in scores.items():
        if isinstance(value, (int, float)):
            table.add_row(name.replace("_", " "), f"{value:.3f}" if isinstance(value, float) else str(value))
    return table
