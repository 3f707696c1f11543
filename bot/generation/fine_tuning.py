"""What the trainings of the decoder share: the model with its low-rank layers, and what is left of a run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.generation import shared_prefix
from nlu.errors import ModelMissing
from nlu.layers import serving_precision
from retrieval.lora import LoraArguments, interrupted, save_adapter

CARD = "README.md"
LINEAR_LAYERS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def adapted(
    base: Path, arguments: LoraArguments, checkpoint: Path, first_layer: int = 0, start: Path | None = None
) -> tuple[Any, Any]:
    """Tokenizer and model with fresh LoRA layers from ``first_layer`` on.

    With those of an interrupted run, or of the adapter in ``start``, where there is one.
    """
    from peft import LoraConfig, PeftModel, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForCausalLM.from_pretrained(
        base, dtype=serving_precision(), attn_implementation=shared_prefix.NAME
    )
    if interrupted(checkpoint):
        start = checkpoint
    if start:
        return tokenizer, PeftModel.from_pretrained(model, str(start), is_trainable=True)
    config = LoraConfig(
        r=arguments.rank,
        lora_alpha=2 * arguments.rank,
        lora_dropout=arguments.dropout,
        target_modules=LINEAR_LAYERS,
        layers_to_transform=[*range(first_layer, model.config.num_hidden_layers)],
        base_model_name_or_path=base.as_posix(),
    )
    return tokenizer, get_peft_model(model, config)


def write_adapter(
    model: Any, adapter: Path, about: str, arguments: LoraArguments, metrics: Mapping[str, Any], checkpoint: Path
) -> None:
    """Leave the adapter in place of the one before, and nothing of the run.

    Its model card says what it is and of what, Gemma's notice, and how it was trained.
    """
    shutil.rmtree(adapter, ignore_errors=True)
    save_adapter(model, adapter)
    told = json.dumps({**asdict(arguments), **metrics}, indent=1)
    (adapter / CARD).write_text(
        f"{about}\n\n"
        "Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms.\n\n"
        f"## Training\n\n```json\n{told}\n```\n"
    )
    shutil.rmtree(checkpoint, ignore_errors=True)


def metrics_of(adapter: Path) -> dict[str, Any]:
    """How an adapter was trained, by its card.

    Raises:
        ModelMissing: there is none.
    """
    try:
        told: dict[str, Any] = json.loads((adapter / CARD).read_text().split("```json\n")[1].split("```")[0])
    except (OSError, LookupError, ValueError) as error:
        raise ModelMissing(f"{adapter} holds no trained adapter to go on from: train one anew first.") from error
    return told
