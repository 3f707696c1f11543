from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import train
from bot.cli.app import app
from bot.generation import training
from bot.generation.training import DecoderTrainingArguments

SHIPPED = DecoderTrainingArguments.further()  # goes on from the adapter that ships


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[DecoderTrainingArguments, bool]]:
    """The trainings of the decoder that were asked for; none takes place."""
    heard: list[tuple[DecoderTrainingArguments, bool]] = []

    def trained(arguments: DecoderTrainingArguments, progress: Any, further: bool) -> dict[str, Any]:
        heard.append((arguments, further))
        progress(1, 2, 0.5)
        return {"lessons": 2}

    monkeypatch.setattr(training, "train_decoder", trained)
    monkeypatch.setattr(train, "prepare_models", lambda: None)
    return heard


@pytest.mark.parametrize(
    ("options", "expected"), [([], (DecoderTrainingArguments(), False)), (["--further"], (SHIPPED, True))]
)
def test_the_decoder_is_trained_anew_or_further(
    runs: list[tuple[DecoderTrainingArguments, bool]],
    options: list[str],
    expected: tuple[DecoderTrainingArguments, bool],
) -> None:
    result = CliRunner().invoke(app, ["train", "generator", *options])
    assert result.exit_code == 0 and '"lessons": 2' in result.output
    assert runs == [expected]


@pytest.mark.parametrize("part", ["nlu", "dialogue", "encoder"])
def test_nothing_else_is_trained_further(runs: list[tuple[DecoderTrainingArguments, bool]], part: str) -> None:
    result = CliRunner().invoke(app, ["train", part, "--further"])
    assert result.exit_code == 2 and "only the generator can be trained further" in result.output
    assert not runs
