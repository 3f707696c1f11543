from __future__ import annotations

import pytest

from bot.channels.identity import KEY_VARIABLE

KEY = "a key for tests, longer than thirty-two bytes"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """The signing key, instead of this installation's."""
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    return KEY
