"""The address form is filled: files the change for a person to confirm."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.change_address import NEW_ADDRESS
from bot.actions.context import PENDING_ORDER, SIGN_IN, signed_in
from bot.customers.store import find_order, open_ticket


class ActionSaveAddress(Action):
    """Opens a ticket with the new address: a parcel is redirected only after a person has checked it."""

    def name(self) -> str:
        return "action_save_address"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        address = tracker.get_slot(NEW_ADDRESS)
        with signed_in(tracker) as context:
            order = find_order(context.customer, tracker.get_slot(PENDING_ORDER) or "") if context else None
            if context is None:
                dispatcher.utter_message(response=SIGN_IN)
            elif order is None or order.status != "placed":
                dispatcher.utter_message(response="utter_nothing_pending")
            else:
                label = "Новый адрес доставки" if context.language == "ru" else "New delivery address"
                subject = f"{label}: {address}"
                ticket = open_ticket(
                    context.session, context.customer.customer_id, "delivery", subject, context.now, order.order_id
                )
                dispatcher.utter_message(
                    response="utter_address_filed", ticket=ticket, address=address, order_id=order.order_id
                )
        return [SlotSet(PENDING_ORDER, None), SlotSet(NEW_ADDRESS, None)]
