"""A decoder of the writer's kind with two small layers, random weights and a vocabulary of words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bot.generation.examples import Sheet, Task
from bot.generation.prompt import (
    FACT_MARKS,
    MARKS,
    NONE,
    Request,
    Source,
    evidence,
    reply,
    reply_task,
)
from retrieval.scenarios import Case, Scenario

SOURCES = [Source("Delivery", ["It costs 100 roubles.", "It takes 2 days."]), Source("Returns", ["You have 14 days."])]


def _task(question: str, marks: str, text: str) -> Task:
    request = Request("en", question, SOURCES)
    return Task(request, reply_task(request), reply(marks, text), marks)


SHEET = Sheet(
    SOURCES,
    [
        _task("How much?", "A", "You pay 100 roubles."),
        _task("How long?", "B", "You wait 2 days."),
        _task("Is it free?", "", ""),
    ],
    "shop",
)

SCENARIOS = [
    Scenario(
        f"business {number}",
        {"ru": "Доставка", "en": "Delivery"},
        {
            "ru": ["Доставка стоит {price} рублей.", "Возим по городу."],
            "en": ["It costs {price} roubles.", "We deliver in town."],
        },
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
    for number in range(4)
]


def tokenizer() -> Any:
    """Splits at white space and punctuation."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import PreTrainedTokenizerFast

    texts = evidence(SOURCES) + " ".join(task.prompt + task.completion for task in SHEET.tasks)
    marks = [*MARKS, *FACT_MARKS, NONE]
    words = ["<pad>", "<eos>", "<bos>", "<unk>", *dict.fromkeys([*marks, *re.findall(r"\w+|[^\w\s]+", texts)])]
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
        sliding_window=512,
        pad_token_id=0,
        eos_token_id=1,
        bos_token_id=2,
    )
    Gemma3ForCausalLM(config).save_pretrained(folder)
    words.save_pretrained(folder)
