"""``lichno doctor``: what is wrong, and how to mend it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer
import yaml

from bot.cli.prepare import console
from bot.cli.telegram import bot_name
from bot.customers.errors import CustomerStoreMissing
from bot.customers.store import CustomerStore
from bot.dialogue_model import latest_model
from bot.generation.build import AdaptedDecoder
from bot.settings import load_settings
from bot.telegram.settings import TOKEN, load
from bot.telegram.speech import PiperSpeaker
from bot.telegram.voice import WhisperTranscriber
from nlu.base_models import BASE_MODELS, check
from nlu.encoder import shared_encoder
from nlu.errors import LichnoError
from retrieval.knowledge_base import KnowledgeBase, KnowledgeBaseError

CREDENTIALS, CHANNEL = Path("credentials.yml"), "bot.channels.telegram.TelegramChannel"


def doctor() -> None:
    """Check settings, models, index and customers; exit with 1 if anything is wrong."""
    checks: list[tuple[str, Callable[[], str]]] = [("settings", _settings)]
    checks += [(model.title, _model(model.folder)) for model in BASE_MODELS]
    checks += [("decoder", _decoder), ("dialogue model", lambda: str(latest_model()))]
    checks += [("knowledge base", _knowledge), ("customers", _customers), ("Telegram", _telegram)]
    failures = 0
    for name, run in checks:
        try:
            console.print(f"[green]ok[/green]    {name}: {run()}")
        except LichnoError as error:
            failures += 1
            console.print(f"[red]wrong[/red] {name}: {error}")
    if failures:
        raise typer.Exit(1)


def _settings() -> str:
    return f"encoder {load_settings().encoder}"


def _model(folder: Path) -> Callable[[], str]:
    def run() -> str:
        check(folder)
        return str(folder)

    return run


def _decoder() -> str:
    name, shipped = load_settings().decoder, AdaptedDecoder()
    if not name:
        return "none: search alone decides, and the best passage is quoted"
    if Path(name) == shipped.folder:
        shipped.check()
    else:
        check(Path(name))
    return name


def _knowledge() -> str:
    settings = load_settings()
    status = KnowledgeBase(Path(settings.knowledge), shared_encoder(settings.encoder)).status()
    if not status["documents"]:
        raise KnowledgeBaseError("The index is empty: run `lichno index add training_data/knowledge`.")
    return f"{status['documents']} articles, {status['passages']} passages"


def _customers() -> str:
    store = CustomerStore(load_settings().customers)
    count = len(store.customer_ids())
    with store.session() as session:
        store.keyring.check(session.connection())
    if not count:
        raise CustomerStoreMissing("There are no customers: run `lichno customers import training_data/customers`.")
    return f"{count} customers"


def _telegram() -> str:
    settings = load(_options())
    if settings is None:
        return f"off, since {TOKEN} is not set"
    able = [f"@{asyncio.run(bot_name())}"]
    if settings.voice_model:
        WhisperTranscriber(Path(settings.voice_model), load_settings().threads)  # says what is missing
        able.append("hears voice messages")
    if settings.voices:
        PiperSpeaker(settings.voices, settings.piper)
        able.append(f"speaks {', '.join(settings.voices)}")
    return ", ".join(able)


def _options() -> dict[str, Any] | None:
    """The channel's block of ``credentials.yml``, which Rasa gives it."""
    written = yaml.safe_load(CREDENTIALS.read_text(encoding="utf-8")) if CREDENTIALS.is_file() else None
    return (written or {}).get(CHANNEL) or None
