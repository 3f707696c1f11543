"""The steps that transactions are made of: which order, which item, one of several, words, an address, a yes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.actions.context import Context
from bot.actions.transaction import CONFIRMED, Refused, Reply, Said, Step, Transaction, Unfit, Values
from bot.customers.models import Order, OrderItem
from bot.customers.store import find_order
from bot.customers.wording import items
from bot.identity.contacts import email_in, phone_in
from nlu.order_numbers import shop_numbers

MOST_BUTTONS = 6
STEM = 5  # letters by which a word is recognised whatever its ending
_ORDINALS = (
    re.compile(r"\b(?:перв\w+|first|1)\b", re.IGNORECASE),
    re.compile(r"\b(?:втор\w+|second|2)\b", re.IGNORECASE),
    re.compile(r"\b(?:трет\w+|third|3)\b", re.IGNORECASE),
)
_LAST = re.compile(r"\b(?:последн\w+|last)\b", re.IGNORECASE)


def button(text: str) -> dict[str, str]:
    """A button that says its own title."""
    return {"title": text, "payload": text}


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


@dataclass(frozen=True)
class Option:
    """One of several possible values, with its title and the words that mean it."""

    code: str
    ru: str
    en: str
    means: re.Pattern[str]

    def title(self, context: Context) -> str:
        return context.say(self.ru, self.en)


def option(code: str, ru: str, en: str, means: str) -> Option:
    """An option whose words are a regular expression."""
    return Option(code, ru, en, re.compile(means, re.IGNORECASE))


class ChoiceStep(Step):
    """One of several, by button or in words.

    Args:
        name: of the value.
        options: what there is to choose from.
        question: the response that asks, with its values.
        words: how a correction names it, a regular expression.
        decides: whether later steps depend on it.
    """

    def __init__(
        self, name: str, options: Sequence[Option], question: Reply, words: str = "(?!)", decides: bool = False
    ) -> None:
        self.name, self._options, self._question, self.decides = name, options, question, decides
        self.words = re.compile(words, re.IGNORECASE)

    def ask(self, context: Context, values: Values) -> Reply:
        buttons = [button(option.title(context)) for option in self._options]
        return Reply(self._question.response, self._question.values, buttons)

    def find(self, said: Said, context: Context, values: Values) -> str | None:
        text = said.text.strip().lower()
        exact = [option for option in self._options if text in (option.ru.lower(), option.en.lower())]
        meant = exact or [option for option in self._options if option.means.search(said.text)]
        if len(meant) == 1:
            return meant[0].code
        return self._after_not(said.text) if meant else None

    def _after_not(self, text: str) -> str | None:
        """Of several, the one that is not denied: "not the courier but a pick-up point"."""
        kept = re.sub(r"\b(?:не|not)\s+(?:the\s+|a\s+|через\s+|в\s+|по\s+)?[\w-]+", " ", text, flags=re.IGNORECASE)
        meant = [option for option in self._options if option.means.search(kept)]
        return meant[0].code if len(meant) == 1 else None


class TextStep(Step):
    """A description in the customer's own words.

    Args:
        name: of the value.
        question: the response that asks for it.
        fewest: words that it must have.
        found: takes it from the first message, if that holds it already.
    """

    free = True

    def __init__(
        self,
        name: str,
        question: Reply,
        fewest: int = 2,
        found: Callable[[Said], str | None] = lambda said: None,
        words: str = "(?!)",
    ) -> None:
        self.name, self._question, self._fewest, self._found = name, question, fewest, found
        self.words = re.compile(words, re.IGNORECASE)

    def ask(self, context: Context, values: Values) -> Reply:
        return self._question

    def find(self, said: Said, context: Context, values: Values) -> str | None:
        return self._found(said)

    def read(self, said: Said, context: Context, values: Values) -> str | None:
        return said.text.strip() if said.words >= self._fewest else None

    def unclear(self, context: Context, values: Values) -> None:
        return None


# What people write before an address: "no, a different address: …", "пишите на адрес …".
_LEAD = re.compile(
    r"^\W*(?:(?:нет|ой|да|ну|вот|а|лучше|тогда|давайте|пишите|запишите|поменяйте|измените|исправьте|доставьте|привезите"
    r"|отправьте|везите|ошиб\w+|не\s+тот|теперь|это|на|по|(?:другой|мой|новый|правильный|верный|неверный|домашний)(?=\s+адрес)"
    r"|адрес(?:у|а|е)?(?:\s+(?:такой|будет|теперь))?|no|oh|oops|sorry|yes|well|please|change|deliver|send|bring|make|use"
    r"|it'?s|is|was|it|that|to|at|should|be|actually|now|the|an?"
    r"|(?:my|another|different|wrong|correct|right|new|home)(?=\s+(?:home\s+)?add?ress)|add?ress)(?!\w)\W*)+",
    re.IGNORECASE,
)
_HOUSE = re.compile(r"[^\W\d_]{3,}.*\d|\d.*[^\W\d_]{3,}", re.DOTALL)
_TOWN = re.compile(r"^(?:г\.?\s*)?[^\W\d_]{3,}(?:[ -][^\W\d_]+)?$")
LONGEST_ADDRESS = 200


class AddressStep(Step):
    """A postal address: at least a street and a house number; without a town it is in the customer's own."""

    free = True
    words = re.compile(r"\b(?:адрес\w*|address|adress|улиц\w*|street)\b", re.IGNORECASE)

    def __init__(self, name: str, question: str, city: str) -> None:
        self.name, self._question, self._city = name, question, city

    def ask(self, context: Context, values: Values) -> Reply:
        return Reply(self._question)

    def find(self, said: Said, context: Context, values: Values) -> str | None:
        street = said.entity("address")
        if street is None or not _HOUSE.search(street):
            return None
        city = said.entity("city")
        return self._with_city(f"{city}, {street}" if city and city not in street else street, bool(city))

    def read(self, said: Said, context: Context, values: Values) -> str | None:
        text = _LEAD.sub("", said.text.strip(), count=1).strip(" .,!;\n") or said.text.strip()
        if not _HOUSE.search(text) or len(text) > LONGEST_ADDRESS:
            return None
        return self._with_city(text, bool(said.all("city")) or self._city.lower() in text.lower())

    def correct(self, said: Said, context: Context, values: Values) -> str | None:
        return self.find(said, context, values) or self.read(said, context, values)

    def _with_city(self, text: str, has_city: bool) -> str:
        text = text[:1].upper() + text[1:]
        parts = [part.strip() for part in text.split(",")]
        names_town = has_city or (len(parts) > 2 and _TOWN.match(parts[0]))
        return text if names_town else f"{self._city}, {text}"

    def unclear(self, context: Context, values: Values) -> Reply:
        return Reply("utter_bad_address")


class PhoneStep(Step):
    """A phone number; ``own``: the one on file, which "this one" or "yes" means."""

    words = re.compile(r"\b(?:телефон\w*|номер\w*|phone|number)\b", re.IGNORECASE)

    def __init__(self, name: str, question: Reply, own: str = "", button_title: tuple[str, str] = ("", "")) -> None:
        self.name, self._question, self._own, self._title = name, question, own, button_title

    def ask(self, context: Context, values: Values) -> Reply:
        buttons = [button(context.say(*self._title))] if self._own else None
        return Reply(self._question.response, self._question.values, buttons)

    def find(self, said: Said, context: Context, values: Values) -> str | None:
        return phone_in(said.text)

    def read(self, said: Said, context: Context, values: Values) -> str | None:
        if found := self.find(said, context, values):
            return found
        same = re.search(
            r"^\W*(?:да|ага|на\s+(?:этот|него|мой)|этот|мой|тот\s+же|прежний|yes|yep|this|that|mine|my|same|the\s+same)\b",
            said.text,
            re.IGNORECASE,
        )
        meant = same or said.intent == "affirm" or said.text.strip() in self._title
        return self._own if self._own and meant and not re.search(r"\d{4}", said.text) else None

    def unclear(self, context: Context, values: Values) -> Reply:
        return Reply("utter_bad_phone")


class EmailStep(Step):
    """An e-mail address."""

    name = "value"
    words = re.compile(r"\b(?:почт\w*|мейл\w*|email|e-mail|mail)\b", re.IGNORECASE)

    def ask(self, context: Context, values: Values) -> Reply:
        return Reply("utter_ask_new_email")

    def find(self, said: Said, context: Context, values: Values) -> str | None:
        return email_in(said.text)

    def unclear(self, context: Context, values: Values) -> Reply:
        return Reply("utter_bad_email")


_YES = re.compile(
    r"^\W*(?:да+|ага|угу|ладно|конечно|верно|подтвержда\w+|оформля\w+|оформи\w*|переда\w+|соглас\w+|хорошо|давай(?:те)?|ок(?:ей)?|окей|точно"
    r"|всё\s+верно|yes+|yep|yeah|yup|sure|ok(?:ay)?|correct|that(?:'s|\s+(?:one\s+)?is)\s+(?:right|correct|fine)|confirm(?:ed)?|go\s+ahead|please\s+do|do\s+it|right|y|д|дп)\b",
    re.IGNORECASE,
)
_BUT = re.compile(r"\b(?:но|только|не|нет|but|only|not|no|wait|подожд\w+|стоп)\b|\?", re.IGNORECASE)


class ConfirmStep(Step):
    """The yes before anything changes."""

    name = CONFIRMED

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def ask(self, context: Context, values: Values) -> Reply:
        question = self._transaction.confirm(context, values)
        assert question is not None
        return question

    def read(self, said: Said, context: Context, values: Values) -> bool | None:
        if said.text.startswith("/"):
            return True if said.intent == "affirm" else None
        agreed = _YES.search(said.text) or self._transaction.yes.search(said.text) or said.intent == "affirm"
        return True if agreed and not _BUT.search(said.text) else None

    def unclear(self, context: Context, values: Values) -> Reply:
        return Reply("utter_say_yes_or_no")
