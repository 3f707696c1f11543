"""Cancel my order: finds which one, and asks before anything changes."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.choosing import choose_open_order
from bot.actions.context import CONFIRM_CANCEL, PENDING_ORDER, SIGN_IN, signed_in
from bot.customers.models import CANCELLABLE_STATUSES


class ActionCancelOrder(Action):
    """Asks for confirmation of the one order that can be cancelled, or which of several it is."""

    def name(self) -> str:
        return "action_cancel_order"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        with signed_in(tracker) as context:
            if context is None:
                dispatcher.utter_message(response=SIGN_IN)
                return []
            order = choose_open_order(dispatcher, context, CANCELLABLE_STATUSES, "utter_cannot_cancel", "cancel_order")
            if order is None:
                return []
            dispatcher.utter_message(response=CONFIRM_CANCEL, **context.describe(order))
            return [SlotSet(PENDING_ORDER, order.order_id)]
