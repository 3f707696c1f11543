"""What buttons mean: Telegram carries 64 bytes a button, so it gets a key and the meaning stays here."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.customers.models import TelegramButton
from bot.customers.store import CustomerStore
from bot.telegram.api import Key
from bot.telegram.chats import known_chat

REMEMBERED = dt.timedelta(days=30)
KEY_BYTES = 12  # 16 characters
OURS = "channel:"  # payloads that the channel itself serves; typed, they are words like any others


@dataclass(frozen=True)
class Button:
    """A button as it is meant: what is shown and what pressing it says."""

    title: str
    payload: str


class Buttons:
    """The table of buttons.

    Args:
        store: the database.
        now: the time.
    """

    def __init__(self, store: CustomerStore, now: Callable[[], dt.datetime] = dt.datetime.now) -> None:
        self._store, self._now = store, now

    def keep(self, chat_id: int, rows: Sequence[Sequence[Button]]) -> list[list[Key]]:
        """Remember a message's buttons; the keys to show."""
        group, now = secrets.token_urlsafe(KEY_BYTES), self._now()
        keys = [[Key(button.title, secrets.token_urlsafe(KEY_BYTES)) for button in row] for row in rows]
        with Session(self._store.engine, future=True) as session:
            known_chat(session, chat_id)
            session.flush()
            for shown, meant in zip(keys, rows):
                for key, button in zip(shown, meant):
                    values = {"title": button.title, "payload": button.payload, "created_at": now}
                    session.add(TelegramButton(key=key.data, group=group, chat_id=chat_id, **values))
            session.commit()
        return keys

    def meaning(self, chat_id: int, key: str) -> Button | None:
        """What a button means; None if its message's buttons are used up, or it is another chat's."""
        with Session(self._store.engine, future=True) as session:
            row = session.get(TelegramButton, key)
            return Button(str(row.title), str(row.payload)) if row is not None and row.chat_id == chat_id else None

    def use_up(self, key: str) -> None:
        """None of the buttons beside this one means anything any more."""
        with Session(self._store.engine, future=True) as session:
            if row := session.get(TelegramButton, key):
                session.query(TelegramButton).filter_by(group=row.group).delete()
                session.commit()

    def prune(self) -> None:
        """Forget buttons that nobody pressed for a month."""
        with Session(self._store.engine, future=True) as session:
            session.query(TelegramButton).filter(TelegramButton.created_at < self._now() - REMEMBERED).delete()
            session.commit()
