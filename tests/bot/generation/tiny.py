"""A decoder of the writer's kind with two small layers, random weights and a vocabulary of words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bot.generation.examples import Example
from bot.generation.prompt import Request, Source, render

EXAMPLES = [
    Example(Request("en", "How much?", [Source("Delivery", f"It costs {n} roubles.")]), f"You pay {n} roubles.", "shop")
    for n in (100, 200, 300)
]


def tokenizer() -> Any:
    """Splits at white space and punctuation."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import PreTrainedTokenizerFast

    texts = " ".join(render(example.request) + " " + example.reply for example in EXAMPLES)
    words = ["<pad>", "<eos>", "<bos>", "<unk>", *dict.fromkeys(re.findall(r"\w+|[^\w\s]+", texts))]
    model = Tokenizer(WordLevel({word: number for number, word in enumerate(words)}, unk_token="<unk>"))
    model.pre_tokenizer = Whitespace()
    special = {name: f"<{name[:3]}>" for name in ("pad_token", "eos_token", "bos_token", "unk_token")}
    return PreTrainedTokenizerFast(tokenizer_object=model, **special)


def save_decoder(folder: Path) -> None:
    """A ``from_pretrained`` folder of both."""
    import torch
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig

    torch.manual_seed(1)
    words = tokenizer()
    config = Gemma3TextConfig(
        vocab_size=len(words),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        sliding_window=64,
        pad_token_id=0,
        eos_token_id=1,
        bos_token_id=2,
    )
    Gemma3ForCausalLM(config).save_pretrained(folder)
    words.save_pretrained(folder)
