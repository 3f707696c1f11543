"""A conversation in Rasa's tracker, as the desk reads and continues it; every change under the agent's lock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from rasa.shared.core.events import ActiveLoop, ConversationResumed, Event, SlotSet

from bot.actions.form import ANSWER, TRANSACTION
from bot.actions.next_request import REQUESTS
from bot.actions.remember_fact import ASKED_CONSENT

LOCKED_SECONDS = 600.0  # a conversation's turn: replies may wait for those of others
LOOK_SECONDS = 0.1  # between looks whether it is our turn


@asynccontextmanager
async def turn(agent: Any, conversation: str) -> AsyncIterator[None]:
    """This conversation's turn: nobody else reads or writes it meanwhile."""
    async with agent.lock_store.lock(conversation, LOCKED_SECONDS, LOOK_SECONDS):
        yield


async def write(agent: Any, conversation: str, events: Sequence[Event]) -> None:
    """Add events to the conversation; the caller has its turn."""
    tracker = await agent.tracker_store.get_or_create_tracker(conversation)
    for event in events:
        tracker.update(event, agent.domain)
    await agent.tracker_store.save(tracker)


async def resume(agent: Any, conversation: str) -> None:
    """The assistant goes on where a desk that is there no more has silenced it; the caller has its turn."""
    tracker = await agent.tracker_store.retrieve(conversation)
    if tracker is not None and tracker.is_paused():
        await write(agent, conversation, anew())


async def read(agent: Any, conversation: str) -> list[dict[str, Any]]:
    """All events of the conversation, as plain values."""
    tracker = await agent.tracker_store.retrieve_full_tracker(conversation)
    return [event.as_dict() for event in tracker.events] if tracker else []


def anew() -> list[Event]:
    """The assistant goes on, with nothing underway: no form, no question, no request that waits for its turn."""
    slots = (TRANSACTION, ANSWER, REQUESTS, ASKED_CONSENT, "requested_slot")
    return [ConversationResumed(), ActiveLoop(None), *(SlotSet(slot, None) for slot in slots)]
