from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval import index_report
from retrieval.documents import Document
from retrieval.index_report import IndexReport, report, report_of
from retrieval.knowledge_base import KnowledgeBase
from retrieval.passage_store import PassageStore
from retrieval.report.counterparts import Counterpart
from tests.fakes import HashEncoder
from tests.retrieval.report.contents import content, document

LONG = "A courier brings the order in two days, calls half an hour before and waits ten minutes at the door"
DELIVERY = document("delivery", "en", "Delivery", f"Courier: {LONG}.", "Post: Post takes 7 days. Post costs 99 ₽.")
COPY = document("old", "en", "Delivery", f"Courier: {LONG}.", "Post: Post takes 9 days. Post costs 99 ₽.")
VANS = "Vans: Two men carry sofas and beds upstairs, wrap what may break, and drive it to your new home that day."
PART = document(
    "part",
    "en",
    "Moving",
    f"Courier: {LONG}.",
    VANS,
    "Piano: A piano or a safe needs four men and a lift, so say beforehand.",
)
RUSSIAN = document("r", "ru", "Доставка", "Курьер привозит заказ за 2 дня.", "Почта стоит 99 ₽. Гарантия 3 дня.")
ENGLISH = document("e", "en", "Delivery", "Courier brings order in 2 days.", "Post costs 99 ₽. Warranty 3 days.")


@pytest.fixture
def base(tmp_path: Path, fake_encoder: HashEncoder) -> Iterator[KnowledgeBase]:
    base = KnowledgeBase(tmp_path / "index", fake_encoder)
    yield base
    base.store.close()


def test_an_empty_index_has_nothing_to_report(base: KnowledgeBase) -> None:
    assert report(content()) == report_of(base.store) == IndexReport()


def test_copies_translations_and_contradictions_are_reported_together() -> None:
    found = report(content(DELIVERY, COPY, RUSSIAN, ENGLISH))
    assert [(copy.first, copy.second) for copy in found.copied_documents] == [("delivery", "old")]
    assert found.translations == [Counterpart("e", "r")]
    assert ("7 days", "9 days") in [(c.first.amount, c.second.amount) for c in found.contradictions]


def test_passages_of_copied_documents_are_not_listed_again() -> None:
    assert report(content(DELIVERY, COPY)).copied_passages == []
    (copy,) = report(content(DELIVERY, PART)).copied_passages
    assert (copy.first, copy.second) == ("delivery#0", "part#0")


def test_the_index_is_read_as_it_is_now(base: KnowledgeBase) -> None:
    base.update([DELIVERY, PART])
    base.update([COPY, Document("empty", "Empty", "", "en")])
    base.remove(["part"])
    found = report_of(base.store)
    assert found == report_of(PassageStore(base.folder, base.encoder.identity))
    assert [(copy.first, copy.second) for copy in found.copied_documents] == [("delivery", "old")]
    assert found.left_out == 0


def test_what_is_too_much_to_compare_is_counted(base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_report, "MOST_PASSAGES", 3)
    base.update([DELIVERY, COPY])
    assert report_of(base.store).left_out == 1
