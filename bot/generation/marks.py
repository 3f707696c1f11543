"""The tokens by which the decoder answers: a sentence's mark, that none answers, whether something is true."""

from __future__ import annotations

from typing import Any

from bot.generation.prompt import FAILS, HOLDS, MARKS, NONE


class Marks:
    """Ids of those tokens."""

    def __init__(self, tokenizer: Any) -> None:
        self.sentences = [_at_line_start(tokenizer, f"{mark}.") for mark in MARKS]
        self.none = _at_line_start(tokenizer, NONE)
        self.holds, self.fails = _at_line_start(tokenizer, HOLDS), _at_line_start(tokenizer, FAILS)


def _at_line_start(tokenizer: Any, text: str) -> int:
    """The token that a line begins with: a sentence's mark in the passage, and in the answer."""
    before = len(tokenizer("\n", add_special_tokens=False)["input_ids"])
    return int(tokenizer(f"\n{text}", add_special_tokens=False)["input_ids"][before])
