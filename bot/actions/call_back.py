"""Call me back: a ticket with a number and a time at which people call."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.actions.audit import file_ticket
from bot.actions.contact_steps import PhoneStep
from bot.actions.context import Context
from bot.actions.form import TransactionAction
from bot.actions.steps import button
from bot.actions.transaction import Done, Reply, Said, Step, Transaction, Unfit, Values
from bot.identity.contacts import masked

OPENS, CLOSES = 8, 22  # Moscow time, when people call
_DAY = (
    r"(?:в\s+)?(?:понедельник|вторник|среду|четверг|пятницу|субботу|воскресенье)|(?:после)?завтра|сегодня"
    r"|(?:on\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:day\s+after\s+)?tomorrow|today|tonight"
)
_PART = (
    r"с\s+утра|утром|днём|днем|вечером|в\s+обед|к\s+обеду|после\s+обеда|до\s+обеда|в\s+полдень|(?:прямо\s+)?сейчас|(?:как\s+можно\s+)?скорее|поскорее"
    r"|в\s+любое\s+время|когда\s+угодно|(?:in\s+the\s+)?(?:morning|afternoon|evening)|(?:at\s+)?noon|right\s+now|\bnow\b|asap|any\s?time|whenever"
    r"|через\s+(?:час|полчаса|\d+\s+(?:минут|часа?|часов))|in\s+(?:an\s+hour|half\s+an\s+hour|\d+\s+(?:minutes|hours))"
)
_HOUR = (
    r"(?:(?:в|к|с|со|после|до|около|не\s+раньше|at|by|after|before|around|from)\s+)(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?"
    r"(?!\d|\s*(?:руб|₽|дн))(?:\s*(?:час(?:ов|а)?|o'?clock|h\b))?(?:\s*(?P<half>утра|дня|вечера|ночи|am|a\.m\.|pm|p\.m\.))?"
    r"|(?<!\d)(?P<clock>\d{1,2}):(?P<past>\d{2})(?!\d)"
)
_WHEN = re.compile(rf"(?:{_DAY}|{_PART}|{_HOUR})", re.IGNORECASE)
_LATER_HALF = re.compile(r"дня|вечера|pm|p\.m\.", re.IGNORECASE)
_NIGHT = re.compile(r"ночью|в\s+полночь|at\s+night|midnight", re.IGNORECASE)


class CallBack(Transaction):
    """Asks for number and time, and files them for a person."""

    name = "call_back"
    anonymous = "utter_handoff_anonymous"

    def steps(self, context: Context, values: Values) -> Sequence[Step]:
        own = str(context.customer.phone)
        question = Reply("utter_ask_phone", {"phone": masked(own)})
        return [PhoneStep("phone", question, own, ("На этот", "This one")), _TimeStep()]

    def confirm(self, context: Context, values: Values) -> Reply:
        return Reply("utter_confirm_call", self._told(context, values))

    def _told(self, context: Context, values: Values) -> dict[str, str]:
        own = values["phone"] == context.customer.phone
        return {"phone": masked(values["phone"]) if own else values["phone"], "when": values["when"]}

    def perform(self, context: Context, values: Values) -> Done:
        words = context.say("Перезвонить", "Call back")
        ticket = file_ticket(context, "call", f"{words}: {values['phone']}, {values['when']}")
        details = {"phone": values["phone"], "when": values["when"]}
        return Done(Reply("utter_call_filed", {**self._told(context, values), "ticket": ticket}), None, ticket, details)


class _TimeStep(Step):
    """When, in the customer's words; an hour must be one at which people call."""

    name = "when"
    words = re.compile(r"\b(?:врем\w+|час\w*|time|hour)\b", re.IGNORECASE)

    def ask(self, context: Context, values: Values) -> Reply:
        titles = (("Сейчас", "Now"), ("Сегодня вечером", "This evening"), ("Завтра утром", "Tomorrow morning"))
        return Reply("utter_ask_call_time", buttons=[button(context.say(*title)) for title in titles])

    def find(self, said: Said, context: Context, values: Values) -> str | None:
        found = list(_WHEN.finditer(said.text))
        if _NIGHT.search(said.text) or any(not _open(match) for match in found):
            raise Unfit(Reply("utter_bad_time"))
        return " ".join(match.group().strip().lower() for match in found) or None


def _open(match: re.Match[str]) -> bool:
    """Whether people call at the hour, if the words name one."""
    text = match["hour"] or match["clock"]
    if text is None:
        return True
    hour = int(text)
    if match["half"] and _LATER_HALF.match(match["half"]) and hour < 12:
        hour += 12
    return OPENS <= hour <= CLOSES


class ActionCallBack(TransactionAction):
    transaction = CallBack()
