"""The trained demo on utterances kept apart from training, through Rasa's pipeline.

    python -m benchmarks.demo_intents

Prints accuracy for each language and the worst confusions.
"""

from __future__ import annotations

import asyncio
import csv
from collections import Counter
from pathlib import Path

import bot.quiet  # noqa: F401
from benchmarks.agent import load
from nlu.intent_classifier import FALLBACK, SEVERAL

UTTERANCES = Path(__file__).parent / "intents"


async def main() -> None:
    """Classify and print."""
    agent = await load()
    for path in sorted(UTTERANCES.glob("*.csv")):
        with path.open() as stream:
            rows = list(csv.DictReader(stream))
        predicted = [_best((await agent.parse_message(row["text"]))["intent_ranking"]) for row in rows]
        wrong = Counter((row["intent"], name) for row, name in zip(rows, predicted) if row["intent"] != name)
        print(f"{path.stem}: accuracy {1 - sum(wrong.values()) / len(rows):.3f} on {len(rows)}")
        for (intent, name), count in wrong.most_common(5):
            print(f"  {intent} taken for {name}: {count}")


def _best(ranking: list[dict[str, str]]) -> str:
    """The best intent of the demo's own, whatever stands before it."""
    return next(entry["name"] for entry in ranking if entry["name"] not in (FALLBACK, SEVERAL))


if __name__ == "__main__":
    asyncio.run(main())
