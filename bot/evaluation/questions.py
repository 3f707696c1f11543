"""Files of questions with the articles that answer them."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlu.errors import LichnoError


class QuestionsError(LichnoError):
    """A file of questions that cannot be used; names the file and the line."""


@dataclass(frozen=True)
class Question:
    """A question, and the ids of the articles any of which answers it: none where nothing does."""

    text: str
    relevant: frozenset[str]
    language: str = ""


def read_questions(path: Path) -> list[Question]:
    """Read JSONL ``{question, relevant: [id]}``.

    Raises:
        QuestionsError: the file cannot be used, saying why.
    """
    if not path.is_file():
        raise QuestionsError(f"There is no file {path}: check the path.")
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise QuestionsError(f"{path} is not UTF-8: save it as UTF-8.") from None
    questions = [_question(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not questions:
        raise QuestionsError(f'{path} holds no questions: give a line {{"question": …, "relevant": [id]}} for each.')
    return questions


def unknown_articles(questions: Collection[Question], ids: Collection[str]) -> str | None:
    """A sentence about relevant ids that no article has."""
    known = set(ids)
    unknown = sorted({i for question in questions for i in question.relevant} - known)
    if not unknown:
        return None
    names = ", ".join(unknown[:3]) + (f" and {len(unknown) - 3} more" if len(unknown) > 3 else "")
    return f"No article has the id {names}: questions that ask for nothing else count as missed."


def _question(path: Path, number: int, line: str) -> Question:
    try:
        record: Any = json.loads(line)
        text, relevant = record["question"], record.get("relevant") or []
        if not isinstance(text, str) or not text.strip() or not isinstance(relevant, list):
            raise ValueError("question must be a text, relevant a list")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise QuestionsError(
            f'{path}, line {number}: expected {{"question": …, "relevant": [id]}} ({error}).'
        ) from error
    return Question(text, frozenset(map(str, relevant)), str(record.get("language") or ""))
