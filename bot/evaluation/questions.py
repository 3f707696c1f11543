"""Files of questions with the articles that answer them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlu.errors import LichnoError


class QuestionsError(LichnoError):
    """A file of questions that cannot be used; names the file and the line."""


@dataclass(frozen=True)
class Question:
    """A question, and the ids of the articles any of which answers it: none where nothing does.

    A right reply holds one of ``answers``, or matches every pattern of ``must``. ``customer`` is the id of
    who asks. ``has_answer`` says whether anything answers where that is not told by the rest.
    """

    text: str
    relevant: frozenset[str]
    language: str = ""
    customer: str = ""
    answers: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    has_answer: bool | None = None

    @property
    def answerable(self) -> bool:
        """Whether anything answers it."""
        told = self.has_answer
        return bool(self.relevant or self.answers or self.must) if told is None else told

    @property
    def is_checked(self) -> bool:
        """Whether it says what a right reply holds."""
        return bool(self.answers or self.must)


def read_questions(path: Path) -> list[Question]:
    """Read JSONL ``{question, relevant: [id], language?, customer?, answers?: […], must?: [regex], answerable?}``.

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
        text, lists = record["question"], [record.get(name) or [] for name in ("relevant", "answers", "must")]
        if not isinstance(text, str) or not text.strip() or not all(isinstance(one, list) for one in lists):
            raise ValueError("question must be a text, relevant, answers and must lists")
        relevant, answers, must = (tuple(map(str, one)) for one in lists)
        for pattern in must:
            re.compile(pattern)
        has_answer = record.get("answerable")
        if has_answer not in (None, True, False):
            raise ValueError("answerable must be true or false")
    except re.error as error:
        raise QuestionsError(f"{path}, line {number}: {pattern} is no regular expression ({error}).") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise QuestionsError(
            f'{path}, line {number}: expected {{"question": …, "relevant": [id]}} ({error}).'
        ) from error
    return Question(
        text,
        frozenset(relevant),
        str(record.get("language") or ""),
        str(record.get("customer") or ""),
        tuple(answers),
        tuple(must),
        has_answer,
    )
