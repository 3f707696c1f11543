"""A decoder of the shipped one's kind with two small layers, random weights and a vocabulary of words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bot.generation.examples import IS_SUPPORTED, Claim, Written
from bot.generation.lessons import Asked, Lesson
from bot.generation.prompt import (
    FACT_MARKS,
    FAILS,
    HOLDS,
    MARKS,
    NONE,
    Request,
    Source,
    claim_task,
    evidence,
    reply_task,
    select_task,
)
from retrieval.scenarios import Case, Scenario

SOURCES = [Source("Delivery", ["It costs 100 roubles.", "It takes 2 days."]), Source("Returns", ["You have 14 days."])]


def asks(question: str, passage: int = 0) -> Request:
    """A request before one of the passages."""
    return Request("en", question, [SOURCES[passage]], ["Order 14 is free."], "Ann", nearest=[0])


LESSON = Lesson(
    SOURCES,
    [
        Asked("How much?", "en", [[0], []], about=0),
        Asked("How long?", "en", [[1], []], about=0),
        Asked("Is it free?", "en", [[], []], about=1),
    ],
    [
        Written(0, asks("How much?"), "You pay 100 roubles."),
        Written(0, asks("How long?"), "You wait 2 days."),
        Written(1, asks("Until when?", 1), "You have 14 days."),
    ],
    [
        Claim(0, asks("How much?"), "You pay 100 roubles.", IS_SUPPORTED),
        Claim(0, asks("How much?"), "You do not pay 100 roubles.", "opposite"),
        Claim(1, asks("Until when?", 1), "You have 14 days.", IS_SUPPORTED),
        Claim(1, asks("Until when?", 1), "You do not have 14 days.", "opposite"),
    ],
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
        [Case({"ru": ["Куда возите?"], "en": ["Where to?"]}, [1], {}, {"ru": [], "en": []})],
    )
    for number in range(4)
]


def tokenizer() -> Any:
    """Splits at white space and punctuation."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import PreTrainedTokenizerFast

    texts = [evidence(SOURCES), *(select_task(one.question, one.language) for one in LESSON.asked)]
    texts += [f"{reply_task(one.request)} {one.reply}" for one in LESSON.written]
    texts += [claim_task(one.request, one.text) for one in LESSON.claims]
    marks = [*MARKS, *FACT_MARKS, NONE, HOLDS, FAILS]
    words = [
        "<pad>",
        "<eos>",
        "<bos>",
        "<unk>",
        *dict.fromkeys([*marks, *re.findall(r"\w+|[^\w\s]+", " ".join(texts))]),
    ]
    model = Tokenizer(WordLevel({word: number for number, word in enumerate(dict.fromkeys(words))}, unk_token="<unk>"))
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
        query_pre_attn_scalar=16,  # as the shipped one's, the head's size: CTranslate2 knows no other
        sliding_window=512,
        pad_token_id=0,
        eos_token_id=1,
        bos_token_id=2,
    )
    Gemma3ForCausalLM(config).save_pretrained(folder)
    words.save_pretrained(folder)


def learn_by_heart(model: Any, lesson: Lesson = LESSON, steps: int = 200) -> list[float]:
    """Train all of a model on one lesson; returns the losses."""
    import torch

    from bot.generation.marks import Marks
    from bot.generation.training import encode, lesson_loss

    torch.set_num_threads(1)  # the quickest for so small a model
    words = tokenizer()
    marks, encoded = Marks(words), encode(words, lesson)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.02, steps)
    losses = []
    for _ in range(steps):
        loss = lesson_loss(model, marks, encoded, question_weight=0.1)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


def save_learnt_decoder(folder: Path) -> None:
    """One that knows the lesson, as it serves; what it was made of lies beside it."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    from bot.generation.build import AdaptedDecoder
    from bot.generation.shared_prefix import NAME

    base, adapter = folder.with_name("base"), folder.with_name("adapter")
    save_decoder(base)
    model = AutoModelForCausalLM.from_pretrained(base, attn_implementation=NAME)
    learn_by_heart(model)
    model.save_pretrained(base)
    get_peft_model(model, LoraConfig(r=2, target_modules=["q_proj"])).save_pretrained(adapter)  # adds nothing yet
    AdaptedDecoder(folder=folder, adapter=adapter, base=base).build()
