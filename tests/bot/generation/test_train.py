from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from bot.generation import train
from bot.generation.build import ADAPTER_WEIGHTS, build_writer, is_current
from bot.generation.prompt import render
from bot.generation.train import WriterTrainingArguments, encode, judge, reply_loss, train_writer
from bot.generation.writer import CTranslate2Writer
from nlu.errors import ModelMissing
from retrieval.scenarios import Case, Scenario
from tests.bot.generation.tiny import EXAMPLES, save_decoder, tokenizer

SCENARIOS = [
    Scenario(
        business,
        {"ru": "Доставка", "en": "Delivery"},
        {"ru": ["Доставка стоит {price} рублей."], "en": ["It costs {price} roubles."]},
        [
            Case(
                questions={"ru": ["Почём?"], "en": ["How much?"]},
                answer=[0],
                replies={
                    "en": "{name}, you pay {price} roubles.",
                    "ru formal": "{name}, {price} рублей.",
                    "ru informal": "{name}, {price} рублей.",
                },
                facts={"ru": [], "en": []},
            )
        ],
        {"ru": ["Возите ли за город?"], "en": ["Do you deliver out of town?"]},
        {"price": {"ru": ["100", "200", "300"], "en": ["100", "200", "300"]}},
    )
    for business in ("shop", "bank")
]
TWO_STEPS = WriterTrainingArguments(rounds=1, epochs=2, batch_size=8, rank=2, tested=2, threads=1)


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}


def test_an_example_is_its_prompt_and_its_reply_with_the_end_mark() -> None:
    words = tokenizer()
    prompt, reply = encode(words, EXAMPLES[0])
    assert prompt == words(render(EXAMPLES[0].request))["input_ids"]
    assert reply[-1] == words.eos_token_id
    assert words.decode(reply[:-1]).replace(" .", ".") == EXAMPLES[0].reply


@pytest.mark.parametrize(
    ("replies", "right", "own"),
    [
        ([e.reply for e in EXAMPLES], 1.0, 1.0),
        (["You pay 999 roubles."] * 3, 0.0, 0.0),
        ([""] * 3, 0.0, 1.0),
        (["You pay 100 roubles."] * 3, 0.333, 0.333),
        ([f"{e.reply} Or 7." for e in EXAMPLES], 1.0, 0.0),
    ],
)
def test_replies_are_judged_by_their_numbers(replies: list[str], right: float, own: float) -> None:
    judged = judge(EXAMPLES, replies)
    assert (judged["tested"], judged["right_numbers"], judged["no_foreign_number"]) == (3, right, own)


def test_judging_nothing_is_no_error() -> None:
    assert judge([], [])["tested"] == 0


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base") / "decoder"
    save_decoder(folder)
    return folder


@pytest.fixture
def trained(decoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, dict[str, Any], list[float]]:
    """An adapter of two steps, its metrics and the losses heard."""
    monkeypatch.setattr(train, "CHECKPOINT", tmp_path / "checkpoint")
    monkeypatch.setattr(train, "read_scenarios", lambda: SCENARIOS)
    heard: list[float] = []
    threads = torch.get_num_threads()
    metrics = train_writer(TWO_STEPS, decoder, tmp_path / "adapter", lambda step, steps, loss: heard.append(loss))
    torch.set_num_threads(threads)
    return tmp_path / "adapter", metrics, heard


def test_a_missing_base_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="none is missing"):
        train_writer(TWO_STEPS, tmp_path / "none", tmp_path / "adapter")
    assert not (tmp_path / "adapter").exists()


def test_training_leaves_an_adapter_with_its_card(trained: tuple[Path, dict[str, Any], list[float]]) -> None:
    adapter, metrics, heard = trained
    assert (adapter / ADAPTER_WEIGHTS).is_file()
    assert len(heard) == 2 and all(loss > 0 for loss in heard)
    assert metrics["examples"] == metrics["tested"] == 2
    assert len(metrics["held_out_businesses"]) == 1
    card = (adapter / "README.md").read_text()
    assert "Gemma Terms of Use" in card and '"rank": 2' in card and '"final_loss"' in card
    assert not train.CHECKPOINT.exists()


def test_the_adapter_becomes_a_writer_and_a_damaged_one_is_not_current(
    trained: tuple[Path, dict[str, Any], list[float]], decoder: Path, tmp_path: Path
) -> None:
    adapter, writer = trained[0], tmp_path / "writer"
    assert not is_current(writer, adapter)
    build_writer(writer, adapter, decoder)
    assert is_current(writer, adapter)
    reply = CTranslate2Writer(writer, threads=1).write(EXAMPLES[0].request)
    assert "\n" not in reply

    before = digests(writer)
    (adapter / ADAPTER_WEIGHTS).rename(adapter / "elsewhere")
    assert not is_current(writer, adapter)
    with pytest.raises(ModelMissing, match="lichno train generator"):
        build_writer(writer, adapter, decoder)
    assert digests(writer) == before

    (adapter / ADAPTER_WEIGHTS).write_bytes(b"another adapter")
    assert not is_current(writer, adapter)
    (adapter / "elsewhere").replace(adapter / ADAPTER_WEIGHTS)
    assert is_current(writer, adapter)
    (writer / "model.bin").write_bytes(b"")
    assert not is_current(writer, adapter)


def test_only_the_replys_tokens_are_learnt(decoder: Path) -> None:
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(decoder)
    adapted = SimpleNamespace(base_model=SimpleNamespace(model=model))
    prompt, reply = encode(tokenizer(), EXAMPLES[0])
    with torch.inference_mode():
        alone = reply_loss(adapted, [(prompt, reply)])
        padded = reply_loss(adapted, [(prompt, reply), ([*prompt, *prompt], reply)])
        other = reply_loss(adapted, [([*prompt, *prompt], reply)])
        ids = torch.tensor([prompt + reply])
        labels = torch.tensor([[-100] * len(prompt) + reply])
        expected = model(input_ids=ids, labels=labels).loss
    assert alone.item() == pytest.approx(expected.item(), rel=1e-4)
    assert padded.item() == pytest.approx((alone.item() + other.item()) / 2, rel=1e-4)
