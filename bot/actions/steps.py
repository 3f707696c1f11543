"""The steps that any transaction may ask: one of several, the customer's own words, the yes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.actions.context import Context
from bot.actions.transaction import CONFIRMED, Reply, Said, Step, Transaction, Values


def button(text: str) -> dict[str, str]:
    """A button that says its own title."""
    return {"title": text, "payload": text}


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

    def in_words(self, value: str, context: Context) -> str:
        titles = (option.title(context) for option in self._options if option.code == value)
        return next(titles, "")

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
