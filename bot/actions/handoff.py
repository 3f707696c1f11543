"""A person is wanted: files the conversation's last messages for them."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.context import signed_in
from bot.customers.store import open_ticket

SUMMARISED_MESSAGES = 4


class ActionHandoff(Action):
    """Opens a ticket with what was said last, and tells when people answer."""

    def name(self) -> str:
        return "action_handoff"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        with signed_in(tracker) as context:
            if context is None:
                dispatcher.utter_message(response="utter_handoff_anonymous", handoff=True)
            else:
                subject = " / ".join(_last_messages(tracker)) or context.conversation.intent
                customer_id = context.customer.customer_id
                ticket = open_ticket(context.session, customer_id, "account", subject, context.now)
                dispatcher.utter_message(response="utter_handoff", ticket=ticket, handoff=True)
        return []


def _last_messages(tracker: Tracker) -> list[str]:
    """What the customer wrote last, buttons left out."""
    texts = [event.get("text") or "" for event in tracker.events if event.get("event") == "user"]
    return [text for text in texts if text and not text.startswith("/")][-SUMMARISED_MESSAGES:]
