"""The written scenarios of ``training_data/replies``: what customers ask of many kinds of business.

A file is one invented company's help centre, a line of it one passage in Russian and English,
sentence for sentence, with what customers ask about it, which sentences answer, what an agent
replies, and near questions that nothing of that company answers. Encoder, ranking and decoder learn
from them; the demo shop is none of the companies.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from nlu.errors import TrainingDataError
from retrieval.sentences import located_sentences

SCENARIOS = Path("training_data/replies")
LANGUAGES = ("ru", "en")
TESTED, TEST_SEED = 0.1, 7  # share of the businesses that nothing ever learns from, and which
CALIBRATED, CALIBRATION_SEED = 0.12, 8  # of the others: those on which only thresholds and weights are set
NAME = "{name}"  # in a reply: the customer's, filled in by whoever addresses one
_ITEM = re.compile(r"(?:-|\d+\.)\s")

Texts = dict[str, list[str]]  # by language


@dataclass(frozen=True)
class Case:
    """Ways to ask one thing, and the answer.

    ``answer`` are the numbers of the passage's sentences that hold it. ``replies`` stand under "en",
    "ru formal" and "ru informal". ``previous`` is what the customer wrote before, where the questions
    go on from it. ``computed``: a number of the reply follows from the evidence without standing there.
    """

    questions: Texts
    answer: list[int]
    replies: dict[str, str]
    facts: Texts
    previous: dict[str, str] = field(default_factory=dict)
    computed: bool = False

    def asked(self, language: str) -> list[str]:
        """The questions as search gets them: one that goes on from an earlier message is completed by it."""
        before = f"{self.previous[language]} " if self.previous else ""
        return [before + question for question in self.questions[language]]


@dataclass(frozen=True)
class Scenario:
    """A passage with its cases; texts may hold slots until :meth:`filled`.

    A slot has one value for both languages, or parallel ones. ``further`` cases are asked without a written reply.
    """

    business: str
    title: dict[str, str]
    sentences: Texts
    cases: list[Case]
    unanswerable: Texts
    slots: dict[str, Texts] = field(default_factory=dict)
    further: list[Case] = field(default_factory=list)

    @property
    def asked(self) -> list[Case]:
        """All cases, with a written reply and without."""
        return [*self.cases, *self.further]

    def passage(self, language: str) -> str:
        """The sentences as Markdown: list items and steps on lines of their own."""
        return self.located_passage(language)[0]

    def located_passage(self, language: str) -> tuple[str, list[tuple[int, int]]]:
        """The passage, and from where to where in it each of its sentences stands."""
        text, spans = "", []
        for before, sentence in zip(["", *self.sentences[language]], self.sentences[language]):
            if text:
                text += " " if before[-1] in ".!?…" and not (_ITEM.match(before) or _ITEM.match(sentence)) else "\n"
            spans.append((len(text), len(text) + len(sentence)))
            text += sentence
        return text, spans

    def answering(self, case: Case, language: str) -> list[bool]:
        """For each sentence that the index finds in the passage whether it lies in one that answers."""
        text, spans = self.located_passage(language)
        return [
            any(spans[n][0] < sentence.end and sentence.start < spans[n][1] for n in case.answer)
            for sentence in located_sentences(text)
        ]

    def filled(self, choice: random.Random | None = None) -> Scenario:
        """With a value in each slot: one of its values by ``choice``, or the first."""
        values: dict[str, dict[str, str]] = {language: {"name": NAME} for language in LANGUAGES}
        for slot, texts in self.slots.items():
            place = choice.randrange(len(texts[LANGUAGES[0]])) if choice else 0
            for language in LANGUAGES:
                values[language][slot] = texts[language][place]
        return Scenario(
            self.business,
            _filled(self.title, values),
            _filled(self.sentences, values),
            [_filled_case(case, values) for case in self.cases],
            _filled(self.unanswerable, values),
            further=[_filled_case(case, values) for case in self.further],
        )


def read_scenarios(folder: Path = SCENARIOS) -> list[Scenario]:
    """All scenarios of a folder, in the files' order.

    Raises:
        TrainingDataError: a line is not as described, naming file and line.
    """
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if line.strip():
                found.append(_parsed(line, f"{path}, line {number}"))
    return found


def split_businesses(
    scenarios: Sequence[Scenario], share: float = TESTED, seed: int = TEST_SEED
) -> tuple[list[Scenario], list[Scenario]]:
    """Scenarios to train on, and those of businesses kept wholly apart: by default the ones for tests."""
    businesses = {scenario.business for scenario in scenarios}
    # By digest, so that a new business hardly changes where the others stand.
    drawn = sorted(businesses, key=lambda business: sha256(f"{seed} {business}".encode()).digest())
    kept_apart = set(drawn[: max(1, round(share * len(drawn)))])
    return (
        [s for s in scenarios if s.business not in kept_apart],
        [s for s in scenarios if s.business in kept_apart],
    )


@dataclass(frozen=True)
class Parts:
    """The scenarios by what they serve; no business is in two parts."""

    learning: list[Scenario]
    calibration: list[Scenario]
    test: list[Scenario]


def parts(scenarios: Sequence[Scenario]) -> Parts:
    """What models learn from, what their thresholds are set on, and what they are measured on."""
    rest, test = split_businesses(scenarios)
    return Parts(*split_businesses(rest, CALIBRATED, CALIBRATION_SEED), test)


def other(language: str) -> str:
    """The other of the two languages."""
    return LANGUAGES[1 - LANGUAGES.index(language)]


def _parsed(line: str, place: str) -> Scenario:
    try:
        scenario = _scenario(json.loads(line))
        scenario.filled()  # a slot without values shows here
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise TrainingDataError(
            f"{place}: not a scenario ({type(error).__name__}: {error}); see retrieval/scenarios.py."
        ) from error
    if reason := _fault(scenario):
        raise TrainingDataError(f"{place}: {reason}.")
    return scenario


def _fault(scenario: Scenario) -> str | None:
    """What is wrong with a scenario whose parts are there."""
    count = len(scenario.sentences["en"])
    lists = [scenario.sentences, scenario.unanswerable, *scenario.slots.values()]
    lists += [texts for case in scenario.asked for texts in (case.questions, case.facts)]
    if not all(isinstance(texts[language], list) for texts in lists for language in LANGUAGES):
        return "sentences, questions, facts and slots must be lists"
    if len(scenario.sentences["ru"]) != count:
        return "the passage must have as many sentences in Russian as in English"
    if any(len(values["ru"]) != len(values["en"]) for values in scenario.slots.values()):
        return "a slot must have as many values in Russian as in English"
    if not all(case.answer and 0 <= min(case.answer) <= max(case.answer) < count for case in scenario.asked):
        return f"`answer` must name sentences from 0 to {count - 1}"
    if not all(language in texts for texts in (scenario.title, scenario.unanswerable) for language in LANGUAGES):
        return "title and unanswerable questions must be in both languages"
    return None


def _scenario(record: Mapping[str, Any]) -> Scenario:
    return Scenario(
        record["business"],
        record["title"],
        record["passage"],
        [_case(case, case["reply"]) for case in record["cases"]],
        record["unanswerable"],
        {
            slot: {language: [str(v) for v in (values[language] if isinstance(values, dict) else values)]
                   for language in LANGUAGES}
            for slot, values in record.get("slots", {}).items()
        },
        [_case(case) for case in record.get("further", [])],
    )  # fmt: skip


def _case(record: Mapping[str, Any], reply: Mapping[str, Any] | None = None) -> Case:
    replies = {}
    if reply is not None:
        replies = {"en": reply["en"], "ru formal": reply["ru"]["formal"], "ru informal": reply["ru"]["informal"]}
    return Case(
        {language: record["questions"][language] for language in LANGUAGES},
        record["answer"],
        replies,
        {language: record.get("facts", {}).get(language, []) for language in LANGUAGES},
        record.get("previous", {}),
        record.get("computed", False),
    )


def _filled_case(case: Case, values: Mapping[str, Mapping[str, str]]) -> Case:
    return Case(
        _filled(case.questions, values),
        case.answer,
        {kind: reply.format_map(values[kind[:2]]) for kind, reply in case.replies.items()},
        _filled(case.facts, values),
        _filled(case.previous, values),
        case.computed,
    )


def _filled(texts: Mapping[str, Any], values: Mapping[str, Mapping[str, str]]) -> Any:
    """Texts by language, or lists of them, without slots."""
    return {
        language: text.format_map(values[language])
        if isinstance(text, str)
        else [one.format_map(values[language]) for one in text]
        for language, text in texts.items()
    }
