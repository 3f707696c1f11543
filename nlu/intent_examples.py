"""Training examples of intents: what cannot be learned from, what harms, and what an intent's name says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from nlu.errors import TrainingDataError

MAX_INTENTS = 2000


def check_examples(texts: Sequence[str], intents: Sequence[str]) -> list[str]:
    """Refuse data that cannot be learned from; of what harms without hindering, a sentence each.

    Raises:
        TrainingDataError: saying what is wrong with it and what to do.
    """
    if len(texts) != len(intents):
        raise TrainingDataError(f"There are {len(texts)} texts but {len(intents)} intents: give one for each.")
    counts = Counter(intents)
    if len(counts) < 2:
        raise TrainingDataError(f"A classifier needs at least two intents, found {len(counts)}: add examples.")
    if len(counts) > MAX_INTENTS:
        raise TrainingDataError(
            f"{len(counts):,} intents are more than the {MAX_INTENTS:,} supported:"
            " join some, or check that the intent's column is the right one."
        )
    doubts = []
    if single := sorted(intent for intent, count in counts.items() if count == 1):
        doubts.append(f"With one example only: {_some(single)}; write a few more, or it will seldom be recognised.")
    if twice := _in_two_intents(texts, intents):
        doubts.append(f"In two intents stands {_some(twice)}; keep each text in one, or both will be less certain.")
    return doubts


def _in_two_intents(texts: Sequence[str], intents: Sequence[str]) -> list[str]:
    first: dict[str, str] = {}
    found = {}
    for text, intent in zip(texts, intents):
        plain = " ".join(text.lower().split())
        if (other := first.setdefault(plain, intent)) != intent:
            found[plain] = f"{text!r} ({other}, {intent})"
    return list(found.values())


def spoken(label: str) -> str:
    """A label as words: ``order_status`` → order status."""
    return re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])", " ", label)).strip()


def is_telling(label: str) -> bool:
    """Whether a label has words to learn from; ``intent_17`` has none."""
    words = re.findall(r"[^\W\d_]{3,}", label)
    return any(word.lower() not in ("intent", "class", "label", "category") for word in words)


def _some(names: Sequence[str], shown: int = 3) -> str:
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")
