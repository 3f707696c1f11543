"""What the decoder sees, one form for training and for use: a passage's marked sentences, then a task.

The evidence comes first, so that training reads it once for many tasks. Of the three tasks one asks which sentence
answers a question, one for a reply, and one whether what was said is true.

Everything from outside (articles, facts, questions) stands on a labelled line of its own with
its line breaks folded, so that no text can pose as another field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

FORMAL, INFORMAL = "formal", "informal"
MARKS = "ABCDEFGHIJKLMNOPQRST"  # of the evidence's sentences; each is one token, as are those of the facts
FACT_MARKS = "abcdefghi"
NEAREST = 2  # of the sentences nearest to the question, how many are named
NONE = "-"  # in place of a mark: nothing here answers
HOLDS, FAILS = "+", "-"  # what was said is true by the evidence, or is not


@dataclass(frozen=True)
class Source:
    """Sentences of one passage, in reading order, with the passage's heading."""

    title: str
    sentences: Sequence[str]


@dataclass(frozen=True)
class Request:
    """A reply to be written: the question, what may be used, and for whom.

    ``nearest`` are the numbers of the sentences that match the question best, best first; ``brief`` asks
    for one sentence where sentences are quoted.
    """

    language: str
    question: str
    sources: Sequence[Source]
    facts: Sequence[str] = field(default_factory=tuple)
    name: str = ""
    form: str = FORMAL
    nearest: Sequence[int] = field(default_factory=tuple)
    brief: bool = False

    @property
    def sentences(self) -> list[str]:
        """All sentences of the evidence, in the order of their marks."""
        return [sentence for source in self.sources for sentence in source.sentences]


@dataclass(frozen=True)
class Wording:
    """The words around a task in one language."""

    facts: str
    question: str
    nearest: str
    reply: str
    said: str
    true: str


WORDINGS = {
    "ru": Wording("О клиенте", "Вопрос", "Ближе всего", "Ответ", "Сказано", "Верно"),
    "en": Wording("About the customer", "Question", "Nearest", "Answer", "Said", "True"),
}


def evidence(sources: Sequence[Source]) -> str:
    """The passages, each sentence behind its mark."""
    marks = iter(MARKS)
    lines = []
    for source in sources:
        lines.append(f"# {_line(source.title)}")
        lines += [f"{next(marks)}. {_line(sentence)}" for sentence in source.sentences]
    return "\n".join(lines)


def known(facts: Sequence[str], language: str) -> Source:
    """A customer's facts, to be read like a passage."""
    return Source(WORDINGS[language].facts, facts)


def reply_task(request: Request) -> str:
    """Asks for a reply; it follows the evidence, and the reply follows it behind a space."""
    words = WORDINGS[request.language]
    nearest = f"{words.nearest}: {' '.join(MARKS[n] for n in request.nearest[:NEAREST])}"
    return _task(request, manner(request), _asked(request), nearest, f"{words.reply}:")


def claim_task(request: Request, claim: str) -> str:
    """Asks whether a sentence of a reply to a request is true by the evidence before it and the request's facts."""
    words = WORDINGS[request.language]
    return _task(request, _asked(request), f"{words.said}: {_line(claim)}", f"{words.true}:\n")


def select_task(question: str, language: str) -> str:
    """Asks which sentence of the one passage before it answers a question."""
    words = WORDINGS[language]
    return f"\n{words.question}: {_line(question)}\n{words.reply}:\n"


def manner(request: Request) -> str:
    """How to write, and to whom."""
    name = _line(request.name)
    if request.language == "en":
        return f"Write in English. Customer: {name or 'unknown'}."
    pronoun = "на ты" if request.form == INFORMAL else "на вы"
    return f"Пиши по-русски, {pronoun}. Клиент: {name or 'неизвестен'}."


def _asked(request: Request) -> str:
    return f"{WORDINGS[request.language].question}: {_line(request.question)}"


def _task(request: Request, *lines: str) -> str:
    """The customer's facts and these lines, each on a line of its own behind the evidence."""
    facts = [f"{mark}. {_line(fact)}" for mark, fact in zip(FACT_MARKS, request.facts)]
    about = [f"{WORDINGS[request.language].facts}:", *facts] if facts else []
    return "".join("\n" + line for line in [*about, *lines])


def _line(text: str) -> str:
    """One line, white space folded."""
    return " ".join(text.split())
