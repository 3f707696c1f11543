"""The lexical side on disk: which passages hold the question's words, best first.

FTS5 keeps the stemmed terms of the current version's passages; a passage that was removed is not
found, though a rollback may bring it back.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence

from retrieval.store.index_file import IndexFile

RANKED_PASSAGES = 20_000  # about 20 ms; a question's frequent terms are left out where more would be ranked


class TermIndex:
    """Terms of passages in the index's file."""

    def __init__(self, file: IndexFile) -> None:
        self._file = file

    def document_frequency(self, terms: Collection[str]) -> dict[str, int]:
        """For each term the number of passages that hold it, 0 for none."""
        with self._file.reading() as connection:
            found = connection.execute(
                "SELECT term, doc FROM vocabulary WHERE term IN (SELECT value FROM json_each(?))",
                (json.dumps(list(terms)),),
            )
            return dict.fromkeys(terms, 0) | dict(found)

    def match(self, frequencies: Mapping[str, int], k: int) -> list[tuple[int, float]]:
        """The ``k`` passages with the highest BM25 scores as (id, score), best first.

        Args:
            frequencies: the question's terms as :meth:`document_frequency` counts them. The rarest are
                looked for, as many as stand in :data:`RANKED_PASSAGES` passages together, and at least one.
            k: number of passages.
        """
        terms = _rarest(frequencies)
        if not terms:
            return []
        query = " OR ".join('"' + term.replace('"', '""') + '"' for term in terms)
        with self._file.reading() as connection:
            found = connection.execute(
                "SELECT rowid, -rank FROM lexical WHERE lexical MATCH ? ORDER BY rank, rowid LIMIT ?", (query, k)
            )
            return found.fetchall()


def write_terms(connection: sqlite3.Connection, passage: int, terms: Sequence[str], step: int) -> None:
    """Add a passage's terms (step 1) or take the same terms out (step -1)."""
    if step > 0:
        connection.execute("INSERT INTO lexical (rowid, terms) VALUES (?, ?)", (passage, " ".join(terms)))
    else:
        connection.execute(
            "INSERT INTO lexical (lexical, rowid, terms) VALUES ('delete', ?, ?)", (passage, " ".join(terms))
        )


def _rarest(frequencies: Mapping[str, int]) -> list[str]:
    chosen: list[str] = []
    passages = 0
    for frequency, term in sorted((frequency, term) for term, frequency in frequencies.items() if frequency):
        passages += frequency
        if chosen and passages > RANKED_PASSAGES:
            break
        chosen.append(term)
    return chosen
