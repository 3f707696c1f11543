"""Conversations handed to a person, what is said of them, and who answers."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, String

from bot.customers.encryption import Encrypted
from bot.customers.models.base import COMMON, Base


class Handover(Base):
    """A conversation that a person is wanted for, or has; at most one of a conversation is open."""

    __tablename__ = "handovers"
    __table_args__ = {"info": {"keep": ("requested_at", "keep_handovers_days")}}
    id = Column(Integer, primary_key=True)
    conversation = Column(String, nullable=False, index=True)  # the tracker's sender id
    customer_id = Column(String, ForeignKey("customers.customer_id"), index=True)  # None for visitors
    channel = Column(String, nullable=False)  # where the customer wrote last
    address = Column(String)  # within the channel, for instance a chat's id
    language = Column(String, nullable=False)
    state = Column(String, nullable=False, index=True)  # waiting, taken, closed
    open_key = Column(String, unique=True)  # the conversation while this is open: so there is no second one
    requested_at = Column(DateTime, nullable=False)
    taken_at = Column(DateTime)
    closed_at = Column(DateTime)
    ended = Column(String)  # handed_back, closed
    agent = Column(String)  # the name that the customer sees
    summary = Column(Encrypted, nullable=False)
    question = Column(Encrypted, info=COMMON)  # what the customer wrote last
    ticket_id = Column(String, ForeignKey("tickets.ticket_id", ondelete="SET NULL"))
    outside = Column(String)  # the conversation's id at an outside desk


class DeskNote(Base):
    """What one agent writes for the others; the customer does not see it in the chat."""

    __tablename__ = "desk_notes"
    id = Column(Integer, primary_key=True)
    handover_id = Column(Integer, ForeignKey("handovers.id", ondelete="CASCADE"), nullable=False, index=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), index=True)
    author = Column(String, nullable=False)
    text = Column(Encrypted, nullable=False)
    written_at = Column(DateTime, nullable=False)


class DeskLetter(Base):
    """Words on their way between customer and person where that takes its time; the text is dropped on arrival."""

    __tablename__ = "desk_letters"
    id = Column(Integer, primary_key=True)
    handover_id = Column(Integer, ForeignKey("handovers.id", ondelete="CASCADE"), nullable=False, index=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), index=True)
    key = Column(String, nullable=False, unique=True)  # never twice
    way = Column(String, nullable=False)  # telegram, rest: to the customer; chatwoot: to that desk
    address = Column(String)
    kind = Column(String, nullable=False)  # said, noted, over
    text = Column(Encrypted, info=COMMON)
    state = Column(String, nullable=False, index=True)  # waiting, sending, sent, unsure, failed
    attempts = Column(Integer, nullable=False, default=0)
    due_at = Column(DateTime, nullable=False)
    written_at = Column(DateTime, nullable=False)


class DeskAgent(Base):
    """Who answers at the desk, and until when they were last known to be there."""

    __tablename__ = "desk_agents"
    __table_args__ = {"info": {"keep": ("seen_at", "keep_handovers_days")}}
    name = Column(String, primary_key=True)
    role = Column(String, nullable=False)  # agent, lead
    away = Column(Boolean, nullable=False, default=False)
    seen_at = Column(DateTime)  # None: signed off
