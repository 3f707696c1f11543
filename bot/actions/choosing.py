"""Which open order is meant: shared by the actions that change one."""

from __future__ import annotations

from collections.abc import Container

from rasa_sdk.executor import CollectingDispatcher

from bot.actions.context import Context, order_buttons
from bot.customers.models import Order
from bot.customers.store import open_orders


def choose_open_order(
    dispatcher: CollectingDispatcher, context: Context, statuses: Container[str], too_late: str, intent: str
) -> Order | None:
    """The named order, or the only one that can still be changed; otherwise None, with the reason told.

    Args:
        dispatcher: hears why none was chosen, or is asked to show buttons for several.
        context: whose orders.
        statuses: in which an order can still be changed.
        too_late: the response where no order is in one of them.
        intent: what a button repeats for its order.
    """
    named = context.named_order()
    if context.order_number and named is None:
        dispatcher.utter_message(response="utter_order_not_found", order_id=context.order_number)
        return None
    candidates = [named] if named else open_orders(context.customer)
    possible = [order for order in candidates if order.status in statuses]
    if len(possible) == 1:
        return possible[0]
    if not candidates:
        dispatcher.utter_message(response="utter_no_open_orders")
    elif not possible:
        dispatcher.utter_message(response=too_late, **context.describe(candidates[0]))
    else:
        buttons = order_buttons(possible, context.language, intent)
        dispatcher.utter_message(response="utter_choose_order", buttons=buttons)
    return None
