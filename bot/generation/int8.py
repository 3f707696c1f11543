"""A decoder converted to int8, as CTranslate2 runs it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from nlu.base_models import check


class Int8Decoder:
    """Weights and tokenizer of a folder, loaded when they are needed first.

    Args:
        folder: made by :mod:`bot.generation.build`.
        threads: CPU threads for one pass.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        self.folder = folder
        self.threads = threads

    @cached_property
    def _whole(self) -> Path:
        """The folder, whose files were compared with their checksums: once, since they are large."""
        check(self.folder)
        return self.folder

    @cached_property
    def _generator(self) -> Any:
        import ctranslate2

        # Two at once, which share the weights: a sentence is judged while the next one is being written.
        return ctranslate2.Generator(
            str(self._whole), device="cpu", compute_type="int8_float32", intra_threads=self.threads, inter_threads=2
        )

    @cached_property
    def _tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(self._whole)
