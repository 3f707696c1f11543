"""Where people answer: what the assistant tells a desk, and which desk there is.

A desk of one's own implements :class:`Desk`; what it does with a conversation goes through
:class:`bot.desk.floor.Floor`, as the built-in one's agents and Chatwoot's webhook do.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from bot.conversation import REST_CHANNEL, TELEGRAM_CHANNEL, WEB_CHANNEL
from bot.customers.models import Handover
from bot.desk.agents import present
from bot.desk.handovers import REST, TELEGRAM, WEB, Seen
from bot.desk.hours import BusinessHours
from bot.settings import ENDPOINTS, Settings, SettingsError

BUILT_IN, CHATWOOT = "built-in", "chatwoot"
PASSWORD, LEAD_PASSWORD = "LICHNO_DESK_PASSWORD", "LICHNO_DESK_LEAD_PASSWORD"
FREE, BUSY, NOBODY, SHUT = "free", "busy", "nobody", "shut"
# Channels whose customers a person can answer later: those of a terminal end with it, and in a group others read.
REACHABLE = {WEB_CHANNEL: WEB, TELEGRAM_CHANNEL: TELEGRAM, REST_CHANNEL: REST}


@dataclass(frozen=True)
class Availability:
    """Whether somebody answers now; ``opens`` is when people come, where it is no hour of theirs."""

    state: str
    opens: dt.datetime | None = None


class Desk(Protocol):
    """What the assistant tells a desk. Nothing here waits for another machine: what has to travel is kept first."""

    def availability(self, session: Session, now: dt.datetime) -> Availability:
        """Whether somebody answers now."""
        ...

    def requested(self, session: Session, handover: Handover, now: dt.datetime) -> None:
        """A person is wanted; called in the transaction that opens the handover."""
        ...

    def customer_said(self, seen: Seen, message_id: str, text: str) -> None:
        """The customer wrote while the handover is open."""
        ...

    def ended(self, seen: Seen) -> None:
        """The handover is over."""
        ...


class BuiltInDesk:
    """The desk at ``/desk``: its agents read everything from the tables, and hear of changes from the server.

    Args:
        hours: in which people answer.
        at_once: conversations that one agent takes care of.
    """

    def __init__(self, hours: BusinessHours, at_once: int) -> None:
        self.hours, self._at_once = hours, at_once

    def availability(self, session: Session, now: dt.datetime) -> Availability:
        """By the hours, and by who is there, not away and has room."""
        if opens := self.hours.opens(now):
            return Availability(SHUT, opens)
        there = [agent for agent in present(session, now) if not agent.away]
        if not there:
            return Availability(NOBODY)
        waiting = session.query(Handover).filter_by(state="waiting").count()
        room = sum(max(0, self._at_once - agent.taken) for agent in there)
        return Availability(FREE if waiting < room else BUSY)

    def requested(self, session: Session, handover: Handover, now: dt.datetime) -> None:
        """Its row is all that is needed."""

    def customer_said(self, seen: Seen, message_id: str, text: str) -> None:
        """The conversation is read where Rasa keeps it."""

    def ended(self, seen: Seen) -> None:
        """Nobody has to be told."""


def desk_of(settings: Settings, environment: Mapping[str, str] = os.environ) -> Desk | None:
    """The desk that the settings name; None where wishes for a person become tickets alone.

    Raises:
        SettingsError: it is none that there is, or its hours cannot be read.
    """
    if not settings.desk:
        return None
    hours = BusinessHours.parse(settings.desk_hours)
    if settings.desk == BUILT_IN:
        return BuiltInDesk(hours, settings.desk_at_once) if is_switched_on(environment) else None
    if settings.desk == CHATWOOT:
        from bot.desk.chatwoot.desk import ChatwootDesk  # which in turn knows what a desk is

        return ChatwootDesk.of(settings, hours, environment)
    raise SettingsError(f'{ENDPOINTS}, nlg.desk: {settings.desk!r} is no desk: write {BUILT_IN}, {CHATWOOT} or "".')


def is_switched_on(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether anybody can sign in to the built-in desk."""
    return bool(environment.get(PASSWORD) or environment.get(LEAD_PASSWORD))
