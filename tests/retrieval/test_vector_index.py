from __future__ import annotations

import re
from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.encoder import Vectors, unit
from retrieval.vector_index import VectorIndex, VectorIndexError

DIMENSION = 16
BASE = [*range(100, 200)]
EXACT, INVERTED = (
    10_000,
    len(BASE) - 1,
)  # limits up to which an index stays exact, above and below what these tests hold
ROUNDING = {EXACT: 1e-5, INVERTED: 2e-2}  # numbers off the scale of so few vectors are cut

LIMITS = st.sampled_from([EXACT, INVERTED])
ID = st.integers(0, 20) | st.sampled_from(BASE[:10]) | st.integers(2**62, 2**62 + 3)
IDS = st.lists(ID, min_size=1, max_size=30, unique=True)
ACTIONS = st.lists(
    st.tuples(st.just("add"), IDS, st.integers(0, 99)) | st.tuples(st.just("remove"), IDS, st.just(0)), max_size=8
)


def crowded(count: int, seed: int = 0) -> Vectors:
    """Unit vectors about as near to each other as an encoder's."""
    noise = np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32)
    return unit(1 + 0.4 * noise)


def filled(ids: list[int], limit: int = EXACT) -> tuple[VectorIndex, dict[int, Vectors]]:
    index, vectors = VectorIndex(DIMENSION, limit), crowded(len(ids))
    index.add(ids, vectors)
    return index, dict(zip(ids, vectors))


def changed(actions: list[tuple[str, list[int], int]], limit: int) -> tuple[VectorIndex, dict[int, Vectors]]:
    """An index of the base after some actions, and what a dictionary holds after the same."""
    index, model = filled(BASE, limit)
    for action, ids, seed in actions:
        if action == "add":
            index.add(ids, crowded(len(ids), seed))
            model.update(zip(ids, crowded(len(ids), seed)))
        else:
            index.remove(ids)
            model = {identifier: vector for identifier, vector in model.items() if identifier not in ids}
    return index, model


def agrees(found: list[tuple[int, float]], model: dict[int, Vectors], question: Vectors, k: int, error: float) -> bool:
    """Whether these are the ``k`` nearest of the model, but for rounding."""
    true = {identifier: float(vector @ question) for identifier, vector in model.items()}
    best = sorted(true.values(), reverse=True)[:k]
    scores = [score for _, score in found]
    return (
        len({identifier for identifier, _ in found}) == len(best)
        and scores == sorted(scores, reverse=True)
        and all(abs(score - true[identifier]) <= error for identifier, score in found)
        and all(abs(score - other) <= 2 * error for score, other in zip(scores, best))
    )


@given(ACTIONS, LIMITS, st.integers(1, 150))
def test_after_any_changes_a_search_finds_what_a_dictionary_holds(
    actions: list[tuple[str, list[int], int]], limit: int, k: int
) -> None:
    index, model = changed(actions, limit)
    question = crowded(1, seed=100)[0]
    assert len(index) == len(model)
    assert agrees(index.search(question, k), model, question, k, ROUNDING[limit])


@given(ACTIONS, LIMITS, IDS, st.integers(1, 150))
def test_a_filtered_search_finds_the_nearest_allowed_and_no_other(
    actions: list[tuple[str, list[int], int]], limit: int, allowed: list[int], k: int
) -> None:
    index, model = changed(actions, limit)
    question = crowded(1, seed=100)[0]
    left = {identifier: vector for identifier, vector in model.items() if identifier in allowed}
    assert agrees(index.search(question, k, [*allowed, -1, 777]), left, question, k, ROUNDING[limit])
    assert index.search(question, k, []) == []


@given(ACTIONS, LIMITS)
def test_stored_vectors_come_back(actions: list[tuple[str, list[int], int]], limit: int) -> None:
    index, model = changed(actions, limit)
    stored = index.vectors(list(model))
    assert stored.shape == (len(model), DIMENSION)
    for vector, expected in zip(stored, model.values()):
        np.testing.assert_allclose(vector, expected, atol=0 if limit == EXACT else 0.1)
    with pytest.raises(KeyError):
        index.vectors([*model, 777])


@pytest.mark.parametrize("limit", [EXACT, INVERTED])
def test_of_an_id_given_twice_the_last_vector_counts(limit: int) -> None:
    index, _ = filled(BASE, limit)
    first, last = crowded(2, seed=1)
    index.add([3, 3], np.stack([first, last]))
    assert len(index) == 101
    assert index.search(last, 1, [3])[0][1] == pytest.approx(1, abs=ROUNDING[limit])


@pytest.mark.parametrize("limit", [EXACT, INVERTED])
def test_an_emptied_index_finds_nothing_and_can_be_filled_again(limit: int) -> None:
    index, _ = filled(BASE, limit)
    index.remove(BASE)
    assert (len(index), index.search(crowded(1)[0], 3), index.search(crowded(1)[0], 3, [100])) == (0, [], [])
    index.add([5], crowded(1))
    assert [identifier for identifier, _ in index.search(crowded(1)[0], 3)] == [5]


def test_a_new_index_finds_and_holds_nothing() -> None:
    index = VectorIndex(DIMENSION)
    index.add([], np.zeros((0, DIMENSION), dtype=np.float32))
    index.remove([])
    assert index.search(crowded(1)[0], 3) == []
    assert index.search(crowded(1)[0], 0) == []
    assert index.vectors([]).shape == (0, DIMENSION)


@pytest.mark.parametrize(
    ("ids", "vectors"),
    [
        ([1], crowded(2)),
        ([1, 2], crowded(2)[:, 1:]),
        ([1, -1], crowded(2)),
        ([1, 2], np.full((2, DIMENSION), np.nan, dtype=np.float32)),
    ],
)
def test_vectors_that_cannot_be_stored_change_nothing(ids: list[int], vectors: Vectors) -> None:
    index, _ = filled([1, 5])
    before = index.search(crowded(1)[0], 5)
    with pytest.raises(ValueError):
        index.add(ids, vectors)
    assert index.search(crowded(1)[0], 5) == before


@given(ACTIONS, LIMITS)
def test_a_saved_index_is_the_same_and_can_be_changed(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, list[int], int]], limit: int
) -> None:
    index, model = changed(actions, limit)
    path = tmp_path_factory.mktemp("index") / "index.faiss"
    index.save(path)
    loaded = VectorIndex.load(path, DIMENSION, limit)
    question = crowded(1, seed=100)[0]
    for same in (index, loaded):
        same.remove([*model][::2])
        same.add([2**61], crowded(1, seed=101))
    assert loaded.search(question, 40) == index.search(question, 40)
    assert [file.name for file in path.parent.iterdir()] == ["index.faiss"]


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    index, _ = filled([1, 2])
    index.save(tmp_path / "index.faiss")
    index.add([3], crowded(1))
    (tmp_path / "index.faiss.part").mkdir()
    with pytest.raises(RuntimeError):
        index.save(tmp_path / "index.faiss")
    assert len(VectorIndex.load(tmp_path / "index.faiss")) == 2


@pytest.mark.parametrize("limit", [EXACT, INVERTED])
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_truncated_file_is_refused(tmp_path_factory: pytest.TempPathFactory, limit: int, share: float) -> None:
    path = tmp_path_factory.mktemp("index") / "index.faiss"
    filled(BASE, limit)[0].save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(VectorIndexError, match=re.escape(str(path)) + ".*lichno index add"):
        VectorIndex.load(path)


def test_a_file_that_is_missing_or_no_index_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("Возврат в течение 14 дней." * 100)
    faiss.write_index(faiss.IndexFlatIP(DIMENSION), str(tmp_path / "flat"))
    faiss.write_index(faiss.index_factory(DIMENSION, "IVF1,SQ8"), str(tmp_path / "bytes"))
    for name in ("text", "flat", "bytes", "missing"):
        with pytest.raises(VectorIndexError, match=f"{name} .*lichno index add"):
            VectorIndex.load(tmp_path / name)


def test_vectors_of_another_dimension_are_refused(tmp_path: Path) -> None:
    filled([1])[0].save(tmp_path / "index.faiss")
    with pytest.raises(VectorIndexError, match=f"{DIMENSION} numbers.*384.*lichno index add"):
        VectorIndex.load(tmp_path / "index.faiss", 384)
