"""Where is my money: when it comes back by the way it was paid (article refund-timing), or a search for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bot.actions.audit import file_ticket, ticket_of
from bot.actions.context import Context
from bot.actions.form import TransactionAction
from bot.actions.order_steps import OrderStep
from bot.actions.orders import order_of
from bot.actions.terms import refund_due, refund_sum, refund_term
from bot.actions.transaction import Done, Reply, Step, Transaction, Values
from bot.customers.models import Order

RECENT = dt.timedelta(days=30)  # after its last day a refund that nobody asks for is not offered any more


class RefundStatus(Transaction):
    """Tells the last day of a refund; if that has passed, asks a person for the bank's transaction number."""

    name = "refund_status"

    def check(self, context: Context, values: Values) -> Reply | None:
        if "order" not in values:
            return None
        order = order_of(context, values)
        if ticket := self._ticket(context, order):
            return Reply("utter_request_open", {"order_id": order.order_id, "ticket": ticket})
        if order.status not in ("cancelled", "returned"):
            return Reply("utter_refund_not_due", context.describe(order))
        due = refund_due(order)
        if due is None:
            return Reply("utter_refund_unpaid", context.describe(order))
        return Reply("utter_refund_pending", self._told(context, order)) if due >= context.today else None

    def _ticket(self, context: Context, order: Order) -> str | None:
        earlier = (ticket_of(context, name, order.order_id) for name in ("return_item", self.name))
        return next((ticket for ticket in earlier if ticket), None)

    def _told(self, context: Context, order: Order) -> dict[str, object]:
        term = refund_term(order)
        return {
            **context.describe(order),
            "sum": context.money(refund_sum(order), order),
            "where": context.say(term.where_ru, term.where_en),
            "term": context.say(term.ru, term.en),
            "until": context.day(refund_due(order) or context.today),
        }

    def steps(self, context: Context, values: Values) -> Sequence[Step]:
        orders = context.customer.orders
        fitting = [order for order in orders if (refund_due(order) or dt.date.min) >= context.today - RECENT]
        return [OrderStep(fitting, Reply("utter_refund_none"))]

    def confirm(self, context: Context, values: Values) -> Reply:
        return Reply("utter_confirm_refund_search", self._told(context, order_of(context, values)))

    def perform(self, context: Context, values: Values) -> Done:
        order = order_of(context, values)
        subject = context.say(
            "Деньги за заказ не пришли, нужен номер операции", "Refund overdue, transaction number wanted"
        )
        total = context.money(refund_sum(order), order)
        ticket = file_ticket(context, "payment", f"{subject}: {total}", order.order_id)
        reply = Reply("utter_refund_search_filed", {"ticket": ticket, "order_id": order.order_id})
        return Done(reply, order.order_id, ticket, {"sum": total})


class ActionRefundStatus(TransactionAction):
    transaction = RefundStatus()
