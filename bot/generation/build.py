"""The decoder that serves: base and adapter, merged and converted to int8 once, at set-up."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bot.generation.decoder import SERVED
from bot.generation.training import ADAPTER
from nlu.base_models import DECODER, build_atomically, check, is_made_from, is_whole, write_source
from nlu.errors import ModelMissing
from nlu.weights.adapted import WEIGHTS


@dataclass(frozen=True)
class AdaptedDecoder:
    """A decoder that serves: where it stands, and what it is made from."""

    folder: Path = SERVED
    adapter: Path = ADAPTER
    base: Path = DECODER

    @property
    def weights(self) -> Path:
        """The adapter's."""
        return self.adapter / WEIGHTS

    def is_current(self) -> bool:
        """Whether it stands whole and was made from the present adapter."""
        return is_whole(self.folder) and is_made_from(self.folder, self.weights)

    def check(self) -> None:
        """Refuse one that is not whole or not current.

        Raises:
            ModelMissing: it is missing, or was made from another adapter.
            ModelBroken: it is damaged.
        """
        check(self.folder)
        if not self.is_current():
            raise ModelMissing(f"{self.folder} was made from another adapter: run `lichno up` to build it again.")

    def build(self) -> None:
        """Merge and convert.

        Raises:
            ModelMissing: the base or the adapter is not there.
        """
        check(self.base)
        if not self.weights.is_file():
            raise ModelMissing(f"The decoder's adapter {self.adapter} is missing: run `lichno train generator`.")
        build_atomically(self.folder, self._convert)

    def _convert(self, folder: Path) -> None:
        from ctranslate2.converters import TransformersConverter
        from peft import PeftModel
        from transformers import AutoModelForCausalLM, AutoTokenizer

        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            model = AutoModelForCausalLM.from_pretrained(self.base, dtype="bfloat16")
            merged = PeftModel.from_pretrained(model, str(self.adapter)).merge_and_unload()
            merged.save_pretrained(scratch)
            AutoTokenizer.from_pretrained(self.base).save_pretrained(scratch)
            TransformersConverter(scratch).convert(str(folder), quantization="int8", force=True)
            for name in ("tokenizer.json", "tokenizer_config.json"):
                shutil.copy(Path(scratch) / name, folder)
        for name in ("GEMMA_TERMS.html", "NOTICE.md"):
            if (self.base / name).is_file():
                shutil.copy(self.base / name, folder)
        write_source(folder, self.weights)
