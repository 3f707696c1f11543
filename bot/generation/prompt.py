"""What the decoder sees, one form for training and for use: numbered evidence, then a task.

The evidence comes first, so that training reads it once for many tasks. A task asks for a reply: the
marks of the sentences that answer, then the words.

Everything from outside (articles, facts, questions) stands on a labelled line of its own with
its line breaks folded, so that no text can pose as another field.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

FORMAL, INFORMAL = "formal", "informal"
MARKS = "ABCDEFGHIJKLMNOPQRST"  # of the evidence's sentences; each is one token, as are those of the facts
FACT_MARKS = "abcdefghi"
NEAREST = 4  # of the sentences nearest to the question, how many are named
NONE = "-"  # in place of the marks: nothing here answers


@dataclass(frozen=True)
class Source:
    """Sentences of one passage, in reading order, with the passage's heading."""

    title: str
    sentences: Sequence[str]


@dataclass(frozen=True)
class Request:
    """A reply to be written: the question, what may be used, and for whom.

    ``nearest`` are the numbers of the sentences that search finds nearest to the question, best first; ``brief`` asks
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


WORDINGS = {
    "ru": Wording("О клиенте", "Вопрос", "Ближе всего", "Ответ"),
    "en": Wording("About the customer", "Question", "Nearest", "Answer"),
}


def evidence(sources: Sequence[Source]) -> str:
    """The passages, each sentence behind its mark."""
    marks = iter(MARKS)
    lines = []
    for source in sources:
        lines.append(f"# {_line(source.title)}")
        lines += [f"{next(marks)}. {_line(sentence)}" for sentence in source.sentences]
    return "\n".join(lines)


def reply_task(request: Request) -> str:
    """Asks for a reply; it follows the evidence."""
    words = WORDINGS[request.language]
    question = f"{words.question}: {_line(request.question)}"
    nearest = f"{words.nearest}: {' '.join(MARKS[n] for n in request.nearest)}"
    lines = [*_facts(request), manner(request), question, nearest, f"{words.reply}:"]
    return "".join("\n" + line for line in lines)


def select_task(question: str, language: str) -> str:
    """Asks which sentence of the one passage before it answers a question."""
    words = WORDINGS[language]
    return f"\n{words.question}: {_line(question)}\n{words.reply}:\n"


def reply(marks: str, text: str = "") -> str:
    """What completes a reply task: ``" C a: text"``, or the mark that nothing answers."""
    return f" {' '.join(marks)}: {_line(text)}" if marks else f" {NONE}"


def manner(request: Request) -> str:
    """How to write, and to whom."""
    name = _line(request.name)
    if request.language == "en":
        return f"Write in English. Customer: {name or 'unknown'}."
    pronoun = "на ты" if request.form == INFORMAL else "на вы"
    return f"Пиши по-русски, {pronoun}. Клиент: {name or 'неизвестен'}."


def _facts(request: Request) -> Iterator[str]:
    if request.facts:
        yield f"{WORDINGS[request.language].facts}:"
        yield from (f"{mark}. {_line(fact)}" for mark, fact in zip(FACT_MARKS, request.facts))


def _line(text: str) -> str:
    """One line, white space folded."""
    return " ".join(text.split())
