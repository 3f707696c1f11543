from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bot.generation.decoder import MAX_REPLY_TOKENS, Choice, Decoder
from bot.generation.prompt import Request, evidence, reply_task
from nlu.errors import ModelMissing
from tests.bot.generation.tiny import SHEET, tokenizer

REQUEST = Request("en", "How much?", SHEET.sources, ["It costs 100 roubles."], "Ann")


class Script:
    """A generator that says what it is told, token by token, and how likely each first word was."""

    def __init__(self, words: Any, said: str, likely: dict[str, float] | None = None) -> None:
        self.words = words
        self.ids = words(said, add_special_tokens=False)["input_ids"]
        self.likely = likely or {}
        self.prompts: list[list[str]] = []
        self.told = 0
        self.options: dict[str, Any] = {}

    def generate_batch(
        self, prompts: list[list[str]], callback: Callable[[Any], bool] | None = None, **options: Any
    ) -> list[Any]:
        self.prompts += prompts
        self.options = options
        logits = np.full(len(self.words), -9.0)
        for word, value in self.likely.items():
            logits[self.words.convert_tokens_to_ids(word)] = value
        for step, token in enumerate(self.ids if callback else []):
            self.told += 1
            if callback and callback(SimpleNamespace(step=step, token_id=token, logits=logits)):
                break
        return [SimpleNamespace(logits=[[logits]])]


def scripted(said: str, likely: dict[str, float] | None = None) -> tuple[Decoder, Script]:
    words = tokenizer()
    decoder, script = Decoder(Path("none")), Script(words, said, likely)
    decoder.__dict__.update(_tokenizer=words, _generator=script)
    return decoder, script


def test_the_marks_that_come_first_are_the_choice() -> None:
    decoder, script = scripted("A C a : You pay 100 roubles .", {"A": 3.0, "B": 1.0, "-": 1.0})
    choice = decoder.choose(REQUEST)
    assert (choice.sentences, choice.facts, choice.marks) == ([0, 2], [0], "ACa")
    assert choice.likelihoods[0] > choice.likelihoods[1] == pytest.approx(choice.none)
    assert script.prompts == [script.words.tokenize(evidence(REQUEST.sources) + reply_task(REQUEST))]
    assert script.options["max_length"] == MAX_REPLY_TOKENS
    assert script.options["end_token"] == ["<eos>"]


def test_what_follows_the_marks_is_the_reply() -> None:
    decoder, script = scripted("A : You pay 100 roubles .")
    choice = decoder.choose(REQUEST)
    assert "".join(decoder.write(REQUEST, choice)) == "You pay 100 roubles ."
    assert len(script.prompts) == 1


def test_where_nothing_answers_the_likeliest_is_kept_at_hand_and_no_word_is_written() -> None:
    decoder, script = scripted("- : You pay 100 roubles .", {"B": 1.0, "-": 4.0})
    choice = decoder.choose(REQUEST)
    assert choice.none > 0.9
    assert (choice.sentences, choice.draft) == ([1], None)


def test_marks_of_nothing_shown_are_none() -> None:
    decoder, _ = scripted("T : You pay .", {"A": 1.0})
    choice = decoder.choose(REQUEST)
    assert (choice.sentences, choice.draft) == ([0], None)


def test_a_choice_made_otherwise_is_written_from_its_marks() -> None:
    decoder, script = scripted(": You wait 2 days .")
    assert "".join(decoder.write(REQUEST, Choice(0.0, [1], [0]))) == "You wait 2 days ."
    assert script.prompts[0][-3:] == ["B", "a", ":"]


def test_a_reply_is_one_line() -> None:
    decoder, _ = scripted("A : You pay")
    decoder.__dict__["_tokenizer"].decode = lambda ids, **_: ": You pay.\nQuestion: more"
    assert "".join(decoder.write(REQUEST, decoder.choose(REQUEST))) == "You pay."


def test_a_failure_of_the_generator_is_raised_to_the_reader() -> None:
    decoder, script = scripted("A : You pay .")

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("out of memory")

    script.generate_batch = fail  # type: ignore[method-assign, assignment]
    with pytest.raises(RuntimeError, match="out of memory"):
        decoder.choose(REQUEST)


def test_a_missing_model_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="lichno up"):
        Decoder(tmp_path / "none").choose(REQUEST)
