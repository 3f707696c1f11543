"""What a transaction is: what has to be known, what is confirmed, what is done. The dialogue is the same for all."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.actions.context import SIGN_IN, Context

Values = dict[str, Any]  # what is known, by the steps' names; only what JSON can hold
CONFIRMED, CODE = "confirmed", "code"


@dataclass(frozen=True)
class Said:
    """A customer's message as understood."""

    text: str
    intent: str = ""
    confidence: float = 0.0
    entities: Sequence[dict[str, Any]] = ()

    def entity(self, kind: str) -> str | None:
        """The only entity of the kind; None where there is none or a choice."""
        found = self.all(kind)
        return found[0] if len(found) == 1 else None

    def all(self, kind: str) -> list[str]:
        """Every entity of the kind."""
        return [str(entity["value"]) for entity in self.entities if entity.get("entity") == kind]

    @property
    def words(self) -> int:
        return len(re.findall(r"\w+", self.text))


@dataclass(frozen=True)
class Reply:
    """A response of ``domain.yml`` with its values and, where they depend on the customer, its buttons."""

    response: str
    values: dict[str, Any] = field(default_factory=dict)
    buttons: list[dict[str, str]] | None = None

    def utter(self, dispatcher: Any) -> None:
        """Send it."""
        buttons = {"buttons": self.buttons} if self.buttons else {}
        dispatcher.utter_message(response=self.response, **self.values, **buttons)


class Refused(Exception):
    """The transaction cannot be done; the reply says why. Ends it."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.response)
        self.reply = reply


class Unfit(Exception):
    """An answer that was understood and cannot be taken; the reply says why. The question is asked again.

    Args:
        reply: why not; None: the question asked again says enough.
        hopeless: whether a first message that holds it begins nothing.
    """

    def __init__(self, reply: Reply | None, hopeless: bool = False) -> None:
        super().__init__(reply.response if reply else "")
        self.reply, self.hopeless = reply, hopeless


class Step(ABC):
    """One thing that has to be known."""

    name: str
    words = re.compile(r"(?!)")  # how a correction names it
    free = False  # any text may answer it, so a question must be told from an answer
    decides = False  # what is asked after it depends on it

    @abstractmethod
    def ask(self, context: Context, values: Values) -> Reply:
        """The question."""

    def find(self, said: Said, context: Context, values: Values) -> Any | None:
        """The value in a message that was not asked for it: only what is unmistakable."""
        return None

    def read(self, said: Said, context: Context, values: Values) -> Any | None:
        """The value in an answer to the question; None if there is none.

        Raises:
            Unfit: there is one that cannot be taken.
            Refused: nothing more can be done.
        """
        return self.find(said, context, values)

    def correct(self, said: Said, context: Context, values: Values) -> Any | None:
        """The value in a message that corrects an earlier answer."""
        return self.find(said, context, values)

    def unclear(self, context: Context, values: Values) -> Reply | None:
        """What is told, before the question is asked again, when an answer holds no value."""
        return Reply("utter_answer_unclear")

    def in_words(self, value: Any, context: Context) -> str:
        """The value as a person reads it; empty where it tells them nothing."""
        return str(value)

    def enter(self, context: Context, values: Values) -> None:  # noqa: B027 (most steps need nothing)
        """Called once when it is about to be asked."""


@dataclass(frozen=True)
class Done:
    """What was done: the reply, and what the audit log keeps of it."""

    reply: Reply
    order_id: str | None = None
    ticket_id: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


class Transaction(ABC):
    """One thing that a customer can have done. Its name is also its intent's."""

    name: str
    anonymous = SIGN_IN  # what a visitor is told
    yes = re.compile(r"(?!)")  # words that confirm this transaction beside the general ones

    def meant(self, said: Said) -> Transaction:
        """The transaction that a first message is about, where its words say so surely; mostly this one."""
        return self

    def in_words(self, context: Context, values: Values) -> str:
        """What is known, in the order in which it is asked, for a person who goes on with it."""
        known = [
            step.in_words(values[step.name], context) for step in self.steps(context, values) if step.name in values
        ]
        return ", ".join(words for words in dict.fromkeys(known) if words)

    def check(self, context: Context, values: Values) -> Reply | None:
        """Why it cannot be done, as far as can be told from what is known; checked again before it is done."""
        return None

    @abstractmethod
    def steps(self, context: Context, values: Values) -> Sequence[Step]:
        """What has to be known, in order; may depend on what is known already."""

    def confirm(self, context: Context, values: Values) -> Reply | None:
        """The question before it is done; None where nothing changes that would need one."""
        return None

    def needs_code(self, context: Context, values: Values) -> bool:
        """Whether a code sent to the contact on file has to be entered first."""
        return False

    @abstractmethod
    def perform(self, context: Context, values: Values) -> Done:
        """Do it, in the context's session.

        Raises:
            Refused: it can no longer be done.
        """
