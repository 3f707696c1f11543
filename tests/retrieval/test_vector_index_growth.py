from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nlu.encoder import Vectors, unit
from retrieval.inverted_index import ByteScale, lists_for
from retrieval.vector_index import VectorIndex

DIMENSION = 32


def clustered(count: int, seed: int = 0) -> Vectors:
    """Unit vectors around 50 centres that are themselves near each other."""
    rng = np.random.default_rng(seed)
    centres = 1 + 0.4 * np.random.default_rng(99).standard_normal((50, DIMENSION))
    noise = 0.2 * rng.standard_normal((count, DIMENSION))
    return unit((centres[rng.integers(50, size=count)] + noise).astype(np.float32))


@pytest.fixture(scope="module")
def grown() -> tuple[VectorIndex, Vectors]:
    """20,000 vectors, added little by little to an index that was exact up to 500."""
    vectors, index = clustered(20_000), VectorIndex(DIMENSION, 500)
    for start in range(0, len(vectors), 400):
        index.add(range(start, start + 400), vectors[start : start + 400])
    return index, vectors


def test_a_grown_index_finds_nearly_all_of_the_nearest(grown: tuple[VectorIndex, Vectors]) -> None:
    index, vectors = grown
    questions = clustered(100, seed=1)
    nearest = np.argsort(-questions @ vectors.T, axis=1)[:, :10]
    found = [{identifier for identifier, _ in index.search(question, 10)} for question in questions]
    assert sum(len(ids.intersection(row)) for ids, row in zip(found, nearest.tolist())) >= 0.95 * nearest.size


def test_a_grown_index_finds_every_allowed_id(grown: tuple[VectorIndex, Vectors]) -> None:
    index, _ = grown
    allowed = range(0, 20_000, 97)
    found = index.search(clustered(1, seed=2)[0], 1_000, allowed)
    assert sorted(identifier for identifier, _ in found) == list(allowed)


def test_a_search_for_many_returns_as_many(grown: tuple[VectorIndex, Vectors]) -> None:
    index, _ = grown
    for k in (1, 100, 5_000, 30_000):
        assert len(index.search(clustered(1, seed=3)[0], k)) == min(k, 20_000)


def test_a_new_layout_changes_no_stored_vector() -> None:
    index, vectors = VectorIndex(DIMENSION, 500), clustered(4_000)
    index.add(range(600), vectors[:600])
    before = index.vectors(range(600))
    index.add(range(600, 4_000), vectors[600:])
    np.testing.assert_array_equal(index.vectors(range(600)), before)


@given(arrays(np.float32, (5, 8), elements=st.floats(-1, 1, width=32)))
def test_bytes_decoded_and_encoded_again_are_the_same(vectors: Vectors) -> None:
    scale = ByteScale.of(vectors)
    numbers = scale.encoded(vectors)
    np.testing.assert_array_equal(scale.encoded(scale.decoded(numbers)), numbers)


@given(st.integers(1, 10**7))
def test_there_are_never_more_lists_than_vectors(vectors: int) -> None:
    assert 1 <= lists_for(vectors) <= vectors


def test_searches_during_changes_are_right() -> None:
    """Threads add, update and remove while others search, through the change of kind and a new layout."""
    vectors = clustered(4_000)
    index = VectorIndex(DIMENSION, 300)
    index.add(range(400), vectors[:400])
    index.remove(range(0, 400, 2))
    kept, gone = set(range(1, 400, 2)), set(range(0, 400, 2))
    updated = sorted(kept)  # by the same vectors, so that an instant without them would show
    finished = threading.Event()

    def change(first: int) -> None:
        for start in range(first, first + 1_200, 100):
            ids = range(start, start + 100)
            index.add(ids, vectors[start : start + 100])
            index.add(updated, vectors[updated])
            index.remove(ids[::2])

    def search(seed: int) -> int:
        searches = 0
        while not finished.is_set() or not searches:
            question = clustered(1, seed=searches * 10 + seed)[0]
            hits = index.search(question, 20)
            assert len({i for i, _ in hits}) == 20 and not gone & {i for i, _ in hits}
            assert all(abs(cosine - vectors[i] @ question) < 0.01 for i, cosine in hits)
            assert {i for i, _ in index.search(question, 400, [*kept, *gone])} == kept
            searches += 1
        return searches

    with ThreadPoolExecutor(5) as pool:
        searching = [pool.submit(search, seed) for seed in range(2)]
        changing = [pool.submit(change, first) for first in (400, 1_600, 2_800)]
        try:
            for future in changing:
                future.result()
        finally:
            finished.set()
        assert all(future.result() for future in searching)
    found = {i for i, _ in index.search(vectors[0], 4_000)}
    assert found == kept | set(range(401, 4_000, 2))
