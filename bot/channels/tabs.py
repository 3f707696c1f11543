"""What every tab of a conversation is shown of a message and its reply, whichever channel it came by.

The web channel makes one :class:`Tabs` for its server and leaves it at the application (:func:`tabs_of`), so that
other channels find it there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any

from rasa.core.channels.channel import OutputChannel, UserMessage
from sanic import Sanic
from socketio import AsyncServer

from bot.channels.thread import TITLE, Link, Message
from bot.channels.turns import Turn, Turns
from bot.channels.web_output import WebOutput
from bot.streaming import streaming


class Tabs:
    """All tabs and devices that have conversations open.

    Args:
        sio: reaches them; a conversation is a room.
        turns: what is being answered.
        link: applied to articles' addresses.
    """

    def __init__(self, sio: AsyncServer, turns: Turns, link: Link = str) -> None:
        self._sio, self.turns, self._link = sio, turns, link
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, conversation: str, message_id: str, text: str, but: str | None = None) -> Turn:
        """Show a message, ``but`` not to the tab that sent it, and that it is being answered."""
        turn = self.turns.begin(conversation, message_id)
        asked = {"id": message_id, "from": "customer", "text": text, "time": time.time()}
        await self._sio.emit("user_uttered", asked, room=conversation, skip_sid=but)
        await self._sio.emit("typing", {"to": message_id}, room=conversation)
        self.later(self.turns.tell(conversation, turn))
        return turn

    def output(self, turn: Turn) -> WebOutput:
        """Shows the replies to a message."""
        return WebOutput(self._sio, turn, self._link)

    def writing(self, conversation: str, turn: Turn) -> AbstractContextManager[None]:
        """Show the sentences of a reply while it is written, in the block; the caller has the conversation's turn."""
        return streaming.listening(conversation, lambda sentence: self._say(conversation, turn, sentence))

    async def done(self, conversation: str, message_id: str, replies: Sequence[str], **more: Any) -> None:
        """Nothing more comes to a message; a tab that lacks one of the replies reads the history anew."""
        await self._sio.emit("done", {"to": message_id, "replies": list(replies), **more}, room=conversation)

    async def failed(self, conversation: str, message_id: str) -> None:
        """A message could not be answered."""
        await self._sio.emit("failed", {"to": message_id}, room=conversation)

    @asynccontextmanager
    async def showing(self, message: UserMessage) -> AsyncIterator[None]:
        """Show a message of another channel, and what is replied to it in the block; the caller has the turn."""
        conversation, message_id = str(message.sender_id), str(message.message_id)
        text = str((message.metadata or {}).get(TITLE) or message.text or "")
        turn = await self.begin(conversation, message_id, text)
        output = self.output(turn)
        message.output_channel = _Both(message.output_channel, output)
        try:
            with self.writing(conversation, turn):
                yield
            await self.done(conversation, message_id, output.sent)
        except Exception:
            await self.failed(conversation, message_id)
            raise
        finally:
            await self.turns.end(conversation, turn)

    async def show(self, conversation: str, messages: Sequence[Message]) -> None:
        """Show a message and the replies to it at once."""
        for message in messages:
            event = "user_uttered" if message["from"] == "customer" else "bot_uttered"
            await self._sio.emit(event, message, room=conversation)
        if messages:
            await self.done(conversation, messages[0]["id"], [message["id"] for message in messages[1:]])

    async def reread(self, conversation: str) -> None:
        """The history is another one: tabs read it anew."""
        await self.done(conversation, "", [])

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """A task of its own, which nobody waits for."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # or it may be collected on its way
        task.add_done_callback(self._tasks.discard)

    def _say(self, conversation: str, turn: Turn, sentence: str) -> None:
        if turn.hushed:
            return
        turn.sentences.append(sentence)
        told: Message = {"to": turn.message_id, "number": len(turn.sentences), "text": sentence}
        self.later(self._sio.emit("sentence", told, room=conversation))
        self.later(self.turns.tell(conversation, turn))


class _Both(OutputChannel):
    """A channel's own output, whose replies the tabs are shown as well."""

    def __init__(self, own: OutputChannel, shown: WebOutput) -> None:
        self._own, self._shown = own, shown

    def name(self) -> str:
        return str(self._own.name())

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """One after the other; Rasa's own channels take a message apart."""
        await self._own.send_response(recipient_id, {**message})
        await self._shown.send_response(recipient_id, message)


def tabs_of(app: Sanic) -> Tabs | None:
    """The tabs of a server; None where it has no web channel."""
    tabs: Tabs | None = getattr(app.ctx, "tabs", None)
    return tabs
