"""The writers: something that turns a request into a reply."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from bot.generation.prompt import Request, render
from nlu.base_models import MODELS, check

WRITER = MODELS / "writer"
MAX_REPLY_TOKENS = 96


class Writer(Protocol):
    """Writes a reply; what it writes is not to be trusted before it is verified."""

    def write(self, request: Request) -> str:
        """The reply in plain text, possibly empty."""
        ...


class CTranslate2Writer:
    """The fine-tuned decoder in int8 on CTranslate2, greedy. Constructing is free.

    Args:
        folder: made by :mod:`bot.generation.build`.
        threads: CPU threads for one reply.
    """

    def __init__(self, folder: Path = WRITER, threads: int = 2) -> None:
        self.folder = folder
        self.threads = threads

    @cached_property
    def _generator(self) -> Any:
        check(self.folder)
        import ctranslate2

        return ctranslate2.Generator(
            str(self.folder), device="cpu", compute_type="int8_float32", intra_threads=self.threads, inter_threads=1
        )

    @cached_property
    def _tokenizer(self) -> Any:
        check(self.folder)
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(self.folder)

    def write(self, request: Request) -> str:
        """The reply, ended by the end mark, a line break, or the limit of tokens."""
        tokens = self._tokenizer.convert_ids_to_tokens(self._tokenizer(render(request))["input_ids"])
        results = self._generator.generate_batch(
            [tokens],
            max_length=MAX_REPLY_TOKENS,
            sampling_topk=1,
            end_token=[self._tokenizer.eos_token],
            include_prompt_in_result=False,
        )
        text = str(self._tokenizer.decode(results[0].sequences_ids[0], skip_special_tokens=True))
        return text.strip().split("\n")[0].strip()
