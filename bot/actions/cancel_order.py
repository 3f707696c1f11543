"""Cancel my order: while it has not been handed over for delivery (article order-cancel-change)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.actions.context import Context
from bot.actions.form import TransactionAction
from bot.actions.order_steps import OrderStep
from bot.actions.orders import order_of
from bot.actions.terms import refund_sum, refund_term
from bot.actions.transaction import Done, Reply, Step, Transaction, Values
from bot.customers.models import CANCELLABLE_STATUSES
from bot.customers.store import add_event, open_orders
from bot.outbox.notices import order_key
from bot.outbox.outbox import know


class CancelOrder(Transaction):
    """Sets the order to cancelled, and tells how the money goes back."""

    name = "cancel_order"
    yes = re.compile(r"^\W*(?:да\W+)?(?:отмен(?:ить|яй(?:те)?|и(?:те)?)|cancel\s+it|yes\W+cancel)\b", re.IGNORECASE)

    def check(self, context: Context, values: Values) -> Reply | None:
        if "order" not in values:
            return None
        order = order_of(context, values)
        if order.status in CANCELLABLE_STATUSES:
            return None
        refusals = {"cancelled": "utter_already_cancelled", "returned": "utter_already_returned"}
        if order.status == "delivered":
            again = f'/return_item{{"order_number": "{order.order_id}"}}'
            buttons = [{"title": context.say("Вернуть", "Return it"), "payload": again}]
            return Reply("utter_cancel_received", context.describe(order), buttons)
        return Reply(refusals.get(order.status, "utter_cannot_cancel"), context.describe(order))

    def steps(self, context: Context, values: Values) -> Sequence[Step]:
        opened = open_orders(context.customer)
        fitting = [order for order in opened if order.status in CANCELLABLE_STATUSES]
        nothing = Reply("utter_no_open_orders")
        if opened and not fitting:
            nothing = Reply("utter_cannot_cancel", context.describe(opened[0]))
        return [OrderStep(fitting, nothing, opened)]

    def confirm(self, context: Context, values: Values) -> Reply:
        return Reply("utter_confirm_cancel", context.describe(order_of(context, values)))

    def perform(self, context: Context, values: Values) -> Done:
        order = order_of(context, values)
        before, order.status = order.status, "cancelled"
        add_event(context.session, order, "cancelled", context.now)
        know(context.session, str(order.customer_id), order_key(str(order.order_id), "cancelled"), context.now)
        reply = Reply("utter_cancelled", context.describe(order))
        if order.paid:
            term = refund_term(order)
            money = {
                "sum": context.money(refund_sum(order), order),
                "where": context.say(term.where_ru, term.where_en),
                "term": context.say(term.ru, term.en),
            }
            reply = Reply("utter_cancelled_refund", {**context.describe(order), **money})
        return Done(reply, order.order_id, details={"from": before, "to": "cancelled"})


class ActionCancelOrder(TransactionAction):
    transaction = CancelOrder()
