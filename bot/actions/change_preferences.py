"""How the assistant talks to a customer, and whether the shop may advertise."""

from __future__ import annotations

from collections.abc import Sequence

from bot.actions.context import Context
from bot.actions.form import TransactionAction
from bot.actions.steps import ChoiceStep, Option, option
from bot.actions.transaction import Done, Reply, Said, Step, Transaction, Values
from bot.customers.store import record_consent

LANGUAGE, FORM, MARKETING = "language", "address_form", "consent_marketing"
CONSENT_TEXT = "1"  # version of the question in utter_confirm_preference
_KINDS = [
    option(LANGUAGE, "Язык", "Language", r"язык|английск|русск|language|english|russian"),
    option(
        FORM,
        "Обращение",
        "Form of address",
        r"обращ\w+|\bна [тв]ы\b|тыка|выка|формальн|официоз|попроще|говори мне|по имени|formal|address me|first name"
        r"|casual|stiff|mister|how you (?:talk|address)",
    ),
    option(
        MARKETING,
        "Рекламная рассылка",
        "Marketing messages",
        r"рассыл|реклам|акци|промо|спам|скидк|новост|маркетинг|newsletter|\bads\b|marketing|promo|offers|mailing"
        r"|advertis|spam|sale alerts|deals|discount|subscribe|opt (?:in|out)",
    ),
]
_VALUES: dict[str, list[Option]] = {
    LANGUAGE: [
        option("ru", "Русский", "Russian", r"русск|russian"),
        option("en", "Английский", "English", r"английск|english"),
    ],
    FORM: [
        option(
            "informal",
            "На ты",
            "Informal",
            r"\bна ты\b|без вы|попроще|\bмне ты\b|официоз|хватит выка|informal|casual|(?<!my )first name|less formal"
            r"|stiff|drop the formality|not mister",
        ),
        option(
            "formal",
            "На вы",
            "Formal",
            r"\bна вы\b|не тыка|уважительн|«вы»|(?<!in)(?<!less )\bformal(?:ly)?\b|not use my first name",
        ),
    ],
    MARKETING: [
        option(
            "no",
            "Не присылать",
            "Don't send any",
            r"\bне (?:при|шл|хочу|нужн|надо)|отпис|отключ|убер|больше не|никак|отозв|отзыв|отказ|надоел|хватит|прекрат"
            r"|unsubscrib|stop|no more|don'?t|turn off|take me off|withdraw|opt out|enough|remove|no longer",
        ),
        option(
            "yes",
            "Присылать",
            "Send them",
            r"подпи|хочу (?:получ|рассыл)|верни|включ|согла[сш]|присылайте|буду рад|(?<!un)subscribe|sign me up|opt in"
            r"|(?:like|love|want|happy) to (?:get|receive)|\bagree|send (?:me|them)|keep|put me on",
        ),
    ],
}
_CHANGES = {
    (LANGUAGE, "ru"): ("писать по-русски", "writing to you in Russian"),
    (LANGUAGE, "en"): ("писать по-английски", "writing to you in English"),
    (FORM, "informal"): ("обращаться на «ты»", "addressing you informally, by first name"),
    (FORM, "formal"): ("обращаться на «вы»", "addressing you formally"),
    (MARKETING, "yes"): ("присылать рекламу и акции", "sending you offers"),
    (MARKETING, "no"): ("не присылать рекламу", "sending you no advertising"),
}


class ChangePreferences(Transaction):
    """Sets the customer's language, form of address or consent to marketing."""

    name = "change_preferences"

    def check(self, context: Context, values: Values) -> Reply | None:
        if "value" in values and _current(context, values["kind"]) == values["value"]:
            return Reply("utter_preference_same", {"change": _change(context, values)})
        return None

    def steps(self, context: Context, values: Values) -> Sequence[Step]:
        steps: list[Step] = [ChoiceStep("kind", _KINDS, Reply("utter_ask_preference"), decides=True)]
        if "kind" in values:
            steps.append(_ValueStep("value", _VALUES[values["kind"]], Reply("utter_ask_preference_value")))
        return steps

    def confirm(self, context: Context, values: Values) -> Reply:
        return Reply("utter_confirm_preference", {"change": _change(context, values)})

    def perform(self, context: Context, values: Values) -> Done:
        kind, value = values["kind"], values["value"]
        details = {"setting": kind, "from": _current(context, kind), "to": value}
        if kind == MARKETING:
            given, channel = value == "yes", context.conversation.channel
            record_consent(context.session, context.customer, "marketing", given, context.now, channel, CONSENT_TEXT)
        else:
            setattr(context.customer, kind, value)
        return Done(Reply("utter_preference_saved", {"change": _change(context, values)}), details=details)


class _ValueStep(ChoiceStep):
    """The new value; a no is found before a yes, which its words may contain."""

    def find(self, said: Said, context: Context, values: Values) -> str | None:
        found = super().find(said, context, values)
        denied = values["kind"] == MARKETING and _VALUES[MARKETING][0].means.search(said.text)
        return "no" if found is None and denied else found


def _current(context: Context, kind: str) -> str:
    value = getattr(context.customer, kind)
    return ("yes" if value else "no") if kind == MARKETING else str(value)


def _change(context: Context, values: Values) -> str:
    return context.say(*_CHANGES[values["kind"], values["value"]])


class ActionChangePreferences(TransactionAction):
    transaction = ChangePreferences()
