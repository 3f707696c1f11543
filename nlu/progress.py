"""The progress bar of a component's training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from nlu.fine_tuning import StepProgress


@contextmanager
def training_bar(title: str) -> Iterator[StepProgress]:
    """A bar that hears (step, steps, loss); the number of steps may change on the way."""
    with tqdm(desc=title, unit="step") as bar:

        def show(step: int, steps: int, loss: float) -> None:
            bar.total = steps
            bar.set_postfix(loss=f"{loss:.2f}", refresh=False)
            bar.update(step - bar.n)

        yield show
