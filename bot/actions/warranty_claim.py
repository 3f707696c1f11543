"""Something broke that is under warranty (articles warranty-terms, repair-request): registers a repair."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.actions.audit import file_ticket, ticket_of
from bot.actions.context import Context
from bot.actions.form import TransactionAction
from bot.actions.handover import handover_steps, handover_words
from bot.actions.order_steps import ItemStep, OrderStep
from bot.actions.orders import describe_item, item_of, order_of, received
from bot.actions.return_item import ActionReturnItem, wishes_back
from bot.actions.steps import TextStep
from bot.actions.terms import under_warranty, warranty_until
from bot.actions.transaction import Done, Reply, Said, Step, Transaction, Values

_REPAIR = re.compile(r"ремонт|почин|чинит|гаранти|repair|\bfix|\bmend|warrant|guarantee", re.IGNORECASE)


class WarrantyClaim(Transaction):
    """Files the fault in the customer's words with the device that it is about."""

    name = "warranty_claim"

    def meant(self, said: Said) -> Transaction:
        """Who wants another one or the money wants a return, whose terms tell whether only a repair is left."""
        return ActionReturnItem.transaction if wishes_back(said.text) and not _REPAIR.search(said.text) else self

    def check(self, context: Context, values: Values) -> Reply | None:
        if "order" not in values:
            return None
        order = order_of(context, values)
        if order.status != "delivered" or order.delivered_at is None:
            return Reply("utter_return_not_received", context.describe(order))
        if "item" not in values:
            return None
        item = item_of(context, values)
        if ticket := ticket_of(context, self.name, order.order_id, item=item.product_id):
            return Reply("utter_request_open", {"order_id": order.order_id, "ticket": ticket})
        if not under_warranty(order, item, context.today):
            until = context.day(warranty_until(order, item) or context.today)
            return Reply("utter_warranty_over", {**describe_item(context, values), "until": until})
        return None

    def steps(self, context: Context, values: Values) -> Sequence[Step]:
        orders = received(context)
        fitting = [order for order in orders if any(under_warranty(order, item, context.today) for item in order.items)]
        steps: list[Step] = [OrderStep(fitting, Reply("utter_nothing_under_warranty"), orders)]
        if "order" not in values:
            return steps
        order = order_of(context, values)
        covered = [item for item in order.items if under_warranty(order, item, context.today)]
        steps.append(ItemStep(order, covered or order.items))
        if "item" not in values:
            return steps
        question = Reply("utter_ask_fault", describe_item(context, values))
        steps.append(TextStep("fault", question, 2, _fault_in, r"неисправност|полом|fault|problem|defect"))
        return [*steps, *handover_steps(item_of(context, values), describe_item(context, values))]

    def confirm(self, context: Context, values: Values) -> Reply:
        until = warranty_until(order_of(context, values), item_of(context, values))
        told = {
            **describe_item(context, values),
            "fault": values["fault"],
            "handover": handover_words(context, values, fee=False),
            "until": context.day(until or context.today),
        }
        return Reply("utter_confirm_repair", told)

    def perform(self, context: Context, values: Values) -> Done:
        told = describe_item(context, values)
        handover = handover_words(context, values, fee=False)
        subject = context.say("Гарантийный ремонт", "Warranty repair")
        ticket = file_ticket(
            context, "warranty", f"{subject}: {told['items']}, «{values['fault']}», {handover}", values["order"]
        )
        details = {"item": values["item"], "fault": values["fault"], "handover": values.get("handover", "courier")}
        return Done(Reply("utter_repair_filed", {**told, "ticket": ticket}), values["order"], ticket, details)


def _fault_in(said: Said) -> str | None:
    """What the message gives as the reason, if that is more than a word like "broken"."""
    reason = ", ".join(said.all("reason"))
    return reason if len(reason.split()) > 1 else None


class ActionWarrantyClaim(TransactionAction):
    transaction = WarrantyClaim()
