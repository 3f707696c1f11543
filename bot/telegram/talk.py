"""The answer to one update: fixed texts, and the assistant's replies as they come."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from telegram.constants import ChatAction

from bot.customers.attachments import File
from bot.customers.store import CustomerStore
from bot.desk.handovers import Handovers
from bot.desk.letters import Letters
from bot.telegram.answers import Answers
from bot.telegram.api import BotApi, Key
from bot.telegram.buttons import OURS, Button, Buttons
from bot.telegram.chats import Chats, Who
from bot.telegram.inbox import Inbox
from bot.telegram.speech import Speaker
from bot.telegram.voice import Transcriber
from bot.telegram.wording import as_html, parts
from bot.texts import Texts

logger = logging.getLogger(__name__)

T = TypeVar("T")
TYPING_AFTER, TYPING_EVERY = 0.4, 4.0  # seconds; Telegram shows it for five
THUMBS = (Button("👍", f"{OURS}rate:1"), Button("👎", f"{OURS}rate:-1"))


@dataclass(frozen=True)
class Question:
    """A message for the assistant, with who asks.

    ``conversation`` is the tracker's sender id: a customer's is the same in all channels. ``chat_id`` is where an
    answer that comes later goes. ``title`` is what people read in the text's place, of a button for instance.
    """

    text: str
    conversation: str
    message_id: str
    chat_id: int
    customer_id: str | None = None
    group: bool = False
    title: str = ""


@dataclass(frozen=True)
class Said:
    """A reply of the assistant's: text, buttons, and its trace where it was written from evidence."""

    text: str
    buttons: Sequence[Button] = ()
    trace: dict[str, Any] = field(default_factory=dict)


Ask = Callable[[Question, Callable[[Said], None]], Awaitable[bool]]
Keep = Callable[[Question, File], Awaitable[list[str]]]


async def forget_nothing(conversation: str) -> None:
    """For assistants that keep no conversation."""


async def keep_nothing(question: Question, file: File) -> list[str]:
    """For assistants that take no files."""
    return []


@dataclass
class Services:
    """What answering takes; one for the whole channel.

    Args:
        ask: hands a question to the assistant, which says its replies one by one; False where a person has the
            conversation and will answer.
        keep: puts a file of a customer's into their conversation and their request; the question is what was written
            with it. What is said to that, nothing where a person has the conversation.
        forget: erases a conversation from the assistant's memory.
        transcriber: hears voice messages; None: nobody does.
        speaker: speaks replies to them; None: they are only written.
    """

    api: BotApi
    store: CustomerStore
    texts: Texts
    ask: Ask
    forget: Callable[[str], Awaitable[None]] = forget_nothing
    keep: Keep = keep_nothing
    transcriber: Transcriber | None = None
    speaker: Speaker | None = None
    now: Callable[[], dt.datetime] = dt.datetime.now
    typing_after: float = TYPING_AFTER

    def __post_init__(self) -> None:
        self.inbox = Inbox(self.store, self.now)
        self.chats = Chats(self.store, self.now)
        self.buttons = Buttons(self.store, self.now)
        self.answers = Answers(self.store, self.now)
        self.handovers = Handovers(self.store, self.now)
        self.letters = Letters(self.store, self.now)
        # One thread: SQLite lets one write at a time, and nobody else shall wait for it in the server's loop.
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="telegram-database")

    async def run(self, work: Callable[..., T], *arguments: Any) -> T:
        """Do something with the database without holding up the loop."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, work, *arguments)


@dataclass(frozen=True)
class Place:
    """Where and to what an answer goes."""

    update_id: int
    chat_id: int
    message_id: int | None = None
    asker: int | None = None  # the person's id, which tells a group's members apart
    spoken: str | None = None  # the language that their Telegram is in
    group: bool = False
    quote: bool = False  # show which message is answered


class Talk:
    """What is said in answer to one update.

    Args:
        services: the channel's.
        place: where.
        who: whose chat it is; a group is nobody's.
    """

    def __init__(self, services: Services, place: Place, who: Who) -> None:
        self.services, self.place, self.who = services, place, who
        self._said = False

    @property
    def conversation(self) -> str:
        """The tracker's sender id. No other channel's ids begin like a stranger's here."""
        if self.place.group:
            return f"telegram:{self.place.chat_id}:{self.place.asker}"
        if self.who.customer_id:
            return f"customer:{self.who.customer_id}"
        return f"telegram:{self.place.chat_id}"

    async def refresh(self) -> None:
        """Look again whose chat it is, after it changed hands."""
        self.who = await self.services.run(self.services.chats.who, self.place.chat_id, self.place.spoken)

    def text(self, name: str, **values: Any) -> Said:
        """A fixed text for this person."""
        text = self.services.texts.say(name, self.who.language, self.who.form, self.who.name, **values)
        return Said(text.text, [Button(*button) for button in text.buttons])

    async def say(self, name: str, **values: Any) -> None:
        """Send a fixed text."""
        await self.send(self.text(name, **values))

    def question(self, text: str, title: str = "") -> Question:
        """What is asked, with its id: the same at every attempt, so that feedback finds the question in the tracker."""
        place = self.place
        customer = None if place.group else self.who.customer_id
        question_id = f"telegram:{place.update_id}"
        return Question(text, self.conversation, question_id, place.chat_id, customer, place.group, title)

    async def ask(self, text: str, title: str = "") -> list[Said]:
        """Put a message to the assistant, and send what it says while it goes on; what was sent."""
        question = self.question(text, title)
        waiting: asyncio.Queue[Said | None] = asyncio.Queue()
        sending = asyncio.create_task(self._send_all(waiting, question.message_id))
        try:
            async with self.showing(ChatAction.TYPING):
                await self._answered(question, waiting.put_nowait)
        finally:
            waiting.put_nowait(None)
            sent = await sending
        return sent

    async def _answered(self, question: Question, say: Callable[[Said], None]) -> None:
        said: list[Said] = []

        def hear(reply: Said) -> None:
            said.append(reply)
            say(reply)

        answered = True
        try:
            answered = await self.services.ask(question, hear)
        except Exception as error:
            logger.error("A question could not be answered: %s", without_words(error))
            said.clear()
        if answered and not said:
            say(self.text("utter_technical_trouble"))

    async def _send_all(self, waiting: asyncio.Queue[Said | None], question_id: str) -> list[Said]:
        sent = []
        while (said := await waiting.get()) is not None:
            if await self.services.run(self.services.handovers.is_taken, self.conversation):
                continue  # a person was quicker
            message_id = await self.send(said)
            sent.append(said)
            if message_id is not None and said.trace.get("grounded"):
                answers = self.services.answers
                await self.services.run(answers.sent, self.place.chat_id, message_id, self.conversation, question_id)
        return sent

    async def send(self, said: Said) -> int | None:
        """Send a reply, in parts where it is too long; the last part's id."""
        services, place = self.services, self.place
        rows = [[button] for button in said.buttons]
        if said.trace.get("grounded") and not place.group:
            rows.append(list(THUMBS))
        keys: list[list[Key]] = await services.run(services.buttons.keep, place.chat_id, rows) if rows else []
        message_id = None
        texts = parts(said.text)
        for number, text in enumerate(texts, 1):
            shown = as_html(text, said.trace.get("citations") or ())
            quoted = place.message_id if (place.quote or place.group) and not self._said else None
            message_id = await services.api.send(place.chat_id, shown, keys if number == len(texts) else (), quoted)
            await self._note()
        return message_id

    async def _note(self) -> None:
        """From the first word on the update counts as answered: nothing is said twice after a crash."""
        if not self._said:
            self._said = True
            await self.services.run(self.services.inbox.answered, self.place.update_id)

    @contextlib.asynccontextmanager
    async def showing(self, action: ChatAction) -> AsyncIterator[None]:
        """Show what we are at while the block lasts, if it lasts."""

        async def show() -> None:
            await asyncio.sleep(self.services.typing_after)
            while True:
                await self.services.api.show(self.place.chat_id, action)
                await asyncio.sleep(TYPING_EVERY)

        task = asyncio.create_task(show())
        try:
            yield
        finally:
            task.cancel()


def without_words(error: BaseException) -> str:
    """An error for the log: its kind and where it arose. Its text may quote what a person wrote."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return type(error).__name__ + "".join(f" at {frame.filename}, line {frame.lineno}" for frame in last)
