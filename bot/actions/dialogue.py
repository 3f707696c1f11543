"""The dialogue of every transaction: what to ask next, and what a message means while something is asked.

Knows no Rasa: :mod:`bot.actions.form` puts it behind Rasa's form.
"""

from __future__ import annotations

import re
from enum import Enum

from bot.actions.code_step import CodeStep
from bot.actions.context import Context
from bot.actions.order_steps import OrderStep
from bot.actions.steps import ConfirmStep
from bot.actions.transaction import Refused, Said, Step, Transaction, Unfit, Values

STOP = re.compile(
    r"^\W*(?:(?:нет|ой|ладно|да|всё|так|ну|no|oh|ok(?:ay)?|actually|please)\W+)*"
    r"(?:отмена|отбой|забудь(?:те)?|(?:уже\s+)?не\s+(?:надо|нужно|хочу|буду)|(?:я\s+)?(?:пере|раз)думал[аи]?|стоп|хватит"
    r"|отмени(?:те)?\s+(?:это|всё|операцию|заявку)|ничего\s+не\s+(?:надо|нужно|меняй(?:те)?)|оставь(?:те)?(?:\s+как\s+(?:есть|было))?"
    r"|never\s*mind|cancel(?:\s+(?:that|this|it|everything))?|forget\s+(?:it|about\s+it|that)|stop(?:\s+(?:it|that))?"
    r"|leave\s+(?:it|everything)(?:\s+as\s+it\s+is)?|don'?t\s+bother|(?:i(?:'ve|\s+have)?\s+)?changed\s+my\s+mind|no\s+need)"
    r"(?:\W+(?:пожалуйста|это|всё|спасибо|тогда|уже|please|thanks?(?:\s+you)?|then|it))*\W*$",
    re.IGNORECASE,
)
CORRECTS = re.compile(
    r"\b(?:нет|не|ой|другой|другая|другое|другую|другие|исправь\w*|исправить|поправ\w*|поменя\w*|измени\w*|ошиб\w*|точнее|вернее"
    r"|лучше|вместо|передумал\w*|no|not|oops|sorry|wrong|other|another|different|change|instead|actually|correct"
    r"|rather|mistake|make it|fix)\b",
    re.IGNORECASE,
)
QUESTION = re.compile(
    r"^\W*(?:а\s+|и\s+|но\s+|and\s+|but\s+)?(?:что|кто|где|когда|куда|откуда|почему|зачем|как(?:ой|ая|ое|ие)?"
    r"|сколько|чем|можно\s+ли|есть\s+ли|what|who|where|when|why|how|which|can|could|do|does|is|are|will|would)\b|\?\W*$",
    re.IGNORECASE,
)
NO = re.compile(r"^\W*(?:(?:ой|ну|oh|sorry)\W+)?(?:не(?:т|а)?|no|nope|don'?t)\b", re.IGNORECASE)
OOPS = re.compile(r"^\W*(?:ой|ошиб\w+|точнее|вернее|oops|sorry|wrong|i meant|rather)\b", re.IGNORECASE)
NO_REQUESTS = ("affirm", "deny", "nlu_fallback", "out_of_scope", "")  # intents of what may be an unclear answer
CERTAIN = 0.7  # confidence from which a message is taken for something else than a free answer
# Intents that are never a free answer.
ELSEWHERE = frozenset({"human_handoff", "order_status", "bot_challenge", "my_requests", "cancel_order", "invoice_copy"})


class Heard(Enum):
    """What a message was."""

    TAKEN = "taken"  # an answer or a correction
    STOPPED = "stopped"
    ASIDE = "aside"  # something else, to be served before the question is asked again


def all_steps(transaction: Transaction, context: Context, values: Values) -> list[Step]:
    """The transaction's own steps, then the confirmation and the code."""
    steps = list(transaction.steps(context, values))
    if all(step.name in values for step in steps):
        if transaction.confirm(context, values):
            steps.append(ConfirmStep(transaction))
        if transaction.needs_code(context, values):
            steps.append(CodeStep())
    return steps


def next_step(transaction: Transaction, context: Context, values: Values) -> Step | None:
    """What is to be asked; None when everything is known."""
    return next((step for step in all_steps(transaction, context, values) if step.name not in values), None)


def fill(transaction: Transaction, said: Said, context: Context, values: Values) -> Step | None:
    """Take from the message what it tells unasked, and return what is to be asked then.

    Raises:
        Refused: it cannot be done.
        Unfit: the message names something that there is not.
    """
    while True:
        if refusal := transaction.check(context, values):
            raise Refused(refusal)
        if not _found(transaction, said, context, values):
            break
    if step := next_step(transaction, context, values):
        step.enter(context, values)
    return step


def _found(transaction: Transaction, said: Said, context: Context, values: Values) -> bool:
    """Take one more value from the message; what is to be known may be another with it."""
    for step in all_steps(transaction, context, values):
        if step.name not in values and (value := step.find(said, context, values)) is not None:
            values[step.name] = value
            return True
    return False


def hear(transaction: Transaction, said: Said, context: Context, values: Values) -> Heard:
    """Take a message that came while something was asked; ``values`` changes with it.

    Raises:
        Unfit: it was an answer that cannot be taken; the question is asked again.
        Refused: the transaction cannot be done.
    """
    asked = next_step(transaction, context, values)
    if asked is None:
        return Heard.TAKEN
    if said.text.startswith("/") and said.intent not in ("affirm", "deny"):
        return Heard.ASIDE
    confirming = isinstance(asked, ConfirmStep)
    if not (confirming and asked.read(said, context, values)):
        if _corrected(transaction, asked, said, context, values):
            fill(transaction, said, context, values)
            return Heard.TAKEN
        if STOP.search(said.text) or (confirming and (said.intent == "deny" or NO.search(said.text))):
            return Heard.STOPPED
        if asked.free and _is_aside(said):
            return Heard.ASIDE
    value = asked.read(said, context, values)
    if value is not None:
        values[asked.name] = value
        fill(transaction, said, context, values)
        return Heard.TAKEN
    return _not_an_answer(transaction, asked, said, context, values)


def _not_an_answer(transaction: Transaction, asked: Step, said: Said, context: Context, values: Values) -> Heard:
    if said.intent == "deny" and said.words <= 3:
        return Heard.STOPPED
    if said.text.startswith("/") or not (_is_certain(said, transaction) or QUESTION.search(said.text)):
        raise Unfit(asked.unclear(context, values))
    return Heard.ASIDE


def _is_certain(said: Said, transaction: Transaction) -> bool:
    """Whether a message is surely something else than an unclear answer or this transaction again."""
    return said.confidence >= CERTAIN and said.intent not in (*NO_REQUESTS, transaction.name)


def _is_aside(said: Said) -> bool:
    """Whether a message answers no free question: it asks something itself, or wants somebody else."""
    return bool(QUESTION.search(said.text)) or (said.intent in ELSEWHERE and said.confidence >= CERTAIN)


def _corrected(transaction: Transaction, asked: Step, said: Said, context: Context, values: Values) -> bool:
    """Whether the message changes something told before, or takes it back so that it is asked anew."""
    known = [step for step in transaction.steps(context, values) if step.name in values and step.name != asked.name]
    # Another request names its own order: "and send me the receipt for NL-…".
    elsewhere = _is_certain(said, transaction) and not (NO.search(said.text) or OOPS.search(said.text))
    for step in known:
        named = bool(step.words.search(said.text))
        if isinstance(step, OrderStep) and elsewhere:
            continue
        explicit = isinstance(step, OrderStep) and bool(said.all("order_number"))
        if not explicit and not CORRECTS.search(said.text):
            continue
        value = step.correct(said, context, values) if explicit or not asked.free or named else None
        if value is not None and value != values[step.name]:
            _replace(step, value, known, values)
            return True
        if named and value is None and (isinstance(asked, ConfirmStep) or not asked.find(said, context, values)):
            _replace(step, None, known, values)
            return True
    return False


def _replace(step: Step, value: object, known: list[Step], values: Values) -> None:
    """Set the step's value anew, or take it back; what depends on it is asked again."""
    if step.decides:
        names = [other.name for other in known]
        for name in names[names.index(step.name) :]:
            values.pop(name, None)
    values.pop(step.name, None)
    if value is not None:
        values[step.name] = value
