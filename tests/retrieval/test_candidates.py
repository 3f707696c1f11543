from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pytest

from retrieval.candidates import Candidates
from retrieval.knowledge_base import KnowledgeBase
from retrieval.lexical import words
from retrieval.passage_store import PassageStore, StoredPassage
from retrieval.spelling import runs_of
from tests.fakes import HashEncoder
from tests.retrieval.articles import DELIVERY, RETURNS

INTRODUCTION, COURIER, RETURN = 1, 2, 3


class RecordingStore(PassageStore):
    """Lists the ids of each reading of passages."""

    def __init__(self, folder: Path, encoder: str) -> None:
        super().__init__(folder, encoder)
        self.read: list[list[int]] = []

    def passages(self, ids: Collection[int]) -> dict[int, StoredPassage]:
        self.read.append(list(ids))
        return super().passages(ids)


@pytest.fixture
def base(tmp_path: Path, fake_encoder: HashEncoder) -> KnowledgeBase:
    base = KnowledgeBase(tmp_path, fake_encoder)
    base.update([DELIVERY, RETURNS])
    return base


@pytest.fixture
def store(base: KnowledgeBase) -> RecordingStore:
    return RecordingStore(base.folder, base.encoder.identity)


def passages(candidates: Candidates, *ids: int) -> list[str]:
    return [candidate.passage.id for candidate in candidates.get(ids)]


def test_candidates_come_in_the_order_asked_for_without_unknown_ids(store: RecordingStore) -> None:
    assert passages(Candidates(store), RETURN, 99, INTRODUCTION) == ["returns#0", "delivery#0"]
    assert Candidates(store).get([]) == []


def test_a_candidate_has_all_that_a_question_is_compared_with(store: RecordingStore) -> None:
    (courier,) = Candidates(store).get([COURIER])
    assert courier.passage.section == "Курьер"
    assert courier.sentences == ["Курьер привозит заказ за два дня.", "Цена 299 рублей."]
    assert courier.vectors.shape == (3, HashEncoder().dimension)
    np.testing.assert_allclose(courier.vectors[0], HashEncoder().encode_query(courier.passage.embedded_text), atol=1e-3)
    assert (courier.counts["курьер"], courier.counts["299"], courier.counts["возврат"]) == (2, 1, 0)
    assert courier.length == len(words(courier.passage.embedded_text))
    assert courier.runs >= runs_of("цена") | {"299"}
    assert set(courier.tokens.owners.tolist()) == {-1, 0, 1}


def test_what_is_remembered_is_not_read_again(store: RecordingStore) -> None:
    candidates = Candidates(store)
    first = candidates.get([INTRODUCTION, COURIER])
    assert candidates.get([COURIER, RETURN, INTRODUCTION])[::2] == first[::-1]
    assert store.read == [[INTRODUCTION, COURIER], [RETURN]]


def test_the_candidate_unused_for_longest_is_forgotten_first(store: RecordingStore) -> None:
    candidates = Candidates(store, remembered=2)
    for one in (INTRODUCTION, COURIER, INTRODUCTION, RETURN):
        candidates.get([one])
    del store.read[:]
    assert passages(candidates, RETURN, INTRODUCTION) == ["returns#0", "delivery#0"]
    assert store.read == []
    assert passages(candidates, COURIER) == ["delivery#1"]
    assert store.read == [[COURIER]]


def test_more_than_is_remembered_comes_whole(store: RecordingStore) -> None:
    assert passages(Candidates(store, remembered=1), RETURN, COURIER, INTRODUCTION) == [
        "returns#0", "delivery#1", "delivery#0",
    ]  # fmt: skip


def test_what_was_removed_is_not_read(base: KnowledgeBase, store: RecordingStore) -> None:
    base.remove(["delivery"])
    assert passages(Candidates(store), INTRODUCTION, COURIER, RETURN) == ["returns#0"]
