"""Several requests in one message: each is put to the rules as if it had been written alone."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecuted, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

REQUESTS = "requests"  # slot: those not served yet


class ActionNextRequest(Action):
    """Takes the next request, of the message that came or of those left, and utters it in the customer's place."""

    def name(self) -> str:
        return "action_next_request"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        message = tracker.latest_message
        came = [as_message(part, message) for part in message.get("requests") or []]
        waiting = came or tracker.get_slot(REQUESTS)
        if not waiting:
            return [SlotSet(REQUESTS, None)]
        first, *rest = waiting
        channel = tracker.get_latest_input_channel()
        return [SlotSet(REQUESTS, rest or None), ActionExecuted("action_listen"), uttered(first, channel)]


def as_message(part: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    """A part of the message as a parsed message of its own, from the same sender in the same language."""
    return {
        "text": part["text"],
        "intent": {"name": part["intent"], "confidence": part["confidence"]},
        "intent_ranking": [],
        "entities": [
            {**entity, "start": entity["start"] - part["start"], "end": entity["end"] - part["start"]}
            for entity in message.get("entities") or []
            if part["start"] <= entity.get("start", -1) and entity.get("end", -1) <= part["end"]
        ],
        "language": message.get("language"),
        "metadata": message.get("metadata") or {},
    }


def uttered(message: dict[str, Any], channel: str | None) -> EventType:
    """The event of a customer's message, which keeps the metadata that proves who they are."""
    return {
        "event": "user",
        "timestamp": None,
        "text": message["text"],
        "parse_data": message,
        "input_channel": channel,
        "metadata": message["metadata"],
    }
