"""Which message in a chat is which answer, so that thumbs and reactions become feedback on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy.orm import Session

from bot.customers.feedback import rate
from bot.customers.models import TelegramAnswer
from bot.customers.store import CustomerStore
from bot.telegram.chats import Who

REMEMBERED = dt.timedelta(days=30)


class Answers:
    """The table of answers sent.

    Args:
        store: the database.
        now: the time.
    """

    def __init__(self, store: CustomerStore, now: Callable[[], dt.datetime] = dt.datetime.now) -> None:
        self._store, self._now = store, now

    def sent(self, chat_id: int, message_id: int, conversation: str, question_id: str) -> None:
        """Remember that a message is the answer to a question of a conversation."""
        place = {"chat_id": chat_id, "message_id": message_id}
        told = {"conversation": conversation, "question_id": question_id}
        with Session(self._store.engine, future=True) as session:
            session.merge(TelegramAnswer(**place, **told, sent_at=self._now()))
            session.commit()

    def rate(self, who: Who, message_id: int, value: int) -> bool:
        """Keep an opinion (1, -1, or 0 for none) on the answer in a message; False where it is no answer."""
        with Session(self._store.engine, future=True) as session:
            answer = session.get(TelegramAnswer, (who.chat_id, message_id))
            if answer is None:
                return False
            conversation, question_id = str(answer.conversation), str(answer.question_id)
        rate(self._store, conversation, who.customer_id, question_id, value, "", self._now())
        return True

    def prune(self) -> None:
        """Forget answers sent more than a month ago."""
        with Session(self._store.engine, future=True) as session:
            session.query(TelegramAnswer).filter(TelegramAnswer.sent_at < self._now() - REMEMBERED).delete()
            session.commit()
