from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.next_request import REQUESTS, ActionNextRequest, told_with_reason
from bot.conversation import from_sdk

TEXT = "отмените NL-204117 и где посылка NL-204518"
PARTS = [
    {"text": "отмените NL-204117", "start": 0, "end": 18, "intent": "cancel_order", "confidence": 0.9},
    {"text": "где посылка NL-204518", "start": 21, "end": 42, "intent": "order_status", "confidence": 0.8},
]
ENTITIES = [
    {"entity": "order_number", "start": 9, "end": 18, "value": "NL-204117"},
    {"entity": "order_number", "start": 33, "end": 42, "value": "NL-204518"},
]
MESSAGE = {
    "text": TEXT,
    "intent": {"name": "several_requests", "confidence": 0.8},
    "entities": ENTITIES,
    "requests": PARTS,
    "language": {"language": "ru", "confidence": 1.0, "source": "script"},
    "metadata": {"customer_id": "C001"},
}


def tracker(message: dict[str, Any], waiting: list[dict[str, Any]] | None = None) -> Tracker:
    slots = {REQUESTS: waiting}
    return Tracker("customer:C001", slots, message, [], False, None, {}, "action_listen")


async def run(message: dict[str, Any], waiting: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    asked = tracker(message, waiting)
    asked.events = [{"event": "user", "text": TEXT, "input_channel": "lichno_rest"}]
    events: list[dict[str, Any]] = await ActionNextRequest().run(CollectingDispatcher(), asked, {})
    return events


async def test_the_first_part_is_uttered_and_the_others_wait() -> None:
    slot, listen, user = await run(MESSAGE)
    assert [part["text"] for part in slot["value"]] == [PARTS[1]["text"]]
    assert (listen["event"], listen["name"]) == ("action", "action_listen")
    assert user["text"] == "отмените NL-204117"
    assert user["parse_data"]["intent"] == {"name": "cancel_order", "confidence": 0.9}


async def test_a_part_has_the_entities_within_it_at_its_own_offsets() -> None:
    slot, _, user = await run(MESSAGE)
    for message in (user["parse_data"], slot["value"][0]):
        (entity,) = message["entities"]
        assert message["text"][entity["start"] : entity["end"]] == entity["value"]


async def test_a_part_comes_from_whom_the_message_came() -> None:
    slot, _, user = await run(MESSAGE)
    assert user["input_channel"] == "lichno_rest"
    asked = tracker(user["parse_data"])
    asked.events = [user]
    assert from_sdk(asked).customer_id == "C001"
    assert slot["value"][0]["metadata"] == {"customer_id": "C001"}


async def test_waiting_parts_follow_until_none_is_left() -> None:
    slot, _, user = await run(MESSAGE)
    last, _, second = await run(user["parse_data"], slot["value"])
    assert second["text"] == PARTS[1]["text"]
    assert last["value"] is None


@pytest.mark.parametrize("waiting", [None, []])
async def test_with_nothing_waiting_nothing_is_uttered(waiting: list[dict[str, Any]] | None) -> None:
    (slot,) = await run({"text": "привет", "intent": {"name": "greet"}}, waiting)
    assert (slot["event"], slot["value"]) == ("slot", None)


@pytest.mark.parametrize(
    ("reason", "wish", "one"),
    [
        ("complain", "return_item", True),
        ("ask_question", "warranty_claim", True),
        ("order_status", "return_item", False),
        ("complain", "order_status", False),
    ],
)
async def test_what_only_says_why_is_no_request_of_its_own(reason: str, wish: str, one: bool) -> None:
    text = "it hums all day, please take it back"
    parts = [
        {"text": text[:15], "start": 0, "end": 15, "intent": reason, "confidence": 0.8},
        {"text": text[17:], "start": 17, "end": len(text), "intent": wish, "confidence": 0.9},
    ]
    assert len(told_with_reason({**MESSAGE, "text": text, "requests": parts})) == (1 if one else 2)


def test_a_question_beside_a_wish_is_answered() -> None:
    parts = [
        {**PARTS[0], "intent": "return_item"},
        {**PARTS[1], "text": "does it hum always?", "intent": "ask_question"},
    ]
    assert told_with_reason({**MESSAGE, "requests": parts}) == parts


def test_what_has_happened_before_a_question_belongs_to_it() -> None:
    text = "I sent the headset back. When do I get my money?"
    sent = {"text": "I sent the headset back.", "start": 0, "end": 24, "intent": "return_item", "confidence": 0.9}
    asked = {"text": "When do I get my money?", "start": 25, "end": 48, "intent": "refund_status", "confidence": 0.9}
    (part,) = told_with_reason({"text": text, "requests": [sent, asked]})
    assert (part["intent"], part["text"]) == ("refund_status", text)
    wished = {**sent, "text": "I want to send the headset back."}
    assert told_with_reason({"text": text, "requests": [wished, asked]}) == [wished, asked]
