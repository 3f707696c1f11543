from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.bot.cli.conftest import Run
from tests.fakes import HashEncoder


def status(run: Run) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(run("index", "status", "--json").output)
    return values


def test_articles_are_added_once(project: Path, run: Run, fake_encoder: HashEncoder) -> None:
    result = run("index", "add", "articles")
    assert result.exit_code == 0
    assert "2 added, 0 changed, 0 unchanged" in result.output
    encoded = len(fake_encoder.encoded)
    assert "0 added, 0 changed, 2 unchanged" in run("index", "add", "articles").output
    assert len(fake_encoder.encoded) == encoded
    assert status(run)["ids"] == ["courier", "returns"]


def test_a_changed_article_is_replaced(project: Path, run: Run) -> None:
    run("index", "add", "articles")
    (project / "articles/courier.md").write_text("# Courier\n\nA courier costs 399 ₽.")
    assert "0 added, 1 changed, 1 unchanged" in run("index", "add", "articles").output


def test_a_removed_article_is_gone(project: Path, run: Run) -> None:
    run("index", "add", "articles")
    assert "1 removed, 1 left" in run("index", "remove", "courier").output
    assert status(run)["ids"] == ["returns"]


def test_removing_what_is_not_there_names_it(project: Path, run: Run) -> None:
    run("index", "add", "articles")
    result = run("index", "remove", "courier", "pigeon")
    assert result.exit_code != 0
    assert "pigeon" in str(result.exception) and "lichno index status" in str(result.exception)
    assert len(status(run)["ids"]) == 2


def test_an_unreadable_file_is_named_and_the_rest_is_indexed(project: Path, run: Run) -> None:
    (project / "articles/bad.md").write_bytes(b"\xff\xfe bad")
    result = run("index", "add", "articles")
    assert result.exit_code == 1
    assert "bad.md" in result.output and "1 not read" in result.output
    assert status(run)["ids"] == ["courier", "returns"]


def test_a_path_that_is_not_there_is_named(project: Path, run: Run) -> None:
    result = run("index", "add", "nowhere")
    assert result.exit_code != 0
    assert "nowhere" in str(result.exception)


def test_status_counts_articles_by_language(project: Path, run: Run) -> None:
    assert "0 articles (none)" in run("index", "status").output
    run("index", "add", "articles")
    assert "2 articles (1 en, 1 ru)" in run("index", "status").output
