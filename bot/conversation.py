"""What a conversation tells of itself: who is asking, in which language. For Rasa's and the SDK's trackers.

A customer's id comes from the channel that proved it, never from the text of a message.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from nlu.language import LanguageGuess, detect

SHELL_CHANNEL = "cmdline"  # ``rasa shell``: whoever runs it can read the database anyway
SHELL_CUSTOMER = "LICHNO_CUSTOMER"
CUSTOMER_KEY = "customer_id"  # in a message's metadata, set by our channels alone
WITHOUT_PROFILE = "without_profile"  # there too: answer this message without the customer's facts and name
CHAT_KEY = "chat"  # there too: where in Telegram the customer writes
REST_CHANNEL, ASK_CHANNEL, WEB_CHANNEL = "lichno_rest", "lichno_ask", "lichno_web"
TELEGRAM_CHANNEL, TELEGRAM_GROUP_CHANNEL = "lichno_telegram", "lichno_telegram_group"  # in a group nobody is proven
TRUSTED_CHANNELS = frozenset({REST_CHANNEL, ASK_CHANNEL, WEB_CHANNEL, TELEGRAM_CHANNEL})
# Intents of messages that no later one can rest on; of several requests in one, each is a message of its own.
NO_QUESTIONS = frozenset(
    {"greet", "goodbye", "thank", "affirm", "deny", "chitchat", "bot_challenge", "human_handoff", "several_requests"}
    | {"remember_fact", "what_you_know", "forget_fact", "why_answer", "without_profile", "reply_length"}
)


@dataclass(frozen=True)
class Conversation:
    """The latest message and what came before it."""

    text: str
    intent: str
    channel: str
    metadata: dict[str, Any]
    earlier: list[str]  # languages of earlier messages, oldest first
    entities: list[dict[str, Any]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)  # what was asked earlier in this session, oldest first
    confidence: float = 1.0  # of the intent

    @property
    def customer_id(self) -> str | None:
        """The proven id of who is asking, None for anybody else."""
        if self.channel == SHELL_CHANNEL:
            return os.environ.get(SHELL_CUSTOMER) or None
        return self.metadata.get(CUSTOMER_KEY) if self.channel in TRUSTED_CHANNELS else None

    def language(self, setting: str | None = None) -> str:
        """The language to answer in; ``setting`` is the customer's own."""
        return self.guess(setting).language

    def guess(self, setting: str | None = None) -> LanguageGuess:
        """The language with its ground. A button's payload has none of its own, nor has what it adds to a question."""
        text = before_choice(self.text, self.questions[-1] if self.questions else "")
        return detect("" if text.startswith("/") else text, self.earlier, setting)


def with_choice(question: str, choice: str) -> str:
    """The question asked again with what was chosen as its meaning: a button's payload."""
    return f"{_bare(question)}: {choice}?"


def before_choice(text: str, question: str) -> str:
    """The question alone where a text is that with a choice behind it; what is chosen may be in another language."""
    return question if _bare(question) and text.startswith(f"{_bare(question)}: ") else text


def _bare(question: str) -> str:
    return question.rstrip(" ?.!…")


def from_rasa(tracker: Any) -> Conversation:
    """From Rasa's ``DialogueStateTracker``."""
    latest = tracker.latest_message
    data = (latest.parse_data if latest else None) or {}
    return _conversation(data, tracker.get_latest_input_channel(), (event.as_dict() for event in tracker.events))


def from_sdk(tracker: Any) -> Conversation:
    """From the action server's ``Tracker``."""
    return _conversation(tracker.latest_message, tracker.get_latest_input_channel(), tracker.events)


def _conversation(data: dict[str, Any], channel: str | None, events: Iterable[dict[str, Any]]) -> Conversation:
    events = list(events)
    messages = [event for event in events if event.get("event") == "user"]
    return Conversation(
        text=data.get("text") or "",
        intent=(data.get("intent") or {}).get("name") or "",
        channel=channel or "",
        metadata=data.get("metadata") or {},
        earlier=[language for message in _without_choices(messages[:-1]) if (language := _decided(message))],
        entities=data.get("entities") or [],
        questions=[message["text"] for message in _session(events)[:-1] if _asks(message)],
        confidence=float((data.get("intent") or {}).get("confidence") or 1.0),
    )


def _session(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages since the session began."""
    messages: list[dict[str, Any]] = []
    for event in events:
        if event.get("event") == "session_started":
            messages = []
        elif event.get("event") == "user":
            messages.append(event)
    return messages


def _asks(message: dict[str, Any]) -> bool:
    """Whether a later message may rest on this one; a button's payload begins with a slash."""
    text, intent = message.get("text") or "", (message.get("parse_data") or {}).get("intent") or {}
    return bool(text.strip()) and not text.startswith("/") and intent.get("name") not in NO_QUESTIONS


def _without_choices(messages: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The messages that are no question asked again with a choice, whose language may be the choice's."""
    for before, message in zip([{}, *messages], messages):
        text = message.get("text") or ""
        if before_choice(text, before.get("text") or "") == text:
            yield message


def _decided(message: dict[str, Any]) -> str | None:
    """A message's language where it was more than a default."""
    guess = (message.get("parse_data") or {}).get("language") or {}
    return guess.get("language") if guess.get("source") not in (None, "default") else None
