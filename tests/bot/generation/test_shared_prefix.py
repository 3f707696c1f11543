from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from bot.generation.shared_prefix import NAME, Layout
from tests.bot.generation.tiny import save_decoder

PREFIX = [2, 5, 6, 7, 8, 9]
TEXTS = [[10, 11, 12], [13], [14, 15, 16, 17, 18]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("decoder")
    save_decoder(path)
    return path


def states(model: Any, ids: list[int], **options: Any) -> Tensor:
    with torch.inference_mode():
        found: Tensor = model.model(input_ids=torch.tensor([ids]), use_cache=False, **options).last_hidden_state[0]
    return found


def test_texts_behind_one_beginning_are_read_as_each_alone(folder: Path) -> None:
    from transformers import AutoModelForCausalLM

    shared = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation=NAME)
    plain = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    layout = Layout(len(PREFIX), [len(text) for text in TEXTS])
    masks = {"full_attention": layout, "sliding_attention": layout}
    ids = [*PREFIX, *(token for text in TEXTS for token in text)]
    together = states(shared, ids, position_ids=layout.positions(), attention_mask=masks)
    start = len(PREFIX)
    for text in TEXTS:
        alone = states(plain, [*PREFIX, *text])
        torch.testing.assert_close(together[start : start + len(text)], alone[len(PREFIX) :], atol=1e-5, rtol=1e-4)
        start += len(text)
    torch.testing.assert_close(together[: len(PREFIX)], states(plain, PREFIX), atol=1e-5, rtol=1e-4)


def test_a_beginning_may_stand_alone(folder: Path) -> None:
    from transformers import AutoModelForCausalLM

    shared = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation=NAME)
    layout = Layout(len(PREFIX), [])
    masks = {"full_attention": layout, "sliding_attention": layout}
    assert states(shared, PREFIX, position_ids=layout.positions(), attention_mask=masks).shape == (len(PREFIX), 32)


def test_positions_go_on_from_the_beginning_for_every_text() -> None:
    assert Layout(2, [3, 1]).positions().tolist() == [[0, 1, 2, 3, 4, 2]]


def test_a_text_sees_the_beginning_and_itself_up_to_each_token() -> None:
    assert Layout(2, [2, 1]).seen().int().tolist() == [[1, 1, 1, 0], [1, 1, 1, 1]]
