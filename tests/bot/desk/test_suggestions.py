from __future__ import annotations

from typing import Any

from bot.answer import Answer
from bot.answering import Answerer, Person
from bot.desk.suggestions import suggested
from retrieval.documents import Hit, Passage
from retrieval.ranking import Signals

RUSSIAN = "Курьер звонит за час."
ENGLISH = "A second visit is free."


class Found(Answerer):
    """Answers nothing; has found an article in each language."""

    def __init__(self) -> None:
        pass

    def answer(self, *_: Any, **__: Any) -> Answer:
        return Answer(hits=[_hit("courier", RUSSIAN, "ru"), _hit("visits", ENGLISH, "en")], abstained=True)


def _hit(name: str, text: str, language: str) -> Hit:
    passage = Passage(f"{name}#1", name, name, "", text, language)
    return Hit(passage, 0.5, Signals(*[0.0] * len(Signals.__dataclass_fields__)), [(text, 0.5)])


def test_what_an_article_says_in_another_language_is_told_as_such() -> None:
    texts = [one["text"] for one in suggested(Found(), "А если меня нет дома?", "ru", Person(), [])]
    assert texts == [RUSSIAN, f"В статье на английском сказано: «{ENGLISH}»"]
