"""A message's way through the web channel once it has been let in: shown, answered in its turn, told as done."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.core.policies.policy import PolicyPrediction
from sanic import Sanic
from socketio import AsyncServer

from bot.channels.thread import Link, Message, is_known
from bot.channels.turns import Turn, Turns
from bot.channels.web_notices import WebNotices
from bot.channels.web_output import WebOutput
from bot.channels.web_session import Session, metadata_of
from bot.conversation import WEB_CHANNEL
from bot.desk.gate import handle_in_turn
from bot.desk.tracks import turn as turn_of
from bot.streaming import streaming
from nlu.errors import ModelMissing

logger = logging.getLogger(__name__)

TROUBLE = "utter_technical_trouble"


class Answers:
    """Answers the messages of a server's conversations, in each of them one after the other.

    Args:
        sio: tells the conversations' tabs.
        turns: what is being answered.
        link: applied to articles' addresses.
        notices: take the taps that stop them.
    """

    def __init__(self, sio: AsyncServer, turns: Turns, link: Link, notices: WebNotices) -> None:
        self._sio, self._turns, self._link, self._notices = sio, turns, link, notices
        self._locks: dict[str, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, app: Sanic, session: Session, data: dict[str, Any], sid: str) -> None:
        """Tell every tab of the message, ``sid`` excepted, and that it is being answered; the answer follows."""
        room = session.conversation
        turn = self._turns.begin(room, data["id"])
        asked = {"id": data["id"], "from": "customer", "text": data.get("title") or data["text"], "time": time.time()}
        await self._sio.emit("user_uttered", asked, room=room, skip_sid=sid)
        await self._sio.emit("typing", {"to": turn.message_id}, room=room)
        self._later(self._answer(app, session, turn, data))
        self._later(self._turns.tell(room, turn))

    def is_underway(self, conversation: str, message_id: str) -> bool:
        """Whether this process is answering the message."""
        return any(turn.message_id == message_id for turn in self._turns.here(conversation))

    async def underway(self, conversation: str) -> list[Turn]:
        """What any process is answering."""
        return await self._turns.everywhere(conversation)

    async def stop(self, conversation: str) -> None:
        """No more of the reply that is being written."""
        await self._turns.stop(conversation)

    def hush(self, conversation: str) -> None:
        """Show nothing more of what is being answered."""
        for turn in self._turns.here(conversation):
            turn.hushed = True
        self._later(self._turns.stop(conversation))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """A task of its own, so that the message is acknowledged at once."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # or it may be collected on its way
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, app: Sanic, session: Session, turn: Turn, data: dict[str, Any]) -> None:
        room = session.conversation
        output = WebOutput(self._sio, turn, self._link)
        message = UserMessage(
            data["text"],
            output,
            room,
            input_channel=WEB_CHANNEL,
            message_id=turn.message_id,
            metadata=metadata_of(session, data),
        )
        try:
            async with self._locks.setdefault(room, asyncio.Lock()):
                answered = await self._handle(app, message, output, turn)
            done = {"to": turn.message_id, "replies": output.sent, **({} if answered else {"passed": True})}
            await self._sio.emit("done", done, room=room)
        except Exception:
            logger.exception("A message could not be answered.")
            await self._sio.emit("failed", {"to": turn.message_id}, room=room)
        finally:
            await self._turns.end(room, turn)
            if not self._turns.here(room):
                self._locks.pop(room, None)

    async def _handle(self, app: Sanic, message: UserMessage, output: WebOutput, turn: Turn) -> bool:
        """What Rasa's agent does with a message, unless the conversation has it already.

        Both under one lock, which with a shared lock store holds for all servers.

        Returns:
            Whether it was answered, and not passed on to a person.
        """
        agent, room = app.ctx.agent, str(message.sender_id)
        if not agent.is_ready():
            raise ModelMissing("Rasa has loaded no dialogue model yet: run `lichno train`, or wait until it has.")
        async with turn_of(agent, room):
            tracker = await agent.tracker_store.retrieve_full_tracker(room)
            if tracker and is_known((event.as_dict() for event in tracker.events), turn.message_id):
                return True
            if self._notices.is_stop(message):
                await self._notices.stop(agent, message)
                return True
            with streaming.listening(room, lambda sentence: self._say(room, turn, sentence)):
                answered = await handle_in_turn(app, message)
            if answered and not output.sent:
                await _apologise(agent, output, room)
            return answered

    def _say(self, room: str, turn: Turn, sentence: str) -> None:
        if turn.hushed:
            return
        turn.sentences.append(sentence)
        told: Message = {"to": turn.message_id, "number": len(turn.sentences), "text": sentence}
        self._later(self._sio.emit("sentence", told, room=room))
        self._later(self._turns.tell(room, turn))


async def _apologise(agent: Any, output: WebOutput, room: str) -> None:
    """Where an action fails, Rasa logs it and says nothing: the customer would wait for ever."""
    prediction = PolicyPrediction.for_action_name(agent.domain, TROUBLE)
    await agent.processor.execute_action(room, TROUBLE, output, agent.processor.nlg, prediction)
