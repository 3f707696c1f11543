from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from nlu.base_models import DECODER
from nlu.weights.gemma import CONTROL_PIECES, LATIN_RANKS, Vocabulary, _merges, build_tokenizer, russian_english_ids

NORMAL, CONTROL, USER_DEFINED, BYTE = 1, 3, 4, 6


def vocabulary(
    control: Sequence[str] = (), user: Sequence[str] = (), single_bytes: Sequence[str] = (), normal: Sequence[str] = ()
) -> Vocabulary:
    kinds = {CONTROL: control, USER_DEFINED: user, BYTE: single_bytes, NORMAL: normal}
    entries = [(piece, kind) for kind, pieces in kinds.items() for piece in pieces]
    return Vocabulary([p for p, _ in entries], [k for _, k in entries], [-float(i) for i in range(len(entries))])


def kept(source: Vocabulary) -> list[str]:
    return [source.pieces[i] for i in russian_english_ids(source)]


def test_control_pieces_bytes_and_runs_of_space_are_kept() -> None:
    source = vocabulary(
        control=list(CONTROL_PIECES), user=["\n\n", "▁▁", "<table>"], single_bytes=["<0x0A>"], normal=["а"]
    )
    assert kept(source) == [piece for piece in source.pieces if piece != "<table>"]


def test_cyrillic_latin_and_symbols_are_kept_and_other_scripts_are_not() -> None:
    source = vocabulary(normal=["▁заказ", "▁order", "é", "中文", "ش", "👍", "12", "₽", "▁ёлка", "ß"])
    assert kept(source) == ["▁заказ", "▁order", "é", "👍", "12", "₽", "▁ёлка", "ß"]


def test_rare_latin_pieces_are_dropped_but_rare_cyrillic_and_single_letters_stay() -> None:
    filler = ["▁the"] * LATIN_RANKS
    source = Vocabulary([*filler, "▁wort", "▁заказ", "▁é"], [NORMAL] * (LATIN_RANKS + 3), [0.0] * (LATIN_RANKS + 3))
    assert kept(source)[LATIN_RANKS:] == ["▁заказ", "▁é"]


def test_better_scored_results_merge_first_and_only_from_known_parts() -> None:
    source = Vocabulary(["a", "b", "c", "bc", "ab", "xyz"], [NORMAL] * 6, [0.0, 0.0, 0.0, -2.0, -1.0, 0.0])
    ids = {piece: i for i, piece in enumerate(source.pieces)}
    assert _merges(source, list(ids.values()), ids) == [("a", "b"), ("b", "c")]


def test_a_tiny_tokenizer_merges_by_score_and_falls_back_to_bytes() -> None:
    source = vocabulary(
        control=list(CONTROL_PIECES),
        single_bytes=[f"<0x{byte:02X}>" for byte in range(256)],
        normal=["д", "а", "▁", "да"],
    )
    tokenizer = build_tokenizer(source, list(range(len(source.pieces))))
    assert tokenizer.tokenize("да я") == ["да", "▁", "<0xD1>", "<0x8F>"]
    assert tokenizer.decode(tokenizer("да я")["input_ids"], skip_special_tokens=True) == "да я"


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(DECODER))


@pytest.mark.parametrize(
    "text",
    [
        "Привет, где мой заказ?",
        "Ёжик  съел\n\n\nбулку",
        "Order NL-204518: 1 299,50 ₽",
        "👍 ok",
        " с пробела",
        "中文 ش",
        "",
    ],
)
def test_text_begins_with_bos_and_round_trips(tokenizer: Any, text: str) -> None:
    ids = tokenizer(text)["input_ids"]
    assert ids[0] == tokenizer.convert_tokens_to_ids("<bos>")
    assert tokenizer.decode(ids, skip_special_tokens=True) == text


def test_turn_marks_are_single_tokens(tokenizer: Any) -> None:
    assert tokenizer.tokenize("<start_of_turn>user\n") == ["<start_of_turn>", "user", "\n"]


def test_the_models_vocabulary_is_the_tokenizers(tokenizer: Any) -> None:
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(str(DECODER))
    assert config.vocab_size == len(tokenizer)
    assert (config.bos_token_id, config.eos_token_id) == (tokenizer.bos_token_id, tokenizer.eos_token_id)
