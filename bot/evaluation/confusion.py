"""What to mend in training data: confused intents, suspicious labels, near-duplicates; and a picture."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.evaluation.intents import IntentEvaluation
from bot.evaluation.labelled import Labelled
from nlu.encoder import MESSAGE_TOKENS, QUERY, Encoder, Vectors, unit

NEIGHBOURS = 8
NEAR_DUPLICATE = 0.8  # cosine of centred vectors: the same but for case, marks or a word; paraphrases reach 0.66
SHOWN = 12
PICTURE_INTENTS = 40
BLOCK = 512


@dataclass(frozen=True)
class Suspicion:
    """A training text whose neighbours belong to another intent."""

    text: str
    intent: str
    rather: str
    neighbours: int  # of the nearest ones, how many have the other intent


@dataclass(frozen=True)
class Duplicate:
    """Two training texts that say the same under two intents."""

    first: str
    first_intent: str
    second: str
    second_intent: str
    similarity: float


def write_report(evaluation: IntentEvaluation, train: Labelled, encoder: Encoder, folder: Path) -> Path:
    """``report.md`` and ``confusion.png`` in the folder; returns the report's path."""
    folder.mkdir(parents=True, exist_ok=True)
    draw(evaluation, folder / "confusion.png")
    suspicions, duplicates = inspect(train, encoder)
    report = folder / "report.md"
    report.write_text("\n".join(_lines(evaluation, suspicions, duplicates)) + "\n", encoding="utf-8")
    return report


def worst_pairs(evaluation: IntentEvaluation) -> list[tuple[str, str, list[str]]]:
    """(right intent, predicted one, the texts), the most frequent confusions first."""
    found = defaultdict(list)
    for text, intent, prediction in zip(evaluation.test.texts, evaluation.test.intents, evaluation.predictions):
        if prediction.intent != intent:
            found[intent, prediction.intent].append(text)
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return [(right, wrong, texts) for (right, wrong), texts in ordered]


def inspect(train: Labelled, encoder: Encoder) -> tuple[list[Suspicion], list[Duplicate]]:
    """Training texts to look at again, by their neighbours in the base encoder's space."""
    vectors = encoder.encode(train.texts, QUERY, MESSAGE_TOKENS)
    vectors = unit(vectors - vectors.mean(axis=0))
    suspicions, duplicates = [], []
    for start in range(0, len(vectors), BLOCK):
        similar = vectors[start : start + BLOCK] @ vectors.T
        for row, scores in enumerate(similar):
            index = start + row
            scores[index] = -1.0
            if suspicion := _suspicion(train, index, scores):
                suspicions.append(suspicion)
            duplicates += _duplicates(train, index, scores)
    suspicions.sort(key=lambda one: -one.neighbours)
    duplicates.sort(key=lambda one: -one.similarity)
    return suspicions, duplicates


def _suspicion(train: Labelled, index: int, scores: Vectors) -> Suspicion | None:
    nearest = np.argsort(-scores)[:NEIGHBOURS]
    (rather, count), *_ = Counter(train.intents[i] for i in nearest).most_common(1)
    own = train.intents[index]
    if rather == own or count < 0.75 * len(nearest):
        return None
    return Suspicion(train.texts[index], own, rather, count)


def _duplicates(train: Labelled, index: int, scores: Vectors) -> list[Duplicate]:
    text, intent = train.texts[index], train.intents[index]
    return [
        Duplicate(text, intent, train.texts[other], train.intents[other], float(scores[other]))
        for other in np.flatnonzero(scores >= NEAR_DUPLICATE)
        if other > index and train.intents[other] != intent
    ]


def draw(evaluation: IntentEvaluation, path: Path) -> None:
    """The confusion matrix as a picture, of the most confused intents where there are many."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    names = _pictured(evaluation)
    index = {name: i for i, name in enumerate(names)}
    matrix = np.zeros((len(names), len(names)))
    for intent, prediction in zip(evaluation.test.intents, evaluation.predictions):
        if intent in index and prediction.intent in index:
            matrix[index[intent], index[prediction.intent]] += 1
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    size = 3.5 + 0.28 * len(names)
    figure, axes = pyplot.subplots(figsize=(size, size), dpi=110)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    shown = [name.replace("$", r"\$") for name in names]  # else matplotlib takes it for a formula
    axes.set_xticks(range(len(names)), shown, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), shown, fontsize=7)
    axes.set_xlabel("predicted")
    axes.set_ylabel("right")
    for row, column in zip(*np.nonzero(matrix)):
        dark = shares[row, column] > 0.5
        axes.text(
            column, row, int(matrix[row, column]), ha="center", va="center", fontsize=6, color="w" if dark else "k"
        )
    axes.set_title(f"{evaluation.scores.accuracy:.1%} right of {evaluation.scores.texts}", fontsize=9)
    figure.savefig(path, bbox_inches="tight")
    pyplot.close(figure)


def _pictured(evaluation: IntentEvaluation) -> list[str]:
    names = sorted({*evaluation.test.intents, *(p.intent for p in evaluation.predictions)})
    if len(names) <= PICTURE_INTENTS:
        return names
    errors = Counter(dict.fromkeys(names, 0))
    for right, wrong, texts in worst_pairs(evaluation):
        errors[right] += len(texts)
        errors[wrong] += len(texts)
    return sorted(name for name, _ in errors.most_common(PICTURE_INTENTS))


def _lines(evaluation: IntentEvaluation, suspicions: Sequence[Suspicion], duplicates: Sequence[Duplicate]) -> list[str]:
    scores = evaluation.scores
    lines = [
        "# Intents: what to mend",
        "",
        f"{scores.texts} test texts, {scores.intents} intents: accuracy {scores.accuracy:.3f},"
        f" macro-F1 {scores.macro_f1:.3f}, expected calibration error {scores.expected_calibration_error:.3f}.",
        "",
        "![confusion matrix](confusion.png)",
        "",
        "## Most confused",
        "",
    ]
    for right, wrong, texts in worst_pairs(evaluation)[:SHOWN]:
        lines += [f"- **{right}** taken for **{wrong}**, {len(texts)} times:", *(f"    - {text}" for text in texts[:4])]
    lines += ["", "## Suspicious labels", "", "Their nearest neighbours in the training file have another intent.", ""]
    lines += [
        f"- {one.text} — **{one.intent}**, rather **{one.rather}** ({one.neighbours} of {NEIGHBOURS} neighbours)?"
        for one in suspicions[: 2 * SHOWN]
    ] or ["None found."]
    lines += ["", "## Near-duplicates under two intents", ""]
    lines += [
        f"- {one.first} (**{one.first_intent}**) — {one.second} (**{one.second_intent}**), {one.similarity:.2f}"
        for one in duplicates[: 2 * SHOWN]
    ] or ["None found."]
    return lines
