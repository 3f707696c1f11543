"""Messages with one request and with several, through the trained demo's intent model.

    python -m benchmarks.demo_requests

Prints how many messages of several requests are cut into exactly the right intents in order, and
how many of a single request stay whole.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import bot.quiet  # noqa: F401
from benchmarks.agent import load

Parsed = tuple[dict[str, Any], list[str]]  # a message with its right intents, and those found

MESSAGES = Path(__file__).parent / "requests"


async def main() -> None:
    """Parse and print."""
    agent = await load()
    for path in sorted(MESSAGES.glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        several: list[Parsed] = []
        single: list[Parsed] = []
        found = 0
        for row in rows:
            parsed = await agent.parse_message(row["text"])
            intents = [request["intent"] for request in parsed.get("requests", [])] or [parsed["intent"]["name"]]
            (several if len(row["intents"]) > 1 else single).append((row, intents))
            found += len(row["intents"]) > 1 and len(intents) > 1
        exact = sum(intents == row["intents"] for row, intents in several)
        whole = sum(len(intents) == 1 for _, intents in single)
        print(
            f"{path.stem}: {len(several)} with several requests: {found} recognised as such, {exact} exactly;"
            f" {len(single)} with one: {whole} stay whole"
        )
        for row, intents in several + single:
            if len(intents) != len(row["intents"]) or (len(intents) > 1 and intents != row["intents"]):
                print(f"  {row['text']} — {row['intents']}, found {intents}")


if __name__ == "__main__":
    asyncio.run(main())
