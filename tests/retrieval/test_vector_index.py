from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.encoder import Vectors, unit
from retrieval.vector_index import VectorIndex

DIMENSION = 8
IDS = st.lists(st.integers(0, 2**62), min_size=1, max_size=30, unique=True)


def random_vectors(count: int, seed: int = 0) -> Vectors:
    return unit(np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32))


def filled(ids: list[int]) -> tuple[VectorIndex, Vectors]:
    index, vectors = VectorIndex(DIMENSION), random_vectors(len(ids))
    index.add(ids, vectors)
    return index, vectors


@given(IDS)
def test_search_ranks_by_exact_cosine(ids: list[int]) -> None:
    index, vectors = filled(ids)
    question = random_vectors(1, seed=1)[0]
    found = index.search(question, len(ids) + 5)
    expected = sorted(zip(ids, (vectors @ question).tolist(), strict=True), key=lambda pair: -pair[1])
    assert [identifier for identifier, _ in found] == [identifier for identifier, _ in expected]
    assert [cosine for _, cosine in found] == pytest.approx([cosine for _, cosine in expected], abs=1e-5)


@given(IDS, st.data())
def test_a_filtered_search_returns_every_allowed_vector_and_no_other(ids: list[int], data: st.DataObject) -> None:
    index, _ = filled(ids)
    allowed = data.draw(st.lists(st.sampled_from(ids), unique=True))
    found = index.search(random_vectors(1, seed=1)[0], len(ids), allowed)
    assert sorted(identifier for identifier, _ in found) == sorted(allowed)


def test_allowed_ids_that_are_not_stored_are_not_returned() -> None:
    index, vectors = filled([1, 2])
    assert [identifier for identifier, _ in index.search(vectors[0], 5, [2, 99])] == [2]
    assert index.search(vectors[0], 5, []) == []


@given(IDS, st.data())
def test_removed_vectors_are_gone_and_the_rest_unchanged(ids: list[int], data: st.DataObject) -> None:
    index, vectors = filled(ids)
    removed = set(data.draw(st.lists(st.sampled_from(ids), unique=True)))
    index.remove([*removed, 2**62 + 1])
    left = [position for position, identifier in enumerate(ids) if identifier not in removed]
    assert len(index) == len(left)
    np.testing.assert_array_equal(index.vectors([ids[position] for position in left]), vectors[left])


def test_a_saved_index_is_the_same(tmp_path: Path) -> None:
    index, vectors = filled([7, 3, 11])
    index.save(tmp_path / "index.faiss")
    loaded = VectorIndex.load(tmp_path / "index.faiss")
    assert (loaded.dimension, len(loaded)) == (DIMENSION, 3)
    assert loaded.search(vectors[1], 3) == index.search(vectors[1], 3)
    assert [path.name for path in tmp_path.iterdir()] == ["index.faiss"]


def test_an_empty_index_finds_and_holds_nothing() -> None:
    index = VectorIndex(DIMENSION)
    index.add([], np.zeros((0, DIMENSION), dtype=np.float32))
    index.remove([])
    assert index.search(random_vectors(1)[0], 3) == []
    assert index.vectors([]).shape == (0, DIMENSION)
