from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.documents import DocumentError
from tests.retrieval.loaders.reading import read, write

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffd"), min_size=1)
RECORD = st.fixed_dictionaries({"id": TEXT, "text": TEXT.map(str.strip).filter(bool), "title": TEXT})


@given(st.lists(RECORD, min_size=1, max_size=4))
def test_json_lines_round_trip_whatever_the_text_holds(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("jsonl") / "a.jsonl"
    path.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records), encoding="utf-8")
    assert [{"id": d.id, "text": d.text, "title": d.title} for d in read(path)] == records


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"id": 1, "text": "a"}\n{"id": 2}', "a.jsonl, line 2: expected .*text"),
        ("\n{broken", "a.jsonl, line 2: expected"),
        ("[1]", "a.jsonl, line 1: expected"),
        ('{"id": "x", "text": " "}', "a.jsonl, line 1: the article x is empty"),
        ("\n", "a.jsonl: the file is empty"),
    ],
)
def test_what_is_wrong_is_named_with_the_line(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        read(write(tmp_path / "a.jsonl", content))
