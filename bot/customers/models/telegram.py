"""Telegram's chats, codes, updates, buttons and answers."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, DateTime, ForeignKey, String, Text

from bot.customers.models.base import Base


class TelegramChat(Base):
    """A chat that the bot knows, and whose it is."""

    __tablename__ = "telegram_chats"
    chat_id = Column(BigInteger, primary_key=True, autoincrement=False)
    customer_id = Column(String, ForeignKey("customers.customer_id"), index=True)
    bound_at = Column(DateTime)
    language = Column(String)  # chosen in the chat; None: that of the customer, or of their Telegram
    blocked = Column(Boolean, nullable=False, default=False)
    last_message_id = Column(BigInteger)  # the newest message answered: only that one is worth answering again


class TelegramCode(Base):
    """A one-time code that binds a chat; only its digest is kept."""

    __tablename__ = "telegram_codes"
    digest = Column(String, primary_key=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), nullable=False)
    expires_at = Column(DateTime, nullable=False)


class TelegramUpdate(Base):
    """An update that came in; its content is dropped as soon as it is answered."""

    __tablename__ = "telegram_updates"
    update_id = Column(BigInteger, primary_key=True, autoincrement=False)
    chat_id = Column(
        BigInteger, ForeignKey("telegram_chats.chat_id"), index=True
    )  # None: it shows none, or the chat is forgotten
    received_at = Column(DateTime, nullable=False)
    payload = Column(JSON(none_as_null=True))
    answered = Column(Boolean, nullable=False, default=False, index=True)


class TelegramButton(Base):
    """What a button means: Telegram carries only 64 bytes, so it gets the key."""

    __tablename__ = "telegram_buttons"
    key = Column(String, primary_key=True)
    group = Column(String, nullable=False, index=True)  # the buttons of one message
    chat_id = Column(BigInteger, ForeignKey("telegram_chats.chat_id"), nullable=False, index=True)
    title = Column(Text, nullable=False)
    payload = Column(Text, nullable=False)
    created_at = Column(DateTime, nullable=False)


class TelegramAnswer(Base):
    """Which answer of the assistant a message in a chat is, so that a reaction to it can be kept as feedback."""

    __tablename__ = "telegram_answers"
    chat_id = Column(BigInteger, ForeignKey("telegram_chats.chat_id"), primary_key=True, autoincrement=False)
    message_id = Column(BigInteger, primary_key=True, autoincrement=False)
    conversation = Column(String, nullable=False)
    question_id = Column(String, nullable=False)  # the tracker's message_id of the question
    sent_at = Column(DateTime, nullable=False)
