"""Which of the customer's orders, and which item of it: named, mentioned, the only one that fits, or by buttons."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.actions.context import Context
from bot.actions.steps import button
from bot.actions.transaction import Refused, Reply, Said, Step, Unfit, Values
from bot.customers.models import Order, OrderItem
from bot.customers.store import find_order
from bot.customers.wording import items
from nlu.order_numbers import shop_numbers

MOST_BUTTONS = 6
STEM = 5  # letters by which a word is recognised whatever its ending
_ORDINALS = (
    re.compile(r"\b(?:перв\w+|first|1)\b", re.IGNORECASE),
    re.compile(r"\b(?:втор\w+|second|2)\b", re.IGNORECASE),
    re.compile(r"\b(?:трет\w+|third|3)\b", re.IGNORECASE),
)
_LAST = re.compile(r"\b(?:последн\w+|last)\b", re.IGNORECASE)


class OrderStep(Step):
    """Which order: the one named, the only one that fits, or one of several by buttons.

    Args:
        fitting: the orders that it can be about, newest first.
        nothing: the refusal where there is none.
        others: orders that are offered to nobody, but meant when their item is mentioned; why they do not fit is told.
    """

    name = "order"
    words = re.compile(r"\b(?:заказ\w*|order)\b", re.IGNORECASE)
    decides = True

    def __init__(self, fitting: Sequence[Order], nothing: Reply, others: Sequence[Order] = ()) -> None:
        self._fitting, self._nothing, self._others = fitting, nothing, others

    def ask(self, context: Context, values: Values) -> Reply:
        buttons = [
            {"title": f"{order.order_id}: {items(order, context.language)}", "payload": str(order.order_id)}
            for order in self._fitting[:MOST_BUTTONS]
        ]
        return Reply("utter_choose_order", buttons=buttons)

    def find(self, said: Said, context: Context, values: Values) -> str | None:
        named = said.all("order_number")
        if named:
            return self._owned(named[-1], context)
        if mentioned := _by_item(said.text, self._fitting) or _by_item(said.text, [*self._fitting, *self._others]):
            return mentioned
        if not self._fitting:
            raise Refused(self._nothing)
        return str(self._fitting[0].order_id) if len(self._fitting) == 1 else None

    def read(self, said: Said, context: Context, values: Values) -> str | None:
        if number := shop_numbers().answered(said.text):
            return self._owned(number, context)
        if order := self.find(said, context, values):
            return order
        place = _place(said.text, len(self._fitting))
        return None if place is None else str(self._fitting[place].order_id)

    def correct(self, said: Said, context: Context, values: Values) -> str | None:
        if named := said.all("order_number"):
            return self._owned(named[-1], context)
        return _by_item(said.text, self._fitting)

    def _owned(self, number: str, context: Context) -> str:
        order = find_order(context.customer, number)
        if order is None:
            raise Unfit(Reply("utter_order_not_found", {"order_id": number}), hopeless=True)
        return str(order.order_id)


def _by_item(text: str, orders: Sequence[Order]) -> str | None:
    """The order with the item that the text mentions, if there is just one."""
    best = _only_best([max((_likeness(text, item) for item in order.items), default=0.0) for order in orders])
    return None if best is None else str(orders[best].order_id)


class ItemStep(Step):
    """Which item of an order: the only one, the one mentioned, or one of several by buttons."""

    name = "item"
    words = re.compile(r"\b(?:товар\w*|вещ\w*|item|product|device)\b", re.IGNORECASE)
    decides = True

    def __init__(self, order: Order, fitting: Sequence[OrderItem]) -> None:
        self._order, self._fitting = order, fitting

    def ask(self, context: Context, values: Values) -> Reply:
        buttons = [button(item.product.name(context.language)) for item in self._fitting]
        return Reply("utter_choose_item", {"order_id": self._order.order_id}, buttons)

    def in_words(self, value: str, context: Context) -> str:
        return next(
            (item.product.name(context.language) for item in self._order.items if item.product_id == value), value
        )

    def find(self, said: Said, context: Context, values: Values) -> str | None:
        if len(self._fitting) == 1:
            return str(self._fitting[0].product_id)
        best = _only_best([_likeness(said.text, item) for item in self._fitting])
        return None if best is None else str(self._fitting[best].product_id)

    def read(self, said: Said, context: Context, values: Values) -> str | None:
        if found := self.find(said, context, values):
            return found
        place = _place(said.text, len(self._fitting))
        return None if place is None else str(self._fitting[place].product_id)


_FOR = re.compile(r"\s(?:для|for)\s.*")


def _likeness(text: str, item: OrderItem) -> float:
    """How many of the text's words stand in the item's name, in either language."""
    # A case "for Borealis X5" is no Borealis X5.
    titles = [_FOR.sub("", name) for name in (item.product.name_ru, item.product.name_en)]
    names = " ".join(titles).lower()
    exact = (item.product.name_ru, item.product.name_en, item.product.model)
    if any(name.lower() in text.lower() for name in exact):
        return float(len(names))
    stems = {word[:STEM] for word in re.findall(r"\w+", names) if len(word) > 3}
    said = {word[:STEM] for word in re.findall(r"\w+", text.lower()) if len(word) > 3}
    short = {word for word in re.findall(r"\w+", names) if len(word) <= 3 and re.search(r"[a-z0-9]", word)}
    tied = len(short & set(re.findall(r"\w+", text.lower()))) * 0.1
    return len(stems & said) + tied if stems & said else 0.0


def _only_best(scores: Sequence[float]) -> int | None:
    """Index of the highest score if it is positive and nobody else's."""
    best = max(scores, default=0.0)
    return scores.index(best) if best > 0 and list(scores).count(best) == 1 else None


def _place(text: str, count: int) -> int | None:
    """The place in a list that a short answer names: the first, the second, the last."""
    if len(text.split()) > 4:
        return None
    if _LAST.search(text) and count:
        return 0  # lists begin with the newest
    return next((place for place, words in enumerate(_ORDINALS[:count]) if words.search(text)), None)
