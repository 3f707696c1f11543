from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bot.generation.decoder import MAX_REPLY_TOKENS, SURE, Decoder
from bot.generation.examples import IS_SUPPORTED, Claim, Written
from bot.generation.prompt import Request, Source, evidence, reply_task
from nlu.errors import ModelMissing
from tests.bot.generation.tiny import LESSON, SOURCES, asks, save_learnt_decoder, tokenizer

REQUEST = asks("How much?")


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Decoder:
    """It knows the lesson of tiny.py by heart."""
    folder = tmp_path_factory.mktemp("models") / "decoder"
    save_learnt_decoder(folder)
    return Decoder(folder, threads=1)


class Script:
    """A generator that says tokens until it is stopped, or fails."""

    def __init__(self, ids: Iterable[int], failure: Exception | None = None) -> None:
        self.ids = ids
        self.failure = failure
        self.prompts: list[list[str]] = []
        self.options: dict[str, Any] = {}
        self.stopped = threading.Event()

    def generate_batch(self, prompts: list[list[str]], callback: Callable[[Any], bool], **options: Any) -> None:
        self.prompts += prompts
        self.options = options
        for token in self.ids:
            if callback(SimpleNamespace(token_id=token)):
                self.stopped.set()
                return
        if self.failure:
            raise self.failure


def scripted(said: str, failure: Exception | None = None, endless: bool = False) -> tuple[Decoder, Script]:
    words = tokenizer()
    ids: list[int] = words(said, add_special_tokens=False)["input_ids"]
    decoder, script = Decoder(Path("none")), Script(cycle(ids) if endless else ids, failure)
    decoder.__dict__.update(_tokenizer=words, _generator=script)
    return decoder, script


# -- reading ----------------------------------------------------------------------------------


def test_a_passage_that_answers_is_told_from_one_that_does_not(decoder: Decoder) -> None:
    for asked in LESSON.asked:
        readings = decoder.read(asked.question, "en", SOURCES)
        assert [reading.decision > 0 for reading in readings] == [bool(answer) for answer in asked.answers]


def test_a_questions_words_are_likelier_behind_what_it_is_asked_of(decoder: Decoder) -> None:
    about, other = decoder.read("How much?", "en", SOURCES)
    assert other.likelihood < about.likelihood < 0


def test_passages_are_read_each_alone(decoder: Decoder) -> None:
    together = decoder.read("How long?", "en", SOURCES)
    assert together == [decoder.read("How long?", "en", [source])[0] for source in SOURCES]


def test_passages_read_side_by_side_are_read_the_same_and_stay_in_order(decoder: Decoder) -> None:
    several = [*SOURCES, *SOURCES[::-1]]
    pair = Decoder(decoder.folder, threads=2)
    for one, other in zip(decoder.read("How long?", "en", several), pair.read("How long?", "en", several)):
        assert (one.likelihood, one.decision) == pytest.approx((other.likelihood, other.decision), abs=1e-3)
        assert one.sentences == pytest.approx(other.sentences, abs=1e-3)


def test_the_sentence_that_answers_is_the_likeliest(decoder: Decoder) -> None:
    for asked in LESSON.asked:
        for source, reading, answer in zip(SOURCES, decoder.read(asked.question, "en", SOURCES), asked.answers):
            assert len(reading.sentences) == len(source.sentences)
            assert sum(np.exp(reading.sentences)) == pytest.approx(1)
            assert not answer or int(np.argmax(reading.sentences)) in answer


def test_no_decision_is_surer_than_can_be_known(decoder: Decoder) -> None:
    decisions = [one.decision for asked in LESSON.asked for one in decoder.read(asked.question, "en", SOURCES)]
    assert all(abs(decision) <= np.log(1 / SURE) for decision in decisions)


def test_a_long_question_and_a_long_passage_are_read_as_far_as_there_is_room(decoder: Decoder) -> None:
    (reading,) = decoder.read("How long? " * 500, "en", [Source("Delivery", ["It takes 2 days. " * 1000])])
    (longer,) = decoder.read("How long? " * 600, "en", [Source("Delivery", ["It takes 2 days. " * 1000])])
    assert np.isfinite(reading.likelihood) and reading == longer


def test_nothing_is_read_where_nothing_was_found(tmp_path: Path) -> None:
    assert Decoder(tmp_path / "missing").read("How much?", "en", []) == []


# -- judging ----------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", LESSON.claims, ids=lambda claim: claim.text)
def test_what_is_true_is_likely_and_what_is_broken_is_not(decoder: Decoder, claim: Claim) -> None:
    probability = decoder.judge(claim.request, claim.text)
    assert 0 <= probability <= 1
    assert (probability > 0.5) == (claim.kind == IS_SUPPORTED)


def test_a_claim_is_as_likely_as_the_passage_makes_it_that_supports_it_best(decoder: Decoder) -> None:
    claim = "You have 14 days."
    alone = [decoder.judge(replace(REQUEST, sources=[source]), claim) for source in SOURCES]
    assert alone[0] != pytest.approx(alone[1])
    assert decoder.judge(replace(REQUEST, sources=SOURCES), claim) == pytest.approx(max(alone))


def test_where_nothing_was_found_nothing_is_true(tmp_path: Path) -> None:
    assert Decoder(tmp_path / "missing").judge(Request("en", "Why?", []), "Because.") == 0.0


def test_a_long_question_passage_and_claim_are_judged_as_far_as_there_is_room(decoder: Decoder) -> None:
    request = Request("en", "How much? " * 500, [Source("Delivery", ["It takes 2 days. " * 1000])])
    assert 0 <= decoder.judge(request, "You pay 100 roubles. " * 20) <= 1
    assert 0 <= decoder.judge(replace(request, facts=["It is free. " * 500]), "You pay 100 roubles.") <= 1


# -- writing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("written", LESSON.written, ids=lambda written: written.reply)
def test_the_reply_comes_in_pieces_up_to_its_end_mark(decoder: Decoder, written: Written) -> None:
    pieces = [*decoder.write(written.request)]
    assert len(pieces) > 2
    assert "".join(pieces) == written.reply.replace(".", " .")  # a word is a token of its own


def test_what_is_written_follows_the_evidence_and_the_task() -> None:
    decoder, script = scripted("You pay 100 roubles .")
    assert "".join(decoder.write(REQUEST)) == "You pay 100 roubles ."
    assert script.prompts == [tokenizer().tokenize(evidence(REQUEST.sources) + reply_task(REQUEST))]


def test_a_reply_is_no_longer_than_the_limit() -> None:
    decoder, script = scripted("You")
    assert [*decoder.write(REQUEST)]
    assert script.options == {
        "max_length": MAX_REPLY_TOKENS,
        "end_token": ["<eos>"],
        "include_prompt_in_result": False,
    }


def test_a_reply_is_one_line() -> None:
    decoder, script = scripted("You pay 100 roubles .", endless=True)
    decoder.__dict__["_tokenizer"].decode = lambda ids, **_: " You pay.\nQuestion: more"[: 3 * len(ids)]
    assert "".join(decoder.write(REQUEST)) == "You pay."
    assert script.stopped.is_set()


def test_half_a_character_is_held_back() -> None:
    decoder, _ = scripted("You pay 100")
    decoder.__dict__["_tokenizer"].decode = lambda ids, **_: ["5", "5 \ufffd", "5 ₽"][len(ids) - 1]
    assert [*decoder.write(REQUEST)] == ["5", " ₽"]


def test_who_has_read_enough_stops_the_decoder() -> None:
    decoder, script = scripted("You pay 100 roubles .", endless=True)
    pieces = decoder.write(REQUEST)
    assert next(pieces) == "You"
    pieces.close()
    assert script.stopped.is_set()


def test_a_failure_of_the_generator_is_raised_to_the_reader() -> None:
    decoder, _ = scripted("You pay", RuntimeError("out of memory"))
    pieces = decoder.write(REQUEST)
    assert [next(pieces), next(pieces)] == ["You", " pay"]
    with pytest.raises(RuntimeError, match="out of memory"):
        next(pieces)


# -- loading ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "use",
    [
        lambda decoder: decoder.read("How much?", "en", SOURCES),
        lambda decoder: decoder.judge(REQUEST, "You pay."),
        lambda decoder: [*decoder.write(REQUEST)],
    ],
    ids=["read", "judge", "write"],
)
def test_a_missing_model_is_named_with_the_remedy(tmp_path: Path, use: Callable[[Decoder], Any]) -> None:
    with pytest.raises(ModelMissing, match="lichno up"):
        use(Decoder(tmp_path / "none"))
