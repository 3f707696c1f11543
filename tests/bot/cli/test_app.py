from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import main
from tests.bot.cli.conftest import Run


@pytest.mark.parametrize(
    ("words", "commands"),
    [
        ((), ["up", "ask", "chat", "train", "index", "customers", "token", "doctor"]),
        (("index",), ["add", "remove", "status"]),
        (("customers",), ["import", "show"]),
    ],
)
def test_help_lists_every_command_with_a_word_on_it(run: Run, words: tuple[str, ...], commands: list[str]) -> None:
    result = run(*words, "--help")
    assert result.exit_code == 0
    for command in commands:
        (line,) = [line for line in result.output.splitlines() if line.strip(" │").startswith(f"{command} ")]
        assert len(line.strip(" │").split()) > 2


def test_a_wrong_word_is_named(run: Run) -> None:
    result = run("trian")
    assert result.exit_code == 2
    assert "trian" in result.output


def test_a_known_error_is_one_sentence_on_stderr(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["lichno", "customers", "show", "C1"])
    with pytest.raises(SystemExit) as stopped:
        main()
    told = capsys.readouterr()
    assert stopped.value.code == 1
    assert told.out == ""
    assert told.err.strip().count("\n") == 0
    assert "lichno customers import" in told.err and "Traceback" not in told.err


def test_a_faulty_setting_is_told_by_any_command(project: Path, run: Run) -> None:
    (project / "endpoints.yml").write_text("nlg:\n  threads: two\n")
    result = run("customers", "show")
    assert result.exit_code != 0
    assert "endpoints.yml, nlg.threads" in str(result.exception)


def test_help_comes_without_rasa() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from bot.cli.app import app;"
        "CliRunner().invoke(app, ['--help']); print([m for m in ('rasa', 'tensorflow') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
