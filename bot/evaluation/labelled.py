"""Files of labelled texts."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from nlu.errors import TrainingDataError


@dataclass(frozen=True)
class Labelled:
    """Texts with their intents, in the file's order."""

    texts: list[str]
    intents: list[str]


def read_labelled(path: Path, needs_intent: bool = True) -> Labelled:
    """Read a CSV with the columns ``text`` and ``intent``; without ``needs_intent`` the second may lack.

    Raises:
        TrainingDataError: the file cannot be used, saying why.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(_text(path))))
    except csv.Error as error:
        raise TrainingDataError(f"{path} is not a CSV ({error}): look for a quote that is not closed.") from None
    wanted = ("text", "intent") if needs_intent else ("text",)
    if not rows:
        raise TrainingDataError(f"{path} holds no rows: give a CSV with the header text,intent and a row an example.")
    if missing := [name for name in wanted if name not in rows[0]]:
        raise TrainingDataError(
            f"{path} has no column {' and no column '.join(missing)}: its header must be {','.join(wanted)}."
        )
    for number, row in enumerate(rows, start=2):
        if empty := [name for name in wanted if not (row[name] or "").strip()]:
            raise TrainingDataError(f"{path}, row {number}: the {empty[0]} is empty; fill it in or remove the row.")
    return Labelled([row["text"] for row in rows], [(row.get("intent") or "").strip() for row in rows])


def unknown_intents(test: Labelled, trained: Labelled) -> str | None:
    """A sentence about intents that only the test file has."""
    known = set(trained.intents)
    unknown = Counter(intent for intent in test.intents if intent not in known)
    if not unknown:
        return None
    names = ", ".join(sorted(unknown)[:3]) + (" and more" if len(unknown) > 3 else "")
    return (
        f"Only in the test file: {names}; the {sum(unknown.values())} texts of such intents count as errors,"
        " add them to the training file or remove them."
    )


def _text(path: Path) -> str:
    if not path.is_file():
        raise TrainingDataError(f"There is no file {path}: check the path.")
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            line.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise TrainingDataError(
                f"{path}, line {number} is not UTF-8: save the whole file as UTF-8, its lines may differ in encoding."
            ) from None
    return path.read_text(encoding="utf-8-sig")
