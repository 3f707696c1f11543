"""The served decoder against the same weights in torch, on the same prompts in one run.

    python -m benchmarks.decoding [--prompts N] [--threads N]

Greedy replies to the first prompts of the companies kept for tests. Prints tokens a second while
decoding, time to the first token, the ratio to plain torch in fp32, how often the replies are the
same, and the memory that the decoder takes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

from bot.generation.decoder import Decoder, Draft
from bot.generation.lessons import lessons
from bot.generation.prompt import evidence, reply_task
from bot.generation.training import ADAPTER
from nlu.base_models import DECODER
from retrieval.scenarios import parts, read_scenarios

TOKENS = 40


def served(decoder: Decoder, prompt: str) -> tuple[list[int], float, float]:
    """Token ids, seconds to the first, seconds for the others."""
    started = time.perf_counter()
    times, ids = [], []
    never = decoder._tokenizer.pad_token  # so that each reply has as many tokens
    for token in Draft(decoder._generator, decoder._pieces(prompt), never, TOKENS):
        times.append(time.perf_counter())
        ids.append(token)
    return ids, times[0] - started, times[-1] - times[0]


def plain(model: Any, tokenizer: Any, prompt: str) -> tuple[list[int], float, float]:
    """The same by transformers' own greedy generation."""
    import torch

    inputs = tokenizer(prompt, return_tensors="pt")
    options = {"do_sample": False, "eos_token_id": -1, "pad_token_id": tokenizer.pad_token_id}
    with torch.inference_mode():
        started = time.perf_counter()
        model.generate(**inputs, max_new_tokens=1, **options)
        first = time.perf_counter()
        ids = model.generate(**inputs, max_new_tokens=TOKENS, **options)[0, inputs["input_ids"].shape[1] :]
        ended = time.perf_counter()
    return ids.tolist(), first - started, (ended - first) - (first - started)


def main() -> None:
    """Decode and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=12)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    drawn = lessons(parts(read_scenarios()).test, 1, 31)
    requests = [lesson.written[0].request for lesson in drawn if lesson.written]
    prompts = [evidence(request.sources) + reply_task(request) for request in requests[: options.prompts]]
    before = _resident()
    decoder = Decoder(threads=options.threads)
    served(decoder, prompts[0])
    memory = _resident() - before
    fast = [served(decoder, prompt) for prompt in prompts]
    slow = _plain_all(prompts, options.threads)
    agree = [_agreement(a[0], b[0]) for a, b in zip(fast, slow)]
    speed = {
        name: (TOKENS - 1) / statistics.median(run[2] for run in runs)
        for name, runs in (("fast", fast), ("slow", slow))
    }
    figures = {
        "served, tokens a second": round(speed["fast"], 1),
        "torch fp32, tokens a second": round(speed["slow"], 1),
        "ratio": round(speed["fast"] / speed["slow"], 2),
        "served, ms to the first token": round(1e3 * statistics.median(run[1] for run in fast)),
        "torch fp32, ms to the first token": round(1e3 * statistics.median(run[1] for run in slow)),
        "same first token": round(statistics.mean(a[0][0] == b[0][0] for a, b in zip(fast, slow)), 3),
        "same tokens until they part, of 40": round(statistics.mean(agree), 1),
        "decoder, resident MB": memory,
    }
    print(json.dumps(figures, indent=1))


def _plain_all(prompts: list[str], threads: int) -> list[tuple[list[int], float, float]]:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(threads)
    tokenizer = AutoTokenizer.from_pretrained(DECODER)
    model = AutoModelForCausalLM.from_pretrained(DECODER, dtype=torch.float32)
    merged = PeftModel.from_pretrained(model, str(ADAPTER)).merge_and_unload().eval()
    plain(merged, tokenizer, prompts[0])
    return [plain(merged, tokenizer, prompt) for prompt in prompts]


def _agreement(a: list[int], b: list[int]) -> int:
    return next((n for n, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))


def _resident() -> int:
    """MB of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 >> 20


if __name__ == "__main__":
    main()
