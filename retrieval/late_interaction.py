"""A question's words against a passage's words, in the encoder's space.

Mean vectors blur what a text says. Here every word piece of the question looks for its nearest
piece of the passage, and the similarities are averaged (Khattab and Zaharia 2020, "ColBERT", late
interaction), in both languages alike. Three things make this work with an encoder that was trained
for mean vectors only: a common part is subtracted, since its vectors crowd in a narrow cone; rare
pieces weigh more than frequent ones; and besides the whole passage each sentence is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from nlu.encoder import PASSAGE, Encoder, Encoding, Vectors, unit
from nlu.layers import serving_precision
from retrieval.documents import Passage
from retrieval.sentences import located_sentences

COMMON_SURPRISAL = 6.0  # nats; pieces about as frequent as "the" or a comma count next to nothing
LEAST_WEIGHT = 0.3
# The common part is the mean over what people ask and shops write; any such texts will do.
TYPICAL = (
    "Как вернуть деньги за заказ, если товар не подошёл?",
    "Курьер привезёт посылку завтра с 10 до 18 часов, перед выездом он позвонит.",
    "Гарантия действует один год со дня покупки и не покрывает царапины.",
    "Откройте настройки, выберите «Сеть» и введите пароль ещё раз.",
    "В 1895 году учёный описал новое явление, но причины его долго оставались неясны.",
    "Сотрудник подаёт заявление руководителю не позднее чем за две недели.",
    "Оплатить можно картой, наличными или через приложение банка.",
    "Город стоит на берегу реки и известен старым университетом.",
    "How do I get a refund if the item does not fit?",
    "The courier will bring the parcel tomorrow between 10 am and 6 pm and will call first.",
    "The warranty lasts one year from the date of purchase and does not cover scratches.",
    "Open the settings, choose Network and enter the password again.",
    "In 1895 a scientist described a new phenomenon, but its causes long remained unclear.",
    "Employees hand in the request to their manager at least two weeks ahead.",
    "You can pay by card, in cash or in the bank's app.",
    "The city lies on a river and is known for its old university.",
)

Numbers = npt.NDArray[np.int16]
Bytes = npt.NDArray[np.int8]


@dataclass(frozen=True)
class TokenVectors:
    """A passage's word pieces.

    ``values`` are their directions in 8 bits, shape (pieces, dimension); ``owners`` the number of the
    sentence each stands in, ascending, -1 for the heading and what stands between sentences.
    """

    values: Bytes
    owners: Numbers

    @cached_property
    def scales(self) -> Vectors:
        """What makes each row of ``values`` a unit vector, shape (pieces,)."""
        lengths = np.sqrt(np.square(self.values.astype(np.float32)).sum(axis=1))
        scales: Vectors = 1.0 / np.maximum(lengths, 1.0)
        return scales

    def to_bytes(self) -> bytes:
        """For :meth:`from_bytes`."""
        return len(self.owners).to_bytes(2, "little") + self.owners.tobytes() + self.values.tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> TokenVectors:
        """What :meth:`to_bytes` wrote."""
        count = int.from_bytes(data[:2], "little")
        owners = np.frombuffer(data, np.int16, count, 2)
        values = np.frombuffer(data, np.int8, -1, 2 + 2 * count)
        return cls(values.reshape(count, -1 if count else 0), owners)


@dataclass(frozen=True)
class QuestionTokens:
    """A question's word pieces: unit vectors, shape (pieces, dimension), weights that sum to one, places in it."""

    vectors: Vectors
    weights: Vectors
    spans: list[tuple[int, int]]

    def weight(self, start: int, end: int) -> float:
        """Weight of the pieces in this part of the question."""
        return float(sum(w for w, (a, b) in zip(self.weights, self.spans) if a < end and b > start))


@dataclass(frozen=True)
class Match:
    """How well a passage matches as a whole and by its best sentence, from -1 to 1, and each sentence by number."""

    whole: float
    best: float
    sentences: dict[int, float]


class LateInteraction:
    """Makes and compares word pieces' vectors; weights load at first use."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder

    def question(self, encoding: Encoding) -> QuestionTokens:
        """The pieces of a question that :meth:`Encoder.read_message` read."""
        inside = [i for i, span in enumerate(encoding.spans) if span]
        weights = self.weights([encoding.ids[i] for i in inside])
        return QuestionTokens(self._directions(encoding, inside), weights, [s for s in encoding.spans if s])

    def weights(self, ids: Sequence[int]) -> Vectors:
        """How much each of a question's word pieces counts; they sum to one."""
        surprisals = self.encoder.surprisals
        weights = np.ones(len(ids), dtype=np.float32)
        if surprisals is not None:
            weights = np.maximum(surprisals[list(ids)] - COMMON_SURPRISAL, LEAST_WEIGHT)
        shares: Vectors = weights / max(weights.sum(), 1e-9)
        return shares

    def passage(self, encoding: Encoding, passage: Passage) -> TokenVectors:
        """The pieces of a passage whose ``embedded_text`` was read."""
        inside = [i for i, span in enumerate(encoding.spans) if span]
        owners = _owners([span for span in encoding.spans if span], passage)
        order = np.argsort(owners, kind="stable")
        directions = self._directions(encoding, inside)[order]
        peaks = np.maximum(np.abs(directions).max(axis=1, keepdims=True, initial=0.0), 1e-9)
        return TokenVectors(np.rint(directions * (127.0 / peaks)).astype(np.int8), owners[order])

    def match(self, question: QuestionTokens, passages: Sequence[TokenVectors]) -> list[Match]:
        """Each passage's match with the question; one without pieces matches nothing."""
        filled = [i for i, passage in enumerate(passages) if len(passage.owners)]
        found = [Match(-1.0, -1.0, {})] * len(passages)
        if filled and len(question.weights):
            for i, match in zip(filled, _matches(question, [passages[i] for i in filled])):
                found[i] = match
        return found

    def _directions(self, encoding: Encoding, positions: Sequence[int]) -> Vectors:
        return unit(unit(encoding.last[positions].float().numpy()) - self.common)

    @cached_property
    def common(self) -> Vectors:
        """What word pieces' unit vectors have in common, shape (dimension,)."""
        pieces = [unit(encoding.last[1:-1].float().numpy()) for encoding in self.encoder.read(TYPICAL, PASSAGE)]
        common: Vectors = np.concatenate(pieces).mean(axis=0)
        return common


def _owners(spans: Sequence[tuple[int, int]], passage: Passage) -> Numbers:
    """For each piece of the embedded text the number of its sentence, -1 for the heading and between sentences."""
    shift = len(passage.embedded_text) - len(passage.text)
    ends = [(s.start + shift, s.end + shift) for s in located_sentences(passage.text)]
    owners = np.full(len(spans), -1, dtype=np.int16)
    number = 0
    for i, (start, end) in enumerate(spans):
        while number < len(ends) and ends[number][1] <= start:
            number += 1
        if number < len(ends) and end > ends[number][0]:
            owners[i] = number
    return owners


def _matches(question: QuestionTokens, passages: Sequence[TokenVectors]) -> list[Match]:
    """Pieces are compared in one product; maxima are taken over runs of one sentence, then over passages."""
    scales = np.concatenate([p.scales for p in passages])
    products = _products(np.concatenate([p.values for p in passages]), question.vectors)
    similarities = products * scales[:, None]  # (passages' pieces, question's pieces)
    owners = np.concatenate([p.owners for p in passages])
    numbers = np.repeat(np.arange(len(passages)), [len(p.owners) for p in passages])
    begins = np.flatnonzero(np.diff(owners, prepend=-2) | np.diff(numbers, prepend=-1))
    runs = np.maximum.reduceat(similarities, begins)
    owners, numbers = owners[begins], numbers[begins]
    first = np.flatnonzero(np.diff(numbers, prepend=-1))  # each passage's first run
    wholes = np.maximum.reduceat(runs, first) @ question.weights
    # A sentence is read under its heading, where there is one.
    heads = np.where(owners[first] == -1, first, -1)[numbers]
    headed = np.where(heads[:, None] >= 0, np.maximum(runs, runs[heads]), runs)
    scores = (headed @ question.weights).tolist()
    sentences: list[dict[int, float]] = [{} for _ in passages]
    for owner, number, score in zip(owners.tolist(), numbers.tolist(), scores):
        if owner >= 0:
            sentences[number][owner] = score
    return [Match(whole, max(s.values(), default=whole), s) for whole, s in zip(wholes.tolist(), sentences)]


def _products(values: Bytes, vectors: Vectors) -> Vectors:
    """Inner products, shape (values, vectors); 8 bits fit the serving precision, which is the fastest."""
    import torch

    precision = serving_precision()
    products: Vectors = (
        (torch.from_numpy(values).to(precision) @ torch.from_numpy(vectors).T.to(precision)).float().numpy()
    )
    return products
