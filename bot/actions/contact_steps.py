"""Where somebody is reached: a postal address, a phone number, an e-mail address."""

from __future__ import annotations

import re

from bot.actions.context import Context
from bot.actions.steps import button
from bot.actions.transaction import Reply, Said, Step, Values
from bot.identity.contacts import email_in, phone_in

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
