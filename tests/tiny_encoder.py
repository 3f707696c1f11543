"""An encoder of the base's kind with eight small layers, random weights and a vocabulary of words and letters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

LAYERS, DIMENSION = 8, 32
FREQUENT = "a an the to is it of in and by for how what when does do и в на за это как что когда где ли".split()
RARE = (
    "query passage order courier parcel refund delivery price roubles days card cash warranty kettle jacket return "
    "заказ курьер доставка возврат цена рублей дней карта гарантия чайник куртка"
).split()
LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюяabcdefghijklmnopqrstuvwxyz"
SIGNS = "0123456789.,:;!?-|()«»\"'"


def tokenizer() -> Any:
    """As the base's: word pieces with frequencies, a mark in place of each space, and a frame."""
    from tokenizers import Tokenizer
    from tokenizers.models import Unigram
    from tokenizers.pre_tokenizers import Metaspace
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    special = ["<s>", "<pad>", "</s>", "<unk>"]
    letters = LETTERS + LETTERS.upper() + SIGNS
    pieces = dict.fromkeys(special, 0.0) | {"▁": -7.0}
    pieces |= {mark + letter: -11.0 for mark in ("", "▁") for letter in letters}
    pieces |= {"▁" + form: -9.0 for word in RARE for form in (word, word.capitalize())}
    pieces |= {"▁" + form: -4.0 for word in FREQUENT for form in (word, word.capitalize())}
    model = Tokenizer(Unigram(list(pieces.items()), special.index("<unk>"), False))
    model.pre_tokenizer = Metaspace()
    model.post_processor = TemplateProcessing(
        single="<s> $A </s>", special_tokens=[(piece, special.index(piece)) for piece in ("<s>", "</s>")]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=model, bos_token="<s>", cls_token="<s>", eos_token="</s>", sep_token="</s>",
        pad_token="<pad>", unk_token="<unk>", model_max_length=512,
    )  # fmt: skip


def save_encoder(folder: Path, seed: int = 1) -> None:
    """A ``from_pretrained`` folder; weights are large enough for attention to matter."""
    import torch
    from transformers import BertConfig, BertModel

    words = tokenizer()
    config = BertConfig(
        vocab_size=len(words), hidden_size=DIMENSION, num_hidden_layers=LAYERS, num_attention_heads=2,
        intermediate_size=2 * DIMENSION, max_position_embeddings=512, initializer_range=0.1, pad_token_id=1,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        BertModel(config).save_pretrained(folder)
    words.save_pretrained(folder)
