from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.base_models import BASE_ENCODER
from nlu.weights.e5 import _dequantise, read_e5, russian_english_pieces


def block(scale: float, values: list[int]) -> bytes:
    """A Q4_0 block of 32 values from -8 to 7."""
    nibbles = [value + 8 for value in values]
    return struct.pack("<e16B", scale, *(low | high << 4 for low, high in zip(nibbles[:16], nibbles[16:], strict=True)))


def test_a_block_is_a_scale_and_values_low_nibbles_first() -> None:
    values = [*range(-8, 8), *range(7, -9, -1)]
    assert _dequantise(block(0.5, values), 32).tolist() == [value / 2 for value in values]


QUANTISED = st.tuples(st.sampled_from([0.0, 0.125, -2.0, 1.0]), st.lists(st.integers(-8, 7), min_size=32, max_size=32))


@given(st.lists(QUANTISED, min_size=1, max_size=4))
def test_blocks_follow_one_another(blocks: list[tuple[float, list[int]]]) -> None:
    raw = b"".join(block(scale, values) for scale, values in blocks)
    expected = [scale * value for scale, values in blocks for value in values]
    assert _dequantise(raw, 32 * len(blocks)).tolist() == expected


def test_a_file_of_another_format_is_named(tmp_path: Path) -> None:
    (tmp_path / "other.bin").write_bytes(b"GGUF" + bytes(64))
    with pytest.raises(ValueError, match=r"other.bin is not an e5 weight file \(signature E5S1 is missing\)"):
        read_e5(tmp_path / "other.bin")


def test_russian_english_symbols_and_specials_are_kept_in_order() -> None:
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁заказ", "▁order", "中", "▁12", "é", "ש", "👍", "ёж", "Ω", "<mask>"]
    kept = [pieces[i] for i in russian_english_pieces(pieces)]
    assert kept == [piece for piece in pieces if piece not in {"中", "ש", "Ω"}]


def test_the_built_tokenizer_round_trips_and_frames_its_texts() -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(BASE_ENCODER))
    text = "Где мой заказ NL-204518? Where is my order?"
    ids = tokenizer(text)["input_ids"]
    assert tokenizer.convert_ids_to_tokens([ids[0], ids[-1]]) == ["<s>", "</s>"]
    assert tokenizer.decode(ids, skip_special_tokens=True) == text
    assert tokenizer("①  ﬁ")["input_ids"] == tokenizer("1 fi")["input_ids"]
    assert np.all(np.array(ids) < len(tokenizer))
