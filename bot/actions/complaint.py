"""A complaint becomes a ticket for a person."""

from __future__ import annotations

from collections.abc import Sequence

from bot.actions.audit import file_ticket
from bot.actions.context import Context
from bot.actions.form import TransactionAction
from bot.actions.steps import TextStep
from bot.actions.transaction import Done, Reply, Said, Step, Transaction, Values

TELLING_WORDS = 4  # a first message of fewer says that, but not what, is wrong


class Complain(Transaction):
    """Files the customer's own words; needs no yes, since it changes nothing."""

    name = "complain"
    anonymous = "utter_complaint_anonymous"

    def steps(self, context: Context, values: Values) -> Sequence[Step]:
        return [_MentionedOrder(), TextStep("complaint", Reply("utter_ask_complaint"), 2, _complaint_in)]

    def perform(self, context: Context, values: Values) -> Done:
        order_id = values["order"] or None
        topic = "delivery" if order_id else "product"
        ticket = file_ticket(context, topic, values["complaint"], order_id)
        return Done(Reply("utter_complaint_filed", {"ticket": ticket}), order_id, ticket)


class _MentionedOrder(Step):
    """The customer's order that the first message names, if it does; never asked."""

    name = "order"

    def ask(self, context: Context, values: Values) -> Reply:
        return Reply("utter_choose_order")

    def find(self, said: Said, context: Context, values: Values) -> str:
        order = context.named_order()
        return str(order.order_id) if order else ""


def _complaint_in(said: Said) -> str | None:
    return said.text if said.words >= TELLING_WORDS and not said.text.startswith("/") else None


class ActionComplain(TransactionAction):
    transaction = Complain()
