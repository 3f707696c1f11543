"""Chatwoot as a desk: what it is to be told is kept as letters, which a worker takes along (:mod:`.post`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy.orm import Session

from bot.customers.models import Handover
from bot.customers.store import CustomerStore
from bot.desk.chatwoot.settings import ChatwootSettings, chatwoot_settings
from bot.desk.desk import BUSY, SHUT, Availability
from bot.desk.handovers import Seen
from bot.desk.hours import BusinessHours
from bot.desk.letters import NOTED, OVER, SAID, Letters, add_letter
from bot.desk.summaries import worded
from bot.settings import Settings

WAY = "chatwoot"  # of the letters


class ChatwootDesk:
    """The desk; see :class:`bot.desk.desk.Desk`.

    Args:
        hours: in which people answer.
        letters: what is on its way.
        settings: where Chatwoot is.
    """

    def __init__(self, hours: BusinessHours, letters: Letters, settings: ChatwootSettings) -> None:
        self.hours, self.letters, self.settings = hours, letters, settings

    @classmethod
    def of(cls, settings: Settings, hours: BusinessHours, environment: Mapping[str, str]) -> ChatwootDesk:
        """From the settings.

        Raises:
            SettingsError: something is missing.
        """
        return cls(hours, Letters(CustomerStore(settings.customers)), chatwoot_settings(settings, environment))

    def availability(self, session: Session, now: dt.datetime) -> Availability:
        """By the hours; who of Chatwoot's agents has time is not known here, so nothing sooner is promised."""
        opens = self.hours.opens(now)
        return Availability(SHUT, opens) if opens else Availability(BUSY)

    def requested(self, session: Session, handover: Handover, now: dt.datetime) -> None:
        """The summary for agents, and what the customer wrote."""
        summary = worded(handover.summary, handover.language)
        add_letter(session, handover, f"{WAY}.{handover.id}.summary", WAY, summary, now, NOTED)
        if handover.question:
            add_letter(session, handover, f"{WAY}.{handover.id}.question", WAY, handover.question, now, SAID)

    def customer_said(self, seen: Seen, message_id: str, text: str) -> None:
        """Pass it on."""
        if text and not text.startswith("/"):
            self.letters.put(seen.id, f"{WAY}.{seen.id}.{message_id}", WAY, text)

    def ended(self, seen: Seen) -> None:
        """Resolve it there too."""
        self.letters.put(seen.id, f"{WAY}.{seen.id}.over", WAY, "", OVER)
