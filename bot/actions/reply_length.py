"""Shorter, or in more detail: how long the customer likes replies, from now on."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.context import SIGN_IN, signed_in
from bot.answer import FULL, SHORT
from bot.customers.models import Preference
from bot.customers.person import LENGTH

_MORE = re.compile(
    r"подробн|полн|длинн|разв[её]рнут|детал|больше|обстоятельн"
    r"|detail|longer|full|elaborate|thorough|more|expand|in depth",
    re.IGNORECASE,
)
_SHORTER = re.compile(
    r"короч|кратк|коротк|покороче|сжат|меньше|лаконич|без воды|одним предложением|short|brief|concise|less|fewer|terse",
    re.IGNORECASE,
)


class ActionReplyLength(Action):
    """Keeps the wish among the customer's preferences."""

    def name(self) -> str:
        return "action_reply_length"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        with signed_in(tracker) as context:
            if context is None:
                dispatcher.utter_message(response=SIGN_IN)
                return []
            length = wanted_length(context.conversation.text)
            context.session.merge(Preference(customer_id=context.customer.customer_id, key=LENGTH, value=length))
            dispatcher.utter_message(response="utter_replies_short" if length == SHORT else "utter_replies_full")
        return []


def wanted_length(message: str) -> str:
    """The length that a message asks for."""
    return FULL if _MORE.search(message) and not _SHORTER.search(message) else SHORT
