"""What the encoder and the reader learn from: questions with what answers them and what only seems to.

Written lessons come from the scenarios of many companies; article lessons are made from a knowledge
base itself, without anybody writing a question: a heading asks for the text below it, a piece of a
sentence for the passage around it (Lee et al. 2019, "Latent Retrieval for Weakly Supervised Open
Domain Question Answering"), and either asks for the passage in the other language.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from retrieval.documents import Passage
from retrieval.scenarios import LANGUAGES, Scenario
from retrieval.sentences import located_sentences, sentences_of

SHORTEST_PIECE, LONGEST_PIECE = 4, 12  # words of a sentence that serve as a question
SHORTEST_SENTENCE = 6  # words; a shorter one says too little to ask for its passage
MISTYPED = 0.15  # of the questions


@dataclass(frozen=True)
class Lesson:
    """Something that can be asked, and what answers it.

    Args:
        asked: ways to ask it.
        passages: texts as they are embedded, each of which answers.
        sentences: sentences as they are embedded, each of which answers or helps to.
        owner: what the lesson is about; texts of the same owner are not told apart.
        near: passages of the same company that do not answer, each with its owner.
        beside: sentences of the answering passage that do not answer.
    """

    asked: list[str]
    passages: list[str]
    sentences: list[str]
    owner: str
    near: list[tuple[str, str]]
    beside: list[str]


def written_lessons(scenarios: Sequence[Scenario], choice: random.Random) -> list[Lesson]:
    """One lesson a case, slots filled by ``choice``."""
    filled = [scenario.filled(choice) for scenario in scenarios]
    companies = defaultdict(list)
    for number, scenario in enumerate(filled):
        companies[scenario.business].append(number)
    return [
        Lesson(
            asked=[question for language in LANGUAGES for question in case.asked(language)],
            passages=_passages(scenario),
            sentences=_sentences(scenario, case.answer),
            owner=_owner(number),
            near=[
                (_owner(n), text) for n in companies[scenario.business] if n != number for text in _passages(filled[n])
            ],
            beside=_sentences(scenario, [n for n in range(len(scenario.sentences["en"])) if n not in case.answer]),
        )
        for number, scenario in enumerate(filled)
        for case in scenario.asked
    ]


def article_lessons(
    passages: Sequence[Passage], translations: Mapping[str, Sequence[str]], choice: random.Random
) -> list[Lesson]:
    """One or two lessons a passage, made of its own words.

    Args:
        passages: all of a knowledge base.
        translations: passages' ids by the id of a passage that says the same in another language.
        choice: picks pieces and makes typing mistakes.
    """
    known = {passage.id: passage for passage in passages}
    documents = defaultdict(list)
    for passage in passages:
        documents[passage.document_id].append(passage)
    lessons = []
    for passage in passages:
        translated = [known[i] for i in translations.get(passage.id, ()) if i in known]
        near = [(p.id, p.embedded_text) for p in documents[passage.document_id] if p.id != passage.id]
        for lesson in (_by_heading(passage), _by_piece(passage, choice)):
            if lesson:
                lessons.append(
                    replace(lesson, passages=lesson.passages + [p.embedded_text for p in translated], near=near)
                )
    return lessons


def mistyped(text: str, choice: random.Random) -> str:
    """The text with a letter left out, doubled or swapped with its neighbour, now and then; digits stay."""
    letters = [i for i in range(1, len(text) - 1) if text[i].isalpha() and text[i + 1].isalpha()]
    if not letters or choice.random() >= MISTYPED:
        return text
    at = choice.choice(letters)
    first, second = text[at], text[at + 1]
    return text[:at] + choice.choice((second, first + first + second, second + first)) + text[at + 2 :]


def _owner(number: int) -> str:
    return f"scenario {number}"


def _passages(scenario: Scenario) -> list[str]:
    return [f"{scenario.title[language]}\n{scenario.passage(language)}" for language in LANGUAGES]


def _sentences(scenario: Scenario, numbers: Sequence[int]) -> list[str]:
    return [
        f"{scenario.title[language]}: {sentence}"
        for language in LANGUAGES
        for number in numbers
        for sentence in sentences_of(scenario.sentences[language][number])[:1]
    ]


def _by_heading(passage: Passage) -> Lesson | None:
    """The heading asks for the text below it."""
    if len(passage.heading.split()) < 2:
        return None
    asked = [passage.heading, passage.section or passage.title]
    return Lesson(asked, [passage.text], sentences_of(passage.text), passage.id, [], [])


def _by_piece(passage: Passage, choice: random.Random) -> Lesson | None:
    """A piece of a sentence asks for the rest of the passage, and for the whole sentence under its heading."""
    sentences = [s for s in located_sentences(passage.text) if len(s.text.split()) >= SHORTEST_SENTENCE]
    if len(sentences) < 2:
        return None
    sentence = choice.choice(sentences)
    rest = re.sub(r"[ \t]+", " ", passage.text[: sentence.start] + passage.text[sentence.end :]).strip()
    asked = [_piece(sentence.text, choice) for _ in range(2)]
    others = [f"{passage.heading}: {s.text}" for s in sentences if s != sentence]
    return Lesson(
        asked, [f"{passage.heading}\n{rest}"], [f"{passage.heading}: {sentence.text}"], passage.id, [], others
    )


def _piece(sentence: str, choice: random.Random) -> str:
    words = sentence.split()
    length = choice.randint(SHORTEST_PIECE, min(LONGEST_PIECE, len(words)))
    start = choice.randint(0, len(words) - length)
    return " ".join(words[start : start + length]).strip('.,:;!?()«»"')
