from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from bot import quiet

Shown = list[str]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """The warnings that come through; whatever is changed is put back."""
    seen: Shown = []

    def show(message: Any, *rest: Any, **named: Any) -> None:
        seen.append(str(message))

    monkeypatch.setattr(warnings, "showwarning", show)
    monkeypatch.setattr(quiet, "install", lambda: None)
    return seen


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    warnings.showwarning(message, category, "file.py", 1)


@pytest.mark.parametrize("command", ["rasa", "lichno"])
def test_our_commands_show_only_what_one_can_act_on(
    monkeypatch: pytest.MonkeyPatch, shown: Shown, command: str
) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python", str(Path("/venv/bin") / command), "train"])
    quiet.apply()
    warn("old", DeprecationWarning)
    warn("soon", FutureWarning)
    warn("The utterance 'utter_thank' is not used in any story or rule.")
    warn("An intent has one example only.")
    assert shown == ["An intent has one example only."]


def test_other_programs_keep_their_warnings(monkeypatch: pytest.MonkeyPatch, shown: Shown) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python", "other.py"])
    quiet.apply()
    warn("old", DeprecationWarning)
    assert shown == ["old"]


def test_nothing_is_reported_to_anyone_unless_one_says_so(monkeypatch: pytest.MonkeyPatch, shown: Shown) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python"])
    monkeypatch.delenv("RASA_TELEMETRY_ENABLED")
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    quiet.apply()
    assert os.environ["RASA_TELEMETRY_ENABLED"] == "false"
    assert os.environ["HF_HUB_OFFLINE"] == "0"


@pytest.mark.parametrize(
    ("words", "masked"),
    [
        (["/venv/bin/rasa", "run"], True),
        (["/venv/bin/lichno", "up"], True),
        (["-m", "bot.actions.server", "5055"], True),
        (["-m", "http.server"], False),
    ],
)
def test_logs_are_masked_in_our_processes(
    monkeypatch: pytest.MonkeyPatch, shown: Shown, words: list[str], masked: bool
) -> None:
    installed: list[bool] = []
    monkeypatch.setattr(quiet, "install", lambda: installed.append(True))
    monkeypatch.setattr(sys, "orig_argv", ["python", *words])
    quiet.apply()
    assert bool(installed) == masked
