from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from torch import Tensor, nn

from nlu.fine_tuning import triangle
from nlu.weights.adapted import WEIGHTS
from retrieval import lora
from retrieval.lora import STATE_FILE, LoraArguments, fit, interrupted, mixed_precision, save_adapter

ARGUMENTS = LoraArguments(rank=2, learning_rate=0.05, threads=1)
Batch = tuple[Tensor, Tensor]


pytestmark = pytest.mark.usefixtures("seeded")


class Small(nn.Module):
    """One linear layer to be adapted, under dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Linear(6, 4)
        self.dropout = nn.Dropout(0.5)

    def forward(self, rows: Tensor) -> Tensor:
        output: Tensor = self.dropout(self.dense(rows))
        return output


def adapted(folder: Path | None = None) -> Any:
    """The small model with a fresh adapter, or with the saved one."""
    torch.manual_seed(1)
    if folder:
        return PeftModel.from_pretrained(Small(), str(folder), is_trainable=True)
    return get_peft_model(Small(), LoraConfig(r=2, target_modules=["dense"]))


def batches(count: int) -> list[Batch]:
    """Rows with what the layer should make of them."""
    random = torch.Generator().manual_seed(2)
    truth = torch.randn(6, 4, generator=random)
    rows = [torch.randn(8, 6, generator=random) for _ in range(count)]
    return [(one, one @ truth) for one in rows]


def fitted(
    model: Any, checkpoint: Path, count: int = 8, arguments: LoraArguments = ARGUMENTS, stop_after: int | None = None
) -> tuple[float, list[tuple[int, int, float]]]:
    """A run of so many steps; what it returned and what progress heard. It may be interrupted in a step."""
    heard: list[tuple[int, int, float]] = []

    def progress(step: int, steps: int, loss: float) -> None:
        heard.append((step, steps, loss))
        if step == stop_after:
            raise KeyboardInterrupt

    def loss_of(batch: Batch) -> Tensor:
        return nn.functional.mse_loss(model(batch[0]), batch[1])

    return fit(model, batches(count), loss_of, arguments, checkpoint, progress), heard


def state(model: Any) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def test_training_lowers_the_loss_and_moves_the_adapter_alone(tmp_path: Path) -> None:
    model = adapted()
    before = state(model)
    _, heard = fitted(model, tmp_path, 60)
    losses = [loss for *_, loss in heard]
    assert sum(losses[-10:]) < 0.8 * sum(losses[:10])
    for name, value in state(model).items():
        assert torch.equal(value, before[name]) == ("lora" not in name), name


def test_progress_hears_every_step_and_the_last_losses_mean_is_returned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lora, "LAST", 3)
    loss, heard = fitted(adapted(), tmp_path, 5)
    assert [step[:2] for step in heard] == [(number, 5) for number in range(1, 6)]
    assert loss == pytest.approx(sum(loss for *_, loss in heard[2:]) / 3)


def test_nothing_to_learn_from_changes_nothing(tmp_path: Path) -> None:
    model = adapted()
    before = state(model)
    assert fitted(model, tmp_path, 0) == (0.0, [])
    assert all(torch.equal(value, before[name]) for name, value in state(model).items())


def test_nothing_is_dropped_out(tmp_path: Path) -> None:
    model = adapted()
    model.train()
    _, heard = fitted(model, tmp_path, 1)
    ((rows, wanted),) = batches(1)
    fresh = adapted().eval()
    assert heard[0][2] == pytest.approx(nn.functional.mse_loss(fresh(rows), wanted).item())


# -- an interrupted run -----------------------------------------------------------------------


@pytest.mark.parametrize(("stop_after", "done"), [(5, 4), (6, 4), (7, 6)])
def test_an_interrupted_run_goes_on_and_ends_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_after: int, done: int
) -> None:
    monkeypatch.setattr(lora, "SAVE_EVERY", 2)
    whole = adapted()
    loss, heard = fitted(whole, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        fitted(adapted(), tmp_path / "halves", stop_after=stop_after)
    assert interrupted(tmp_path / "halves")
    second = adapted(tmp_path / "halves")
    again, rest = fitted(second, tmp_path / "halves")
    assert rest == heard[done:]
    assert again == loss
    expected = state(whole)
    assert all(torch.equal(value, expected[name]) for name, value in state(second).items())


def test_before_its_first_checkpoint_a_run_cannot_be_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lora, "SAVE_EVERY", 4)
    with pytest.raises(KeyboardInterrupt):
        fitted(adapted(), tmp_path / "checkpoint", stop_after=3)
    assert not interrupted(tmp_path / "checkpoint")
    fitted(adapted(), tmp_path / "checkpoint", 4)
    assert interrupted(tmp_path / "checkpoint")


def test_a_run_interrupted_at_its_very_end_takes_no_step_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lora, "SAVE_EVERY", 4)
    loss, heard = fitted(adapted(), tmp_path)
    assert (tmp_path / STATE_FILE).is_file() and len(heard) == 8
    assert fitted(adapted(tmp_path), tmp_path) == (loss, [])


# -- the learning rate ------------------------------------------------------------------------


@given(st.integers(1, 300), st.floats(0.0, 0.5))
def test_the_learning_rate_has_one_peak_and_is_never_nothing(steps: int, warmup: float) -> None:
    rates = [round(triangle(step, steps, warmup, lora.LEAST_RATE), 9) for step in range(steps)]
    assert all(0.0 < rate <= 1.0 for rate in rates)
    peak = rates.index(max(rates))
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[-1] <= max(0.02, 1 / steps) + 1e-9


def test_a_tenth_of_the_steps_warms_up() -> None:
    rates = [triangle(step, 100, 0.1, lora.LEAST_RATE) for step in range(100)]
    assert rates[:10] == sorted(rates[:10])
    assert rates[0] == pytest.approx(0.1)
    assert rates[9] == max(rates) == pytest.approx(0.91)
    assert rates[50] == pytest.approx(0.5)
    assert rates[99] == 0.02


def test_a_higher_rate_goes_further(tmp_path: Path) -> None:
    moved = []
    for rate in (0.0, 0.001, 0.01):
        model = adapted()
        before = state(model)
        fitted(model, tmp_path / str(rate), 1, LoraArguments(learning_rate=rate, threads=1))
        moved.append(sum((value - before[name]).abs().sum().item() for name, value in state(model).items()))
    assert moved[0] == 0.0 < moved[1] < moved[2]


# -- precision --------------------------------------------------------------------------------


@pytest.mark.parametrize("precision", [torch.bfloat16, torch.float32])
def test_adapters_multiply_in_the_layers_precision_and_learn_in_full(
    monkeypatch: pytest.MonkeyPatch, precision: torch.dtype
) -> None:
    monkeypatch.setattr(lora, "serving_precision", lambda: precision)
    model = adapted().eval()
    ((rows, _),) = batches(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_()
        expected = model(rows)
    model.base_model.model.dense.base_layer.to(precision)
    with mixed_precision(model):
        output = model(rows.to(precision))
    assert output.dtype == precision
    torch.testing.assert_close(
        output.float(), expected, **({"atol": 0.3, "rtol": 0.1} if precision == torch.bfloat16 else {})
    )
    output.float().sum().backward()
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    assert len(learning) == 2
    for parameter in learning:
        assert parameter.dtype == parameter.grad.dtype == torch.float32
        assert parameter.grad.any()
    assert not torch.is_autocast_enabled("cpu")


# -- the adapter's files ----------------------------------------------------------------------


def test_the_adapter_is_kept_alone_in_half_precision_and_comes_back(tmp_path: Path) -> None:
    model = adapted()
    fitted(model, tmp_path / "checkpoint")
    save_adapter(model, tmp_path / "adapter")
    kept = load_file(tmp_path / "adapter" / WEIGHTS)
    assert len(kept) == 2 and all("lora" in name for name in kept)
    assert {value.dtype for value in kept.values()} == {torch.bfloat16}
    assert not (tmp_path / "adapter" / "README.md").exists()
    again = state(adapted(tmp_path / "adapter"))
    for name, value in state(model).items():
        rounded = value.to(torch.bfloat16).float() if "lora" in name else value
        assert torch.equal(again[name], rounded), name


def test_a_second_adapter_takes_the_place_of_the_first(tmp_path: Path) -> None:
    for seed in (1, 2):
        model = adapted()
        with torch.no_grad():
            for name, value in model.named_parameters():
                if "lora" in name:
                    value.fill_(seed)
        save_adapter(model, tmp_path)
    assert all(bool((value == 2).all()) for value in load_file(tmp_path / WEIGHTS).values())
