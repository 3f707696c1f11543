"""Teaching the encoder which sentence answers: the second stage of its fine-tuning.

What is quoted is a sentence, and the others of its passage are the hardest to tell from it: same
subject, same words. Here only sentences are read, each under its heading, which takes a quarter of the
time of whole passages; each lesson brings several wrong ones (InfoNCE with hard negatives, as Karpukhin
et al. 2020, "Dense Passage Retrieval"), in the language of the right one, so that language tells nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from nlu.encoder import MESSAGE_TOKENS, PASSAGE, QUERY
from nlu.language import script_language
from retrieval.encoder_training import EncoderTraining, alike, two_wordings
from retrieval.lessons import Lesson
from retrieval.sentences import sentences_of

BESIDE = 2  # sentences of the answering passage that do not answer, in a lesson


@dataclass(frozen=True)
class _Batch:
    """Two wordings of each lesson's question, and sentences: the answering ones first."""

    first: list[str]
    second: list[str]
    sentences: list[str]
    alike: Tensor  # (lessons, sentences): of the lesson's owner without being its answer, which proves nothing


class SentenceTraining(EncoderTraining):
    """One run on sentences alone; goes on from an adapter that knows passages."""

    def _batch(self, lessons: Sequence[Lesson], choice: random.Random) -> Any:
        return _batch(lessons, choice)

    def _loss(self, model: Any, batch: Any) -> Tensor:
        count, arguments = len(batch.first), self.arguments
        questions = self._read(model, QUERY, batch.first + batch.second, MESSAGE_TOKENS)
        sentences = self._read(model, PASSAGE, batch.sentences, MESSAGE_TOKENS)
        asked, said = questions.vectors(), sentences.vectors()
        late = self._interaction(questions, sentences)
        loss = arguments.wordings * self._contrast(asked[:count] @ asked[count:].T)
        for rows in (slice(count), slice(count, None)):
            loss = loss + self._contrast(asked[rows] @ said.T, batch.alike)
            loss = loss + arguments.late_interaction / 2 * self._contrast(late[rows], batch.alike)
        return loss


def _batch(lessons: Sequence[Lesson], choice: random.Random) -> _Batch:
    first, second = two_wordings(lessons, choice)
    answers = [choice.choice(lesson.sentences or lesson.passages) for lesson in lessons]
    wrong: list[tuple[str, str]] = []  # owner, sentence; what stands beside an answer surely is none
    for lesson, answer in zip(lessons, answers):
        language = script_language(answer)
        beside = [sentence for sentence in lesson.beside if script_language(sentence) == language]
        wrong += [("", sentence) for sentence in choice.sample(beside, min(BESIDE, len(beside)))]
        near = [(owner, text) for owner, text in lesson.near if script_language(text) == language]
        if near:
            owner, text = choice.choice(near)
            wrong += [(owner, sentence) for sentence in _one_of(text, choice)]
    owners = [lesson.owner for lesson in lessons]
    columns = [*owners, *(owner for owner, _ in wrong)]
    return _Batch(first, second, [*answers, *(sentence for _, sentence in wrong)], alike(owners, columns))


def _one_of(passage: str, choice: random.Random) -> list[str]:
    """A sentence of an embedded passage under its heading, or nothing."""
    heading, _, text = passage.partition("\n")
    found = sentences_of(text)
    return [f"{heading}: {choice.choice(found)}"] if found else []
