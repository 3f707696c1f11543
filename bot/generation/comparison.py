"""A claim beside the evidence: what a careful reader would compare, each as a number.

Word by word, does the evidence say what the claim says? Is what it denies denied, and no more? Do the
numbers and names stand for what they stand for there, is a day or a document another of its kind, has
a condition been lost? :mod:`bot.generation.support` makes one probability of the answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bot.generation.literal import KNOWN_UNITS
from bot.generation.opposites import conditions, kinds_of, opposed, relation
from bot.generation.reading import FUNCTION_WEIGHT, Flags, Reading
from nlu.encoder import Vectors
from nlu.language import script_language

HEADING = 0.9  # of a heading's word beside one of the sentence
REACH = 4.0  # words around a value within which two thirds of what tells its meaning stands
HEADED_FIT = 0.3  # of a heading's word beside one near the value
LARGEST_GAP = 0.15  # by which another value may fit better: what is above it is no worse
ALIGNED = 0.55  # similarity from which two words are taken to do the same in both sentences

# For a word's number: how well it fits where the evidence has it, and how well others would that are there.
Places = dict[int, tuple[list[float], list[float]]]

_ANSWERS = {"да": True, "yes": True, "нет": False, "no": False}
_ALLOWS = re.compile(r"\b(?:можно|можете|можешь|получится|может|могут|can|may|could)\b", re.IGNORECASE)
_ONLY = re.compile(r"\b(?:только|лишь|исключительно|only|solely|just)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Passage:
    """One sentence of the evidence with its heading."""

    sentence: Reading
    heading: Reading | None


class Comparison:
    """A claim beside its evidence, and beside the question, whose words it may repeat.

    Args:
        claim: one sentence, which has words.
        passages: the evidence's sentences, at least one.
        question: what the claim replies to.
    """

    def __init__(self, claim: Reading, passages: Sequence[Passage], question: Reading) -> None:
        self.claim, self.passages, self.question = claim, passages, question
        self.weights = np.where(claim.is_content, claim.weights, FUNCTION_WEIGHT * claim.weights)
        self.weights = self.weights / self.weights.sum()
        self.tables = [similarities(claim, passage.sentence) for passage in passages]
        self.asked = _best(similarities(claim, question))

    @cached_property
    def matches(self) -> Vectors:
        """How well each sentence holds each of the claim's words, shape (sentences, words), 0 to 1."""
        tables, headings = self.tables, self.headings
        return np.array([np.maximum(_best(table), HEADING * held) for table, held in zip(tables, headings)])

    @cached_property
    def headings(self) -> list[Vectors]:
        """How well each sentence's heading holds each of the claim's words; not at all where there is none."""
        nothing = np.zeros(len(self.claim), dtype=np.float32)
        return [
            nothing if passage.heading is None else _best(similarities(self.claim, passage.heading))
            for passage in self.passages
        ]

    @cached_property
    def support(self) -> list[int]:
        """The sentence that holds most of the claim, and the one that with it holds most."""
        first = int((self.matches @ self.weights).argmax())
        second = int((np.maximum(self.matches, self.matches[first]) @ self.weights).argmax())
        return [first, second]

    @property
    def nearest(self) -> Reading:
        """The sentence that holds most of the claim."""
        return self.passages[self.support[0]].sentence

    @property
    def supporting(self) -> list[Reading]:
        """That one and the one that with it holds most."""
        return [self.passages[n].sentence for n in dict.fromkeys(self.support)]

    # -- what is said ------------------------------------------------------------------------

    def one(self) -> float:
        """The part of the claim that the nearest sentence holds."""
        return float(self.matches[self.support[0]] @ self.weights)

    def two(self) -> float:
        """The part that the supporting sentences hold together."""
        return float(self.matches[self.support].max(0) @ self.weights)

    def least(self) -> float:
        """How well question and supporting sentences hold the three content words that they hold least."""
        held = np.maximum(self.matches[self.support].max(0), self.asked)[self.claim.is_content]
        return float(np.sort(held)[:3].mean()) if len(held) else 1.0

    def cosine(self) -> float:
        """Of the claim with the sentence that is nearest as a whole."""
        return max(float(self.claim.vector @ passage.sentence.vector) for passage in self.passages)

    # -- what is denied ----------------------------------------------------------------------

    def denial(self) -> float:
        """The part of the claim whose nearest clause is denied and it is not, or the other way round."""
        content = self.claim.is_content
        different = total = 0.0
        for clause in range(self.claim.clauses[-1] + 1):
            own = content & (np.array(self.claim.clauses) == clause)
            if own.any():
                fit, denied = self._nearest_clause(own)
                weight = fit * float(self.claim.weights[own].sum())
                total += weight
                different += weight * (denied != bool(self.claim.denied[own][0]))
        return different / max(total, 1e-9)

    def _nearest_clause(self, words: Flags) -> tuple[float, bool]:
        """How well the clause nearest to these words holds them, and whether it is denied."""
        best = (0.0, False)
        for n in dict.fromkeys(self.support):
            sentence = self.passages[n].sentence
            for clause in range(sentence.clauses[-1] + 1 if len(sentence) else 0):
                there = np.array(sentence.clauses) == clause
                fit = float(self.tables[n][np.ix_(words, there)].max(1) @ self.claim.weights[words])
                fit /= max(float(self.claim.weights[words].sum()), 1e-9)
                if fit > best[0]:
                    best = fit, bool(sentence.denied[there][0])
        return best

    def words_denied(self) -> float:
        """The part of the aligned words of which one is denied within three words and the other is not."""
        different = total = 0.0
        near = [_denied_nearby(passage.sentence) for passage in self.passages]
        own = _denied_nearby(self.claim)
        for i in np.flatnonzero(self.claim.is_content):
            n = max(self.support, key=lambda s: self.matches[s][i])
            if self.tables[n].shape[1] and (held := self.tables[n][i].max()) > ALIGNED:
                weight = float(self.claim.weights[i] * held)
                total += weight
                different += weight * bool(own[i] != near[n][int(self.tables[n][i].argmax())])
        return different / max(total, 1e-9)

    def answer(self) -> float:
        """Whether a yes is followed by a denial or a no by none."""
        if (head := self.claim.words[0]) not in _ANSWERS or len(self.claim) < 2:
            return 0.0
        clauses, denials = np.array(self.claim.clauses[1:]), self.claim.denials[1:]
        if _ANSWERS[head]:
            return float(denials[clauses == clauses[0]].any())
        return float(not denials.any() and bool(_ALLOWS.search(self.claim.text)))

    def opposite(self) -> float:
        """How many opposites there are between the claim and what supports it."""
        return min(opposed(self.claim.words, [s.words for s in self.supporting], self.question.words), 2)

    def relation(self) -> float:
        """How many numbers are a bound from above here and from below there."""
        return float(min(sum(self._turned(i, n, j) for i, n, j in self._values_in_place()), 2))

    def _turned(self, i: int, n: int, j: int) -> bool:
        here, there = relation(self.claim.words, i), relation(self.passages[n].sentence.words, j)
        return bool(here and there and not here & there)

    # -- what stands for what ----------------------------------------------------------------

    def value(self) -> float:
        """By how much another number of the same unit fits what stands around one of the claim's numbers better."""
        return _gap(self._values)

    def name(self) -> float:
        """The same of names."""
        return _gap(self._names)

    def value_alone(self) -> float:
        """How well the worst placed of the claim's numbers fits its place."""
        return min((max(own) for own, _ in self._values.values() if own), default=1.0)

    @cached_property
    def _values(self) -> Places:
        return self._places(lambda reading: reading.is_value)

    @cached_property
    def _names(self) -> Places:
        return self._places(lambda reading: reading.is_name & ~reading.is_value)

    def _places(self, marked: Callable[[Reading], Flags]) -> Places:
        """For each of the claim's marked words: how well it fits where the evidence has it, and where it has others."""
        found: Places = {}
        for i in np.flatnonzero(marked(self.claim)):
            own, others = [], []
            for n, passage in enumerate(self.passages):
                sentence, flags = passage.sentence, marked(passage.sentence)
                for j in range(len(sentence)):
                    same_unit = self._same_unit(int(i), sentence, j)  # "24 hours" is no place of "24 cards"
                    if sentence.stems[j] == self.claim.stems[i]:
                        own.append(self.fit(int(i), n, j) if same_unit else 0.0)
                    elif flags[j] and same_unit and sentence.stems[j] not in self.claim.stems:
                        others.append(self.fit(int(i), n, j))
            found[int(i)] = own, others
        return found

    def _same_unit(self, i: int, sentence: Reading, j: int) -> bool:
        """Whether the two may count the same; words that are no known unit say the same thing in many ways."""
        here, there = self.claim.units[i], sentence.units[j]
        return not here or not there or here == there or not {here, there} & KNOWN_UNITS

    def _values_in_place(self) -> list[tuple[int, int, int]]:
        """Each of the claim's numbers with the sentence and the word of it where it fits best."""
        found = []
        for i in np.flatnonzero(self.claim.is_value):
            places = [
                (n, j)
                for n, passage in enumerate(self.passages)
                for j, stem in enumerate(passage.sentence.stems)
                if stem == self.claim.stems[i]
            ]
            if places:
                found.append((int(i), *max(places, key=lambda place: self.fit(int(i), *place))))
        return found

    def fit(self, i: int, n: int, j: int) -> float:
        """How well the words around the claim's word ``i`` match those around word ``j`` of sentence ``n``, 0 to 1."""
        table, passage = self.tables[n], self.passages[n]
        here, there = np.abs(np.arange(len(self.claim)) - i), np.abs(np.arange(table.shape[1]) - j)
        weights = self.claim.weights * np.exp(-here / REACH) * (here > 0)
        found = (table * (np.exp(-there / (1.5 * REACH)) * (there > 0))).max(1)
        if passage.heading is not None:
            found = np.maximum(found, HEADED_FIT * self.headings[n])
        return float(weights @ found / max(weights.sum(), 1e-9))

    def kind(self) -> float:
        """Days, documents, ways to pay and the like that nothing holds, though it holds others of their kind."""
        everything = [passage.sentence.words for passage in self.passages] + [self.question.words]
        near = [reading.words for reading in self.supporting] + [self.question.words]
        return min(kinds_of(self.claim.words, everything, near), 3.0)

    # -- what is left out --------------------------------------------------------------------

    def condition(self) -> float:
        """The part of a condition of the nearest sentence that neither claim nor question holds."""
        held = np.maximum(_best(self.tables[self.support[0]].T), _best(similarities(self.nearest, self.question)))
        lost = 0.0
        for start, end in conditions(self.nearest.text):
            inside = np.array([start <= s < end for s in self.nearest.starts], dtype=bool) & self.nearest.is_content
            if inside.any():
                weights = self.nearest.weights[inside]
                lost = max(lost, 1.0 - float(held[inside] @ weights / weights.sum()))
        return lost

    def only(self) -> float:
        """Whether the nearest sentence says "only" and the claim does not."""
        return float(bool(_ONLY.search(self.nearest.text)) and not _ONLY.search(self.claim.text))

    def foreign(self) -> float:
        """Whether the nearest sentence is in another language."""
        return float(script_language(self.nearest.text) != script_language(self.claim.text))


def similarities(a: Reading, b: Reading) -> Vectors:
    """Words against words, shape (words of a, words of b): 1 for one stem, 0 for a number and anything else."""
    if not len(a) or not len(b):
        return np.zeros((len(a), len(b)), dtype=np.float32)
    same = np.array(a.stems)[:, None] == np.array(b.stems)[None, :]
    near = np.clip(a.vectors @ b.vectors.T, 0.0, 1.0)
    near[a.is_value[:, None] | b.is_value[None, :]] = 0.0
    found: Vectors = np.where(same, np.float32(1.0), near)
    return found


def _best(table: Vectors) -> Vectors:
    best: Vectors = table.max(1, initial=0.0)
    return best


def _gap(places: Places) -> float:
    gaps = [max(others) - max(own) for own, others in places.values() if own and others]
    return min(max([0.0, *gaps]), LARGEST_GAP)


def _denied_nearby(reading: Reading) -> list[bool]:
    return [
        any(reading.denials[j] and reading.clauses[j] == reading.clauses[i] for j in range(max(0, i - 3), i))
        or reading.words[i].endswith("n't")
        for i in range(len(reading))
    ]
