"""I want to return this: tells from the order's dates whether and until when."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.context import Context, order_buttons, signed_in
from bot.customers.models import Order
from bot.customers.wording import day


class ActionReturnItem(Action):
    """Names the last day of the return, or says that it has passed."""

    def name(self) -> str:
        return "action_return_item"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        with signed_in(tracker) as context:
            if context is None:
                dispatcher.utter_message(response="utter_return_terms")
            else:
                self._tell(dispatcher, context)
        return []

    def _tell(self, dispatcher: CollectingDispatcher, context: Context) -> None:
        named = context.named_order()
        if context.order_number and named is None:
            dispatcher.utter_message(response="utter_order_not_found", order_id=context.order_number)
            return
        delivered = [order for order in context.customer.orders if order.status == "delivered"]
        candidates = [named] if named else [order for order in delivered if not _passed(order, context)]
        if not candidates:
            dispatcher.utter_message(response="utter_nothing_to_return")
        elif len(candidates) > 1:
            buttons = order_buttons(candidates, context.language, "return_item")
            dispatcher.utter_message(response="utter_choose_order", buttons=buttons)
        else:
            self._answer(dispatcher, context, candidates[0])

    def _answer(self, dispatcher: CollectingDispatcher, context: Context, order: Order) -> None:
        deadline = order.return_deadline()
        if order.status != "delivered" or deadline is None:
            dispatcher.utter_message(response="utter_return_not_received", **context.describe(order))
            return
        response = "utter_return_expired" if _passed(order, context) else "utter_return_possible"
        until = day(deadline, context.language, context.today)
        dispatcher.utter_message(response=response, until=until, **context.describe(order))


def _passed(order: Order, context: Context) -> bool:
    deadline = order.return_deadline()
    return deadline is None or deadline < context.today
