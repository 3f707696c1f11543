"""Settings of the web channel, under ``bot.channels.web.WebChannel`` in ``credentials.yml``."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

from bot.channels.limits import Rate
from bot.settings import SettingsError

KEY = "credentials.yml, bot.channels.web.WebChannel"
LISTS = ("origins", "frame_ancestors")
_ORIGIN = re.compile(r"https?://[^\s/;,]+")


@dataclass(frozen=True)
class WebSettings:
    """What may be set. Rates are written as ``20/minute``; with a ``message_queue`` all processes count together."""

    origins: tuple[str, ...] = ()  # of pages that may use the widget, besides those of this very server
    demo_shop: bool = False  # serve the demo shop at /
    frame_ancestors: tuple[str, ...] = ()  # origins of pages that may show the demo shop in a frame
    per_customer: str = "20/minute"  # messages of one conversation
    per_address: str = "60/minute"  # messages and connections from one address
    files_per_customer: str = "20/hour"
    everybody: str = "1200/minute"  # messages of all customers together
    message_queue: str = ""  # redis://host:6379/0, with several server processes; bot/lock_store.py goes with it
    max_characters: int = 2000  # of a message; longer ones are refused

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is not type(field.default):
                raise SettingsError(
                    f"{KEY}.{field.name}: {value!r} is not of the kind {type(field.default).__name__}"
                    f" (default: {field.default!r})."
                )
        for rate in (self.per_customer, self.per_address, self.everybody, self.files_per_customer):
            Rate.read(rate)
        for key in LISTS:
            for origin in getattr(self, key):
                if not _ORIGIN.fullmatch(str(origin)):
                    raise SettingsError(
                        f"{KEY}.{key}: {origin!r} is no origin: write scheme and host, like https://shop.example."
                    )


def web_settings(options: dict[str, Any] | None) -> WebSettings:
    """Settings from the channel's options.

    Raises:
        SettingsError: an option is unknown or of the wrong kind.
        RateUnreadable: a rate is not written as ``20/minute``.
    """
    options = options or {}
    known = {field.name for field in fields(WebSettings)}
    if unknown := options.keys() - known:
        raise SettingsError(f"{KEY}: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}.")
    lists = {key: options.get(key) or () for key in LISTS}
    for key, value in lists.items():
        if isinstance(value, str):
            raise SettingsError(f"{KEY}.{key}: expected a list, like [{value}].")
    return WebSettings(**{**options, **{key: tuple(value) for key, value in lists.items()}})
