"""Small contents for stores, and what a store shows of them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.documents import Passage
from retrieval.passage_store import PassageStore, Version, embedded_texts

if TYPE_CHECKING:
    from nlu.encoder import Vectors

ENCODER = "of hashed texts"
DIMENSION = 16
Put = Mapping[str, Sequence[Passage]]


def store_in(folder: Path) -> PassageStore:
    return PassageStore(folder, ENCODER)


def passages(document: str, *texts: str) -> list[Passage]:
    return [Passage(f"{document}#{i}", document, document.title(), "", text, "ru") for i, text in enumerate(texts)]


def documents(**texts: str) -> Put:
    """A document for each keyword, of one passage for each line."""
    return {name: passages(name, *text.split("\n")) for name, text in texts.items()}


def texts_of(put: Put) -> list[str]:
    return [text for group in put.values() for text in embedded_texts(group)]


def vectors_of(texts: Iterable[str]) -> dict[str, Vectors]:
    return {text: _vector(text) for text in texts}


def commit(store: PassageStore, put: Put, remove: Sequence[str] = ()) -> Version:
    """Commit with the vectors that are missing."""
    return store.commit(put, remove, vectors_of(store.missing(texts_of(put)))).version


def ids(store: PassageStore) -> list[int]:
    return [identifier for block in store.blocks() for identifier in block]


def content(store: PassageStore) -> dict[str, str]:
    """Text of every current passage by its id, after checking that all that belongs to it is there too."""
    with store.reading():
        found = store.passages(ids(store))
        owners, whole = store.passage_vectors(list(found))
        sentences_owners, sentences = store.sentence_vectors(list(found))
        assert owners == sorted(found)
        assert sentences_owners == [i for i in sorted(found) for _ in found[i].sentences]
        texts = [found[i].texts for i in sorted(found)]
        _assert_vectors(whole, [own[0] for own in texts])
        _assert_vectors(sentences, [text for own in texts for text in own[1:]])
        terms = {term for stored in found.values() for term in stored.terms}
        frequencies = store.lexical.document_frequency(terms)
        assert frequencies == {term: sum(term in p.terms for p in found.values()) for term in terms}
        assert {i for i, _ in store.lexical.match(frequencies, len(found) + 1)} == {i for i in found if found[i].terms}
        assert store.size == len(found)
    return {stored.passage.id: stored.passage.text for stored in found.values()}


def _assert_vectors(stored: Vectors, texts: list[str]) -> None:
    expected = np.array([_vector(text) for text in texts], np.float32).reshape(stored.shape)
    np.testing.assert_allclose(stored, expected, atol=1e-3)


def _vector(text: str) -> Vectors:
    """Of length one, another for each text; made without the encoder's module, which takes seconds to load."""
    vector = np.random.default_rng(zlib.crc32(text.encode())).standard_normal(DIMENSION)
    unit: Vectors = (vector / np.linalg.norm(vector)).astype(np.float32)
    return unit
