from __future__ import annotations

import math
from pathlib import Path

import pytest

from retrieval.store import term_index
from tests.retrieval.store.contents import commit, documents, ids, store_in


def test_passages_with_more_and_rarer_terms_come_first(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    others = documents(**{f"other{number}": "Оплата." for number in range(9)})
    commit(store, {**documents(a="Курьер.", b="Курьер и почта.", c="Почта.", d="Почта.", e="Почта."), **others})
    found = store.lexical.match(store.lexical.document_frequency(["курьер", "почт"]), 10)
    assert [identifier for identifier, _ in found] == [2, 1, 3, 4, 5]
    assert all(score > 0 and math.isfinite(score) for _, score in found)
    assert store.lexical.match({"курьер": 2, "почт": 4}, 2) == found[:2]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Цена 12,5 или 1.000", ["12,5", "1.000"]),
        ("iphone-15 и ещё _case", ["iphone-15", "_case"]),
        ("漢字 ελληνικά ёлка", ["漢字", "ελληνικα", "елк"]),
    ],
)
def test_terms_are_found_whole_and_only_whole(tmp_path: Path, text: str, terms: list[str]) -> None:
    store = store_in(tmp_path)
    commit(store, documents(a=text))
    stored = store.passages([1])[1].terms
    assert store.lexical.document_frequency(stored) == dict.fromkeys(stored, 1)
    assert store.lexical.document_frequency(["12", "000", "iphon", "snake", "字"]) == dict.fromkeys(
        ["12", "000", "iphon", "snake", "字"], 0
    )


def test_an_odd_query_is_only_a_term(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    commit(store, documents(a="Курьер."))
    for term in ['"', "a OR b", "курьер*", "terms:курьер", "(", ""]:
        assert store.lexical.document_frequency([term]) == {term: 0}
        assert store.lexical.match({term: 0}, 5) == []
    assert store.lexical.match({}, 5) == []


def test_frequent_terms_are_left_out_where_they_would_rank_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_in(tmp_path)
    commit(store, documents(a="Курьер.", b="Заказ курьер.", c="Заказ.", d="Заказ."))
    frequencies = store.lexical.document_frequency(["заказ", "курьер"])
    assert frequencies == {"заказ": 3, "курьер": 2}
    assert len(store.lexical.match(frequencies, 10)) == len(ids(store)) == 4
    monkeypatch.setattr(term_index, "RANKED_PASSAGES", 4)
    assert {identifier for identifier, _ in store.lexical.match(frequencies, 10)} == {1, 2}
    assert len(store.lexical.match({"заказ": 3}, 10)) == 3
    monkeypatch.setattr(term_index, "RANKED_PASSAGES", 1)
    assert len(store.lexical.match({"заказ": 3}, 10)) == 3
