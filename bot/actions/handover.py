"""How an item comes back to the shop: at a pick-up point or to a courier (article returns-general)."""

from __future__ import annotations

from bot.actions.context import Context
from bot.actions.steps import ChoiceStep, option
from bot.actions.terms import only_by_courier
from bot.actions.transaction import Reply, Step, Values
from bot.customers.models import OrderItem

POINT, COURIER = "point", "courier"
_OPTIONS = [
    option(
        POINT,
        "В пункт выдачи",
        "Pick-up point",
        r"пункт|\bпвз\b|сам[аи]?\b|принес|отнес|привез|pick.?up point|myself|drop",
    ),
    option(COURIER, "Курьеру", "Courier", r"курьер|забер|приедут|из дома|courier|collect|from home|pick it up\b"),
]


def handover_steps(item: OrderItem, told: dict[str, str]) -> list[Step]:
    """The question, unless the item is too large for a pick-up point; ``told``: the item in words."""
    question = Reply("utter_ask_handover", told)
    asked = ChoiceStep("handover", _OPTIONS, question, r"курьер|пункт|courier|pick.?up|handover")
    return [] if only_by_courier(item) else [asked]


def handover_words(context: Context, values: Values, fee: bool) -> str:
    """How it comes back and what that costs; ``fee``: whether the courier is paid."""
    if values.get("handover", COURIER) == POINT:
        return context.say("в пункт выдачи, бесплатно", "at a pick-up point, free of charge")
    if fee:
        return context.say("курьер заберёт за 290 ₽", "collected by a courier for 290 ₽")
    return context.say("курьер заберёт бесплатно", "collected by a courier, free of charge")
