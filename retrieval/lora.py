"""Fine-tuning by low-rank adapters (Hu et al. 2021, "LoRA"), through peft."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor

from nlu.fine_tuning import StepProgress, triangle
from nlu.layers import serving_precision
from nlu.weights.adapted import WEIGHTS

LINEAR_LAYERS = ["query", "key", "value", "dense"]
STATE_FILE = "state.pt"
SAVE_EVERY = 50  # steps
LAST = 50  # steps whose mean loss is reported
LEAST_RATE = 0.02  # of the learning rate, at the end

Batch = TypeVar("Batch")


@dataclass(frozen=True)
class LoraArguments:
    """Hyperparameters of one run."""

    rank: int = 32
    learning_rate: float = 3e-4
    warmup: float = 0.1
    weight_decay: float = 0.01
    dropout: float = 0.0  # none keeps attention fused; the low rank already keeps from learning by heart
    seed: int = 13
    threads: int = 2


def fit(
    model: Any,
    batches: Sequence[Batch],
    loss_of: Callable[[Batch], Tensor],
    arguments: LoraArguments,
    checkpoint: Path,
    progress: StepProgress | None = None,
) -> float:
    """Train the model's trainable parameters, one step a batch; returns the mean loss of the last steps.

    Every fifty steps the adapter and the optimizer's state go to ``checkpoint``; where they are there, the
    run goes on from them. ``progress`` hears (step, steps, loss).
    """
    torch.set_num_threads(arguments.threads)
    model.train(arguments.dropout > 0)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=arguments.learning_rate, weight_decay=arguments.weight_decay)
    losses = _resume(optimizer, checkpoint)
    for step in range(len(losses), len(batches)):
        for group in optimizer.param_groups:
            group["lr"] = arguments.learning_rate * triangle(step, len(batches), arguments.warmup, LEAST_RATE)
        loss = loss_of(batches[step])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        if progress:
            progress(step + 1, len(batches), losses[-1])
        if (step + 1) % SAVE_EVERY == 0:
            model.save_pretrained(checkpoint)
            torch.save({"optimizer": optimizer.state_dict(), "losses": losses}, checkpoint / STATE_FILE)
    model.eval()
    return sum(losses[-LAST:]) / max(1, len(losses[-LAST:]))


@contextmanager
def mixed_precision(model: Any) -> Iterator[None]:
    """Inside, adapters multiply in the layers' precision while their weights stay in fp32: half the time."""
    from peft.helpers import disable_input_dtype_casting

    lower = serving_precision() != torch.float32
    with disable_input_dtype_casting(model, active=lower), torch.autocast("cpu", torch.bfloat16, enabled=lower):
        yield


def interrupted(checkpoint: Path) -> bool:
    """Whether a run can be gone on with."""
    return (checkpoint / STATE_FILE).is_file()


def save_adapter(model: Any, folder: Path) -> None:
    """The adapter alone, in half precision: its last bits carry nothing."""
    from safetensors.torch import load_file, save_file

    model.save_pretrained(folder)
    weights = folder / WEIGHTS
    save_file({name: value.to(torch.bfloat16) for name, value in load_file(weights).items()}, weights)
    (folder / "README.md").unlink(missing_ok=True)  # peft's empty form of a card


def _resume(optimizer: torch.optim.Optimizer, checkpoint: Path) -> list[float]:
    """Losses of the steps already done, with the optimizer's state restored."""
    if not interrupted(checkpoint):
        return []
    state = torch.load(checkpoint / STATE_FILE)
    optimizer.load_state_dict(state["optimizer"])
    losses: list[float] = state["losses"]
    return losses
