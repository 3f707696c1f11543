"""How long one customer's facts take to search among everybody's, in one file on disk.

    python -m benchmarks.profile_search [--customers 100000] [--facts 10] [--searches 2000] [--folder DIR]

Vectors are random unit vectors, so that nothing but their number matters. Each search is of another
customer, drawn at random, right after the file was opened: no row was read before.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nlu.encoder import Encoder, Vectors, unit
from retrieval.profile_memory import FILE, STORED, Fact, ProfileMemory, text_digest

DIMENSION = 384
POOL = 50_000  # distinct vectors, each used again for other customers


class NoEncoder(Encoder):
    """Encodes nothing: every fact that is searched for is stored already."""

    @property
    def dimension(self) -> int:
        return DIMENSION


def customer_id(number: int) -> str:
    """Ids in the order of their numbers."""
    return f"C{number:08}"


def facts_of(number: int, count: int) -> list[Fact]:
    """A customer's facts."""
    return [Fact("order", f"Факт {n} клиента {number}.", f"Fact {n} of customer {number}.") for n in range(count)]


def rows(customers: int, count: int, pool: Vectors) -> Iterator[tuple[str, bytes, bytes]]:
    """What the file holds, in its own order."""
    stored = [vector.astype(STORED).tobytes() for vector in pool]
    for number in range(customers):
        own = sorted(text_digest(fact.text("en")) for fact in facts_of(number, count))
        for n, digest in enumerate(own):
            yield customer_id(number), digest, stored[(number * count + n) % len(stored)]


def fill(folder: Path, customers: int, count: int, pool: Vectors) -> None:
    """Write the file without the memory's own care for each customer."""
    memory = ProfileMemory(NoEncoder("none"), folder)
    assert len(memory) == 0
    memory.close()
    with sqlite3.connect(folder / FILE) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executemany("INSERT INTO facts VALUES (?, ?, ?)", rows(customers, count, pool))


def measure(folder: Path, customers: int, count: int, searches: int, pool: Vectors) -> list[float]:
    """Milliseconds of each search."""
    memory = ProfileMemory(NoEncoder("none"), folder)
    choice = np.random.default_rng(2)
    times = []
    for number in choice.integers(customers, size=searches).tolist():
        facts, vector = facts_of(number, count), pool[choice.integers(len(pool))]
        started = time.perf_counter()
        hits = memory.search(customer_id(number), facts, "en", vector, 5)
        times.append((time.perf_counter() - started) * 1e3)
        assert len(hits) == min(5, count)
    return times


def run(folder: Path, customers: int, count: int, searches: int) -> dict[str, float]:
    """The figures."""
    pool = unit(np.random.default_rng(1).standard_normal((POOL, DIMENSION), dtype=np.float32))
    started = time.perf_counter()
    fill(folder, customers, count, pool)
    filled = time.perf_counter() - started
    times = measure(folder, customers, count, searches, pool)
    memory = ProfileMemory(NoEncoder("none"), folder)
    started = time.perf_counter()
    forgotten = memory.forget(customer_id(customers // 2))
    return {
        "customers": customers,
        "facts": customers * count,
        "file_gb": round((folder / FILE).stat().st_size / 1e9, 2),
        "fill_s": round(filled, 1),
        "first_ms": round(times[0], 2),
        "p50_ms": round(float(np.quantile(times, 0.5)), 2),
        "p95_ms": round(float(np.quantile(times, 0.95)), 2),
        "p99_ms": round(float(np.quantile(times, 0.99)), 2),
        "forgotten_facts": forgotten,
        "forget_ms": round((time.perf_counter() - started) * 1e3, 1),
    }


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--facts", type=int, default=10, help="of each customer")
    parser.add_argument("--searches", type=int, default=2_000)
    parser.add_argument("--folder", type=Path, help="on which disk; a temporary folder if left out")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        print(json.dumps(run(Path(folder), arguments.customers, arguments.facts, arguments.searches), indent=1))


if __name__ == "__main__":
    main()
