from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from retrieval.loaders import LOADERS
from retrieval.usage import FILE, Usage
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
    (project / "articles/bad.pdf").write_bytes(b"bad")
    result = run("index", "add", "articles")
    assert result.exit_code == 1
    assert "bad.pdf" in result.output and "1 not read" in result.output
    assert status(run)["ids"] == ["courier", "returns"]


def test_a_path_that_is_not_there_is_named(project: Path, run: Run) -> None:
    result = run("index", "add", "nowhere")
    assert result.exit_code != 0
    assert "nowhere" in str(result.exception)


def test_status_counts_articles_by_language(project: Path, run: Run) -> None:
    assert "0 articles (none)" in run("index", "status").output
    run("index", "add", "articles")
    assert "2 articles (1 en, 1 ru)" in run("index", "status").output


def test_every_format_is_named_in_the_help(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    output = run("index", "add", "--help").output
    assert all(ending in output for ending in LOADERS)


def test_columns_of_a_table_of_questions_may_be_named(project: Path, run: Run) -> None:
    (project / "faq.csv").write_text("Q,A,Key\nHow much is it?,It costs 299 roubles.,price\n")
    named = ("--question-column", "Q", "--answer-column", "A", "--id-column", "Key")
    assert run("index", "add", "faq.csv", *named).exit_code == 0
    assert status(run)["ids"] == ["price"]


def test_a_change_is_undone(project: Path, run: Run) -> None:
    run("index", "add", "articles")
    run("index", "remove", "courier")
    assert "version 3 holds 2 articles" in run("index", "rollback").output
    assert status(run)["ids"] == ["courier", "returns"]


def test_where_nothing_is_left_to_undo_it_says_so(project: Path, run: Run) -> None:
    result = run("index", "rollback")
    assert result.exit_code != 0
    assert "There is no earlier version to go back to" in str(result.exception)


LONG = "A courier calls half an hour before he comes and waits at the door for {minutes} minutes, then he drives on."


def test_status_shows_what_is_wrong_with_the_articles(project: Path, run: Run) -> None:
    for name, minutes in (("old", 20), ("new", 10)):
        (project / f"articles/{name}.md").write_text(f"# Delivery\n\n{LONG.format(minutes=minutes)}")
    run("index", "add", "articles")
    usage = Usage(project / "var/knowledge")
    usage.found(["courier", "new"])
    usage.flush()
    output = run("index", "status").output
    assert "Amounts that contradict each other: 1\n10 minutes / 20 minutes\n  new: A courier" in output
    assert "Nearly the same text: 1\n" in output and "%  new  old\n" in output
    assert "Never found, in 1 questions since" in output and "2\n  old\n  returns\n" in output
    assert max(map(len, output.splitlines())) <= 80
    values = status(run)
    assert values["contradictions"][0]["second"]["sentence"] == LONG.format(minutes=20)
    assert (values["never_found"], values["usage"]["questions"]) == (["old", "returns"], 1)
    assert [copy["first"] for copy in values["copied_documents"]] == ["new"]
    assert (values["documents"], values["checked"], values["translations"]) == (4, False, [])


def test_status_of_good_articles_is_short(project: Path, run: Run) -> None:
    run("index", "add", "articles")
    output = run("index", "status").output
    assert "contradict each other: none" in output and "Nearly the same text: none" in output
    assert "no question has been counted" in output
    assert len(output.splitlines()) < 8


def test_only_the_worst_are_shown(project: Path, run: Run) -> None:
    for number in range(9):
        (project / f"articles/{number}.md").write_text(f"# Delivery\n\n{LONG.format(minutes=number)}")
    run("index", "add", "articles")
    output = run("index", "status").output
    assert "(5 shown, --json has all)" in output
    assert output.count("%") == 5
    assert len(status(run)["copied_documents"]) > 5


def test_the_checksums_are_compared_on_demand(project: Path, run: Run) -> None:
    run("index", "add", "articles")
    assert "all checksums are right" in run("index", "status", "--check").output
    assert json.loads(run("index", "status", "--check", "--json").output)["checked"] is True
    file = next((project / "var/knowledge").glob("knowledge.sqlite"))
    damaged = file.read_bytes().replace("за 14 дней".encode(), "за 15 дней".encode())
    assert damaged != file.read_bytes()
    file.write_bytes(damaged)
    assert "damaged" in str(run("index", "status", "--check").exception)


def test_unreadable_counts_are_named(project: Path, run: Run) -> None:
    run("index", "add", "articles")
    (project / "var/knowledge" / FILE).write_text("no database" * 100)
    assert f"{FILE} cannot be read" in str(run("index", "status").exception)


def test_what_was_too_much_to_compare_is_said(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.index_report.MOST_PASSAGES", 1)
    run("index", "add", "articles")
    assert "too many: 1 passages" in run("index", "status").output
