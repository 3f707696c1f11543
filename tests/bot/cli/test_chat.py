from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bot.cli import chat
from bot.conversation import SHELL_CUSTOMER
from nlu.errors import ModelMissing
from tests.bot.cli.conftest import Run


@pytest.fixture
def shells(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The environments in which ``rasa shell`` was run; nothing is started."""
    seen: list[dict[str, str]] = []

    def ran(command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        seen.append(dict(options.get("env") or os.environ))
        return subprocess.CompletedProcess(command, 0)

    (project / "models").mkdir()
    (project / "models/trained.tar.gz").touch()
    monkeypatch.setenv(SHELL_CUSTOMER, "")
    monkeypatch.setattr(chat, "at_a_terminal", lambda: True)
    monkeypatch.setattr(chat, "require_free", lambda port: None)
    monkeypatch.setattr(chat, "start", lambda *arguments: None)
    monkeypatch.setattr(chat, "wait", lambda url, processes: None)
    monkeypatch.setattr(chat, "stop", lambda processes: None)
    monkeypatch.setattr(subprocess, "run", ran)
    return seen


def test_the_shell_knows_the_customer(run: Run, shells: list[dict[str, str]]) -> None:
    run("customers", "import", "shop")
    assert run("chat", "--customer", "C1").exit_code == 0
    assert [shell[SHELL_CUSTOMER] for shell in shells] == ["C1"]


def test_without_a_customer_the_shell_knows_nobody(run: Run, shells: list[dict[str, str]]) -> None:
    assert run("chat").exit_code == 0
    assert [shell.get(SHELL_CUSTOMER, "") for shell in shells] == [""]


def test_without_a_trained_model_nothing_starts(project: Path, run: Run) -> None:
    result = run("chat")
    assert isinstance(result.exception, ModelMissing)
    assert "lichno train" in str(result.exception)
