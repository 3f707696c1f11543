"""The channel's settings: secrets and addresses from the environment, the rest from ``credentials.yml``."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.telegram.errors import TelegramSettingsError
from bot.telegram.speech import PIPER
from nlu.language import LANGUAGES

TOKEN, API_URL, WEBHOOK_URL = "TELEGRAM_TOKEN", "TELEGRAM_API_URL", "TELEGRAM_WEBHOOK_URL"
OFFICIAL_API = "https://api.telegram.org"
OPTIONS = ("voice_model", "voices", "piper")
_TOKEN = re.compile(r"\d+:[\w-]{10,}")


@dataclass(frozen=True)
class TelegramSettings:
    """What the channel runs on.

    Args:
        token: the bot's token, from BotFather.
        api_url: the Bot API's address without the token, for servers of one's own.
        webhook_url: our public address, which Telegram posts updates to; empty: we ask for them (long polling).
        voice_model: folder of a Whisper model in CTranslate2's form; empty: voice messages are not understood.
        voices: by language, a Piper voice's file that speaks replies to them; empty: they are only written.
        piper: Piper's program, by name on the path or by file.
    """

    token: str
    api_url: str = OFFICIAL_API
    webhook_url: str = ""
    voice_model: str = ""
    voices: Mapping[str, Path] = field(default_factory=dict)
    piper: str = PIPER

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.token):
            raise TelegramSettingsError(
                f"{TOKEN} is no bot's token: copy it from BotFather, it looks like 123456:ABC…."
            )
        if self.webhook_url and not self.webhook_url.startswith("https://"):
            raise TelegramSettingsError(f"{WEBHOOK_URL} must begin with https://: Telegram posts to no other address.")

    @property
    def secret(self) -> str:
        """What Telegram sends along with each update to the webhook: made from the token, so the same everywhere."""
        return hmac.new(self.token.encode(), b"lichno webhook", hashlib.sha256).hexdigest()


def load(options: Mapping[str, Any] | None = None) -> TelegramSettings | None:
    """The settings; None where no token is set, which leaves the channel asleep.

    Raises:
        TelegramSettingsError: a value is wrong or an option unknown.
    """
    given = dict(options or {})
    if unknown := given.keys() - set(OPTIONS):
        raise TelegramSettingsError(
            f"credentials.yml, bot.channels.telegram.TelegramChannel: unknown {', '.join(sorted(unknown))};"
            f" known are {', '.join(OPTIONS)}."
        )
    token = os.environ.get(TOKEN, "").strip()
    if not token:
        return None
    return TelegramSettings(
        token=token,
        api_url=os.environ.get(API_URL, "").rstrip("/") or OFFICIAL_API,
        webhook_url=os.environ.get(WEBHOOK_URL, "").rstrip("/"),
        voice_model=str(given.get("voice_model") or ""),
        voices=_voices(given.get("voices") or {}),
        piper=str(given.get("piper") or PIPER),
    )


def _voices(given: Any) -> dict[str, Path]:
    if not isinstance(given, Mapping) or given.keys() - set(LANGUAGES):
        raise TelegramSettingsError(
            "credentials.yml, bot.channels.telegram.TelegramChannel: voices is a block with a Piper voice's file for"
            f" each of {', '.join(LANGUAGES)}, or for one of them."
        )
    return {language: Path(str(path)) for language, path in given.items() if path}
