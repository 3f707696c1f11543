"""How many contradictions, copies and translations ``lichno index status`` finds, and how many are none.

    python -m benchmarks.contradictions.measure

``articles.jsonl`` holds articles written beside the demo's, whose sentences repeat what the demo says or, those
under ``wrong``, contradict the documents listed there; ``edits.jsonl`` changes of one language version of an
article. The thresholds were set on the set ``fitting``. The articles of other businesses are those that the writer
was trained on (``training_data/replies``): what is given as the reply to a question becomes an article, with
other amounts in half of them.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bot.generation.examples import address
from nlu.encoder import Encoder, Vectors
from retrieval.chunking import passages_of
from retrieval.documents import Document
from retrieval.index_report import IndexReport, report
from retrieval.loaders import load_documents
from retrieval.passage_store import embedded_texts
from retrieval.report.content import Content
from retrieval.report.contradictions import Contradiction, Place
from retrieval.report.counterparts import counterparts
from retrieval.report.duplicates import likeness, runs_of
from retrieval.scenarios import LANGUAGES, Case, Scenario, read_scenarios
from retrieval.sentences import sentences_of

FOLDER = Path(__file__).parent
DEMO = Path("training_data/knowledge")
HALVES = 10
Judge = Callable[[Place, Place], str | None]  # which contradiction these two sentences are, None if they are none


class Compared:
    """Documents to contents; each text is encoded once."""

    def __init__(self) -> None:
        self._encoder = Encoder()
        self._known: dict[str, Vectors] = {}

    def content(self, documents: Iterable[Document]) -> Content:
        """Passages, sentences and vectors as an index has them."""
        passages = [passage for document in documents for passage in passages_of(document)]
        texts = embedded_texts(passages)
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._encoder.encode_passages(new)))
        vectors = np.stack([self._known[text] for text in texts])
        return Content(
            passages, [sentences_of(p.text) for p in passages], vectors[: len(passages)], vectors[len(passages) :]
        )


@dataclass(frozen=True)
class Score:
    """Contradictions reported, how many of these are real, and how many of how many real ones were found."""

    reported: int
    real: int
    found: int
    of: int

    def __add__(self, other: Score) -> Score:
        return Score(
            self.reported + other.reported, self.real + other.real, self.found + other.found, self.of + other.of
        )

    def __str__(self) -> str:
        precision = f"{self.real / self.reported:.2f}" if self.reported else "-"
        return f"reported {self.reported}, real {self.real} ({precision}), found {self.found} of {self.of}"


def score(found: Sequence[Contradiction], judge: Judge, of: int) -> Score:
    """What was reported against what was written."""
    judged = [judge(c.first, c.second) or judge(c.second, c.first) for c in found]
    real = [key for key in judged if key]
    return Score(len(found), len(real), len(set(real)), of)


# -- written beside the demo's articles ---------------------------------------------------------


def with_articles(demo: Sequence[Document], rows: Sequence[dict[str, Any]]) -> tuple[list[Document], Judge, int]:
    """The demo's articles and others that contradict them."""
    added = [Document(r["id"], r["title"], "\n\n".join(r["sentences"]), r["language"]) for r in rows]
    wrong = {(r["id"], sentence): against for r in rows for sentence, against in r["wrong"].items()}

    def judge(first: Place, second: Place) -> str | None:
        is_wrong = second.document in wrong.get((first.document, first.sentence), [])
        return f"{first.document} {first.sentence}" if is_wrong else None

    return [*demo, *added], judge, len(wrong)


def with_edits(demo: Sequence[Document], rows: Sequence[dict[str, Any]]) -> tuple[list[Document], Judge, int]:
    """The demo's articles, one amount changed in each of those listed."""
    edits = {row["document"]: row for row in rows}
    edited = {
        d.id: replace(d, text=d.text.replace(edits[d.id]["old"], edits[d.id]["new"])) for d in demo if d.id in edits
    }
    changed = {(d.id, s) for d in demo if d.id in edited for s in _sentences(edited[d.id]) - _sentences(d)}

    def judge(first: Place, second: Place) -> str | None:
        is_wrong = (first.document, first.sentence) in changed and second.document in edits[first.document]["against"]
        return first.document if is_wrong else None

    return [edited.get(d.id, d) for d in demo], judge, len(edits)


def _sentences(document: Document) -> set[str]:
    return {sentence for passage in passages_of(document) for sentence in sentences_of(passage.text)}


# -- other businesses ---------------------------------------------------------------------------


def businesses() -> tuple[list[Document], Judge, int]:
    """Articles of all written businesses in both languages, and replies to questions about them as further articles."""
    choice = random.Random(0)
    documents: list[Document] = []
    wrong: dict[str, int] = {}
    for number, scenario in enumerate(read_scenarios()):
        told, altered = scenario.filled(), _altered(scenario)
        for language in LANGUAGES:
            documents.append(Document(f"{number}-{language}", told.title[language], told.passage(language), language))
        for position, case in enumerate(scenario.cases):
            language, is_wrong = choice.choice(LANGUAGES), choice.choice((False, True))
            reply = "en" if language == "en" else "ru formal"
            used = set(re.findall(r"\{(\w+)\}", case.replies[reply]))
            # What a reply has from elsewhere, or has reckoned, is no repetition of the passage.
            if not any(f"{{{slot}}}" in scenario.passage(language) for slot in used) or _has_more(case):
                continue
            identifier = f"{number}-{position}-reply"
            text = (altered if is_wrong else told).cases[position].replies[reply].format(name="")
            question = f"{case.previous.get(language, '')} {told.cases[position].questions[language][1]}"
            documents.append(Document(identifier, address(question, ""), address(text, ""), language))
            if is_wrong:
                wrong[identifier] = number

    def judge(first: Place, second: Place) -> str | None:
        same = first.document.split("-")[0] == second.document.split("-")[0]
        return first.document if same and first.document in wrong and second.document not in wrong else None

    return documents, judge, len(wrong)


def _altered(scenario: Scenario) -> Scenario:
    """With the second value in each slot."""
    second = {slot: {language: texts[language][1:] for language in LANGUAGES} for slot, texts in scenario.slots.items()}
    return replace(scenario, slots=second).filled()


def _has_more(case: Case) -> bool:
    return case.computed or any(case.facts.values())


# -- copies and translations --------------------------------------------------------------------


def unlike(content: Content) -> float:
    """The highest likeness of passages of different documents."""
    runs = [(p.language, p.document_id, runs_of(p.text)) for p in content.passages]
    return max(
        likeness(a, b)
        for n, (language, document, a) in enumerate(runs)
        for other_language, other, b in runs[:n]
        if language == other_language and document != other
    )


def edited_copies(content: Content) -> float:
    """What likeness 19 of 20 passages keep to their copy in which every tenth word is another one."""
    choice = random.Random(0)
    vocabulary = [word for p in content.passages for word in p.text.split()]
    kept = []
    for passage in content.passages:
        words = passage.text.split(" ")
        for place in choice.sample(range(len(words)), max(1, len(words) // 10)):
            words[place] = choice.choice(vocabulary)
        kept.append(likeness(runs_of(passage.text), runs_of(" ".join(words))))
    return float(np.quantile(kept, 0.05))


def translations(compared: Compared, documents: Sequence[Document]) -> tuple[int, int, int]:
    """How many of the translations are found and how many other pairs, all there; and other pairs where none is."""
    pairs = counterparts(compared.content(documents))
    right = sum(_key(pair.first) == _key(pair.second) for pair in pairs)
    wrong = 0
    for seed in range(HALVES):
        choice = random.Random(seed)
        russian = {key for key in dict.fromkeys(_key(d.id) for d in documents) if choice.random() < 0.5}
        half = [d for d in documents if (_key(d.id) in russian) == (d.language == "ru")]
        wrong += len(counterparts(compared.content(half)))
    return right, len(pairs) - right, wrong


def _key(identifier: str) -> str:
    return re.sub("-(?:ru|en)$", "", identifier)


def main() -> None:
    """Print what is found of each kind."""
    torch.set_num_threads(2)
    compared = Compared()
    demo = list(load_documents([DEMO], []))
    alone = report(compared.content(demo))
    print(f"demo: {len(alone.contradictions)} contradictions, {_copies(alone)} copies")
    articles, edits = (_rows(FOLDER / name) for name in ("articles.jsonl", "edits.jsonl"))
    for name in ("fitting", "test"):
        parts = []
        for make, rows in ((with_articles, articles), (with_edits, edits)):
            documents, judge, of = make(demo, [row for row in rows if row["set"] == name])
            parts.append(score(report(compared.content(documents)).contradictions, judge, of))
        print(f"{name}: articles: {parts[0]}; edits: {parts[1]}; together: {parts[0] + parts[1]}")
    documents, judge, of = businesses()
    print(f"businesses: {score(report(compared.content(documents)).contradictions, judge, of)}")
    content = compared.content(demo)
    print(f"copies: different passages up to {unlike(content):.2f}, edited ones from {edited_copies(content):.2f}")
    passages = [document for document in documents if not document.id.endswith("-reply")]
    for name, own in (("demo", demo), ("businesses", passages)):
        right, wrong, spurious = translations(compared, own)
        print(f"translations, {name}: {right} right, {wrong} wrong; {spurious} in {HALVES} halves that hold none")


def _copies(found: IndexReport) -> int:
    return len(found.copied_documents) + len(found.copied_passages)


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


if __name__ == "__main__":
    main()
