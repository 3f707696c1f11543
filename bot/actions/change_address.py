"""Deliver it elsewhere: checks that it is still possible, then lets the form ask for the address."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.context import PENDING_ORDER, SIGN_IN, Context, order_buttons, signed_in
from bot.customers.store import open_orders

FORM = "change_address_form"
NEW_ADDRESS = "new_address"


class ActionChangeAddress(Action):
    """Starts the form for the one order that is not packed yet."""

    def name(self) -> str:
        return "action_change_address"

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
        possible = [order for order in candidates if order.status == "placed"]
        if not candidates:
            dispatcher.utter_message(response="utter_no_open_orders")
        elif not possible:
            dispatcher.utter_message(response="utter_address_too_late", **context.describe(candidates[0]))
        elif len(possible) > 1:
            buttons = order_buttons(possible, context.language, "change_address")
            dispatcher.utter_message(response="utter_choose_order", buttons=buttons)
        else:
            return [SlotSet(PENDING_ORDER, possible[0].order_id), SlotSet(NEW_ADDRESS, None), FollowupAction(FORM)]
        return []
