"""I want to return or exchange this: the terms from the order's dates (articles returns-general, returns-faulty)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.actions.audit import file_ticket, ticket_of
from bot.actions.context import Context
from bot.actions.form import TransactionAction
from bot.actions.handover import handover_steps, handover_words
from bot.actions.order_steps import ItemStep, OrderStep
from bot.actions.orders import describe_item, item_of, order_of, received
from bot.actions.steps import ChoiceStep, option
from bot.actions.terms import faulty_can_go_back, refund_term, return_until, under_warranty, warranty_until
from bot.actions.transaction import Done, Reply, Said, Step, Transaction, Values

FINE, FAULTY, REFUND, EXCHANGE, OPEN = "fine", "faulty", "refund", "exchange", "open"
_CONDITIONS = [
    option(
        FINE,
        "Исправен, не подошёл",
        "It works, it doesn't suit me",
        r"(?<!не)(?<!не )исправ|не (?:подош|подход|понрав|нрав|нуж)|передумал|разонравил|лишн|мал[аы]?\b|велик"
        r"|цвет|размер|всё (?:в порядке|хорошо|норм)|работает нормально|целый|цела\b|suit|changed my mind"
        r"|don'?t (?:like|need)|didn'?t like|colou?r|size|\bfine\b|\b(?:it|they) works?\b"
        r"|works? (?:well|ok|fine)|too (?:big|small|large|tight)|don'?t fit|unused|not needed|unwanted"
        r"|nothing(?:'s| is)? wrong",
    ),
    option(
        FAULTY,
        "Неисправен",
        "It is faulty",
        r"не\s?исправ|не работа|слома|брак|не включа|не заряжа|дефект|трещин|разбит|хрип|протек|теч[её]т|не гре|глюч"
        r"|поломк|искрит|шумит|сгорел|faulty|broke|defect|doesn'?t (?:work|turn|charge|heat)|does not work|won'?t"
        r"|not working|crack|leak|dead|damaged|stopped working",
    ),
]
_RESOLUTIONS = [
    option(EXCHANGE, "Обменять", "Exchange", r"обмен|поменя|замен|exchang|replac|swap|new one"),
    option(REFUND, "Вернуть деньги", "Money back", r"деньг|средств|refund|money|reimburs|возврат денег"),
]
_EARPHONES = re.compile(r"\bBuds\b")


def wishes_back(text: str) -> bool:
    """Whether somebody wants another one, or their money, instead of what they have."""
    return any(wish.means.search(text) for wish in _RESOLUTIONS)


class ReturnItem(Transaction):
    """Registers a return or, of something faulty, an exchange."""

    name = "return_item"
    anonymous = "utter_return_terms"

    def check(self, context: Context, values: Values) -> Reply | None:
        if "order" not in values:
            return None
        order = order_of(context, values)
        closed = {"cancelled": "utter_already_cancelled", "returned": "utter_already_returned"}
        if order.status != "delivered" or order.delivered_at is None:
            return Reply(closed.get(order.status, "utter_return_not_received"), context.describe(order))
        if "item" not in values:
            return None
        item = item_of(context, values)
        if ticket := ticket_of(context, self.name, order.order_id, item=item.product_id):
            return Reply("utter_request_open", {"order_id": order.order_id, "ticket": ticket})
        told = describe_item(context, values)
        if values.get("condition") == FINE and return_until(order) < context.today:
            return Reply("utter_return_expired", {**told, "until": context.day(return_until(order))})
        if values.get("condition") == FAULTY and not faulty_can_go_back(order, item, context.today):
            told["until"] = context.day(warranty_until(order, item) or context.today)
            if not under_warranty(order, item, context.today):
                return Reply("utter_warranty_over", told)
            claim = f'/warranty_claim{{"order_number": "{order.order_id}"}}'
            return Reply("utter_fault_repair", told, [{"title": context.say("Да", "Yes"), "payload": claim}])
        return None

    def steps(self, context: Context, values: Values) -> Sequence[Step]:
        orders = received(context)
        fitting = [order for order in orders if return_until(order) >= context.today]
        steps: list[Step] = [_WishStep(), OrderStep(fitting, Reply("utter_nothing_to_return"), context.customer.orders)]
        if "order" not in values:
            return steps
        order = order_of(context, values)
        steps.append(ItemStep(order, order.items))
        if "item" not in values:
            return steps
        late = return_until(order) < context.today
        told = {**describe_item(context, values), "until": context.day(return_until(order))}
        asked = Reply("utter_ask_condition_late" if late else "utter_ask_condition", told)
        steps.append(_ConditionStep("condition", _CONDITIONS, asked, r"исправ|сломан|condition|faulty", decides=True))
        if values.get("condition") == FAULTY:
            steps.append(_ResolutionStep())
        return [*steps, *handover_steps(item_of(context, values), describe_item(context, values))]

    def confirm(self, context: Context, values: Values) -> Reply:
        order, item = order_of(context, values), item_of(context, values)
        term, faulty = refund_term(order), values["condition"] == FAULTY
        told = {
            **describe_item(context, values),
            "handover": handover_words(context, values, fee=not faulty),
            "sum": context.money(item.price * item.quantity, order),
            "term": context.say(term.ru, term.en),
        }
        if faulty:
            exchange = values["resolution"] == EXCHANGE
            return Reply("utter_confirm_exchange" if exchange else "utter_confirm_faulty_return", told)
        told["note"] = ""
        if _EARPHONES.search(item.product.name_en):
            told["note"] = context.say(
                " Вскрытые внутриканальные наушники исправными не принимаем.",
                " In-ear earphones that work can't be accepted once opened.",
            )
        instead = values["wish"] == EXCHANGE
        return Reply("utter_confirm_return_instead" if instead else "utter_confirm_return", told)

    def perform(self, context: Context, values: Values) -> Done:
        order, item = order_of(context, values), item_of(context, values)
        exchange = values["condition"] == FAULTY and values["resolution"] == EXCHANGE
        told = describe_item(context, values)
        state = context.say(
            "неисправен" if values["condition"] == FAULTY else "исправен",
            "faulty" if values["condition"] == FAULTY else "works",
        )
        subject = context.say("Обмен" if exchange else "Возврат", "Exchange" if exchange else "Return")
        handover = handover_words(context, values, fee=values["condition"] != FAULTY)
        ticket = file_ticket(context, "return", f"{subject}: {told['items']} ({state}), {handover}", order.order_id)
        details: Values = {key: values[key] for key in ("condition", "resolution", "handover") if key in values}
        details["item"] = item.product_id
        reply = Reply("utter_exchange_filed" if exchange else "utter_return_filed", {**told, "ticket": ticket})
        return Done(reply, order.order_id, ticket, details)


class _ConditionStep(ChoiceStep):
    """Whether it works; a reason is read as a fault only where its words are known."""

    def read(self, said: Said, context: Context, values: Values) -> str | None:
        if found := self.find(said, context, values):
            return found
        if re.search(r"^\W*(?:да|yes)\b", said.text, re.IGNORECASE) and said.words <= 2:
            return FINE
        return FAULTY if re.search(r"^\W*(?:нет|no)\b", said.text, re.IGNORECASE) and said.words <= 2 else None


class _WishStep(ChoiceStep):
    """What the first message wishes, if it says so; never asked."""

    def __init__(self) -> None:
        super().__init__("wish", _RESOLUTIONS, Reply("utter_ask_resolution"))

    def find(self, said: Said, context: Context, values: Values) -> str | None:
        return super().find(said, context, values) or OPEN

    def correct(self, said: Said, context: Context, values: Values) -> str | None:
        return super().find(said, context, values) if values.get("condition") == FINE else None


class _ResolutionStep(ChoiceStep):
    """Exchange or money, of something faulty; asked unless it was wished for."""

    def __init__(self) -> None:
        words = r"обмен|деньг|exchange|money|refund"
        super().__init__("resolution", _RESOLUTIONS, Reply("utter_ask_resolution"), words)

    def find(self, said: Said, context: Context, values: Values) -> str | None:
        wish = values["wish"]
        return super().find(said, context, values) or (None if wish == OPEN else str(wish))


class ActionReturnItem(TransactionAction):
    transaction: Transaction = ReturnItem()
