"""A line to a fake Telegram: the channel's own classes, with an assistant that repeats what it is asked."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.customers.attachments import File, attach
from bot.customers.store import CustomerStore
from bot.outbox.outbox import Outbox
from bot.outbox.quiet_hours import QuietHours
from bot.telegram.api import BotApi
from bot.telegram.limits import Pace
from bot.telegram.service import Service
from bot.telegram.settings import TelegramSettings
from bot.telegram.talk import Question, Said, Services
from bot.texts import Texts
from tests.bot_api import TOKEN, BotApiServer, Message

TEXTS = Texts.load()
NEVER_QUIET = QuietHours(dt.time(0), dt.time(0))


class Time:
    """A clock that goes on only when somebody waits, and then at once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.day = dt.datetime(2026, 11, 25, 12)
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)

    def now(self) -> dt.datetime:
        return self.day


class Line:
    """The channel on a database, connected to a server.

    ``asked`` are the questions that reached the assistant; ``reply`` makes its replies.
    """

    def __init__(self, server: BotApiServer, url: str, store: CustomerStore, time: Time, lock: Path) -> None:
        self.server, self.store, self.time = server, store, time
        self.settings = TelegramSettings(TOKEN, url)
        self.asked: list[Question] = []
        self.forgotten: list[str] = []
        self.reply: Callable[[Question], list[Said]] = lambda question: [Said(f"You said: {question.text}")]
        api = BotApi(self.settings, Pace(time.clock, time.sleep), time.sleep)
        self.services = Services(api, store, TEXTS, self._ask, self._forget, self._keep, now=time.now)
        self.outbox = Outbox(store, time.now, NEVER_QUIET)
        self.service = Service(self.services, self.outbox, lock=lock, sleep=time.sleep)

    async def _ask(self, question: Question, say: Callable[[Said], None]) -> bool:
        self.asked.append(question)
        for said in self.reply(question):
            say(said)
        return True

    async def _keep(self, question: Question, file: File) -> list[str]:
        assert question.customer_id
        kept = attach(self.store, question.customer_id, file, question.text or "A file", self.time.now())
        return [f"Added to {kept.ticket}"]

    async def _forget(self, conversation: str) -> None:
        self.forgotten.append(conversation)

    async def receive(self, *updates: Any) -> None:
        """Answer updates as if they had just come."""
        for update in updates:
            await self.services.run(self.services.inbox.put, update)
        await self.service.dispatcher.feed()
        await self.service.dispatcher.idle()

    async def write(self, chat_id: int, text: str | None = None, language: str = "ru", **more: Any) -> list[str]:
        """A person writes; what the bot says to it."""
        before = len(self.server.told(chat_id))
        await self.receive(self.server.update(message=self.server.message(chat_id, text, language, **more)))
        return self.server.told(chat_id)[before:]

    async def press(self, title: str, chat_id: int = 1) -> list[str]:
        """A person presses a button of the last message that has it; what the bot says to it."""
        before = len(self.server.told(chat_id))
        await self.receive(self.server.pressing(self.with_button(title, chat_id), title))
        return self.server.told(chat_id)[before:]

    def with_button(self, title: str, chat_id: int = 1) -> Message:
        shown = [message for message in self.server.sent if message.chat_id == chat_id and title in message.titles]
        assert shown, f"no button {title} in {[m.titles for m in self.server.sent]}"
        return shown[-1]

    async def bind(self, chat_id: int = 1, customer: str = "C1") -> list[str]:
        """Bind a chat as the account page's link does."""
        return await self.write(chat_id, f"/start {self.services.chats.issue_code(customer)}")

    def rows(self, table: Any) -> list[Any]:
        """A table's rows."""
        from sqlalchemy.orm import Session

        with Session(self.store.engine, future=True) as session:
            rows = session.query(table).all()
            session.expunge_all()
            return list(rows)
