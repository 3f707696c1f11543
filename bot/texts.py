"""The fixed texts of ``domain.yml`` for what is said outside Rasa: by channels and in notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.generation.examples import address

DOMAIN = Path("domain.yml")


@dataclass(frozen=True)
class Text:
    """A text as it is said, with its buttons as (title, payload)."""

    text: str
    buttons: tuple[tuple[str, str], ...] = ()


class Texts:
    """Responses by name, language and form of address, as ``bot/nlg.py`` chooses them.

    Args:
        responses: the block ``responses`` of a domain.
    """

    def __init__(self, responses: Mapping[str, list[dict[str, Any]]]) -> None:
        self._responses = responses

    @classmethod
    def load(cls, domain: Path = DOMAIN) -> Texts:
        """The texts of the project in the current folder."""
        return cls(yaml.safe_load(domain.read_text(encoding="utf-8"))["responses"])

    def say(self, name: str, language: str, form: str = "formal", called: str = "", **values: Any) -> Text:
        """The text for a person; ``called`` is how to address them, empty for a stranger."""
        slots = {"language": language, "address_form": form}
        chosen = next(
            variant
            for variant in self._responses[name]
            if "channel" not in variant and all(slots.get(c["name"]) == c["value"] for c in variant["condition"])
        )
        text = address(chosen["text"].replace("{name}", called), called)
        for key, value in values.items():
            text = text.replace("{" + key + "}", str(value))
        buttons = tuple((button["title"], button["payload"]) for button in chosen.get("buttons", []))
        return Text(text, buttons)
