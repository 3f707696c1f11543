"""Yes: does what was asked to be confirmed."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.context import CONFIRM_CANCEL, PENDING_ORDER, SIGN_IN, Context, last_response, signed_in
from bot.customers.models import CANCELLABLE_STATUSES
from bot.customers.store import add_event, find_order


class ActionConfirm(Action):
    """Cancels the pending order if that was the last thing asked; otherwise asks what the customer would like."""

    def name(self) -> str:
        return "action_confirm"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        order_id = tracker.get_slot(PENDING_ORDER)
        if not order_id or last_response(tracker) != CONFIRM_CANCEL:
            # A yes to something said since then must not cancel anything.
            dispatcher.utter_message(response="utter_nothing_pending")
            return [SlotSet(PENDING_ORDER, None)]
        with signed_in(tracker) as context:
            if context is None:
                dispatcher.utter_message(response=SIGN_IN)
            else:
                self._cancel(dispatcher, context, order_id)
        return [SlotSet(PENDING_ORDER, None)]

    def _cancel(self, dispatcher: CollectingDispatcher, context: Context, order_id: str) -> None:
        order = find_order(context.customer, order_id)
        if order is None:
            dispatcher.utter_message(response="utter_order_not_found", order_id=order_id)
        elif order.status not in CANCELLABLE_STATUSES:
            # It may have been handed over, or cancelled elsewhere, since the question was asked.
            dispatcher.utter_message(response="utter_cannot_cancel", **context.describe(order))
        else:
            order.status = "cancelled"
            add_event(context.session, order, "cancelled", context.now)
            response = "utter_cancelled_refund" if order.paid else "utter_cancelled"
            dispatcher.utter_message(response=response, **context.describe(order))
