"""``lichno index``: the knowledge base."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.prepare import console, index_articles
from bot.settings import load_settings
from nlu.encoder import shared_encoder
from retrieval.knowledge_base import KnowledgeBase

app = typer.Typer(help="The knowledge base.", no_args_is_help=True)


@app.command()
def add(paths: Annotated[list[Path], typer.Argument(help="Files or folders of articles (.md, .jsonl).")]) -> None:
    """Index articles; those with a known id are replaced, unchanged ones cost nothing."""
    report, failed = index_articles(load_settings(), paths)
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
    report = _open().remove(ids)
    console.print(f"{report.removed} removed, {report.unchanged} left")


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:
    """What is indexed."""
    values = _open().status()
    if as_json:
        print(json.dumps(values, ensure_ascii=False, indent=2))
        return
    languages = ", ".join(f"{count} {language}" for language, count in sorted(values["languages"].items()))
    console.print(f"{values['documents']} articles ({languages or 'none'}), {values['passages']} passages")
    console.print(f"version {values['version']} in {values['folder']}, encoder {values['encoder']}")
    console.print(", ".join(values["ids"]))


def _open() -> KnowledgeBase:
    settings = load_settings()
    return KnowledgeBase.open(Path(settings.knowledge), shared_encoder(settings.encoder))
