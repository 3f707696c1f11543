"""Questions whose answer depends on who asks, and questions whose answer must not.

    python -m benchmarks.profile [--fresh | --other] [--without-profile] [--neutral] [--out replies.jsonl] [--limit N]
    python -m benchmarks.profile --facts [--fresh | --other] [--show]

Asks the whole assistant the 150 questions of ``questions.jsonl`` and judges replies by what ``expected.py``
computes from the data; ``--without-profile`` switches the customer's facts off, for the lift. ``--fresh`` asks the
60 of ``fresh.jsonl`` instead, by whose failures causes were mended, ``--other`` the 40 of ``other.jsonl``, written
before anything was mended by them. ``--neutral`` asks the 100 of ``neutral.jsonl`` both ways and counts the replies
that stay the same apart from the name before them. ``--facts`` measures the search alone: whether a fact that holds
the right answer is found first or second. The demo's customers must have been imported with today as the demo's day.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import re
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bot.quiet  # noqa: F401
from benchmarks.profile.expected import NEEDS_ARTICLE, expected
from bot.customers.store import CustomerStore
from bot.runtime import Assistant
from bot.settings import load_settings

FOLDER = Path(__file__).parent
NEUTRAL_CUSTOMERS = {"ru": "C001", "en": "C003"}


def read(name: str) -> list[dict[str, Any]]:
    """The questions of a file."""
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


async def ask_all(questions: Sequence[dict[str, Any]], without_profile: bool) -> list[dict[str, Any]]:
    """Every question's reply, each in a conversation of its own, with whether it is right."""
    assistant, today = await Assistant.load(), dt.date.today()
    store, records = CustomerStore(load_settings().customers), []
    for question in questions:
        answer = await assistant.ask(question["question"], question["customer"], without_profile=without_profile)
        with store.session() as session:
            patterns = expected(session, question, today)
        right = all(re.search(pattern, answer.reply, re.IGNORECASE) for pattern in patterns)
        records.append({**question, **answer.as_dict(), "right": right})
    return records


async def ask_twice(questions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every neutral question with and without the profile, with whether the replies are the same."""
    assistant, records = await Assistant.load(), []
    for question in questions:
        customer = NEUTRAL_CUSTOMERS[question["language"]]
        answers = [await assistant.ask(question["question"], customer, without_profile=off) for off in (False, True)]
        told, plain = (answer.reply for answer in answers)
        records.append({**question, "reply": told, "without": plain, "same": _bare(told) == _bare(plain)})
    return records


def _bare(reply: str) -> str:
    """The reply without the name before its parts, and without numbers of requests, each of which is new."""
    return re.sub(r"(?m)^(?:(?:Ms|Mr) )?[A-ZА-ЯЁ][^\s,]+, |\bT\d{4}\b", "", reply).lower()


def report(records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Shares of right replies: of all, by language, and by what they need."""
    parts = {
        "ru": [r for r in records if r["language"] == "ru"],
        "en": [r for r in records if r["language"] == "en"],
        "rows_alone": [r for r in records if r["expects"]["kind"] not in NEEDS_ARTICLE],
        "rows_and_article": [r for r in records if r["expects"]["kind"] in NEEDS_ARTICLE],
    }
    return {
        "questions": len(records),
        "right": _share([r["right"] for r in records]),
        **{name: _share([r["right"] for r in part]) for name, part in parts.items()},
        "abstained": _share([r["abstained"] for r in records]),
        "asked_back": _share([bool(r["buttons"]) for r in records]),
        "ms_median": statistics.median(r["latency_ms"]["total"] for r in records),
    }


def _share(flags: Sequence[bool]) -> float:
    return round(statistics.mean(flags), 3) if flags else 0.0


def main() -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fresh", action="store_true", help="60 questions written later")
    parser.add_argument("--other", action="store_true", help="40 questions written last, also about other things")
    parser.add_argument("--without-profile", action="store_true", help="answer without the customers' facts")
    parser.add_argument("--neutral", action="store_true", help="the questions that the profile must not change")
    parser.add_argument("--facts", action="store_true", help="only the search for facts")
    parser.add_argument("--show", action="store_true", help="with --facts: print what was not found")
    parser.add_argument("--out", type=Path, help="write one JSON line a question")
    parser.add_argument("--limit", type=int, help="ask only so many")
    arguments = parser.parse_args()
    questions = read("fresh.jsonl" if arguments.fresh else "other.jsonl" if arguments.other else "questions.jsonl")
    if arguments.facts:
        from benchmarks.profile.facts import measure

        figures = measure(questions, read("neutral.jsonl"), arguments.show)
        print(json.dumps(figures, indent=1))
        return
    if arguments.neutral:
        records = asyncio.run(ask_twice(read("neutral.jsonl")[: arguments.limit]))
        figures = {"questions": len(records), "same": _share([r["same"] for r in records])}
    else:
        records = asyncio.run(ask_all(questions[: arguments.limit], arguments.without_profile))
        figures = report(records)
    if arguments.out:
        lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        arguments.out.write_text("".join(lines), encoding="utf-8")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
