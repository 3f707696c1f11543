"""Fitting the encoder to a company: training on its own articles, and a guard that keeps the better one.

Lessons come from the knowledge base itself, from questions that customers asked with the article that
helped, where there are any, and from the written scenarios of other companies, so that nothing general
is forgotten. Both encoders are then asked what neither learned from; the new one must be better on the
company's articles and no worse on other companies'.
"""

from __future__ import annotations

import random
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.encoder import Encoder
from nlu.errors import TrainingDataError
from nlu.fine_tuning import StepProgress
from retrieval.documents import Document, Passage
from retrieval.encoder_training import EncoderTraining, EncoderTrainingArguments
from retrieval.knowledge_base import KnowledgeBase
from retrieval.lessons import Lesson, article_lessons, written_lessons
from retrieval.report.content import Content
from retrieval.report.counterparts import Counterpart, counterparts
from retrieval.scenarios import LANGUAGES, Parts, Scenario

HELD_OUT = 0.2  # of the documents: they and the logged questions about them only measure
FEW_DOCUMENTS = 5  # of fewer, single passages are held out
MIN_PASSAGES = 20  # fewer give no lesson worth minutes of training
MOST_LESSONS = 1500  # of a company's own in one run, which keeps it to minutes
GENERAL_QUESTIONS = 300  # about other companies
MAY_LOSE = 0.01  # of their R@1
GOING_ON = EncoderTrainingArguments(epochs=1, learning_rate=1e-4)  # faster forgets more than it learns


@dataclass(frozen=True)
class Logged:
    """A question that a customer asked, and the documents any of which helped."""

    question: str
    relevant: frozenset[str]


@dataclass(frozen=True)
class Measured:
    """R@1 and reciprocal rank on the company's questions held out, R@1 on questions about other companies."""

    company: float
    reciprocal: float
    general: float

    def beats(self, other: Measured) -> bool:
        """Better on the company's own, and nothing general lost."""
        return (self.reciprocal, self.company) > (other.reciprocal, other.company) and (
            self.general >= other.general - MAY_LOSE
        )


@dataclass(frozen=True)
class _Asked:
    """A question, and the ids of the documents any of which answers."""

    question: str
    documents: frozenset[str]


class Adaptation:
    """One adaptation of the encoder to a knowledge base.

    Args:
        content: the knowledge base's passages and vectors.
        logged: customers' questions with the articles that helped.
        scenarios: the written scenarios' parts.
        seed: of what is held out.

    Raises:
        TrainingDataError: there are too few passages.
    """

    def __init__(self, content: Content, logged: Sequence[Logged], scenarios: Parts, seed: int = 13) -> None:
        if len(content.passages) < MIN_PASSAGES:
            raise TrainingDataError(
                f"{len(content.passages)} passages are too few to learn from: index at least {MIN_PASSAGES}"
                " (lichno index add …)."
            )
        self._passages = content.passages
        self._scenarios = scenarios
        pairs = counterparts(content)
        self._translations = _translated_passages(content, pairs)
        groups = _groups(self._passages, pairs, self._translations)
        held = set(random.Random(seed).sample(sorted(set(groups)), max(1, round(HELD_OUT * len(set(groups))))))
        self._learned = [passage for passage, own in zip(self._passages, groups) if own not in held]
        self._held = [passage for passage, own in zip(self._passages, groups) if own in held]
        # A logged question goes with what it is about, or it would tell of what is held out.
        learned = {passage.document_id for passage in self._learned}
        unknown = {passage.document_id for passage in self._held} - learned
        self._logged = [one for one in logged if one.relevant.isdisjoint(unknown)]
        self._logged_held = list(dict.fromkeys(one for one in logged if not one.relevant.isdisjoint(unknown)))

    def train(
        self,
        base: Path,
        start: Path,
        adapter: Path,
        checkpoint: Path,
        arguments: EncoderTrainingArguments = GOING_ON,
        progress: StepProgress | None = None,
    ) -> float:
        """Go on from the adapter ``start`` and write ``adapter``; returns the last loss."""
        return EncoderTraining(base, start, arguments).run(self._lessons, adapter, checkpoint, progress)

    def measure(self, encoder: Encoder) -> Measured:
        """What is held out, asked of the real search with this encoder."""
        own = [_Asked(q, frozenset(d)) for q, d in self._own_questions()]
        with tempfile.TemporaryDirectory() as folder:
            base = KnowledgeBase(Path(folder), encoder)
            base.begin(self._passages)
            ranks = [_rank(base, asked) for asked in own]
            base.store.close()
        general = self._general(encoder)
        count = max(1, len(ranks))
        return Measured(
            sum(rank == 1 for rank in ranks) / count, sum(1.0 / rank for rank in ranks if rank) / count, general
        )

    # -- what is learned from, and what is asked -----------------------------------------------

    def _lessons(self, choice: random.Random) -> list[Lesson]:
        own = article_lessons(self._learned, self._translations, choice)
        own = choice.sample(own, min(MOST_LESSONS, len(own))) + self._logged_lessons()
        general = written_lessons(self._scenarios.learning, choice)
        return own + choice.sample(general, min(len(own), len(general)))

    def _logged_lessons(self) -> list[Lesson]:
        by_document = defaultdict(list)
        for passage in self._learned:
            by_document[passage.document_id].append(passage.embedded_text)
        return [
            Lesson([logged.question], texts, [], next(iter(sorted(logged.relevant))), [], [])
            for logged in self._logged
            if (texts := [text for document in sorted(logged.relevant) for text in by_document[document]])
        ]

    def _own_questions(self) -> list[tuple[str, set[str]]]:
        """Logged questions, and pieces of articles that were not learned from, with translations counted as right."""
        found = [(logged.question, set(logged.relevant)) for logged in self._logged_held]
        documents = {passage.id: passage.document_id for passage in self._passages}
        choice = random.Random(0)
        for lesson in article_lessons(self._held, self._translations, choice):
            right = {documents[i] for i in (lesson.owner, *self._translations.get(lesson.owner, ()))}
            found.append((lesson.asked[-1], right))
        return found

    def _general(self, encoder: Encoder) -> float:
        scenarios = [scenario.filled() for scenario in self._scenarios.calibration]
        questions = [
            _Asked(question, frozenset(f"{n}-{told}" for told in LANGUAGES))
            for n, scenario in enumerate(scenarios)
            for case in scenario.asked
            if not case.previous
            for language in LANGUAGES
            for question in case.questions[language]
        ]
        asked = random.Random(0).sample(questions, min(GENERAL_QUESTIONS, len(questions)))
        with tempfile.TemporaryDirectory() as folder:
            base = KnowledgeBase(Path(folder), encoder)
            base.update(_documents(scenarios))
            first = [_rank(base, one) == 1 for one in asked]
            base.store.close()
        return sum(first) / max(1, len(first))


def _groups(
    passages: Sequence[Passage], pairs: Sequence[Counterpart], translations: Mapping[str, Sequence[str]]
) -> list[str]:
    """For each passage a name of what it is held out with: its document, and translations, which tell of each other."""
    units = [passage.document_id for passage in passages]
    links = [(pair.first, pair.second) for pair in pairs]
    if len(set(units)) < FEW_DOCUMENTS:
        units = [passage.id for passage in passages]
        links = [(one, other) for one, others in translations.items() for other in others]
    together = {unit: {unit} for unit in units}
    for one, other in links:
        joined = together[one] | together[other]
        together.update(dict.fromkeys(joined, joined))
    return [min(together[unit]) for unit in units]


def _translated_passages(content: Content, pairs: Sequence[Counterpart]) -> Mapping[str, list[str]]:
    """Ids of passages that say the same in another language: of documents that are translations, cut alike."""
    by_document: dict[str, list[str]] = defaultdict(list)
    for passage in content.passages:
        by_document[passage.document_id].append(passage.id)
    found: dict[str, list[str]] = defaultdict(list)
    for pair in pairs:
        first, second = by_document[pair.first], by_document[pair.second]
        if len(first) == len(second):
            for one, other in zip(first, second):
                found[one].append(other)
                found[other].append(one)
    return found


def _documents(scenarios: Sequence[Scenario]) -> list[Document]:
    return [
        Document(f"{n}-{language}", scenario.title[language], scenario.passage(language), language)
        for n, scenario in enumerate(scenarios)
        for language in LANGUAGES
    ]


def _rank(base: KnowledgeBase, asked: _Asked) -> int:
    """Place of the first right document, counted from one; 0 where it is not found."""
    documents = list(dict.fromkeys(hit.passage.document_id for hit in base.search(asked.question, 30).hits))
    return next((place for place, document in enumerate(documents, 1) if document in asked.documents), 0)
