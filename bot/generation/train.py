"""Fine-tuning the writer: LoRA on the base decoder, loss on the reply only.

Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models", through peft. An
interrupted run goes on from its last checkpoint.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from bot.generation.examples import Example, expand
from bot.generation.prompt import render
from nlu.base_models import DECODER, MODELS, check
from nlu.fine_tuning import StepProgress
from retrieval.lora import LoraArguments, fit, interrupted
from retrieval.scenarios import read_scenarios, split_businesses

ADAPTER = Path("bot/generation/adapter")
CHECKPOINT = MODELS / "training" / "generator"
LINEAR_LAYERS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@dataclass(frozen=True)
class WriterTrainingArguments(LoraArguments):
    """Hyperparameters of fine-tuning the writer."""

    rounds: int = 3  # examples of every case and language
    epochs: int = 1
    batch_size: int = 8
    learning_rate: float = 5e-4
    warmup: float = 0.05
    weight_decay: float = 0.0
    rank: int = 16
    dropout: float = 0.05
    held_out: float = 0.1  # share of the businesses that are only tested on
    tested: int = 60  # held-out replies written and judged at the end
    seed: int = 7


def train_writer(
    arguments: WriterTrainingArguments = WriterTrainingArguments(),
    base: Path = DECODER,
    adapter: Path = ADAPTER,
    progress: StepProgress | None = None,
) -> dict[str, Any]:
    """Fine-tune, write the adapter with its model card, and return the card's metrics.

    ``progress`` hears (step, steps, loss).
    """
    check(base)
    torch.manual_seed(arguments.seed)
    scenarios = read_scenarios()
    training, held_out = split_businesses(scenarios, arguments.held_out, arguments.seed)
    examples = expand(training, arguments.rounds, arguments.seed)
    tokenizer, model = _start(base, arguments)
    batches = _batches([encode(tokenizer, example) for example in examples], arguments)
    loss = fit(model, batches, lambda batch: reply_loss(model, batch), arguments, CHECKPOINT, progress)
    tests = expand(held_out, 1, arguments.seed)[: arguments.tested]
    metrics = {
        "examples": len(examples),
        "held_out_businesses": sorted({s.business for s in held_out}),
        "final_loss": round(loss, 4),
        **judge(tests, [write(model, tokenizer, e) for e in tests]),
    }
    shutil.rmtree(adapter, ignore_errors=True)
    model.save_pretrained(adapter)
    write_card(adapter, arguments, metrics)
    shutil.rmtree(CHECKPOINT, ignore_errors=True)
    return metrics


def _start(base: Path, arguments: WriterTrainingArguments) -> tuple[Any, Any]:
    """Tokenizer and model with fresh LoRA layers, or with those of an interrupted run."""
    from peft import LoraConfig, PeftModel, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16)
    if interrupted(CHECKPOINT):
        return tokenizer, PeftModel.from_pretrained(model, str(CHECKPOINT), is_trainable=True)
    config = LoraConfig(
        r=arguments.rank,
        lora_alpha=2 * arguments.rank,
        lora_dropout=arguments.dropout,
        target_modules=LINEAR_LAYERS,
        base_model_name_or_path=str(base),
    )
    return tokenizer, get_peft_model(model, config)


def _batches(
    encoded: list[tuple[list[int], list[int]]], arguments: WriterTrainingArguments
) -> list[list[tuple[list[int], list[int]]]]:
    """Batches of similar length in random order, the same for the same seed."""
    rng = random.Random(arguments.seed)
    batches = []
    for _ in range(arguments.epochs):
        order = sorted(encoded, key=lambda pair: len(pair[0]) + len(pair[1]) + 20 * rng.random())
        epoch = [order[i : i + arguments.batch_size] for i in range(0, len(order), arguments.batch_size)]
        rng.shuffle(epoch)
        batches.extend(epoch)
    return batches


def encode(tokenizer: Any, example: Example) -> tuple[list[int], list[int]]:
    """Token ids of the prompt, and of the reply with the end mark."""
    prompt: list[int] = tokenizer(render(example.request))["input_ids"]
    reply: list[int] = tokenizer(" " + example.reply, add_special_tokens=False)["input_ids"]
    return prompt, [*reply, tokenizer.eos_token_id]


def reply_loss(model: Any, batch: Sequence[tuple[list[int], list[int]]]) -> Tensor:
    """Mean cross-entropy over the replies' tokens; prompts are read, not learnt."""
    width = max(len(prompt) + len(reply) for prompt, reply in batch)
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    attention, is_reply = torch.zeros_like(ids), torch.zeros_like(ids, dtype=torch.bool)
    for row, (prompt, reply) in enumerate(batch):
        length = len(prompt) + len(reply)
        ids[row, :length] = torch.tensor(prompt + reply)
        attention[row, :length] = 1
        is_reply[row, len(prompt) : length] = True
    inner = model.base_model.model
    hidden = inner.model(input_ids=ids, attention_mask=attention, use_cache=False).last_hidden_state
    # Only reply positions go through the output layer, which is most of a small model's work.
    logits = inner.lm_head(hidden[:, :-1][is_reply[:, 1:]]).float()
    return functional.cross_entropy(logits, ids[:, 1:][is_reply[:, 1:]])


def write(model: Any, tokenizer: Any, example: Example, max_tokens: int = 80) -> str:
    """The model's greedy reply to an example's request."""
    ids = tokenizer(render(example.request), return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        output = model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=max_tokens,
            do_sample=False,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    return str(tokenizer.decode(output[0][ids.shape[1] :], skip_special_tokens=True)).strip()


def judge(examples: Sequence[Example], replies: Sequence[str]) -> dict[str, Any]:
    """Shares of replies with all the expected numbers, with no foreign number, addressed by name."""
    numbers = [(_numbers(e.reply), _numbers(r), _numbers(render(e.request))) for e, r in zip(examples, replies)]
    named = [(e.request.name, r) for e, r in zip(examples, replies) if e.request.name]
    count = max(1, len(examples))
    return {
        "tested": len(examples),
        "right_numbers": round(sum(wanted <= got for wanted, got, _ in numbers) / count, 3),
        "no_foreign_number": round(sum(got <= given for _, got, given in numbers) / count, 3),
        "addressed_by_name": round(sum(r.startswith(n) for n, r in named) / max(1, len(named)), 3),
    }


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:[.,:]\d+)*", text))


def write_card(adapter: Path, arguments: WriterTrainingArguments, metrics: dict[str, Any]) -> None:
    """The model card: what it is, of what, how trained, how well; and Gemma's notice."""
    (adapter / "README.md").write_text(
        "# Lichno's writer: a LoRA adapter for Gemma 3 270M\n\n"
        "Writes a short support reply in Russian or English from the passages and customer facts in its prompt"
        " (`bot/generation/prompt.py`). It must not be used without the verifier: it copies well and knows little.\n\n"
        "Base: Gemma 3 270M, vocabulary cut to Russian and English (`nlu/weights/gemma.py`)."
        " Data: `training_data/replies`. Made by `lichno train generator`.\n\n"
        "Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms.\n\n"
        f"## Metrics on businesses kept apart\n\n```json\n{json.dumps(metrics, ensure_ascii=False, indent=1)}\n```\n\n"
        f"## Arguments\n\n```json\n{json.dumps(asdict(arguments), indent=1)}\n```\n"
    )
