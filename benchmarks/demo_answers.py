"""The written questions of ``benchmarks/questions`` asked of the demo shop, through the whole way.

    python -m benchmarks.demo_answers [--out results.jsonl] [--limit N]

Prints retrieval (R@1 and R@5 of the article), replies (answered, right by the questions' patterns,
declined where nothing answers) and the time of a question.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import resource
import statistics
from pathlib import Path
from typing import Any

import bot.quiet  # noqa: F401
from bot.runtime import Assistant

QUESTIONS = Path(__file__).parent / "questions"
CUSTOMERS = {"ru": "C001", "en": "C003"}


def read_questions(folder: Path = QUESTIONS) -> list[dict[str, Any]]:
    """All questions of a folder of JSONL files."""
    return [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]


async def ask_all(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each question with the whole answer of ``lichno ask``."""
    assistant = await Assistant.load()
    await assistant.ask("привет")  # weights load at the first question
    return [
        {**question, "answer": (await assistant.ask(question["question"], CUSTOMERS[question["language"]])).as_dict()}
        for question in questions
    ]


def found_at(record: dict[str, Any], k: int) -> bool:
    """Whether one of the first ``k`` passages is of a relevant article."""
    passages = record["answer"]["passages"][:k]
    return any(passage["id"].rpartition("#")[0] in record["relevant"] for passage in passages)


def is_right(record: dict[str, Any]) -> bool:
    """Whether the reply matches all the question's patterns."""
    return all(re.search(pattern, record["answer"]["reply"], re.IGNORECASE) for pattern in record["must"])


def is_asked_back(record: dict[str, Any]) -> bool:
    """Whether the customer was asked which of several articles or things they mean."""
    return record["answer"]["abstained"] and len(record["answer"]["buttons"]) > 1


def report(records: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures."""
    searched = [r for r in records if r["answer"]["passages"]]
    answerable = [r for r in searched if r["answerable"]]
    other = [r for r in records if not r["answerable"]]
    times = [r["answer"]["latency_ms"]["total"] for r in records]
    answered = [r for r in answerable if not r["answer"]["abstained"]]
    return {
        "questions": len(records),
        "sent_elsewhere": sum(r["answerable"] for r in records) - len(answerable),  # the intent was another
        "r_at_1": round(statistics.mean(found_at(r, 1) for r in answerable), 3),
        "r_at_5": round(statistics.mean(found_at(r, 5) for r in answerable), 3),
        "answered": round(len(answered) / len(answerable), 3),
        "right_of_answered": round(statistics.mean(map(is_right, answered)), 3),
        "asked_back": round(statistics.mean(is_asked_back(r) for r in answerable), 3),
        "unanswerable_asked_back": round(statistics.mean(is_asked_back(r) for r in other), 3),
        "unanswerable_not_answered": round(statistics.mean(not r["answer"]["grounded"] for r in other), 3),
        "ms_median": statistics.median(times),
        "ms_p95": statistics.quantiles(times, n=20)[-1],
        "resident_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="write one JSON line a question")
    parser.add_argument("--limit", type=int, help="ask only so many")
    arguments = parser.parse_args()
    records = asyncio.run(ask_all(read_questions()[: arguments.limit]))
    if arguments.out:
        arguments.out.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records))
    print(json.dumps(report(records), indent=1))


if __name__ == "__main__":
    main()
