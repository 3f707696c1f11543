from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent

from bot.runtime import Assistant
from nlu.errors import ModelBroken


async def test_a_model_that_cannot_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def load_agent(**_: Any) -> Agent:
        return Agent()  # what Rasa's returns then, having logged the reason

    monkeypatch.setattr("bot.runtime.load_agent", load_agent)
    monkeypatch.setattr("bot.runtime.latest_model", lambda: tmp_path / "broken.tar.gz")
    with pytest.raises(ModelBroken, match=r"broken\.tar\.gz .*lichno train"):
        await Assistant.load()
