"""Asking a knowledge base questions whose answering articles are known."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bot.evaluation.questions import Question
from nlu.keyboard import corrected
from nlu.out_of_scope import roc_auc
from retrieval.documents import Hit
from retrieval.knowledge_base import KnowledgeBase

DEPTH = 10  # articles
PASSAGES = 60  # enough for so many different articles


@dataclass
class RetrievalScores:
    """What ``lichno eval retrieval`` prints; ``answerable_auc`` needs questions of both kinds.

    ``ms`` are milliseconds a question with the encoder's pass, ``ms_search`` without it.
    """

    questions: int
    articles: int
    recall_at_1: float
    recall_at_5: float
    recall_at_10: float
    mrr_at_10: float
    ndcg_at_10: float
    unanswerable: int
    answerable_auc: float | None
    ms: float
    ms_search: float
    ms_search_p95: float
    warnings: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


@dataclass
class Ranked:
    """A question with the articles found, best first, as (id, score, passage's heading)."""

    question: Question
    articles: list[tuple[str, float, str]]
    answerable: float
    encoding_ms: float
    search_ms: float

    @property
    def rank(self) -> int | None:
        """Place of the first relevant article, counted from one."""
        places = (n for n, (i, _, _) in enumerate(self.articles, 1) if i in self.question.relevant)
        return next(places, None)

    def as_dict(self) -> dict[str, Any]:
        """A line of ``--out``."""
        return {
            "question": self.question.text,
            "relevant": sorted(self.question.relevant),
            "ranked": [{"id": i, "score": round(score, 3), "heading": heading} for i, score, heading in self.articles],
            "answerable": round(self.answerable, 4),
            "rank": self.rank,
        }


def ask(base: KnowledgeBase, questions: Sequence[Question], asked: Callable[[int], None] | None = None) -> list[Ranked]:
    """Every question's ranking; ``asked`` hears of each."""
    base.search("warm")  # weights load at the first question
    found = []
    for question in questions:
        started = time.perf_counter()
        text = corrected(question.text) or question.text  # as understanding hands it on
        base.encoder.read_message(text)
        read = time.perf_counter()
        result = base.search(text, PASSAGES)
        searched = time.perf_counter()
        found.append(
            Ranked(question, _articles(result.hits), result.answerable, (read - started) * 1e3, (searched - read) * 1e3)
        )
        if asked:
            asked(1)
    return found


def score(ranked: Sequence[Ranked], articles: int, warnings: Sequence[str] = ()) -> RetrievalScores:
    """Means over the questions that some article answers."""
    answered = [r for r in ranked if r.question.relevant]
    others = [r for r in ranked if not r.question.relevant]
    ranks = [r.rank or math.inf for r in answered]
    search = [r.search_ms for r in ranked]
    return RetrievalScores(
        questions=len(answered),
        articles=articles,
        recall_at_1=_mean([rank <= 1 for rank in ranks]),
        recall_at_5=_mean([rank <= 5 for rank in ranks]),
        recall_at_10=_mean([rank <= DEPTH for rank in ranks]),
        mrr_at_10=_mean([1 / rank if rank <= DEPTH else 0.0 for rank in ranks]),
        ndcg_at_10=_mean([_ndcg(r) for r in answered]),
        unanswerable=len(others),
        answerable_auc=roc_auc([r.answerable for r in answered], [r.answerable for r in others])
        if answered and others
        else None,
        ms=round(float(np.median([r.encoding_ms + r.search_ms for r in ranked])), 1),
        ms_search=round(float(np.median(search)), 1),
        ms_search_p95=round(float(np.quantile(search, 0.95)), 1),
        warnings=list(warnings),
    )


def write(ranked: Sequence[Ranked], path: Path) -> None:
    """One JSON line a question."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(r.as_dict(), ensure_ascii=False) + "\n" for r in ranked), encoding="utf-8")


def _articles(hits: Sequence[Hit]) -> list[tuple[str, float, str]]:
    """Articles in the order of their best passages."""
    found: dict[str, tuple[str, float, str]] = {}
    for hit in hits:
        found.setdefault(hit.passage.document_id, (hit.passage.document_id, hit.score, hit.passage.heading))
    return list(found.values())[:DEPTH]


def _ndcg(ranked: Ranked) -> float:
    """Gain of the relevant articles discounted by log2 of their places, over the best possible order's."""
    gain = sum(1 / math.log2(n + 1) for n, (i, _, _) in enumerate(ranked.articles, 1) if i in ranked.question.relevant)
    best = sum(1 / math.log2(n + 1) for n in range(1, min(len(ranked.question.relevant), DEPTH) + 1))
    return gain / best


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0
