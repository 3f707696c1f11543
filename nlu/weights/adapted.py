"""The encoder that serves: the base with a LoRA adapter built in, as an ordinary ``from_pretrained`` folder."""

from __future__ import annotations

import shutil
from pathlib import Path

WEIGHTS = "adapter_model.safetensors"
SHIPPED = Path(__file__).parent.parent / "encoder_adapter"  # taught by the written scenarios
OWN = Path("models/encoder_adapter")  # taught by the company's own articles, where it has been


def adapter_weights() -> Path:
    """The weights file of the adapter in use: the company's own, or the shipped one."""
    own = OWN / WEIGHTS
    return own if own.is_file() else SHIPPED / WEIGHTS


def build_adapted(base: Path, adapter: Path, folder: Path) -> None:
    """Everything of the base's folder, with the merged weights in place of its own."""
    from peft import PeftModel
    from transformers import AutoModel

    shutil.copytree(base, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.safetensors", "checksums.json"))
    model = AutoModel.from_pretrained(base)
    PeftModel.from_pretrained(model, str(adapter)).merge_and_unload().save_pretrained(folder)
