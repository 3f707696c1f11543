"""A new phone, e-mail or home address in the profile, after a code sent to the e-mail on file."""

from __future__ import annotations

from collections.abc import Sequence

from bot.actions.contact_steps import AddressStep, EmailStep, PhoneStep
from bot.actions.context import Context
from bot.actions.form import TransactionAction
from bot.actions.steps import ChoiceStep, option
from bot.actions.transaction import Done, Reply, Said, Step, Transaction, Values
from bot.identity.contacts import email_in, phone_in

PHONE, EMAIL, ADDRESS = "phone", "email", "address"
_OPTIONS = [
    option(PHONE, "Телефон", "Phone", r"телефон|номер|мобил|сим(?:к|\b)|сотов|phone|number|mobile|\bcell\b|\bsim\b"),
    option(EMAIL, "Почта", "E-mail", r"почт|мыло|ящик|[ие]-?м[еэ]йл|\bмейл|e-?mail|mailbox|inbox|@"),
    option(
        ADDRESS,
        "Домашний адрес",
        "Home address",
        r"(?<!e-mail )(?<!email )(?<!mail )\baddress\b|адрес(?!\w*\s+(?:электронн|почт))|переехал|улиц|moved|\bflat\b",
    ),
]
_NAMES = {
    PHONE: ("телефон", "phone number"),
    EMAIL: ("почту", "e-mail address"),
    ADDRESS: ("домашний адрес", "home address"),
}
_NOMINATIVE = {PHONE: "телефон", EMAIL: "почта", ADDRESS: "домашний адрес"}


class _ContactStep(ChoiceStep):
    """Which contact; a number or an address in the message tells it as well."""

    def find(self, said: Said, context: Context, values: Values) -> str | None:
        if email_in(said.text):
            return EMAIL
        if phone_in(said.text):
            return PHONE
        return super().find(said, context, values)


class ChangeContact(Transaction):
    """Replaces one contact of the customer."""

    name = "change_contact"

    def check(self, context: Context, values: Values) -> Reply | None:
        if "value" in values and _current(context, values["contact"]) == values["value"]:
            return Reply("utter_contact_same", {"value": values["value"]})
        return None

    def steps(self, context: Context, values: Values) -> Sequence[Step]:
        which = _ContactStep("contact", _OPTIONS, Reply("utter_ask_contact"), decides=True)
        if values.get("contact") == PHONE:
            return [which, PhoneStep("value", Reply("utter_ask_new_phone"))]
        if values.get("contact") == ADDRESS:
            return [which, AddressStep("value", "utter_ask_home_address", str(context.customer.city))]
        return [which, EmailStep()]

    def confirm(self, context: Context, values: Values) -> Reply:
        what = context.say(*_NAMES[values["contact"]])
        return Reply("utter_confirm_contact", {"what": what, "value": values["value"]})

    def needs_code(self, context: Context, values: Values) -> bool:
        return True

    def perform(self, context: Context, values: Values) -> Done:
        kind, value = values["contact"], values["value"]
        details = {"contact": kind, "from": _current(context, kind), "to": value}
        if kind == ADDRESS:
            city, _, street = value.partition(",")
            context.customer.city, context.customer.street_address = city.strip(), street.strip()
        else:
            setattr(context.customer, kind, value)
        what = context.say(_NOMINATIVE[kind], _NAMES[kind][1])
        return Done(Reply("utter_contact_saved", {"what": what, "value": value}), details=details)


def _current(context: Context, kind: str) -> str:
    customer = context.customer
    return f"{customer.city}, {customer.street_address}" if kind == ADDRESS else str(getattr(customer, kind))


class ActionChangeContact(TransactionAction):
    transaction = ChangeContact()
