"""Replies on their way to the widget."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from rasa.core.channels.channel import OutputChannel
from socketio import AsyncServer

from bot.channels.thread import Link, reply_of
from bot.conversation import WEB_CHANNEL


@dataclass
class Turn:
    """A message on its way, with what could be shown of the reply so far; hushed, no more of it is shown."""

    message_id: str
    sentences: list[str] = field(default_factory=list)
    hushed: bool = False


class WebOutput(OutputChannel):
    """Sends replies to every tab and device in the conversation.

    Args:
        sio: the server.
        turn: the message that is answered; one of no message where the assistant speaks first.
        link: applied to articles' addresses.
    """

    def __init__(self, sio: AsyncServer, turn: Turn, link: Link = str) -> None:
        self._sio, self._turn, self._link = sio, turn, link
        self.sent: list[str] = []  # ids

    @classmethod
    def name(cls) -> str:
        return WEB_CHANNEL

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """A whole reply at once, with its buttons, sources and facts."""
        if self._turn.hushed:
            return
        reply = reply_of(message, self._turn.message_id, len(self.sent) + 1, time.time(), self._link)
        self.sent.append(reply["id"])
        await self._sio.emit("bot_uttered", reply, room=recipient_id)
