"""Follow-ups and messages that ask two things, of ``benchmarks/follow_ups``, asked of the demo shop's articles.

    python -m benchmarks.follow_ups

Prints for each language and kind R@1 and R@5 of the article, by the message alone and with the conversation
understood; for messages that ask two things the share with both articles among the first two and five passages.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.answering import SEARCHED
from nlu.encoder import shared_encoder
from retrieval.documents import DocumentError, Hit
from retrieval.knowledge_base import KnowledgeBase
from retrieval.loaders import load_documents
from retrieval.query import ask, interleaved

CONVERSATIONS = Path(__file__).parent / "follow_ups"
ARTICLES = Path("training_data/knowledge")
KINDS = {"follow-up": (1, 5), "standalone": (1, 5), "two": (2, 5)}
PASSAGES = 5


def found_at(row: dict[str, Any], hits: Sequence[Hit], k: int) -> bool:
    """Whether the first ``k`` passages hold a relevant article, for each thing asked."""
    wanted = row["relevant"] if row["kind"] == "two" else [row["relevant"]]
    first = {hit.passage.document_id for hit in hits[:k]}
    return all(first.intersection(articles) for articles in wanted)


def alone(base: KnowledgeBase, row: dict[str, Any]) -> Sequence[Hit]:
    """Passages for the message as it stands."""
    return base.search(row["question"], PASSAGES).hits


def understood(base: KnowledgeBase, row: dict[str, Any]) -> Sequence[Hit]:
    """Passages for the message in its conversation."""
    asked = ask(row["question"], row["history"], base.search, PASSAGES, SEARCHED)
    return interleaved([one.result.hits for one in asked])


def report(base: KnowledgeBase, rows: Sequence[dict[str, Any]], kind: str) -> str:
    """A line of the two shares of each way to search."""
    of_kind = [row for row in rows if row["kind"] == kind]
    ways = []
    for find in (alone, understood):
        hits = [find(base, row) for row in of_kind]
        shares = [sum(found_at(row, h, k) for row, h in zip(of_kind, hits)) / len(of_kind) for k in KINDS[kind]]
        ways.append(f"{find.__name__} " + " ".join(f"R@{k} {share:.2f}" for k, share in zip(KINDS[kind], shares)))
    return f"{kind} ({len(of_kind)}): {', '.join(ways)}"


def main() -> None:
    """Index, ask, print."""
    failed: list[DocumentError] = []
    with tempfile.TemporaryDirectory() as folder:
        base = KnowledgeBase(Path(folder), shared_encoder())
        base.update(load_documents([ARTICLES], failed))
        for path in sorted(CONVERSATIONS.glob("*.jsonl")):
            rows = [json.loads(line) for line in path.read_text().splitlines()]
            for kind in KINDS:
                print(path.stem, report(base, rows, kind))


if __name__ == "__main__":
    main()
