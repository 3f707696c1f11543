"""Deliver it elsewhere (article delivery-address-change): at once until it is packed, then by a person."""

from __future__ import annotations

from collections.abc import Sequence

from bot.actions.audit import file_ticket, ticket_of
from bot.actions.contact_steps import AddressStep
from bot.actions.context import Context
from bot.actions.form import TransactionAction
from bot.actions.order_steps import OrderStep
from bot.actions.orders import order_of
from bot.actions.transaction import Done, Reply, Step, Transaction, Values
from bot.customers.models import Order
from bot.customers.store import open_orders

HOME_METHODS = ("courier", "large_goods")


class ChangeAddress(Transaction):
    """Changes where an order goes; its value ``address`` is the new one."""

    name = "change_address"

    def check(self, context: Context, values: Values) -> Reply | None:
        if "order" not in values:
            return None
        order = order_of(context, values)
        if not _can_be_redirected(order):
            return Reply("utter_address_impossible", context.describe(order))
        if ticket := ticket_of(context, self.name, order.order_id):
            return Reply("utter_request_open", {"order_id": order.order_id, "ticket": ticket})
        if "address" in values and order.status != "placed" and not _same_city(context, order, values):
            return Reply("utter_address_other_city", {"order_id": order.order_id, "city": context.customer.city})
        return None

    def steps(self, context: Context, values: Values) -> Sequence[Step]:
        opened = open_orders(context.customer)
        fitting = [order for order in opened if _can_be_redirected(order)]
        nothing = Reply("utter_no_open_orders")
        if opened and not fitting:
            nothing = Reply("utter_address_impossible", context.describe(opened[0]))
        return [
            OrderStep(fitting, nothing, opened),
            AddressStep("address", "utter_ask_new_address", str(context.customer.city)),
        ]

    def confirm(self, context: Context, values: Values) -> Reply:
        order = order_of(context, values)
        told = {**context.describe(order), "address": values["address"]}
        if order.status != "placed":
            return Reply("utter_confirm_redirect", told)
        if order.delivery_method not in HOME_METHODS:
            return Reply("utter_confirm_new_method", told)
        note = context.say(
            " Срок и цена доставки в другой город пересчитаются.",
            " Delivery time and price are worked out anew for another city.",
        )
        return Reply("utter_confirm_address", {**told, "note": "" if _same_city(context, order, values) else note})

    def needs_code(self, context: Context, values: Values) -> bool:
        return True

    def perform(self, context: Context, values: Values) -> Done:
        order, address = order_of(context, values), values["address"]
        told = {"order_id": order.order_id, "address": address}
        details = {"from": order.delivery_address, "to": address}
        if order.status == "placed" and order.delivery_method in HOME_METHODS:
            order.delivery_address = address
            return Done(Reply("utter_address_changed", told), order.order_id, details=details)
        subject = context.say(f"Новый адрес доставки: {address}", f"New delivery address: {address}")
        ticket = file_ticket(context, "delivery", subject, order.order_id)
        return Done(Reply("utter_address_filed", {**told, "ticket": ticket}), order.order_id, ticket, details)


def _can_be_redirected(order: Order) -> bool:
    """Not an express order, and not one that is with the courier of today's round already."""
    if order.delivery_method == "express" or order.status not in ("placed", "packed", "in_transit"):
        return False
    return not (order.events and order.events[-1].event == "out_for_delivery")


def _same_city(context: Context, order: Order, values: Values) -> bool:
    cities = {str(context.customer.city).lower(), order.delivery_address.split(",")[0].strip().lower()}
    return any(city in values["address"].lower() for city in cities)


class ActionChangeAddress(TransactionAction):
    transaction = ChangeAddress()
