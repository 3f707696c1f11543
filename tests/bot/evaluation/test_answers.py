from __future__ import annotations

from typing import Any

import pytest

from bot.evaluation.answers import Replied, score
from bot.evaluation.questions import Question

PASSAGE = {"id": "courier#0", "title": "Courier", "score": 1.0, "text": "A courier costs 1 299 ₽ until 5 May."}
CITED = [{"number": 1, "id": "courier#0", "title": "Courier", "url": ""}]


def replied(reply: str, question: Question, grounded: bool = True, ms: float = 10.0, **trace: Any) -> Replied:
    parts = {"grounded": grounded, "passages": [PASSAGE], "facts": [], "citations": CITED} | trace
    return Replied(question, reply, {**parts, "latency_ms": {"retrieval": 2, "generation": 3, "first": 3}}, ms)


def asks(**known: Any) -> Question:
    return Question("How much?", known.pop("relevant", frozenset()), **known)


@pytest.mark.parametrize(
    ("reply", "right"),
    [
        ("A courier costs 1,299 ₽ [1].\n\n[1] Courier", True),
        ("Ann, a COURIER costs 1 299 roubles.", True),
        ("It costs 299 ₽.", False),
        ("See [1].\n\n[1] A courier costs 1 299: https://a.example", False),  # the title of a source is no reply
    ],
)
def test_a_reply_with_one_of_the_answers_is_right_however_it_is_spelled(reply: str, right: bool) -> None:
    assert replied(reply, asks(answers=("nothing", "courier costs 1 299"))).right == right


@pytest.mark.parametrize(("reply", "right"), [("Up to 5 May, by courier", True), ("Up to 5 May", False)])
def test_a_reply_must_match_every_pattern(reply: str, right: bool) -> None:
    assert replied(reply, asks(must=(r"\b5 may", "courier"))).right == right


def test_declining_is_never_right() -> None:
    assert not replied("I found no answer about 1 299.", asks(answers=("1 299",)), grounded=False).right


@pytest.mark.parametrize(
    ("reply", "unsupported"),
    [
        ("It costs 1299 ₽ until 5 May [1].", set()),
        ("It costs 1,299 ₽ [7].", set()),
        ("It costs 1 399 ₽.", {"1399"}),
        ("Write to a@b.example by 6 May.", {"a@b.example", "6"}),
        ("Your order NL-7 is on its way.", set()),
    ],
)
def test_values_from_nowhere_are_counted(reply: str, unsupported: set[str]) -> None:
    facts = [{"kind": "order", "text": "Order NL-7 is on its way."}]
    assert replied(reply, asks(), facts=facts).unsupported == unsupported


def test_shares_are_of_the_questions_that_they_concern() -> None:
    known = asks(relevant=frozenset(["courier"]), answers=("1 299",))
    other = asks(relevant=frozenset(["returns"]))
    unknown = asks(has_answer=False)
    scores = score(
        [
            replied("1 299", known),
            replied("5 May", known, ms=30.0),
            replied("no", known, grounded=False),
            replied("1 299", other),
            replied("1 299", unknown),
            replied("no", unknown, grounded=False),
        ],
        articles=7,
        warnings=["doubt"],
    )
    assert (scores.questions, scores.articles, scores.answerable, scores.unanswerable) == (6, 7, 4, 2)
    assert scores.answered == 3 / 4
    assert scores.right == pytest.approx(1 / 3)
    assert scores.right_of_answered == 1 / 2
    assert scores.cited_rightly == pytest.approx(2 / 3)
    assert scores.declined == 1 / 2
    assert (scores.ms_retrieval, scores.ms_generation, scores.ms, scores.warnings) == (2.0, 3.0, 10.0, ["doubt"])


def test_what_nothing_was_asked_for_has_no_share() -> None:
    scores = score([replied("no", asks(has_answer=False), grounded=False)], 1)
    assert scores.answered is scores.right is scores.right_of_answered is scores.cited_rightly is None
    assert scores.declined == 1.0
