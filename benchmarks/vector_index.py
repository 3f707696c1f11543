"""The vector index from a thousand to a million vectors: time, recall, memory, changes.

    python -m benchmarks.vector_index [--sizes 1000 10000 ...] [--questions 1000]

Prints a row a size, replaces the figures in ``vector_index.md`` and draws ``vector_index.png``. Everything is measured
on one thread. The index is saved, and all but its building measured in a fresh process that loads it, so that memory
is the index's own.

The vectors are drawn, since no archive of a million sentences is at hand, in the shape of the real ones: the encoder's
vectors of the demo articles' sentences. An article's centre is drawn around their mean, a passage's around its
article's, a sentence's around its passage's, each from a Gaussian with the covariance measured at that level, and
scaled to length one; a greater archive has more articles, not greater ones. A question is drawn from a stored sentence
as the written questions of ``benchmarks/questions`` are from the nearest sentence of their article: along the main
directions of the sentences it follows the sentence (a regression coefficient for each band of directions), and it has
its own mean and its own scatter. The likeness is printed: cosines of real and drawn vectors, and the share of the ten
nearest that lie in the first of 32 lists. The drawn ones are the harder, as real sentences crowd more unevenly.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import faiss
import numpy as np
import numpy.typing as npt
import torch
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from nlu.encoder import Encoder, Vectors, unit
from retrieval.chunking import passages_of
from retrieval.loaders import load_documents
from retrieval.sentences import sentences_of
from retrieval.vector_index import EXACT_LIMIT, VectorIndex

HERE = Path(__file__).parent
REPORT, CHART = HERE / "vector_index.md", HERE / "vector_index.png"
ARTICLES = HERE.parent / "training_data" / "knowledge"
SIZES = [1_000, 10_000, 40_000, 100_000, 300_000, 1_000_000]
BANDS = (0, 2, 8, 20, 40, 80, 160, 384)  # of principal directions with one regression coefficient each
BLOCK = 20_000  # vectors at a time
K = 10
SCANS, SCANNED = 20, 100_000  # questions that are compared with all vectors, or with as many
SINGLE, BATCH, BATCHES = 1_000, 1_000, 5  # changes one by one, and in how many batches of which size

T = TypeVar("T")
Groups = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Figures:
    """What is measured at a size; the names are the table's heads.

    ``exact_ms`` is numpy comparing a question with all vectors, beyond 100,000 in proportion; ``cpu_p95_ms``
    leaves out waiting for the processor.
    """

    vectors: int
    build_s: float
    exact_ms: float
    search_p50_ms: float
    search_p95_ms: float
    cpu_p95_ms: float
    recall_at_10: float
    memory_mb: float
    file_mb: float
    load_s: float
    adds_per_s: float
    deletes_per_s: float
    batch_adds_per_s: float
    batch_deletes_per_s: float


# -- the shape of real vectors --------------------------------------------------------------


@dataclass(frozen=True)
class Real:
    """The demo's sentences and questions as vectors, shapes (sentences, dimension) and (questions, dimension).

    ``passages`` and ``articles`` number the passage and article of each sentence. ``asked`` and ``nearest`` are the
    vectors of questions whose article is known, and of its sentence nearest to each.
    """

    sentences: Vectors
    passages: Groups
    articles: Groups
    questions: Vectors
    asked: Vectors
    nearest: Vectors

    @classmethod
    def read(cls, encoder: Encoder) -> Real:
        """Encode the demo's articles and questions."""
        passages = [passage for document in load_documents([ARTICLES], []) for passage in passages_of(document)]
        texts = [(i, f"{p.heading}: {sentence}") for i, p in enumerate(passages) for sentence in sentences_of(p.text)]
        owners = np.array([i for i, _ in texts])
        vectors = encoder.encode_passages([text for _, text in texts])
        documents = np.array([passage.document_id for passage in passages])[owners]
        lines = [line for path in sorted(HERE.glob("questions/*.jsonl")) for line in path.read_text().splitlines()]
        questions = [json.loads(line) for line in lines]
        asked = np.stack([encoder.encode_query(question["question"]) for question in questions])
        relevant = [np.isin(documents, question["relevant"]) for question in questions]
        known = [i for i, rows in enumerate(relevant) if rows.any()]
        nearest = np.stack([vectors[relevant[i]][np.argmax(vectors[relevant[i]] @ asked[i])] for i in known])
        return cls(vectors, owners, np.unique(documents, return_inverse=True)[1], asked, asked[known], nearest)


@dataclass(frozen=True)
class Shape:
    """How vectors are drawn; the factors, shape (dimension, dimension), turn white noise into a level's scatter."""

    mean: Vectors
    levels: tuple[Vectors, Vectors, Vectors]
    sentences_per_article: float
    sentences_per_passage: float
    question_mean: Vectors
    follows: Vectors
    question_scatter: Vectors

    @classmethod
    def of(cls, real: Real) -> Shape:
        """Fit to real vectors."""
        sentence, passage_means, share = _within(real.sentences, real.passages)
        article_of = np.array([real.articles[real.passages == i][0] for i in np.unique(real.passages)])
        passage, article_means, article_share = _within(passage_means, article_of)
        article = np.cov(article_means.T) - article_share * passage
        levels = (_factor(article), _factor(passage - share * sentence), _factor(sentence))
        count = len(real.sentences)
        return cls(
            real.sentences.mean(axis=0),
            levels,
            count / len(article_means),
            count / len(passage_means),
            *_questions(real),
        )

    def vectors(self, out: Vectors, rng: np.random.Generator) -> None:
        """Draw into an array of the shape (count, dimension), block by block."""
        articles = self.mean + self._noise(1 + int(len(out) / self.sentences_per_article), 0, rng)
        owners = rng.integers(len(articles), size=1 + int(len(out) / self.sentences_per_passage))
        passages = articles[owners] + self._noise(len(owners), 1, rng)
        for block in _blocks(len(out)):
            owners = rng.integers(len(passages), size=len(out[block]))
            out[block] = unit(passages[owners] + self._noise(len(owners), 2, rng))

    def _noise(self, count: int, level: int, rng: np.random.Generator) -> Vectors:
        noise: Vectors = _white((count, len(self.mean)), rng) @ self.levels[level]
        return noise

    def questions(self, stored: Vectors, count: int, rng: np.random.Generator) -> Vectors:
        """Draw questions near random stored vectors, shape (count, dimension)."""
        near = stored[np.sort(rng.integers(len(stored), size=count))]
        scatter = _white((count, len(self.mean)), rng) @ self.question_scatter
        return unit(self.question_mean + (near - self.mean) @ self.follows + scatter)


def _within(rows: Vectors, groups: Groups) -> tuple[Any, Vectors, float]:
    """Covariance within groups, the groups' means, and the share of that covariance which a mean inherits."""
    _, owner, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    means = np.zeros((len(sizes), rows.shape[1]))
    np.add.at(means, owner, rows)
    means /= sizes[:, None]
    scatter = rows - means[owner]
    return scatter.T @ scatter / (len(rows) - len(sizes)), means.astype(np.float32), float(np.mean(1 / sizes))


def _factor(covariance: Any) -> Vectors:
    values, directions = np.linalg.eigh(covariance)
    factor: Vectors = (directions * np.sqrt(np.maximum(values, 0))).T.astype(np.float32)
    return factor


def _questions(real: Real) -> tuple[Vectors, Vectors, Vectors]:
    """Questions regressed on their sentences: their mean, the matrix by which they follow, the factor of the rest."""
    mean = real.sentences.mean(axis=0)
    directions = np.linalg.eigh(np.cov(real.sentences.T))[1][:, ::-1]
    near = (real.nearest - real.nearest.mean(axis=0)) @ directions
    asked = (real.asked - real.asked.mean(axis=0)) @ directions
    follows, scatter = np.zeros(len(mean)), np.zeros(len(mean))
    for start, end in zip(BANDS, BANDS[1:]):
        x, y = near[:, start:end], asked[:, start:end]
        follows[start:end] = (x * y).sum() / (x * x).sum()
        scatter[start:end] = np.sqrt(np.square(y - follows[start] * x).mean())
    matrix = ((directions * follows) @ directions.T).astype(np.float32)
    centre = real.asked.mean(axis=0) - (real.nearest.mean(axis=0) - mean) @ matrix
    return centre, matrix, (directions * scatter).T.astype(np.float32)


def likeness(real: Real, shape: Shape) -> list[str]:
    """A Markdown table of real vectors beside as many drawn ones."""
    rng = np.random.default_rng(1)
    drawn = np.empty_like(real.sentences)
    shape.vectors(drawn, rng)
    sides = [_described(real.sentences, real.questions), _described(drawn, shape.questions(drawn, 500, rng))]
    rows = [f"| {name} | {sides[0][name]} | {sides[1][name]} |" for name in sides[0]]
    return [f"| {len(drawn)} sentences | real | drawn |", "|---|---|---|", *rows]


def _described(vectors: Vectors, questions: Vectors) -> dict[str, str]:
    others = np.sort(vectors @ vectors.T, axis=1)[:, -2::-1]  # without the vector itself
    asked = np.sort(questions @ vectors.T, axis=1)[:, ::-1]
    return {
        "cosine of two sentences": _spread(others),
        "of a sentence and its nearest": _spread(others[:, 0]),
        "of a sentence and its tenth": _spread(others[:, K - 1]),
        "of a question and its nearest": _spread(asked[:, 0]),
        "of a question and its tenth": _spread(asked[:, K - 1]),
        "ten nearest in the first 1 / 2 / 4 / 8 of 32 lists": _in_lists(vectors, questions),
    }


def _spread(values: Vectors) -> str:
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    return f"{middle:.3f} ({low:.3f}–{high:.3f})"


def _in_lists(vectors: Vectors, questions: Vectors) -> str:
    means = faiss.Kmeans(vectors.shape[1], 32, niter=10, min_points_per_centroid=1)
    means.train(vectors)
    lists = means.assign(vectors)[1]
    order = np.argsort(np.square(questions[:, None] - means.centroids).sum(axis=2), axis=1)
    ranks = np.argsort(order, axis=1)
    reached = np.take_along_axis(ranks, lists[np.argsort(-questions @ vectors.T, axis=1)[:, :K]], axis=1)
    return " / ".join(f"{np.mean(reached < count):.2f}" for count in (1, 2, 4, 8))


# -- measuring ------------------------------------------------------------------------------


def measure(shape: Shape, size: int, questions: int) -> Figures:
    """Draw, build, save; then load and search in a fresh process."""
    rng = np.random.default_rng(0)
    with TemporaryDirectory() as name:
        folder, dimension = Path(name), len(shape.mean)
        vectors = np.lib.format.open_memmap(folder / "vectors.npy", "w+", np.float32, (size, dimension))  # type: ignore[no-untyped-call]
        shape.vectors(vectors, rng)
        asked = shape.questions(vectors, questions, rng)
        np.savez(folder / "questions.npz", asked=asked, nearest=exact(vectors, asked))
        np.save(folder / "fresh.npy", shape.questions(vectors, SINGLE + BATCH * BATCHES, rng))
        some = np.array(vectors[:SCANNED])
        exact_ms = 1_000 / SCANS * _seconds(lambda question: some @ question, asked[:SCANS]) * size / len(some)
        index = VectorIndex(dimension)
        build_s = _seconds(lambda block: index.add(range(size)[block], vectors[block]), _blocks(size))
        index.save(folder / "index.faiss")
        command = [sys.executable, "-m", "benchmarks.vector_index", "--measure", name]
        found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return Figures(size, build_s, exact_ms, **found)


def exact(vectors: Vectors, questions: Vectors) -> Groups:
    """Rows of the ``K`` nearest of each question by brute force, shape (questions, K)."""
    scores, rows = np.zeros((len(questions), 0), dtype=np.float32), np.zeros((len(questions), 0), dtype=np.int64)
    for block in _blocks(len(vectors)):
        scores = np.hstack([scores, questions @ vectors[block].T])
        rows = np.hstack([rows, np.broadcast_to(np.arange(len(vectors))[block], (len(questions), len(vectors[block])))])
        best = np.argpartition(-scores, K, axis=1)[:, :K]
        scores, rows = np.take_along_axis(scores, best, axis=1), np.take_along_axis(rows, best, axis=1)
    return rows


def measure_saved(folder: Path) -> dict[str, float]:
    """What a process pays that only loads a saved index, searches and changes it."""
    with np.load(folder / "questions.npz") as file:
        asked, nearest = file["asked"], file["nearest"]
    before, started = _resident_mb(), time.perf_counter()
    index = VectorIndex.load(folder / "index.faiss")
    load_s = time.perf_counter() - started
    wall, cpu, found = [], [], 0
    for question, rows in zip(asked, nearest.tolist()):
        started, used = time.perf_counter(), time.thread_time()
        hits = index.search(question, K)
        wall.append(time.perf_counter() - started)
        cpu.append(time.thread_time() - used)
        found += len({identifier for identifier, _ in hits}.intersection(rows))
    return {
        "search_p50_ms": 1_000 * float(np.quantile(wall, 0.5)),
        "search_p95_ms": 1_000 * float(np.quantile(wall, 0.95)),
        "cpu_p95_ms": 1_000 * float(np.quantile(cpu, 0.95)),
        "recall_at_10": found / nearest.size,
        "memory_mb": _resident_mb() - before,
        "file_mb": (folder / "index.faiss").stat().st_size / 2**20,
        "load_s": load_s,
        **_changes(index, np.load(folder / "fresh.npy")),
    }


def _changes(index: VectorIndex, fresh: Vectors) -> dict[str, float]:
    """Adds of new ids and deletes of random old ones a second."""
    size, count = len(index), len(fresh)
    ids = np.arange(size, size + count)
    old = np.random.default_rng(2).choice(size + count, count, replace=False)
    singles = [slice(i, i + 1) for i in range(SINGLE)]
    batches = [slice(start, start + BATCH) for start in range(SINGLE, count, BATCH)]
    return {
        "adds_per_s": SINGLE / _seconds(lambda i: index.add(ids[i], fresh[i]), singles),
        "batch_adds_per_s": BATCH * BATCHES / _seconds(lambda i: index.add(ids[i], fresh[i]), batches),
        "deletes_per_s": SINGLE / _seconds(lambda i: index.remove(old[i]), singles),
        "batch_deletes_per_s": BATCH * BATCHES / _seconds(lambda i: index.remove(old[i]), batches),
    }


def _seconds(work: Callable[[T], object], items: Iterable[T]) -> float:
    started = time.perf_counter()
    for item in items:
        work(item)
    return time.perf_counter() - started


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _white(size: tuple[int, int], rng: np.random.Generator) -> Vectors:
    return rng.standard_normal(size, dtype=np.float32)


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK))


# -- reporting ------------------------------------------------------------------------------


def report(rows: list[Figures], dimension: int, likeness_table: list[str], command: str) -> None:
    """Put the figures between the marks of the report, and draw the chart."""
    machine = f"`{command}`: one thread of {os.cpu_count()} cores, {_processor()}, load {os.getloadavg()[1]:.1f}."
    figures = [machine, "", *_table(rows), "", *likeness_table]
    before, mark, rest = REPORT.read_text().partition("<!-- figures -->\n")
    after = rest.partition("<!-- end of figures -->")[2]
    REPORT.write_text(f"{before}{mark}" + "\n".join(figures) + f"\n<!-- end of figures -->{after}")
    draw(rows, dimension)


def _table(rows: list[Figures]) -> list[str]:
    names = [field.name for field in fields(Figures)]
    heads = [
        name.replace("_per_s", "/s").replace("_mb", " MB").replace("_at_", "@").replace("_", " ") for name in names
    ]
    lines = [" | ".join(_shown(value) for value in asdict(row).values()) for row in rows]
    return [f"| {' | '.join(heads)} |", "|" + "---:|" * len(heads), *(f"| {line} |" for line in lines)]


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or isinstance(value, int) else f"{value:.3g}"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def draw(rows: list[Figures], dimension: int) -> None:
    """Search time, memory and building time against the number of vectors, all scales logarithmic."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    sizes = [row.vectors for row in rows]
    figure, (search, memory, building) = pyplot.subplots(1, 3, figsize=(12, 3.8), layout="constrained")
    search.plot(sizes, [row.exact_ms for row in rows], "--", color="grey", label="all compared, in numpy")
    search.plot(sizes, [row.search_p95_ms for row in rows], "o-", color="C1", label="95th percentile")
    search.plot(sizes, [row.search_p50_ms for row in rows], "o-", color="C0", label="median")
    memory.plot(
        sizes, [size * dimension * 4 / 2**20 for size in sizes], "--", color="grey", label="the vectors as floats"
    )
    memory.plot(sizes, [row.memory_mb for row in rows], "o-", color="C0", label="resident")
    building.plot(sizes, [row.build_s for row in rows], "o-", color="C0", label="added 20,000 at a time")
    for axis, title in ((search, "Search, ms"), (memory, "Memory, MB"), (building, "Building, s")):
        axis.axvline(EXACT_LIMIT, color="grey", linestyle=":", label="exact up to here")
        axis.set(title=title, xlabel="vectors", xscale="log", yscale="log")
        axis.xaxis.set_major_formatter("{x:,.0f}")
        axis.yaxis.set_major_formatter("{x:,g}")
        axis.grid(alpha=0.3)
        axis.legend(fontsize="small", frameon=False)
    figure.savefig(CHART, dpi=150)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--questions", type=int, default=1_000)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    faiss.omp_set_num_threads(1)
    torch.set_num_threads(1)
    with threadpool_limits(1):
        if arguments.measure:
            print(json.dumps(measure_saved(arguments.measure)))
            return
        real = Real.read(Encoder())
        shape = Shape.of(real)
        alike = likeness(real, shape)
        print("\n".join(alike), flush=True)
        rows = []
        for size in arguments.sizes:
            rows.append(measure(shape, size, arguments.questions))
            print("\n".join(_table(rows)[-1:] if rows[1:] else _table(rows)), flush=True)
    report(rows, len(shape.mean), alike, " ".join(["python -m benchmarks.vector_index", *sys.argv[1:]]))


if __name__ == "__main__":
    main()
