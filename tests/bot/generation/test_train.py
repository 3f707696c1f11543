from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from bot.generation import train
from bot.generation.build import WRITER_MODEL
from bot.generation.decoder import Decoder
from bot.generation.fine_tuning import adapted
from bot.generation.prompt import evidence
from bot.generation.shared_prefix import NAME
from bot.generation.train import EncodedSheet, WriterTrainingArguments, encode, sheet_loss, train_writer
from nlu.errors import ModelMissing
from nlu.weights.adapted import WEIGHTS
from tests.bot.generation.tiny import SCENARIOS, SHEET, save_decoder, tokenizer
from tests.fakes import HashEncoder

ARGUMENTS = WriterTrainingArguments(rounds=2, epochs=1, batch_size=2, rank=2, threads=1)


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}


def test_a_sheet_is_its_evidence_and_its_tasks_with_end_marks_behind_them() -> None:
    words = tokenizer()
    encoded = encode(words, SHEET, 4.0)
    assert encoded.evidence == words(evidence(SHEET.sources))["input_ids"]
    assert all(task.completion[-1] == words.eos_token_id for task in encoded.tasks)
    assert len(encoded) == len(encoded.evidence) + sum(len(t.prompt) + len(t.completion) for t in encoded.tasks)


def test_marks_count_more_than_words() -> None:
    encoded = encode(tokenizer(), SHEET, 4.0)
    assert [task.weights[0] for task in encoded.tasks] == [4.0] * 3
    assert {*encoded.tasks[0].weights[1:]} == {1.0}
    assert all(len(task.weights) == len(task.completion) for task in encoded.tasks)


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base") / "decoder"
    save_decoder(folder)
    return folder


def test_only_completions_are_learnt_each_read_behind_the_evidence(decoder: Path) -> None:
    from transformers import AutoModelForCausalLM

    shared = AutoModelForCausalLM.from_pretrained(decoder, dtype=torch.float32, attn_implementation=NAME)
    plain: Any = AutoModelForCausalLM.from_pretrained(decoder, dtype=torch.float32)
    sheet = encode(tokenizer(), SHEET, 4.0)
    total = weight = 0.0
    with torch.inference_mode():
        for task in sheet.tasks:
            ids = torch.tensor([[*sheet.evidence, *task.prompt, *task.completion]])
            count = len(task.completion)
            logits = plain(input_ids=ids).logits[0, -count - 1 : -1]
            losses = torch.nn.functional.cross_entropy(logits, ids[0, -count:], reduction="none")
            total += float((losses * torch.tensor(task.weights)).sum())
            weight += sum(task.weights)
        assert sheet_loss(shared, sheet).item() == pytest.approx(total / weight, rel=1e-4)


def test_learning_lowers_the_loss(decoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "CHECKPOINT", tmp_path / "checkpoint")
    words, model = adapted(decoder, ARGUMENTS, train.CHECKPOINT)
    sheet = encode(words, SHEET, 4.0)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01)
    losses = []
    for _ in range(12):
        loss = train.sheets_loss(model, [sheet])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


@pytest.fixture
def trained(decoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, dict[str, Any], list[float]]:
    """An adapter of few steps, its metrics and the losses heard."""
    monkeypatch.setattr(train, "CHECKPOINT", tmp_path / "checkpoint")
    monkeypatch.setattr(train, "read_scenarios", lambda: SCENARIOS)
    heard: list[float] = []
    threads = torch.get_num_threads()
    metrics = train_writer(
        ARGUMENTS, decoder, tmp_path / "adapter", lambda _, __, loss: heard.append(loss), HashEncoder()
    )
    torch.set_num_threads(threads)
    return tmp_path / "adapter", metrics, heard


def test_a_missing_base_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="none is missing"):
        train_writer(ARGUMENTS, tmp_path / "none", tmp_path / "adapter")
    assert not (tmp_path / "adapter").exists()


def test_training_leaves_an_adapter_with_its_card(trained: tuple[Path, dict[str, Any], list[float]]) -> None:
    adapter, metrics, heard = trained
    assert (adapter / WEIGHTS).is_file()
    # Of four businesses one is kept for tests and one for thresholds; two rounds of two make two steps.
    assert metrics["sheets"] == 4
    assert len(heard) == 2 and all(loss > 0 for loss in heard)
    card = (adapter / "README.md").read_text()
    assert "Gemma Terms of Use" in card and '"rank": 2' in card and '"final_loss"' in card
    assert not train.CHECKPOINT.exists()


def test_the_adapter_becomes_a_writer_and_a_damaged_one_is_not_current(
    trained: tuple[Path, dict[str, Any], list[float]], decoder: Path, tmp_path: Path
) -> None:
    adapter, writer = trained[0], tmp_path / "writer"
    model = replace(WRITER_MODEL, folder=writer, adapter=adapter, base=decoder)
    assert not model.is_current()
    model.build()
    assert model.is_current()
    request = SHEET.tasks[0].request
    choice = Decoder(writer, threads=1).choose(request)
    assert 0.0 <= choice.none <= 1.0 and (choice.sentences or choice.facts)
    choice.discard()

    before = digests(writer)
    (adapter / WEIGHTS).rename(adapter / "elsewhere")
    assert not model.is_current()
    with pytest.raises(ModelMissing, match="lichno train generator"):
        model.build()
    assert digests(writer) == before

    (adapter / WEIGHTS).write_bytes(b"another adapter")
    assert not model.is_current()
    with pytest.raises(ModelMissing, match="another adapter"):
        model.check()
    (adapter / "elsewhere").replace(adapter / WEIGHTS)
    assert model.is_current()
    (writer / "model.bin").write_bytes(b"")
    assert not model.is_current()


def test_batches_hold_every_sheet_once_an_epoch_and_are_the_same_for_the_same_seed() -> None:
    encoded = [EncodedSheet([1] * length, []) for length in range(1, 8)]
    batches = train._batches(encoded, ARGUMENTS)
    assert sorted(len(sheet) for batch in batches for sheet in batch) == [*range(1, 8)]
    assert batches == train._batches(encoded, ARGUMENTS)
