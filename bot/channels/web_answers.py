"""A message's way through the web channel once it has been let in: shown, answered in its turn, told as done."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.core.policies.policy import PolicyPrediction
from sanic import Sanic

from bot.channels.tabs import Tabs
from bot.channels.thread import is_known
from bot.channels.turns import Turn
from bot.channels.web_notices import WebNotices
from bot.channels.web_output import WebOutput
from bot.channels.web_session import Session, metadata_of
from bot.conversation import WEB_CHANNEL
from bot.desk.gate import handle_in_turn
from bot.desk.tracks import turn as turn_of
from nlu.errors import ModelMissing

logger = logging.getLogger(__name__)

TROUBLE = "utter_technical_trouble"


class Answers:
    """Answers the messages of a server's conversations, in each of them one after the other.

    Args:
        tabs: show the conversations.
        notices: take the taps that concern them.
    """

    def __init__(self, tabs: Tabs, notices: WebNotices) -> None:
        self._tabs, self._turns, self._notices = tabs, tabs.turns, notices
        self._locks: dict[str, asyncio.Lock] = {}

    async def begin(self, app: Sanic, session: Session, data: dict[str, Any], sid: str) -> None:
        """Tell every tab of the message, ``sid`` excepted, and that it is being answered; the answer follows."""
        turn = await self._tabs.begin(session.conversation, data["id"], data.get("title") or data["text"], but=sid)
        self._tabs.later(self._answer(app, session, turn, data))  # so that the message is acknowledged at once

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
        self._tabs.later(self._turns.stop(conversation))

    async def _answer(self, app: Sanic, session: Session, turn: Turn, data: dict[str, Any]) -> None:
        room = session.conversation
        output = self._tabs.output(turn)
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
            await self._tabs.done(room, turn.message_id, output.sent, **({} if answered else {"passed": True}))
        except Exception:
            logger.exception("A message could not be answered.")
            await self._tabs.failed(room, turn.message_id)
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
            if self._notices.is_about(message):
                await self._notices.answer(agent, message)
                return True
            with self._tabs.writing(room, turn):
                answered = await handle_in_turn(app, message)
            if answered and not output.sent:
                await _apologise(agent, output, room)
            return answered


async def _apologise(agent: Any, output: WebOutput, room: str) -> None:
    """Where an action fails, Rasa logs it and says nothing: the customer would wait for ever."""
    prediction = PolicyPrediction.for_action_name(agent.domain, TROUBLE)
    await agent.processor.execute_action(room, TROUBLE, output, agent.processor.nlg, prediction)
