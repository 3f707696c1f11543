"""The one way of a message into Rasa: to the assistant, or, where a person has the conversation, past it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import TypeVar

from rasa.core.channels.channel import UserMessage
from sanic import Sanic
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.identity import CUSTOMER_PREFIX
from bot.channels.tabs import tabs_of
from bot.channels.understanding import understand
from bot.desk.floor import floor_of
from bot.desk.handovers import TAKEN
from bot.desk.tracks import resume, turn
from nlu.errors import LichnoError

T = TypeVar("T")
logger = logging.getLogger(__name__)


def through_gate(app: Sanic) -> Callable[[UserMessage], Awaitable[bool]]:
    """What channels besides the web's call with each message; whether the assistant has answered.

    A customer's message and its replies appear in their open tabs as well.
    """

    async def handle(message: UserMessage) -> bool:
        agent, floor, tabs, conversation = app.ctx.agent, floor_of(app), tabs_of(app), str(message.sender_id)
        if (floor is None and tabs is None) or not agent.is_ready():
            await agent.handle_message(message)
            return True
        async with turn(agent, conversation):
            if floor is not None:
                await _unless_in_trouble(floor.deliver(message))
            # A visitor's conversation is one browser's or one chat's: nobody else sees it.
            seen = tabs.showing(message) if tabs and conversation.startswith(CUSTOMER_PREFIX) else nullcontext()
            async with seen:
                return await handle_in_turn(app, message)

    return handle


async def handle_in_turn(app: Sanic, message: UserMessage) -> bool:
    """Answer a message, or keep it for the person who has the conversation; the caller has its turn.

    Kept without a prediction, a message can do nothing: not even ``/restart`` wakes the assistant.

    Returns:
        Whether the assistant has answered; False too if a person took over meanwhile.
    """
    processor, floor, conversation = app.ctx.agent.processor, floor_of(app), str(message.sender_id)
    await understand(app.ctx.agent, message)
    if floor is None:
        await resume(app.ctx.agent, conversation)  # nobody is left to hand it back
        await processor.handle_message(message)
        return True
    before = await _unless_in_trouble(floor.of(conversation))
    if before is not None and before.state == TAKEN:
        await processor.log_message(message)
    else:
        await processor.handle_message(message)
    after = await _unless_in_trouble(floor.of(conversation))
    await _unless_in_trouble(floor.heard(app.ctx.agent, message, before))
    return not any(seen is not None and seen.state == TAKEN for seen in (before, after))


async def _unless_in_trouble(work: Awaitable[T]) -> T | None:
    """Customers are answered though the desk's tables are not to be had; Rasa's own pause then holds the assistant."""
    try:
        return await work
    except (SQLAlchemyError, LichnoError) as error:
        logger.error("The desk's tables did not answer: %s", type(error).__name__)
        return None
