"""The served writer: base decoder + adapter, merged and converted to int8 once, at set-up."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from bot.generation.decoder import WRITER
from bot.generation.train import ADAPTER
from nlu.base_models import DECODER, build_atomically, check, is_made_from, is_whole, write_source
from nlu.errors import ModelMissing

ADAPTER_WEIGHTS = "adapter_model.safetensors"


def is_current(writer: Path = WRITER, adapter: Path = ADAPTER) -> bool:
    """Whether the built writer stands whole and was made from this adapter."""
    return is_whole(writer) and is_made_from(writer, adapter / ADAPTER_WEIGHTS)


def build_writer(writer: Path = WRITER, adapter: Path = ADAPTER, base: Path = DECODER) -> None:
    """Merge and convert.

    Raises:
        ModelMissing: the base or the adapter is not there.
    """
    check(base)
    if not (adapter / ADAPTER_WEIGHTS).is_file():
        raise ModelMissing(f"The writer's adapter {adapter} is missing: run `lichno train generator`.")
    build_atomically(writer, lambda folder: _convert(folder, adapter, base))


def _convert(folder: Path, adapter: Path, base: Path) -> None:
    from ctranslate2.converters import TransformersConverter
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        model = AutoModelForCausalLM.from_pretrained(base, dtype="bfloat16")
        merged = PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
        merged.save_pretrained(scratch)
        AutoTokenizer.from_pretrained(base).save_pretrained(scratch)
        TransformersConverter(scratch).convert(str(folder), quantization="int8", force=True)
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(Path(scratch) / name, folder)
    for name in ("GEMMA_TERMS.html", "NOTICE.md"):
        if (base / name).is_file():
            shutil.copy(base / name, folder)
    write_source(folder, adapter / ADAPTER_WEIGHTS)
