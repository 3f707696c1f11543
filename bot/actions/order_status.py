"""Where is my order?"""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.context import SIGN_IN, Context, signed_in
from bot.actions.form import BackgroundAction, Events, said_in
from bot.actions.meant import meant_by_words
from bot.actions.refund_status import RefundStatus
from bot.actions.transaction import Reply
from bot.customers.models import Order
from bot.customers.order_facts import last_seen
from bot.customers.store import open_orders
from bot.customers.wording import DELIVERY_METHODS, STATUSES, day

REFUND = RefundStatus()


class ActionOrderStatus(BackgroundAction):
    """Tells the state of the named order, or of all open ones; of a closed one where its money is."""

    def name(self) -> str:
        return "action_order_status"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        if deed := meant_by_words(said_in(tracker).text):
            return deed.act(dispatcher, tracker)
        with signed_in(tracker) as context:
            if context is None:
                dispatcher.utter_message(response=SIGN_IN)
            elif context.order_number and context.named_order() is None:
                dispatcher.utter_message(response="utter_order_not_found", order_id=context.order_number)
            else:
                named = context.named_order()
                self._tell(dispatcher, context, [named] if named else open_orders(context.customer))
                if money := _money(named, context):
                    money.utter(dispatcher)
        return []

    def _tell(self, dispatcher: CollectingDispatcher, context: Context, orders: list[Order]) -> None:
        if not orders:
            dispatcher.utter_message(response="utter_no_open_orders")
            return
        texts = [status_line(order, context) for order in orders]
        response = "utter_order_status" if len(texts) == 1 else "utter_order_statuses"
        listed = texts[0] if len(texts) == 1 else "\n".join(f"• {text}" for text in texts)
        facts = [{"kind": "order", "text": text} for text in texts]
        dispatcher.utter_message(response=response, orders=listed, used_facts=facts)


def _money(order: Order | None, context: Context) -> Reply | None:
    """Where the money of a closed order is, as long as that is of interest."""
    closed = order is not None and order.status in ("cancelled", "returned")
    return REFUND.check(context, {"order": order.order_id}) if order is not None and closed else None


def status_line(order: Order, context: Context) -> str:
    """One order's state in one sentence, without a capital or a stop."""
    language = context.language
    values = context.describe(order)
    state = STATUSES[language][order.status]
    method = DELIVERY_METHODS[language][order.delivery_method]
    if order.status == "delivered" and order.delivered_at:
        when = f" {'' if language == 'ru' else 'on '}{day(order.delivered_at, language, context.today)}"
    elif order.is_open and order.expected_at:
        when = _expected(order, context) + last_seen(order, language, context.today)
    else:
        when = ""
    number = "заказ" if language == "ru" else "order"
    return (
        f"{number} {values['order_id']} ({values['items']}) {state}, {method}{when}"
        if order.is_open
        else (f"{number} {values['order_id']} ({values['items']}) {state}{when}")
    )


def _expected(order: Order, context: Context) -> str:
    """When it should come, told honestly when that day has passed."""
    date = day(order.expected_at, context.language, context.today)
    late = order.expected_at < context.today
    if order.status == "ready_for_pickup":
        return f": {order.delivery_address}"
    if context.language == "ru":
        return f"; обещали {date}, но доставка задерживается" if late else f", ожидается {date}"
    return f"; promised for {date}, but it is delayed" if late else f", expected {date}"
