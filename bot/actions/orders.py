"""Finding orders and items again from what a transaction knows of them."""

from __future__ import annotations

from bot.actions.context import Context
from bot.actions.transaction import Refused, Reply, Values
from bot.customers.models import Order, OrderItem
from bot.customers.store import find_order


def order_of(context: Context, values: Values) -> Order:
    """The order that was chosen.

    Raises:
        Refused: it is gone since.
    """
    order = find_order(context.customer, values["order"])
    if order is None:
        raise Refused(Reply("utter_order_not_found", {"order_id": values["order"]}))
    return order


def item_of(context: Context, values: Values) -> OrderItem:
    """The item that was chosen of the order; of an order with a single one, that."""
    items: list[OrderItem] = order_of(context, values).items
    return next((item for item in items if item.product_id == values.get("item")), items[0])


def describe_item(context: Context, values: Values) -> dict[str, str]:
    """Order and item as values for a response."""
    return {"order_id": values["order"], "items": item_of(context, values).product.name(context.language)}


def received(context: Context) -> list[Order]:
    """The customer's orders that were delivered and kept, newest first."""
    return [order for order in context.customer.orders if order.status == "delivered"]
