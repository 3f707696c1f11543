from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from nlu.encoder import MESSAGE_TOKENS, PASSAGE, QUERY, Encoder
from nlu.language import script_language
from nlu.weights.adapted import build_adapted
from retrieval.encoder_training import EncoderTrainingArguments
from retrieval.lessons import Lesson
from retrieval.sentence_training import SentenceTraining, _batch

ARGUMENTS = EncoderTrainingArguments(
    rank=8, epochs=50, learning_rate=1e-2, warmup=0.3, threads=1, layers=6, batch_size=4, temperature=0.1
)


pytestmark = pytest.mark.usefixtures("seeded")


def lesson(asked: str, owner: str, answers: list[str], beside: list[str], near: str = "") -> Lesson:
    return Lesson([asked], [f"{owner}\n{answers[0]}"], answers, owner, [("near", near)] if near else [], beside)


# Of one passage, and question and answer have no word in common.
LESSONS = [
    lesson("how do I pay", "Order", ["Order: The kettle is 20 roubles."], ["Order: The courier does it."]),
    lesson("when is it in", "Order", ["Order: The courier does it."], ["Order: The kettle is 20 roubles."]),
]


def test_a_question_learns_to_tell_its_sentence_from_the_one_beside_it(tiny_folder: Path, tmp_path: Path) -> None:
    training = SentenceTraining(tiny_folder, None, ARGUMENTS)
    training.run(lambda choice: LESSONS, tmp_path / "adapter", tmp_path / "checkpoint")
    build_adapted(tiny_folder, tmp_path / "adapter", tmp_path / "served")
    encoder = Encoder(tmp_path / "served")
    asked = encoder.encode([one.asked[0] for one in LESSONS], QUERY, MESSAGE_TOKENS)
    said = encoder.encode([one.sentences[0] for one in LESSONS], PASSAGE, MESSAGE_TOKENS)
    assert (asked @ said.T).argmax(axis=1).tolist() == [0, 1]


BILINGUAL = lesson(
    "how",
    "Price",
    ["Price: It is ten.", "Цена: Десять."],
    ["Price: Cash.", "Price: A card.", "Price: No cheques.", "Цена: Наличными.", "Цена: Картой."],
    near="Return\nIn a week. Or in two.",
)


def test_wrong_sentences_are_in_the_language_of_the_right_one() -> None:
    for seed in range(20):
        batch = _batch([BILINGUAL], random.Random(seed))
        assert batch.sentences[0] in BILINGUAL.sentences
        assert {script_language(sentence) for sentence in batch.sentences} == {script_language(batch.sentences[0])}
        english = script_language(batch.sentences[0]) == "en"
        assert len(batch.sentences) == (4 if english else 3)  # two beside it, and one of the near passage
        assert not english or batch.sentences[3] in ("Return: In a week.", "Return: Or in two.")


def test_what_answers_another_question_of_the_same_owner_is_not_held_against_it() -> None:
    other = replace(BILINGUAL, near=[("Price", "Price\nIt is ten.")], beside=[])
    batch = next(
        batch
        for batch in (_batch([BILINGUAL, other], random.Random(seed)) for seed in range(20))
        if batch.sentences[1] == batch.sentences[-1] == "Price: It is ten."
    )
    own, another = batch.alike.tolist()
    assert (own[:2], another[:2]) == ([False, True], [True, False])
    assert own[-1] and another[-1]


def test_a_lesson_without_sentences_is_answered_by_its_passage() -> None:
    batch = _batch([Lesson(["how"], ["Title\nText."], [], "", [], [])], random.Random(0))
    assert batch.sentences == ["Title\nText."]
