from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.generation.prompt import Request, Source, render
from bot.generation.writer import MAX_REPLY_TOKENS, CTranslate2Writer
from nlu.errors import ModelMissing

REQUEST = Request("en", "How long?", [Source("Delivery", "Two days.")])


class Stub:
    """A tokenizer of words and a generator with a fixed result."""

    eos_token = "<eos>"

    def __init__(self, reply: str) -> None:
        self.reply = reply
        self.options: dict[str, Any] = {}

    def __call__(self, text: str) -> dict[str, list[str]]:
        return {"input_ids": text.split(" ")}

    def convert_ids_to_tokens(self, ids: list[str]) -> list[str]:
        return ids

    def decode(self, ids: list[str], skip_special_tokens: bool) -> str:
        return " ".join(ids)

    def generate_batch(self, prompts: list[list[str]], **options: Any) -> list[Any]:
        self.options = {"prompts": prompts, **options}
        return [SimpleNamespace(sequences_ids=[self.reply.split(" ")])]


def stubbed(reply: str) -> tuple[CTranslate2Writer, Stub]:
    writer, stub = CTranslate2Writer(Path("none")), Stub(reply)
    writer.__dict__.update(_tokenizer=stub, _generator=stub)
    return writer, stub


@pytest.mark.parametrize("written", ["Two days.", "  Two days. ", "Two days.\nQuestion: And more?", "\n Two days.\n"])
def test_a_reply_is_its_first_line(written: str) -> None:
    assert stubbed(written)[0].write(REQUEST) == "Two days."


def test_a_writer_may_say_nothing() -> None:
    assert stubbed("")[0].write(REQUEST) == ""


def test_the_prompt_is_read_and_the_reply_limited_greedy_and_alone() -> None:
    writer, stub = stubbed("Two days.")
    writer.write(REQUEST)
    assert " ".join(stub.options["prompts"][0]) == render(REQUEST)
    assert (stub.options["max_length"], stub.options["sampling_topk"]) == (MAX_REPLY_TOKENS, 1)
    assert stub.options["end_token"] == ["<eos>"]
    assert stub.options["include_prompt_in_result"] is False


def test_a_missing_writer_is_found_at_first_use_with_its_remedy(tmp_path: Path) -> None:
    writer = CTranslate2Writer(tmp_path / "none")
    with pytest.raises(ModelMissing, match="none is missing: run `lichno up`"):
        writer.write(REQUEST)
