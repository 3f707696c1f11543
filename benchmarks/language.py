"""The language decision and the keyboard layout's correction on texts kept apart.

    python -m benchmarks.language [--public FOLDER]

Prints accuracy by kind and for messages of one to three words, what was corrected rightly and
wrongly, and the time of a message. FOLDER holds ``test_ru.csv`` and ``test_en.csv`` with a column ``text``.
"""

from __future__ import annotations

import argparse
import csv
import re
import time
from collections.abc import Iterable
from pathlib import Path

from nlu.keyboard import corrected
from nlu.language import LANGUAGES, detect

TEXTS = Path(__file__).parent / "languages.csv"
SHORT = 3  # words of a short message at most
SHOWN = 10  # failures printed of a group

Row = dict[str, str]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--public", type=Path, help="folder with test_ru.csv and test_en.csv")
    folder: Path | None = parser.parse_args().public
    rows = _rows(TEXTS)
    for kind in dict.fromkeys(row["kind"] for row in rows):
        _print_accuracy(kind, [row for row in rows if row["kind"] == kind])
    _print_accuracy("one to three words", [row for row in rows if _is_short(row["text"])])
    _print_corrections(rows)
    _print_time([row["text"] for row in rows])
    if folder:
        for language in LANGUAGES:
            _print_public(folder, language)


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _print_public(folder: Path, language: str) -> None:
    rows = [{"text": row["text"], "language": language} for row in _rows(folder / f"test_{language}.csv")]
    _print_accuracy(f"public {language}", rows)
    _print_accuracy(f"public {language}, one to three words", [row for row in rows if _is_short(row["text"])])
    _print_corrections(rows)


def _print_accuracy(name: str, rows: list[Row]) -> None:
    wrong = [row["text"] for row in rows if detect(row["text"]).language != row["language"]]
    print(f"{name}: {1 - len(wrong) / len(rows):.3f} of {len(rows)}")
    _print_some(wrong)


def _print_corrections(rows: list[Row]) -> None:
    """Right corrections among the rows that need one, wrong ones among those that do not."""
    meant = [row for row in rows if row.get("corrected")]
    missed = [f"{row['text']} -> {corrected(row['text'])}" for row in meant if not _is_corrected(row)]
    exact = sum(corrected(row["text"]) == row["corrected"] for row in meant)
    if meant:
        print(f"corrected: {1 - len(missed) / len(meant):.3f} of {len(meant)} by the words, {exact} to the letter")
        _print_some(missed)
    fine = [row["text"] for row in rows if not row.get("corrected")]
    spoiled = [f"{text} -> {again}" for text in fine if (again := corrected(text)) is not None]
    print(f"false corrections: {len(spoiled)} of {len(fine)}")
    _print_some(spoiled)


def _is_corrected(row: Row) -> bool:
    """Whether the words are those meant, whatever their case and the marks between them."""
    again = corrected(row["text"])
    return again is not None and _words(again) == _words(row["corrected"])


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _is_short(text: str) -> bool:
    return len(text.split()) <= SHORT


def _print_time(texts: Iterable[str]) -> None:
    texts = list(texts)
    start = time.perf_counter()
    for text in texts:
        detect(text)
    print(f"a message: {(time.perf_counter() - start) / len(texts) * 1000:.3f} ms")


def _print_some(texts: list[str]) -> None:
    for text in texts[:SHOWN]:
        print(f"  {text}")


if __name__ == "__main__":
    main()
