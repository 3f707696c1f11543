"""Fine-tuning the decoder on sheets: to choose what answers, to write the reply.

Low-rank adapters (Hu et al. 2021) through peft, loss on the completions only. The tasks of a sheet
share its evidence: they stand behind it in one sequence, each seeing the evidence and itself, at the
positions that it has at run time. So the evidence is read once instead of a dozen times.

An interrupted run goes on from its last checkpoint.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from bot.generation.examples import Sheet, Task, sheets
from bot.generation.fine_tuning import adapted, write_adapter
from bot.generation.hints import hinted
from bot.generation.prompt import evidence
from bot.generation.shared_prefix import Layout
from nlu.base_models import DECODER, MODELS, check
from nlu.encoder import Encoder
from nlu.fine_tuning import StepProgress
from retrieval.lora import LoraArguments, fit, mixed_precision
from retrieval.scenarios import parts, read_scenarios

ADAPTER = Path("bot/generation/adapter")
CHECKPOINT = MODELS / "training" / "generator"
CARD = (
    "# Lichno's writer: a LoRA adapter for Gemma 3 270M\n\n"
    "Chooses which of the sentences in its prompt answer a customer's question, and writes a short support"
    " reply from them (`bot/generation/prompt.py`), in Russian and English. It must not be used without the"
    " verifier: it copies well and knows little.\n\n"
    "Base: Gemma 3 270M, vocabulary cut to Russian and English (`nlu/weights/gemma.py`). Data: the learning part"
    " of `training_data/replies`; all companies in it are invented. Made by `lichno train generator`;"
    " `python -m benchmarks.writing` measures it on companies kept apart."
)


@dataclass(frozen=True)
class WriterTrainingArguments(LoraArguments):
    """Hyperparameters of fine-tuning the decoder."""

    rounds: int = 1  # sheets of every scenario
    most_steps: int = 240  # about half an hour on two cores
    epochs: int = 1
    batch_size: int = 2  # sheets, each of about eight questions
    learning_rate: float = 5e-4
    warmup: float = 0.05
    weight_decay: float = 0.0
    rank: int = 16
    dropout: float = 0.0
    decision_weight: float = 4.0  # of a mark against a word of a reply
    seed: int = 7


@dataclass(frozen=True)
class EncodedTask:
    """Token ids of a task: the prompt, what completes it, and how much each of these counts."""

    prompt: list[int]
    completion: list[int]
    weights: list[float]


@dataclass(frozen=True)
class EncodedSheet:
    """Token ids of a sheet."""

    evidence: list[int]
    tasks: list[EncodedTask]

    def __len__(self) -> int:
        return len(self.evidence) + sum(len(task.prompt) + len(task.completion) for task in self.tasks)


def train_writer(
    arguments: WriterTrainingArguments = WriterTrainingArguments(),
    base: Path = DECODER,
    adapter: Path = ADAPTER,
    progress: StepProgress | None = None,
    encoder: Encoder | None = None,
) -> dict[str, Any]:
    """Fine-tune, write the adapter with its model card, and return the card's metrics.

    ``encoder`` names the sentences nearest to each question, by default the one that serves;
    ``progress`` hears (step, steps, loss).
    """
    check(base)
    torch.manual_seed(arguments.seed)
    learning = hinted(
        sheets(parts(read_scenarios()).learning, arguments.rounds, arguments.seed), encoder or Encoder(), arguments.seed
    )
    tokenizer, model = adapted(base, arguments, CHECKPOINT)
    encoded = [encode(tokenizer, sheet, arguments.decision_weight) for sheet in learning]
    loss = fit(
        model, _batches(encoded, arguments), lambda batch: sheets_loss(model, batch), arguments, CHECKPOINT, progress
    )
    metrics = {
        "sheets": len(learning),
        "replies": sum(len(sheet.tasks) for sheet in learning),
        "final_loss": round(loss, 4),
    }
    write_adapter(model, adapter, CARD, arguments, metrics, CHECKPOINT)
    return metrics


def _batches(encoded: list[EncodedSheet], arguments: WriterTrainingArguments) -> list[list[EncodedSheet]]:
    """Batches of similar length in random order, the same for the same seed."""
    choice = random.Random(arguments.seed)
    batches = []
    for _ in range(arguments.epochs):
        order = sorted(encoded, key=lambda sheet: len(sheet) + 100 * choice.random())
        epoch = [order[i : i + arguments.batch_size] for i in range(0, len(order), arguments.batch_size)]
        choice.shuffle(epoch)
        batches.extend(epoch)
    return batches[: arguments.most_steps]


def encode(tokenizer: Any, sheet: Sheet, decision_weight: float) -> EncodedSheet:
    """Token ids of a sheet; replies end with the end mark."""
    tasks = [_encode_task(tokenizer, task, decision_weight) for task in sheet.tasks]
    return EncodedSheet(tokenizer(evidence(sheet.sources))["input_ids"], tasks)


def _encode_task(tokenizer: Any, task: Task, decision_weight: float) -> EncodedTask:
    prompt = tokenizer(task.prompt, add_special_tokens=False)["input_ids"]
    completion = tokenizer(task.completion, add_special_tokens=False)["input_ids"]
    decisions = len(task.marks) or 1
    completion = [*completion, tokenizer.eos_token_id]
    return EncodedTask(prompt, completion, [decision_weight] * decisions + [1.0] * (len(completion) - decisions))


def sheets_loss(model: Any, batch: Sequence[EncodedSheet]) -> Tensor:
    """Mean of the sheets' losses."""
    with mixed_precision(model):
        return torch.stack([sheet_loss(model.base_model.model, sheet) for sheet in batch]).mean()


def sheet_loss(model: Any, sheet: EncodedSheet) -> Tensor:
    """Weighted mean cross-entropy of the completions' tokens; evidence and prompts are read, not learnt.

    The model's attention must be :mod:`bot.generation.shared_prefix`'s.
    """
    layout = Layout(len(sheet.evidence), [len(task.prompt) + len(task.completion) for task in sheet.tasks])
    ids, weights = [*sheet.evidence], [0.0] * len(sheet.evidence)
    for task in sheet.tasks:
        ids += task.prompt + task.completion
        weights += [0.0] * len(task.prompt) + task.weights
    hidden = model.model(
        input_ids=torch.tensor([ids]),
        position_ids=layout.positions(),
        attention_mask={"full_attention": layout, "sliding_attention": layout},
        use_cache=False,
    ).last_hidden_state[0]
    # Only what is learnt goes through the output layer, which is most of a small model's work.
    counted = torch.tensor(weights)
    learnt = counted.nonzero()[:, 0]
    losses = functional.cross_entropy(
        model.lm_head(hidden[learnt - 1]).float(), torch.tensor(ids)[learnt], reduction="none"
    )
    return (losses * counted[learnt]).sum() / counted.sum()
