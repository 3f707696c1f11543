"""A person is wanted: files for them who asks, what was said last and what was underway."""

from __future__ import annotations

import uuid

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.audit import file_ticket, record
from bot.actions.context import Context, signed_in
from bot.actions.form import TRANSACTION, BackgroundAction, Events, abandoned
from bot.actions.transaction import Done, Reply
from bot.customers.store import open_orders

SUMMARISED_MESSAGES = 4
LONGEST_MESSAGE = 300  # characters of one message in the summary


class ActionHandoff(BackgroundAction):
    """Opens a ticket with a summary, tells when people answer, and drops what was underway."""

    def name(self) -> str:
        return "action_handoff"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        with signed_in(tracker) as context:
            if context is None:
                dispatcher.utter_message(response="utter_handoff_anonymous", handoff=True)
            else:
                ticket = file_ticket(context, "account", summary(context, tracker))
                record(context, "handoff", uuid.uuid4().hex, Done(Reply("utter_handoff"), None, ticket))
                dispatcher.utter_message(response="utter_handoff", ticket=ticket, handoff=True)
        return abandoned(tracker) if tracker.get_slot(TRANSACTION) else []


def summary(context: Context, tracker: Tracker) -> str:
    """A few lines for the person who takes over, in the conversation's language."""
    underway = tracker.get_slot(TRANSACTION)
    orders = ", ".join(f"{order.order_id} ({order.status})" for order in open_orders(context.customer))
    lines = [
        (context.say("Клиент написал", "The customer wrote"), " / ".join(_last_messages(tracker))),
        (context.say("Не закончено", "Unfinished"), underway and _underway(underway)),
        (context.say("Открытые заказы", "Open orders"), orders),
    ]
    return "\n".join(f"{title}: {text}" for title, text in lines if text) or context.conversation.intent


def _underway(state: dict[str, object]) -> str:
    values = state["values"]
    assert isinstance(values, dict)
    told = ", ".join(f"{name}: {value}" for name, value in values.items() if name not in ("request_id", "code"))
    return f"{state['name']}" + (f" ({told})" if told else "")


def _last_messages(tracker: Tracker) -> list[str]:
    """What the customer wrote last, buttons left out."""
    texts = [event.get("text") or "" for event in tracker.events if event.get("event") == "user"]
    return [text[:LONGEST_MESSAGE] for text in texts if text and not text.startswith("/")][-SUMMARISED_MESSAGES:]
