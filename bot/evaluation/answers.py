"""Asking the assistant questions about one's own articles and customers, and judging what it replies."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.conversation import ASK_CHANNEL, CUSTOMER_KEY
from bot.evaluation.questions import Question
from bot.generation.literal import values
from bot.nlg import ANSWER, GroundedResponseGenerator
from nlu.keyboard import corrected

SOURCE_LINE = re.compile(r"^\s*\[\d+\] .*$", re.MULTILINE)  # below a reply: titles and links of what it cites
MARK = re.compile(r"\[\d+\]")


@dataclass
class AnswerScores:
    """What ``lichno eval answers`` prints; shares are None where nothing was there to count.

    ``answered`` and ``right`` are shares of the questions that something answers (right: of those that say
    what a right reply holds), ``cited_rightly`` of the replies to questions with relevant articles.
    ``declined`` is the share of the unanswerable questions that got no answer. ``unsupported_values`` counts
    numbers, dates, codes and links of replies that neither a passage found nor a fact used has. ``ms_first_p95``
    is when the first verified sentence of a reply could be shown, search included.
    """

    questions: int
    articles: int
    answerable: int
    answered: float | None
    right: float | None
    right_of_answered: float | None
    cited_rightly: float | None
    unanswerable: int
    declined: float | None
    unsupported_values: int
    ms_retrieval: float
    ms_generation: float
    ms: float
    ms_first_p95: float
    ms_p95: float
    warnings: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


@dataclass
class Replied:
    """A question with its reply and the trace of what it rests on."""

    question: Question
    reply: str
    trace: dict[str, Any]
    ms: float

    @property
    def answered(self) -> bool:
        """Whether something was said instead of declining."""
        return bool(self.trace.get("grounded"))

    @property
    def said(self) -> str:
        """The reply without the list of its sources."""
        return SOURCE_LINE.sub("", self.reply).strip()

    @property
    def right(self) -> bool:
        """Whether one of the answers, or every pattern, is in the reply."""
        said = _plain(self.said)
        patterns = self.question.must
        by_patterns = bool(patterns) and all(re.search(p, self.said, re.IGNORECASE) for p in patterns)
        return self.answered and (by_patterns or any(_plain(answer) in said for answer in self.question.answers))

    @property
    def cited_rightly(self) -> bool:
        """Whether it cites a relevant article."""
        cited = {citation["id"].rpartition("#")[0] for citation in self.trace.get("citations", [])}
        return not cited.isdisjoint(self.question.relevant)

    @property
    def unsupported(self) -> set[str]:
        """Values that the reply has from nowhere."""
        if not self.answered:
            return set()
        evidence = [passage["title"] + "\n" + passage["text"] for passage in self.trace["passages"]]
        evidence += [fact["text"] for fact in self.trace["facts"]]
        known = " ".join(evidence)
        numbers = set(re.findall(r"\d+", known))
        strange = values(MARK.sub("", self.said)) - values(known)
        return {value for value in strange if not numbers.issuperset(re.findall(r"\d+", value) or [value])}

    def as_dict(self) -> dict[str, Any]:
        """A line of ``--out``."""
        return {
            "question": self.question.text,
            "customer": self.question.customer,
            "relevant": sorted(self.question.relevant),
            "answerable": self.question.answerable,
            "reply": self.reply,
            **self.trace,
            "right": self.right if self.question.is_checked else None,
            "cited_rightly": self.cited_rightly if self.question.relevant else None,
            "unsupported": sorted(self.unsupported),
            "ms": round(self.ms),
        }


async def ask(
    generator: GroundedResponseGenerator, questions: Sequence[Question], asked: Callable[[int], None] | None = None
) -> list[Replied]:
    """Every question's reply, each in a conversation of its own; ``asked`` hears of each.

    Intents are not asked: every message is taken for a question to the articles.
    """
    await generator.generate(ANSWER, _tracker(Question("warm", frozenset())), ASK_CHANNEL)  # weights load
    found = []
    for question in questions:
        started = time.perf_counter()
        told = await generator.generate(ANSWER, _tracker(question), ASK_CHANNEL) or {}
        ms = (time.perf_counter() - started) * 1e3
        found.append(Replied(question, told.get("text") or "", told.get("trace") or {}, ms))
        if asked:
            asked(1)
    return found


def _tracker(question: Question) -> DialogueStateTracker:
    tracker = DialogueStateTracker("eval", [])
    text = corrected(question.text) or question.text  # as understanding hands it on
    metadata = {CUSTOMER_KEY: question.customer} if question.customer else {}
    tracker.update(UserUttered(text, {"name": "ask_question"}, input_channel=ASK_CHANNEL, metadata=metadata))
    return tracker


def score(replies: Sequence[Replied], articles: int, warnings: Sequence[str] = ()) -> AnswerScores:
    """Shares over the questions of each kind."""
    answerable = [r for r in replies if r.question.answerable]
    others = [r for r in replies if not r.question.answerable]
    checked = [r for r in answerable if r.question.is_checked]
    times = [r.ms for r in replies]
    return AnswerScores(
        questions=len(replies),
        articles=articles,
        answerable=len(answerable),
        answered=_share([r.answered for r in answerable]),
        right=_share([r.right for r in checked]),
        right_of_answered=_share([r.right for r in checked if r.answered]),
        cited_rightly=_share([r.cited_rightly for r in answerable if r.answered and r.question.relevant]),
        unanswerable=len(others),
        declined=_share([not r.answered for r in others]),
        unsupported_values=sum(len(r.unsupported) for r in replies),
        ms_retrieval=_median([r.trace["latency_ms"]["retrieval"] for r in replies if r.trace]),
        ms_generation=_median([r.trace["latency_ms"]["generation"] for r in replies if r.trace]),
        ms=_median(times),
        ms_first_p95=_p95([_first_shown(r.trace) for r in replies if r.answered]),
        ms_p95=_p95(times),
        warnings=list(warnings),
    )


def write(replies: Sequence[Replied], path: Path) -> None:
    """One JSON line a question."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(r.as_dict(), ensure_ascii=False) + "\n" for r in replies), encoding="utf-8")


def _plain(text: str) -> str:
    """Letters and digits alone, so that spaces, marks and capitals make no difference."""
    return re.sub(r"[^\w]+", " ", MARK.sub("", text).lower().replace("ё", "е")).strip()


def _share(flags: Sequence[bool]) -> float | None:
    return float(np.mean(flags)) if flags else None


def _first_shown(trace: dict[str, Any]) -> float:
    return float(trace["latency_ms"]["retrieval"] + trace["latency_ms"]["first"])


def _p95(numbers: Sequence[float]) -> float:
    return round(float(np.quantile(numbers, 0.95)), 1) if numbers else 0.0


def _median(numbers: Sequence[float]) -> float:
    return round(float(np.median(numbers)), 1) if numbers else 0.0
