"""What the assistant did, was asked to do and sends: audit log, kept requests, codes, feedback, files, notices."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, ForeignKey, Integer, String, UniqueConstraint

from bot.customers.encryption import Encrypted, EncryptedBytes
from bot.customers.models.base import Base


class AuditEntry(Base):
    """Something the assistant did for a customer; ``request_id`` is of the request that it belongs to."""

    __tablename__ = "audit_entries"
    id = Column(Integer, primary_key=True)
    customer_id = Column(String, nullable=False, index=True)
    at = Column(DateTime, nullable=False)
    action = Column(String, nullable=False)
    order_id = Column(String)
    channel = Column(String, nullable=False)
    details = Column(Encrypted, nullable=False)  # JSON: what was changed, from what to what
    ticket_id = Column(String)
    request_id = Column(String, nullable=False, unique=True)


class KeptRequest(Base):
    """A confirmed request that the shop's system could not take, to be tried again."""

    __tablename__ = "kept_requests"
    id = Column(Integer, primary_key=True)
    customer_id = Column(String, nullable=False, index=True)
    kept_at = Column(DateTime, nullable=False)
    action = Column(String, nullable=False)
    details = Column(Encrypted, nullable=False)  # JSON: the request's values
    request_id = Column(String, nullable=False, unique=True)


class VerificationCode(Base):
    """A code sent to a customer's contact; only its hash is kept."""

    __tablename__ = "verification_codes"
    id = Column(Integer, primary_key=True)
    customer_id = Column(String, nullable=False, index=True)
    request_id = Column(String, nullable=False, index=True)  # what it allows, and nothing else
    digest = Column(String, nullable=False)
    salt = Column(String, nullable=False)
    issued_at = Column(DateTime, nullable=False)
    expires_at = Column(DateTime, nullable=False)
    tries = Column(Integer, nullable=False, default=0)
    used_at = Column(DateTime)


class Feedback(Base):
    """What a customer or visitor thought of a reply: 1 helpful, -1 not."""

    __tablename__ = "feedback"
    conversation = Column(String, primary_key=True)
    reply = Column(String, primary_key=True)  # the message's id in the web channel
    customer_id = Column(String, index=True)  # None for visitors
    rating = Column(Integer, nullable=False)
    reason = Column(Encrypted)
    given_at = Column(DateTime, nullable=False)


class Attachment(Base):
    """A file that belongs to a ticket."""

    __tablename__ = "attachments"
    id = Column(Integer, primary_key=True)
    ticket_id = Column(String, ForeignKey("tickets.ticket_id", ondelete="CASCADE"), nullable=False, index=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), nullable=False, index=True)
    name = Column(Encrypted, nullable=False)
    media_type = Column(String, nullable=False)
    content = Column(EncryptedBytes, nullable=False)
    added_at = Column(DateTime, nullable=False)


class NoticeConsent(Base):
    """Where a customer wants to be told what happens to their orders and requests; no row, no notice."""

    __tablename__ = "notice_consents"
    customer_id = Column(String, ForeignKey("customers.customer_id"), primary_key=True)
    channel = Column(String, primary_key=True)
    address = Column(String, primary_key=True)  # within the channel, for instance a chat's id
    since = Column(DateTime, nullable=False)


class Notice(Base):
    """A message that the assistant sends of its own accord, once: one outbox for all channels."""

    __tablename__ = "outbox"
    __table_args__ = (UniqueConstraint("channel", "address", "key"),)
    id = Column(Integer, primary_key=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), nullable=False, index=True)
    channel = Column(String, nullable=False)
    address = Column(String, nullable=False)
    key = Column(String, nullable=False)  # what is told, for instance order:NL-1:in_transit; never twice
    state = Column(String, nullable=False, index=True)  # waiting, sent, known, dropped, failed
    due_at = Column(DateTime, nullable=False)
    attempts = Column(Integer, nullable=False, default=0)
    created_at = Column(DateTime, nullable=False)
