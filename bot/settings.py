"""The settings, read from Rasa's own files: the encoder from ``config.yml``, the rest from ``endpoints.yml``.

So each stands in one place, the place where a Rasa user looks for it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from nlu.base_models import ENCODER
from nlu.errors import LichnoError

CONFIG, ENDPOINTS = Path("config.yml"), Path("endpoints.yml")
ENCODER_COMPONENT = "nlu.sentence_encoder.SentenceEncoder"
NLG_TYPE = "bot.nlg.GroundedResponseGenerator"
EMBEDDED, QUOTE = "embedded", "quote"  # of Settings.generation


class SettingsError(LichnoError):
    """A setting is missing or wrong; names file, key, value and remedy."""


@dataclass(frozen=True)
class Settings:
    """What the assistant runs on. Defaults are the demo's."""

    encoder: str = str(ENCODER)
    knowledge: str = "var/knowledge"  # folder of the index
    customers: str = "sqlite:///var/customers.db"  # SQLAlchemy URL
    profiles: str = "var/profiles"  # folder of the facts' vectors
    facts: str = "training_data/facts"  # folder of the questions that facts answer
    decoder: str = "models/decoder"  # folder of the model that reads what search found; empty: search alone decides
    generation: str = QUOTE  # who writes: quote, embedded, a causal model's folder or name, a server's URL
    generation_model: str = ""  # the model's name on that server
    threads: int = 2  # CPU threads for reading and writing one reply
    answer_threshold: float = 0.35  # probability that the best passage answers, from which the assistant does
    ask_threshold: float = 0.2  # the same, from which it asks what is meant; below it declines
    support_threshold: float = 0.4  # probability that a written sentence is true, below which it is not sent
    max_characters: int = 2000  # of a message
    keep_conversations_days: int = 180  # `lichno customers expire` deletes what is older; 0 keeps for good
    keep_tickets_days: int = 1095  # closed ones, from their closing on
    keep_visits_days: int = 365  # what customers looked at
    codes: str = "file:var/codes"  # who sends confirmation codes: bot/identity/senders.py
    codes_from: str = "Northern Lights <no-reply@northernlights.example>"  # what they are sent from
    quiet_hours: str = "21:00-09:00 Europe/Moscow"  # in which no notices are sent
    keep_handovers_days: int = 180  # conversations handed to a person, from their request on
    desk: str = "built-in"  # where people answer: built-in, chatwoot, or empty for tickets alone (bot/desk/desk.py)
    desk_hours: str = "08:00-22:00 Europe/Moscow"  # in which people answer; `mon-fri ` before it leaves out the weekend
    desk_at_once: int = 4  # conversations that one agent takes care of
    chatwoot_url: str = ""  # the outside desk's address, its account and its API channel inbox
    chatwoot_account: int = 0
    chatwoot_inbox: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            value, expected = getattr(self, field.name), type(field.default)
            # YAML's yes is a bool, which Python takes for a number.
            if isinstance(value, bool) or not isinstance(value, (int, float) if expected is float else expected):
                raise SettingsError(
                    f"{ENDPOINTS}, nlg.{field.name}: {value!r} is not of the kind {expected.__name__}"
                    f" (default: {field.default!r})."
                )
        if self.generation != QUOTE and not self.decoder:
            raise SettingsError(
                f"{ENDPOINTS}, nlg.decoder is empty, but nothing is written without it (nlg.generation:"
                f" {self.generation}): it chooses what to write from, and verifies what was written."
            )
        if self.generation.startswith("http") and not self.generation_model:
            raise SettingsError(
                f"{ENDPOINTS}, nlg.generation_model is missing: name the model that {self.generation} shall write with."
            )


def from_endpoint(options: dict[str, Any], encoder: str) -> Settings:
    """Settings from the options of the ``nlg`` endpoint.

    Raises:
        SettingsError: an option is unknown or of the wrong kind.
    """
    known = {field.name for field in fields(Settings)} - {"encoder"}
    if unknown := options.keys() - known:
        raise SettingsError(
            f"{ENDPOINTS}, nlg: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}."
        )
    return Settings(encoder=encoder, **options)


def encoder_name(config: Path = CONFIG) -> str:
    """The encoder named in the pipeline, the default where it names none."""
    if not config.is_file():
        return str(ENCODER)
    for component in _read(config).get("pipeline") or []:
        if component.get("name") == ENCODER_COMPONENT:
            return str(component.get("model", ENCODER))
    return str(ENCODER)


def load_settings(config: Path = CONFIG, endpoints: Path = ENDPOINTS) -> Settings:
    """Settings of the project in the current folder."""
    options = (_read(endpoints) if endpoints.is_file() else {}).get("nlg") or {}
    if not isinstance(options, dict):
        raise SettingsError(f"{endpoints}, nlg: {options!r} is no mapping: write one `key: value` a line below `nlg:`.")
    return from_endpoint({key: value for key, value in options.items() if key != "type"}, encoder_name(config))


def _read(path: Path) -> dict[str, Any]:
    """A YAML file's mapping, not to be changed; empty for an empty file. It is parsed when it is another."""
    file = path.stat()
    return _parsed(path, (file.st_dev, file.st_ino, file.st_mtime_ns, file.st_size))


@lru_cache(maxsize=16)
def _parsed(path: Path, version: tuple[int, ...]) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text()) or {}
    except yaml.YAMLError as error:
        raise SettingsError(f"{path} is not YAML, mend it: {error}") from error
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: expected `key: value` lines.")
    return content
