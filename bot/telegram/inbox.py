"""Updates on their way: kept as soon as they come, dropped as soon as they are answered.

What Telegram has been told we have is in the database, so neither a restart nor a second delivery of
the same update loses or repeats an answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.customers.models import TelegramUpdate
from bot.customers.store import CustomerStore
from bot.telegram.chats import known_chat

REMEMBERED = dt.timedelta(days=3)  # Telegram delivers for a day at most
_HOLDERS = ("message", "edited_message", "callback_query", "message_reaction", "my_chat_member")


@dataclass(frozen=True)
class Waiting:
    """An update that is not answered yet; its chat is 0 where it shows none."""

    update_id: int
    chat_id: int
    payload: dict[str, Any]


class Inbox:
    """The table of updates.

    Args:
        store: the database.
        now: the time.
    """

    def __init__(self, store: CustomerStore, now: Callable[[], dt.datetime] = dt.datetime.now) -> None:
        self._store, self._now = store, now

    def put(self, payload: Any) -> int | None:
        """Keep an update unless it is known; its id, None where it has none."""
        update_id = payload.get("update_id") if isinstance(payload, dict) else None
        if not isinstance(update_id, int) or isinstance(update_id, bool):
            return None
        chat_id, now = chat_of(payload), self._now()
        with Session(self._store.engine, future=True) as session:
            if session.get(TelegramUpdate, update_id) is None:
                values = {"chat_id": chat_id, "received_at": now, "payload": payload, "answered": False}
                try:
                    if chat_id is not None:
                        known_chat(session, chat_id)
                        session.flush()
                    session.add(TelegramUpdate(update_id=update_id, **values))
                    session.commit()
                except IntegrityError:  # another process was told it at the same time
                    session.rollback()
        return update_id

    def waiting(self, besides: Collection[int] = ()) -> list[Waiting]:
        """Updates not answered yet, oldest first, those ``besides`` left out."""
        with Session(self._store.engine, future=True) as session:
            rows = session.query(TelegramUpdate).filter_by(answered=False).order_by(TelegramUpdate.update_id)
            return [Waiting(r.update_id, r.chat_id or 0, r.payload) for r in rows if r.update_id not in besides]

    def answered(self, update_id: int) -> None:
        """Drop an update's content and answer it never again."""
        with Session(self._store.engine, future=True) as session:
            row = session.get(TelegramUpdate, update_id)
            if row is not None:
                row.answered, row.payload = True, None
                session.commit()

    def prune(self) -> None:
        """Forget the numbers of updates too old to be delivered again."""
        with Session(self._store.engine, future=True) as session:
            old = session.query(TelegramUpdate).filter(TelegramUpdate.received_at < self._now() - REMEMBERED)
            old.filter_by(answered=True).delete()
            session.commit()


def chat_of(payload: dict[str, Any]) -> int | None:
    """The chat that an update belongs to, whatever its shape; None where it shows none."""
    for holder in _HOLDERS:
        part = payload.get(holder)
        if not isinstance(part, dict):
            continue
        message = part.get("message") if holder == "callback_query" else part
        chat = message.get("chat") if isinstance(message, dict) else part.get("from")
        found = chat.get("id") if isinstance(chat, dict) else None
        return found if isinstance(found, int) else None
    return None
