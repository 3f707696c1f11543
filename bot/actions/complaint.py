"""A complaint becomes a ticket for a person."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.context import signed_in
from bot.customers.store import open_ticket


class ActionComplain(Action):
    """Files the customer's own words; an anonymous visitor is offered a person."""

    def name(self) -> str:
        return "action_complain"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        with signed_in(tracker) as context:
            if context is None:
                dispatcher.utter_message(response="utter_complaint_anonymous")
            else:
                order = context.named_order()
                ticket = open_ticket(
                    context.session,
                    context.customer.customer_id,
                    "delivery" if order else "product",
                    context.conversation.text,
                    context.now,
                    order.order_id if order else None,
                )
                dispatcher.utter_message(response="utter_complaint_filed", ticket=ticket)
        return []
