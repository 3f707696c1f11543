from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.app import app
from nlu.encoder import Encoder
from tests.bot.customers.shop import write_shop
from tests.fakes import HashEncoder

Run = Callable[..., Result]
ARTICLES = {"courier": "# Courier\n\nA courier costs 299 ₽.", "returns": "# Возврат\n\nВернуть товар можно за 14 дней."}


@pytest.fixture
def run() -> Run:
    """``lichno`` with these words; known errors come out as ``result.exception``."""
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_encoder: HashEncoder) -> Path:
    """An empty project folder as the current one, with a shop and articles to import; no weights are loaded."""

    def fake(name: str) -> Encoder:
        return fake_encoder

    for module in ("prepare", "index", "doctor", "customers"):
        monkeypatch.setattr(f"bot.cli.{module}.shared_encoder", fake)
    monkeypatch.chdir(tmp_path)
    for key in ("LICHNO_JWT_KEY", "LICHNO_MASTER_KEY", "LICHNO_NEXT_MASTER_KEY"):
        monkeypatch.delenv(key, raising=False)
    write_shop(tmp_path / "shop")
    (tmp_path / "articles").mkdir()
    for name, text in ARTICLES.items():
        (tmp_path / "articles" / f"{name}.md").write_text(text)
    return tmp_path
