"""What the writer sees. One form for training and for use.

Everything from outside (articles, facts, the question) is put on its own labelled line with its
line breaks folded, so that no text can pose as another field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

FORMAL, INFORMAL = "formal", "informal"


@dataclass(frozen=True)
class Source:
    """One piece of evidence from the knowledge base."""

    title: str
    text: str


@dataclass(frozen=True)
class Request:
    """A reply to be written: the question, what may be used, and for whom."""

    language: str
    question: str
    sources: Sequence[Source]
    facts: Sequence[str] = field(default_factory=tuple)
    name: str = ""
    form: str = FORMAL


_LABELS = {
    "ru": ("Статья", "О клиенте", "Вопрос", "Ответ"),
    "en": ("Article", "About the customer", "Question", "Answer"),
}


def render(request: Request) -> str:
    """The prompt; the reply follows it directly."""
    article, about, question, answer = _LABELS[request.language]
    lines = [_address(request)]
    lines += [f"{article}: {_line(source.title)}. {_line(source.text)}" for source in request.sources]
    if request.facts:
        lines.append(f"{about}: {' '.join(map(_line, request.facts))}")
    lines += [f"{question}: {_line(request.question)}", f"{answer}:"]
    return "\n".join(lines)


def _address(request: Request) -> str:
    name = _line(request.name)
    if request.language == "en":
        return f"Write in English. Customer: {name or 'unknown'}."
    pronoun = "на ты" if request.form == INFORMAL else "на вы"
    return f"Пиши по-русски, {pronoun}. Клиент: {name or 'неизвестен'}."


def _line(text: str) -> str:
    """One line, white space folded."""
    return " ".join(text.split())
