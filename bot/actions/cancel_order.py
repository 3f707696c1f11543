"""Cancel my order: finds which one, and asks before anything changes."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.context import CONFIRM_CANCEL, PENDING_ORDER, SIGN_IN, Context, order_buttons, signed_in
from bot.customers.models import CANCELLABLE_STATUSES
from bot.customers.store import open_orders


class ActionCancelOrder(Action):
    """Asks for confirmation of the one order that can be cancelled, or which of several it is."""

    def name(self) -> str:
        return "action_cancel_order"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        with signed_in(tracker) as context:
            if context is None:
                dispatcher.utter_message(response=SIGN_IN)
                return []
            return self._choose(dispatcher, context)

    def _choose(self, dispatcher: CollectingDispatcher, context: Context) -> list[Any]:
        named = context.named_order()
        if context.order_number and named is None:
            dispatcher.utter_message(response="utter_order_not_found", order_id=context.order_number)
            return []
        candidates = [named] if named else open_orders(context.customer)
        possible = [order for order in candidates if order.status in CANCELLABLE_STATUSES]
        if not candidates:
            dispatcher.utter_message(response="utter_no_open_orders")
        elif not possible:
            dispatcher.utter_message(response="utter_cannot_cancel", **context.describe(candidates[0]))
        elif len(possible) > 1:
            buttons = order_buttons(possible, context.language, "cancel_order")
            dispatcher.utter_message(response="utter_choose_order", buttons=buttons)
        else:
            dispatcher.utter_message(response=CONFIRM_CANCEL, **context.describe(possible[0]))
            return [SlotSet(PENDING_ORDER, possible[0].order_id)]
        return []
