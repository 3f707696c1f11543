"""Whose chat it is: a one-time code from the account page binds a chat to a customer."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.customers.models import (
    Customer,
    NoticeConsent,
    TelegramAnswer,
    TelegramButton,
    TelegramChat,
    TelegramCode,
    TelegramUpdate,
)
from bot.customers.person import spoken_name
from bot.customers.store import CustomerStore, get_customer
from nlu.language import LANGUAGES, RUSSIAN

CHANNEL = "telegram"  # in the tables that all channels share
CODE_LIFETIME = dt.timedelta(minutes=15)
CODE_BYTES = 24  # 32 characters; a link may carry 64


@dataclass(frozen=True)
class Who:
    """A chat and how to talk in it."""

    chat_id: int
    customer_id: str | None
    language: str
    form: str = "formal"
    name: str = ""


class Chats:
    """The tables of chats and codes.

    Args:
        store: the database.
        now: the time.
    """

    def __init__(self, store: CustomerStore, now: Callable[[], dt.datetime] = dt.datetime.now) -> None:
        self._store, self._now = store, now

    def issue_code(self, customer_id: str) -> str:
        """A code that binds one chat to the customer within a quarter of an hour.

        Raises:
            UnknownCustomer: there is none with this id.
        """
        code = secrets.token_urlsafe(CODE_BYTES)
        with self._session() as session:
            get_customer(session, customer_id)
            session.query(TelegramCode).filter(TelegramCode.expires_at < self._now()).delete()
            expires = self._now() + CODE_LIFETIME
            session.add(TelegramCode(digest=_digest(code), customer_id=customer_id, expires_at=expires))
            session.commit()
        return code

    def bind(self, chat_id: int, code: str) -> str | None:
        """Bind a private chat by a code, which is then used up; the customer's id, None if the code is not valid."""
        with self._session() as session:
            row = session.get(TelegramCode, _digest(code))
            # Deleting tells who was first where two chats use a code at once.
            taken = session.query(TelegramCode).filter_by(digest=_digest(code)).delete()
            if row is None or not taken or row.expires_at < self._now():
                session.commit()
                return None
            customer_id = str(row.customer_id)
            chat = known_chat(session, chat_id)
            if chat.customer_id != customer_id:
                _leave(session, chat)
            chat.customer_id, chat.bound_at, chat.blocked = customer_id, self._now(), False
            session.commit()
            return customer_id

    def unbind(self, chat_id: int) -> bool:
        """Make the chat nobody's; whether it was somebody's."""
        with self._session() as session:
            chat = session.get(TelegramChat, chat_id)
            if chat is None or chat.customer_id is None:
                return False
            _leave(session, chat)
            session.commit()
            return True

    def forget(self, chat_id: int) -> None:
        """Drop everything that is kept about a chat."""
        with self._session() as session:
            if chat := session.get(TelegramChat, chat_id):
                _leave(session, chat)
                updates = session.query(TelegramUpdate).filter_by(chat_id=chat_id)
                # Their numbers are kept: one that is delivered again must be known.
                updates.filter_by(answered=True).update({"chat_id": None})
                if not updates.count():  # otherwise the person has written again meanwhile
                    session.delete(chat)
            session.commit()

    def who(self, chat_id: int, spoken: str | None = None) -> Who:
        """Whose chat it is; ``spoken`` is the language that the person's Telegram is in."""
        with self._session() as session:
            chat = session.get(TelegramChat, chat_id)
            own = str(chat.language) if chat and chat.language else None
            customer = session.get(Customer, chat.customer_id) if chat and chat.customer_id else None
            if customer is None:
                return Who(chat_id, None, own or known_language(spoken))
            return Who(
                chat_id,
                str(customer.customer_id),
                own or str(customer.language),
                str(customer.address_form),
                spoken_name(customer),
            )

    def chats_of(self, customer_id: str) -> list[int]:
        """The chats bound to a customer."""
        with self._session() as session:
            rows = session.query(TelegramChat).filter_by(customer_id=customer_id).order_by(TelegramChat.chat_id)
            return [row.chat_id for row in rows]

    def set_language(self, chat_id: int, language: str) -> None:
        """Write in this language from now on; for a customer, in every channel."""
        assert language in LANGUAGES
        with self._session() as session:
            chat = known_chat(session, chat_id)
            chat.language = language
            if chat.customer_id and (customer := session.get(Customer, chat.customer_id)):
                customer.language = language
            session.commit()

    def set_blocked(self, chat_id: int, blocked: bool) -> None:
        """Remember that the person blocked the bot, or let it in again. A blocked chat gets no notices any more."""
        with self._session() as session:
            known_chat(session, chat_id).blocked = blocked
            if blocked:
                session.query(NoticeConsent).filter_by(channel=CHANNEL, address=str(chat_id)).delete()
            session.commit()

    def note(self, chat_id: int, message_id: int) -> None:
        """Remember the newest message of a chat."""
        with self._session() as session:
            known_chat(session, chat_id).last_message_id = message_id
            session.commit()

    def is_newest(self, chat_id: int, message_id: int) -> bool:
        """Whether nothing was written in the chat after a message."""
        with self._session() as session:
            chat = session.get(TelegramChat, chat_id)
            return chat is None or chat.last_message_id in (None, message_id)

    def _session(self) -> Session:
        return Session(self._store.engine, future=True)


def known_language(spoken: str | None) -> str:
    """The language to begin with, by a language code such as ``ru`` or ``en-GB``."""
    return RUSSIAN if (spoken or "").partition("-")[0] in ("ru", "be", "kk", "uk") else "en"


def known_chat(session: Session, chat_id: int) -> TelegramChat:
    """The chat's row, a new one where there is none."""
    chat: TelegramChat | None = session.get(TelegramChat, chat_id)
    if chat is None:
        chat = TelegramChat(chat_id=chat_id, blocked=False)
        session.add(chat)
    return chat


def _leave(session: Session, chat: TelegramChat) -> None:
    """Take the chat from its customer, with all that was shown to them there and could still be pressed."""
    session.query(NoticeConsent).filter_by(channel=CHANNEL, address=str(chat.chat_id)).delete()
    session.query(TelegramButton).filter_by(chat_id=chat.chat_id).delete()
    session.query(TelegramAnswer).filter_by(chat_id=chat.chat_id).delete()
    chat.customer_id, chat.bound_at, chat.language = None, None, None


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
