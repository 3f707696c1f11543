"""A stand-in for Rasa's agent behind the web channel: real lock and tracker stores, scripted replies.

It keeps what Rasa keeps: a turn is saved at its end, whole or not at all.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import yaml
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore, LockStore
from rasa.core.tracker_store import InMemoryTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.streaming import Stopped, streaming

Reply = dict[str, Any]
Script = Callable[[UserMessage], Awaitable[list[Reply]]]

DOMAIN = Path(__file__).parents[3] / "domain.yml"
FIXED = yaml.load(DOMAIN.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))["responses"]
TROUBLE, SORRY = "utter_technical_trouble", "Something is out of order."
SENTENCES = ["Delivery by courier costs 299 ₽.", "The courier comes from 9:00 to 21:00."]
PASSAGE = {"id": "delivery-courier-en#1", "title": "Courier delivery. Price", "score": 1.0, "text": SENTENCES[0]}
CITATION = {
    "number": 1,
    "id": PASSAGE["id"],
    "title": PASSAGE["title"],
    "url": "https://northernlights.example/en/help/delivery-courier",
}
GROUNDED: Reply = {
    "text": " ".join(SENTENCES).replace("₽.", "₽ [1].") + f"\n\n[1] Courier delivery: {CITATION['url']}",
    "metadata": {
        "trace": {
            "passages": [PASSAGE],
            "citations": [CITATION],
            "facts": [{"kind": "order", "text": "Order NL-1 comes by courier."}],
        }
    },
}
CHOICE: Reply = {
    "text": "Shall I cancel it?",
    "data": {"buttons": [{"title": "Yes, cancel", "payload": "/affirm"}, {"title": "No", "payload": "/deny"}]},
}


class ScriptedAgent:
    """Answers by its script; ``handled`` lists the messages that were answered to their end."""

    def __init__(self, script: Script, tracker_store: TrackerStore | None = None) -> None:
        self.script = script
        self.lock_store: LockStore = InMemoryLockStore()
        self.tracker_store = tracker_store or InMemoryTrackerStore(Domain.empty())
        self.processor = self
        self.nlg = None
        self.domain = Domain.from_dict({"responses": {**FIXED, TROUBLE: [{"text": SORRY}]}})
        self.handled: list[UserMessage] = []
        self.understood_in: set[int] = set()  # threads
        self.ready = True

    def is_ready(self) -> bool:
        return self.ready

    async def parse_message(self, message: UserMessage) -> dict[str, Any]:
        self.understood_in.add(threading.get_ident())
        return {}

    async def log_message(self, message: UserMessage) -> None:
        tracker = await self.tracker_store.get_or_create_tracker(message.sender_id)
        tracker.update(_asked(message))
        await self.tracker_store.save(tracker)

    async def handle_message(self, message: UserMessage) -> None:
        tracker = await self.tracker_store.get_or_create_tracker(message.sender_id)
        tracker.update(_asked(message))
        for reply in await self.script(message):
            said = BotUttered(reply["text"], reply.get("data"), reply.get("metadata"))
            tracker.update(said)
            await message.output_channel.send_response(message.sender_id, said.message())
        await self.tracker_store.save(tracker)
        self.handled.append(message)

    async def fetch_tracker_and_update_session(self, sender_id: str, output: Any) -> DialogueStateTracker:
        tracker: DialogueStateTracker = await self.tracker_store.get_or_create_tracker(sender_id)
        tracker.model_id, tracker.assistant_id = "a model", "lichno"  # which Rasa adds to what an event tells of itself
        return tracker

    async def execute_action(self, sender_id: str, action_name: str, output: Any, nlg: Any, prediction: Any) -> None:
        """Utters a response of the domain, as Rasa's processor does."""
        tracker = await self.tracker_store.get_or_create_tracker(sender_id)
        said = BotUttered(self.domain.responses[action_name][0]["text"])
        tracker.update(said)
        await output.send_response(sender_id, said.message())
        await self.tracker_store.save(tracker)


def _asked(message: UserMessage) -> UserUttered:
    return UserUttered(
        message.text,
        message_id=message.message_id,
        metadata=message.metadata,
        input_channel=message.input_channel,
    )


async def spoken(conversation: str, sentences: list[str], pause: float = 0.0) -> list[Reply]:
    """Say sentences from another thread, as an answer is written; what was stopped is the reply as far as it came."""
    said: list[str] = []
    for sentence in sentences:
        try:
            await asyncio.to_thread(streaming.say, conversation, sentence)
        except Stopped:
            return [{"text": " ".join(said)}]
        said.append(sentence)
        await asyncio.sleep(pause)
    return [GROUNDED]


def new_id() -> str:
    """As the widget makes them."""
    return str(uuid.uuid4())
