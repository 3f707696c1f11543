"""An agent's connection to the desk, and the reading of what it sends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sanic import Sanic
from sanic.request import Request

from bot.desk.agents import LEAD
from bot.desk.handovers import TAKEN, WAITING, DeskRefused, Seen
from bot.desk.signing_in import Agent

LANGUAGES = ("ru", "en")


@dataclass
class Connection:
    """An agent's browser, the language of its page, and which conversations it shows."""

    agent: Agent
    app: Sanic
    language: str
    open: set[int] = field(default_factory=set)
    away: bool = False

    @property
    def rasa(self) -> Any:
        """Rasa's agent."""
        return self.app.ctx.agent

    def may_see(self, seen: Seen) -> bool:
        """Agents see what waits and what is theirs, leads everything."""
        return (
            self.agent.role == LEAD or seen.state == WAITING or (seen.state == TAKEN and seen.agent == self.agent.name)
        )

    def must_lead(self) -> None:
        """Go on only for leads.

        Raises:
            DeskRefused: this is none (``forbidden``).
        """
        if self.agent.role != LEAD:
            raise DeskRefused("forbidden", "Only leads see this.")


class Unreadable(Exception):
    """An event's data are not what they should be; the text is the error's code."""


def language_of(auth: Any) -> str:
    """The page's language, as its browser tells when it connects."""
    language = auth.get("language") if isinstance(auth, dict) else None
    return language if language in LANGUAGES else LANGUAGES[0]


def number_of(data: dict[str, Any]) -> int:
    """The handover that an event is about.

    Raises:
        Unreadable: it names none.
    """
    number = data.get("id")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**31:
        raise Unreadable("unreadable")
    return number


def text_of(data: dict[str, Any], key: str, longest: int) -> str:
    """A text of an event, of so many characters at most.

    Raises:
        Unreadable: there is none (``unreadable``), or a longer one (``too_long``).
    """
    text = data.get(key)
    if not isinstance(text, str) or not text.strip():
        raise Unreadable("unreadable")
    if len(text) > longest:
        raise Unreadable("too_long")
    return text.strip()


def is_own(request: Request) -> bool:
    """Whether a browser asks from a page of this very server; the widget's other origins have no business here."""
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("Host")
