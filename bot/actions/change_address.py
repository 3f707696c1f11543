"""Deliver it elsewhere: checks that it is still possible, then lets the form ask for the address."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.choosing import choose_open_order
from bot.actions.context import PENDING_ORDER, SIGN_IN, signed_in

FORM = "change_address_form"
NEW_ADDRESS = "new_address"
UNPACKED = ("placed",)  # statuses in which the address can still be changed in the chat


class ActionChangeAddress(Action):
    """Starts the form for the one order that is not packed yet."""

    def name(self) -> str:
        return "action_change_address"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        with signed_in(tracker) as context:
            if context is None:
                dispatcher.utter_message(response=SIGN_IN)
                return []
            order = choose_open_order(dispatcher, context, UNPACKED, "utter_address_too_late", "change_address")
            if order is None:
                return []
            return [SlotSet(PENDING_ORDER, order.order_id), SlotSet(NEW_ADDRESS, None), FollowupAction(FORM)]
