from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bot.generation import selector_training
from bot.generation.build import SELECTOR_MODEL
from bot.generation.prompt import NONE, Source, evidence, select_task
from bot.generation.selector import LONGEST_QUESTION, SURE, Reader
from bot.generation.selector_lessons import Asked, Lesson
from bot.generation.selector_training import (
    Marks,
    SelectorTrainingArguments,
    encode,
    lesson_loss,
    train_selector,
)
from bot.generation.shared_prefix import NAME
from nlu.base_models import DECODER
from nlu.weights.adapted import WEIGHTS
from tests.bot.generation.tiny import SCENARIOS, SOURCES, save_decoder, tokenizer

ARGUMENTS = SelectorTrainingArguments(rounds=3, rank=2, first_layer=1, threads=1)
LESSON = Lesson(
    SOURCES,
    [
        Asked("How much?", "en", [[0], []], about=0),
        Asked("How long?", "en", [[1], []], about=0),
        Asked("Is it free?", "en", [[], []], about=1),
    ],
)


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "decoder"
    save_decoder(folder)
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, decoder: Path) -> tuple[Path, dict[str, Any], list[float]]:
    """The adapter's folder, the metrics and the losses heard."""
    folder, heard = tmp_path_factory.mktemp("training"), list[float]()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(selector_training, "read_scenarios", lambda: SCENARIOS)
        patched.setattr(selector_training, "CHECKPOINT", folder / "checkpoint")
        metrics = train_selector(ARGUMENTS, decoder, folder / "adapter", lambda step, steps, loss: heard.append(loss))
    return folder / "adapter", metrics, heard


def model_of(folder: Path) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder, attn_implementation=NAME)


def test_training_leaves_an_adapter_with_its_card(trained: tuple[Path, dict[str, Any], list[float]]) -> None:
    adapter, metrics, heard = trained
    assert (adapter / WEIGHTS).is_file()
    # Of four companies one is kept for tests and one for thresholds.
    assert metrics["lessons"] == len(heard) == 2 * ARGUMENTS.rounds
    card = (adapter / "README.md").read_text()
    assert "Gemma Terms of Use" in card and '"first_layer": 1' in card and '"final_loss"' in card


def test_the_lower_layers_are_left_as_they_are(trained: tuple[Path, dict[str, Any], list[float]]) -> None:
    from safetensors.torch import load_file

    names = load_file(trained[0] / WEIGHTS)
    assert names and all(".layers.1." in name for name in names)


def test_the_loss_falls_where_the_lesson_is_learnt(decoder: Path) -> None:
    words, model = tokenizer(), model_of(decoder)
    marks, lesson = Marks(words), encode(words, LESSON)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(30):
        loss = lesson_loss(model, marks, lesson, question_weight=0.1)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 4


def test_what_is_answered_counts_as_much_as_what_is_not_however_many_there_are(decoder: Path) -> None:
    words, model = tokenizer(), model_of(decoder)
    answered, near = Asked("How much?", "en", [[0]], about=0), Asked("Is it free?", "en", [[]], about=0)

    def loss(asked: list[Asked]) -> float:
        found: float = lesson_loss(model, Marks(words), encode(words, Lesson(SOURCES[:1], asked)), 0.0).item()
        return found

    assert loss([answered, near, near, near]) == pytest.approx(loss([answered, near]), rel=1e-5)


def test_a_pair_with_a_part_of_the_answer_changes_nothing(decoder: Path) -> None:
    words, model = tokenizer(), model_of(decoder)

    def named(answers: list[list[int] | None]) -> float:
        asked = [Asked("How much?", "en", [[0], []], about=0), Asked("How long?", "en", answers, about=0)]
        lesson = encode(words, Lesson(SOURCES, asked))
        loss: float = lesson_loss(model, Marks(words), lesson, 0.0).item()
        return loss

    alone = encode(words, Lesson(SOURCES, [Asked("How much?", "en", [[0], []], about=0)]))
    assert named([None, None]) == pytest.approx(lesson_loss(model, Marks(words), alone, 0.0).item(), rel=1e-5)
    assert named([[1], []]) != pytest.approx(named([None, None]), rel=1e-5)


def test_each_mark_is_the_token_that_begins_a_sentences_line() -> None:
    words = tokenizer()
    marks = Marks(words)
    ids = words(evidence(SOURCES))["input_ids"]
    assert [marks.sentences[n] in ids for n in range(4)] == [True, True, True, False]
    assert words.convert_ids_to_tokens(marks.none) == NONE


@pytest.mark.skipif(not (DECODER / "config.json").is_file(), reason="the base model was not built")
def test_the_marks_of_the_base_model_are_tokens_of_their_own() -> None:
    from transformers import AutoTokenizer

    words = AutoTokenizer.from_pretrained(DECODER)
    marks = Marks(words)
    assert len({*marks.sentences, marks.none}) == 21
    ids = words(evidence([SOURCES[0]]) + select_task("Why?", "en") + NONE)["input_ids"]
    assert ids[-1] == marks.none and [marks.sentences[n] in ids for n in range(3)] == [True, True, False]


def test_what_serves_reads_as_the_trained_model_does(
    trained: tuple[Path, dict[str, Any], list[float]], decoder: Path, tmp_path: Path
) -> None:
    from peft import PeftModel

    replace(SELECTOR_MODEL, folder=tmp_path / "selector", adapter=trained[0], base=decoder).build()
    readings = Reader(tmp_path / "selector", threads=1).read("How long?", "en", SOURCES)
    words = tokenizer()
    model = PeftModel.from_pretrained(model_of(decoder), str(trained[0])).merge_and_unload()
    task = words(select_task("How long?", "en"), add_special_tokens=False)["input_ids"]
    for reading, source in zip(readings, SOURCES):
        passage = words(evidence([source]))["input_ids"]
        (hidden,) = selector_training._read(model, passage, [task])
        logs = model.lm_head(hidden).log_softmax(-1)
        likelihood = float(logs[:-1].gather(1, torch.tensor(task)[:, None]).sum())
        none = float(logs[-1, Marks(words).none].exp())
        assert reading.words == len(task)
        assert reading.likelihood == pytest.approx(likelihood, abs=0.05 * len(task))  # int8
        assert reading.decision == pytest.approx(np.log((1 - none) / none), abs=0.2)
        assert abs(reading.decision) <= np.log(1 / SURE)


def test_a_long_question_and_a_long_passage_are_read_as_far_as_there_is_room(
    trained: tuple[Path, dict[str, Any], list[float]], decoder: Path, tmp_path: Path
) -> None:
    replace(SELECTOR_MODEL, folder=tmp_path / "selector", adapter=trained[0], base=decoder).build()
    long = [Source("Delivery", ["It takes 2 days. " * 1000])]
    (reading,) = Reader(tmp_path / "selector", threads=1).read("How long? " * 500, "en", long)
    assert 0 < reading.words <= LONGEST_QUESTION and np.isfinite(reading.likelihood)


def test_nothing_is_read_where_nothing_was_found(tmp_path: Path) -> None:
    assert Reader(tmp_path / "missing").read("How much?", "en", []) == []
