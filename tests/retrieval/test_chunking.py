from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from retrieval.chunking import MAX_CHARACTERS, passages_of
from retrieval.documents import Document
from tests.retrieval.articles import DELIVERY

BLOCK = st.text("абв где. ", min_size=1, max_size=400).map(str.strip).filter(bool)
BLOCKS = st.lists(BLOCK | BLOCK.map(lambda heading: "## " + heading), min_size=1, max_size=12)


def document(text: str, title: str = "Title") -> Document:
    return Document("article", title, text, "ru", "https://shop.example/a", "2025-01-01")


def test_each_section_is_a_passage_under_its_heading() -> None:
    first, second = passages_of(DELIVERY)
    assert (first.id, first.section, first.heading) == ("delivery#0", "", "Доставка")
    assert (second.id, second.section, second.heading) == ("delivery#1", "Курьер", "Доставка. Курьер")
    assert second.embedded_text == "Доставка. Курьер\nКурьер привозит заказ за два дня. Цена 299 рублей."


def test_passages_carry_the_documents_particulars() -> None:
    (passage,) = passages_of(document("Текст."))
    assert (passage.document_id, passage.title, passage.language) == ("article", "Title", "ru")
    assert (passage.url, passage.updated) == ("https://shop.example/a", "2025-01-01")


def test_a_long_section_is_split_between_blocks_only() -> None:
    table = "\n".join(["| a | b |", "|---|---|", *["| cell | cell |"] * 20])
    blocks = ["Абзац. " * 60, table, "- пункт\n" * 60]
    texts = [passage.text for passage in passages_of(document("# Title\n\n" + "\n\n".join(blocks)))]
    assert len(texts) > 1
    assert [block.strip() for text in texts for block in text.split("\n\n")] == [block.strip() for block in blocks]


def test_a_single_block_above_the_limit_stays_whole() -> None:
    block = "слово " * MAX_CHARACTERS
    assert [passage.text for passage in passages_of(document(block))] == [block.strip()]


def test_nothing_gives_nothing_and_headings_alone_give_one_passage() -> None:
    assert passages_of(document(" \n\n ")) == []
    assert [passage.text for passage in passages_of(document("# Title\n\n## Section"))] == ["# Title\n\n## Section"]


@given(BLOCKS)
def test_no_body_line_is_lost_or_reordered(blocks: list[str]) -> None:
    body = [block for block in blocks if not block.startswith("## ")]
    passages = passages_of(document("\n\n".join(blocks)))
    if body:
        assert "\n\n".join(passage.text for passage in passages).split("\n\n") == body
    assert passages
    assert [passage.id for passage in passages] == [f"article#{i}" for i in range(len(passages))]


@given(BLOCKS)
def test_a_passage_of_several_blocks_keeps_to_the_limit(blocks: list[str]) -> None:
    for passage in passages_of(document("\n\n".join(blocks))):
        assert len(passage.text) <= MAX_CHARACTERS + len("\n\n") or "\n\n" not in passage.text
