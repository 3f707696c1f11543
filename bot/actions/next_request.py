"""Several requests in one message: each is put to the rules as if it had been written alone."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecuted, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from retrieval.own import tells_what_happened

REQUESTS = "requests"  # slot: those not served yet
WITH_REASON = frozenset({"return_item", "warranty_claim"})  # what is asked for with a reason
REASONS = frozenset({"complain", "ask_question"})  # what a reason alone is taken for


class ActionNextRequest(Action):
    """Takes the next request, of the message that came or of those left, and utters it in the customer's place."""

    def name(self) -> str:
        return "action_next_request"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        message = tracker.latest_message
        came = [as_message(part, message) for part in told_with_reason(message)]
        waiting = came or tracker.get_slot(REQUESTS)
        if not waiting:
            return [SlotSet(REQUESTS, None)]
        first, *rest = waiting
        channel = tracker.get_latest_input_channel()
        return [SlotSet(REQUESTS, rest or None), ActionExecuted("action_listen"), uttered(first, channel)]


def told_with_reason(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The message's parts; the whole as one where the others only say what is wrong: "it broke, so replace it".

    Before a question, what tells of something that happened is no request: "I sent it back. When do I get my money?"
    """
    parts: list[dict[str, Any]] = message.get("requests") or []
    if any("?" in part["text"] for part in parts):
        parts = [part for part in parts if "?" in part["text"] or not tells_what_happened(part["text"])]
    wished = [part for part in parts if part["intent"] in WITH_REASON]
    reasons = [part for part in parts if part["intent"] in REASONS and "?" not in part["text"]]
    text = message.get("text") or ""
    if len(parts) == 1:
        return [{**parts[0], "text": text, "start": 0, "end": len(text)}]
    if len(wished) != 1 or len(reasons) != len(parts) - 1:
        return parts
    return [{**wished[0], "text": text, "start": 0, "end": len(text)}]


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
