"""Accuracy, calibration and out-of-scope recall on public test files, mean and spread over seeds.

    python -m benchmarks.intent_figures FOLDER [--sets NAME …] [--seeds 13 14 15]

FOLDER holds ``banking77``, ``clinc150`` and ``hwu_ru``, each with CSV files ``text,intent``. Nothing is
chosen by the test files: hyperparameters were chosen on validation files, thresholds are set on
training data. A line is printed after each run, so that an interrupted one has told something.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import dataclass
from pathlib import Path

import bot.quiet  # noqa: F401
from bot.evaluation.intents import IntentScores, evaluate_intents
from bot.evaluation.labelled import read_labelled
from nlu.encoder import shared_encoder
from nlu.intent_model import IntentTrainingArguments


@dataclass(frozen=True)
class Files:
    """What to train and to measure on."""

    train: str
    test: str
    outside: str = ""
    outside_train: str = ""


SETS = {
    "banking77 5": Files("banking77/train_5.csv", "banking77/test.csv"),
    "banking77 10": Files("banking77/train_10.csv", "banking77/test.csv"),
    "banking77 all": Files("banking77/train.csv", "banking77/test.csv"),
    "clinc150 5": Files("clinc150/train_5.csv", "clinc150/test.csv", "clinc150/oos_test.csv"),
    "clinc150 10": Files("clinc150/train_10.csv", "clinc150/test.csv", "clinc150/oos_test.csv"),
    "clinc150 all": Files("clinc150/train.csv", "clinc150/test.csv", "clinc150/oos_test.csv"),
    "clinc150 all, oos": Files(
        "clinc150/train.csv", "clinc150/test.csv", "clinc150/oos_test.csv", "clinc150/oos_train.csv"
    ),
    "hwu ru-ru": Files("hwu_ru/train_ru.csv", "hwu_ru/test_ru.csv"),
    "hwu en-ru": Files("hwu_ru/train_en.csv", "hwu_ru/test_ru.csv"),
}
FIGURES = ("accuracy", "expected_calibration_error", "accepted", "oos_recall", "oos_auc", "seconds_training")


def measure(folder: Path, files: Files, seed: int, threads: int | None) -> IntentScores:
    """One run."""
    train, test = read_labelled(folder / files.train), read_labelled(folder / files.test)
    outside, outside_train = (
        read_labelled(folder / name, needs_intent=False) if name else None
        for name in (files.outside, files.outside_train)
    )
    arguments = IntentTrainingArguments(seed=seed, threads=threads)
    return evaluate_intents(shared_encoder(), train, test, outside, outside_train, arguments).scores


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[13, 14, 15])
    parser.add_argument("--threads", type=int, help="of training; all cores by default")
    options = parser.parse_args()
    print("| set | seed |", " | ".join(FIGURES), "|", flush=True)
    for name in options.sets:
        runs = []
        for seed in options.seeds:
            runs.append(measure(options.folder, SETS[name], seed, options.threads).as_dict())
            print(f"| {name} | {seed} |", " | ".join(_shown([runs[-1][f]]) for f in FIGURES), "|", flush=True)
        print(f"| {name} | all |", " | ".join(_shown([run[f] for run in runs]) for f in FIGURES), "|", flush=True)


def _shown(values: list[float | None]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    spread = f" ± {statistics.stdev(known):.3f}" if len(known) > 1 else ""
    return f"{statistics.mean(known):.3f}{spread}"


if __name__ == "__main__":
    main()
