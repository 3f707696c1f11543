"""``lichno index``: the knowledge base."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from bot.cli.prepare import console, index_articles
from bot.settings import load_settings
from nlu.encoder import shared_encoder
from retrieval.index_report import IndexReport, report_of
from retrieval.knowledge_base import KnowledgeBase
from retrieval.loaders import LOADERS
from retrieval.usage import Counts, Usage

SHOWN = 5  # of each kind of finding; --json has all

app = typer.Typer(help="The knowledge base.", no_args_is_help=True)


def _column(what: str) -> Any:
    return typer.Option(metavar="NAME", help=f"Column with the {what}, in tables of questions.", show_default=False)


@app.command()
def add(
    paths: Annotated[list[Path], typer.Argument(help=f"Files or folders of articles ({', '.join(LOADERS)}).")],
    question_column: Annotated[str | None, _column("question")] = None,
    answer_column: Annotated[str | None, _column("answer")] = None,
    id_column: Annotated[str | None, _column("id")] = None,
    url_column: Annotated[str | None, _column("address")] = None,
    language_column: Annotated[str | None, _column("language")] = None,
    updated_column: Annotated[str | None, _column("date of the last change")] = None,
) -> None:
    """Index articles; those with a known id are replaced, unchanged ones cost nothing."""
    columns = {
        "question": question_column,
        "answer": answer_column,
        "id": id_column,
        "url": url_column,
        "language": language_column,
        "updated": updated_column,
    }
    named = {meaning: name for meaning, name in columns.items() if name}
    report, failed = index_articles(load_settings(), paths, named)
    for error in failed:
        console.print(str(error), style="yellow", markup=False)
    console.print(
        f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, {len(failed)} not read;"
        f" {report.encoded} texts encoded"
    )
    if failed:
        raise typer.Exit(1)


@app.command()
def remove(ids: Annotated[list[str], typer.Argument(help="Ids of articles.")]) -> None:
    """Remove articles; they are no longer found from the next question on."""
    report = _base().remove(ids)
    console.print(f"{report.removed} removed, {report.unchanged} left")


@app.command()
def rollback() -> None:
    """Undo the last change; repeated, the one before it."""
    base = _base()
    version = base.rollback()
    console.print(f"Undone; version {version} holds {base.status()['documents']} articles")


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Compare all that is stored with its checksums.")] = False,
) -> None:
    """What is indexed, and what is wrong with it: copies, contradictions, articles that nobody found."""
    base = _base()
    with console.status("Comparing articles"):
        if check:
            base.verify()
        values, report, counts = base.status(), report_of(base.store), Usage(base.folder).counts()
    if as_json:
        unfound = counts.never_found(values["ids"])
        everything = {**values, "checked": check, **asdict(report), "usage": asdict(counts), "never_found": unfound}
        print(json.dumps(everything, ensure_ascii=False, indent=2))
        return
    _print_counts(values, report, check)
    _print_contradictions(report)
    _print_copies(report)
    _print_usage(counts, values["ids"])


def _base() -> KnowledgeBase:
    settings = load_settings()
    return KnowledgeBase(Path(settings.knowledge), shared_encoder(settings.encoder))


# -- the status, for people ---------------------------------------------------------------------


def _print_counts(values: Mapping[str, Any], report: IndexReport, checked: bool) -> None:
    languages = ", ".join(f"{count} {language}" for language, count in sorted(values["languages"].items()))
    console.print(f"{values['documents']} articles ({languages or 'none'}), {values['passages']} passages")
    console.print(f"version {values['version']} in {values['folder']}, encoder {values['encoder']}")
    if checked:
        console.print("all checksums are right")
    if report.translations:
        console.print(f"translations: {len(report.translations)} pairs of articles")
    if report.left_out:
        console.print(f"not compared, since there are too many: {report.left_out} passages", style="yellow")


def _print_contradictions(report: IndexReport) -> None:
    _print_title("Amounts that contradict each other", len(report.contradictions))
    for found in report.contradictions[:SHOWN]:
        console.print(f"{found.first.amount} / {found.second.amount}", markup=False)
        for place in (found.first, found.second):
            _print_line(f"  {place.document}: {place.sentence}")


def _print_copies(report: IndexReport) -> None:
    copies = [*report.copied_documents, *report.copied_passages]
    _print_title("Nearly the same text", len(copies))
    for copy in copies[:SHOWN]:
        console.print(f"{copy.alike:4.0%}  {copy.first}  {copy.second}", markup=False)


def _print_usage(counts: Counts, ids: Collection[str]) -> None:
    unfound = counts.never_found(ids)
    if not counts.questions:
        console.print("Which articles are found is not known yet: no question has been counted")
        return
    _print_title(f"Never found, in {counts.questions} questions since {counts.since}", len(unfound))
    for identifier in unfound[:SHOWN]:
        console.print(f"  {identifier}", markup=False)


def _print_title(title: str, count: int) -> None:
    shown = f" ({SHOWN} shown, --json has all)" if count > SHOWN else ""
    console.print(f"{title}: {count or 'none'}{shown}", style="bold" if count else None)


def _print_line(text: str) -> None:
    """As much of a sentence as the terminal's width holds."""
    line = Text(text)
    line.truncate(console.width, overflow="ellipsis")
    console.print(line)
