from __future__ import annotations

import re
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.chunking import MAX_CHARACTERS, passages_of, title_of
from retrieval.documents import Document, Passage
from tests.retrieval.articles import DELIVERY

BLOCK = st.text("абв где. ", min_size=1, max_size=400).map(str.strip).filter(bool)


def document(text: str, title: str = "Title", page_starts: tuple[int, ...] = ()) -> Document:
    return Document("article", title, text, "ru", "https://shop.example/a", "2025-01-01", page_starts)


def texts(markdown: str) -> list[str]:
    return [passage.text for passage in passages_of(document(markdown))]


def sections(markdown: str) -> list[tuple[str, str]]:
    return [(passage.section, passage.text) for passage in passages_of(document(markdown))]


def test_each_section_is_a_passage_under_its_heading() -> None:
    first, second = passages_of(DELIVERY)
    assert (first.id, first.section, first.heading) == ("delivery#0", "", "Доставка")
    assert (second.id, second.section, second.heading) == ("delivery#1", "Курьер", "Доставка. Курьер")
    assert second.embedded_text == "Доставка. Курьер\nКурьер привозит заказ за два дня. Цена 299 рублей."


def test_passages_carry_the_documents_particulars() -> None:
    (passage,) = passages_of(Document("faq-7", "How?", "So.", "en", "https://shop.example/a", "2025-01-01", row=7))
    assert passage == Passage("faq-7#0", "faq-7", "How?", "", "So.", "en", "https://shop.example/a", "2025-01-01", 0, 7)


# -- sections -----------------------------------------------------------------------------------


def test_a_section_names_the_headings_above_it_without_the_title() -> None:
    markdown = "# Title\n\nA\n\n## Delivery\n\nB\n\n### Prices\n\nC\n\n## Payment\n\nD\n\n#### By card\n\nE"
    assert sections(markdown) == [
        ("", "A"),
        ("Delivery", "B"),
        ("Delivery. Prices", "C"),
        ("Payment", "D"),
        ("Payment. By card", "E"),
    ]


def test_headings_that_end_a_sentence_get_no_second_full_stop() -> None:
    assert sections("## Where is it?\n\n### By courier:\n\nHere.") == [("Where is it? By courier", "Here.")]


def test_headings_in_both_notations_and_only_outside_code() -> None:
    markdown = "Title\n=====\n\nDelivery\n---\n\n```\n# comment\n```\n\n    # indented\n\n- # in a list"
    assert [section for section, _ in sections(markdown)] == ["Delivery"]


def test_a_rule_under_a_paragraph_makes_no_heading_of_it() -> None:
    assert sections("One line\nand another\n---\nText") == [("", "One line\nand another\n\nText")]


def test_headings_are_plain_text() -> None:
    assert sections("## **Bold** [link](https://a.b) ##\n\nText")[0][0] == "Bold link"


def test_a_heading_with_nothing_below_it_is_text_of_the_section_around_it() -> None:
    markdown = "## Contacts\n\n### By phone\n\n8 800\n\n### By mail\n\n## Company\n\n## Address\n\nMoscow"
    assert sections(markdown) == [
        ("Contacts. By phone", "8 800"),
        ("Contacts", "By mail"),
        ("", "Company"),
        ("Address", "Moscow"),
    ]


def test_successive_headings_alone_are_one_passage() -> None:
    assert sections("# Title\n\n## Phone\n\n## Mail") == [("", "Phone\n\nMail")]


def test_nothing_gives_nothing_and_a_title_alone_one_passage() -> None:
    assert texts(" \n\n ") == []
    assert texts("# Title") == ["# Title"]


def test_comments_and_rules_are_not_indexed() -> None:
    assert texts("A\n\n<!-- ask\n\nthe lawyers -->\n\n---\n\nB") == ["A\n\nB"]


@pytest.mark.parametrize(
    ("markdown", "title"),
    [("# How to pay #\n\nBy card.", "How to pay"), ("## Section\n\nText", ""), ("# One\n\n# Two\n\nText", "")],
)
def test_the_one_first_level_heading_is_the_title(markdown: str, title: str) -> None:
    assert title_of(markdown) == title


# -- long sections ------------------------------------------------------------------------------


def test_a_long_section_is_split_between_blocks() -> None:
    table = "\n".join(["| a | b |", "|---|---|", *["| cell | cell |"] * 20])
    blocks = ["Абзац. " * 60, table, "- пункт\n" * 60]
    found = texts("# Title\n\n" + "\n\n".join(blocks))
    assert len(found) > 1
    assert [block.strip() for text in found for block in text.split("\n\n")] == [block.strip() for block in blocks]


def test_a_list_stays_with_the_sentence_that_leads_in_to_it() -> None:
    lead, steps = "Follow these steps:", "\n".join(f"{n}. {'step ' * 30}".strip() for n in range(1, 5))
    assert texts(f"{'Text. ' * 100}\n\n{lead}\n\n{steps}")[1] == f"{lead}\n\n{steps}"


def test_of_a_long_lead_in_the_last_sentence_stays_with_the_list() -> None:
    items = "\n".join(f"- {'item ' * 20}".strip() for _ in range(5))
    found = texts(f"{'Long text. ' * 60}Not returned are:\n\n{items}")
    assert [text.startswith(start) for text, start in zip(found, ("Long", "Not returned are:\n\n- item"))] == [True] * 2


def test_a_long_table_is_split_between_rows_with_header_and_lead_in_repeated() -> None:
    rows = [f"| model {n} | {n} months |" for n in range(100)]
    head = "The terms:\n\n| Model | Warranty |\n|---|---|\n"
    found = texts(head + "\n".join(rows))
    assert len(found) > 2
    assert all(text.startswith(head) and len(text) <= MAX_CHARACTERS for text in found)
    assert "\n".join(text[len(head) :] for text in found).split("\n") == rows


def test_a_long_list_is_split_between_items() -> None:
    items = [f"- item {n}\n  goes on" for n in range(100)]
    found = texts("Not returned are:\n\n" + "\n".join(items))
    assert all(text.startswith("Not returned are:\n\n- ") and text.endswith("goes on") for text in found)
    assert len(found) > 2


def test_a_long_paragraph_is_split_between_sentences() -> None:
    sentences = [f"Sentence number {n} of the manual." for n in range(100)]
    found = texts(" ".join(sentences))
    assert len(found) > 2
    assert all(text.endswith("manual.") and len(text) <= MAX_CHARACTERS for text in found)
    assert " ".join(found) == " ".join(sentences)


def test_without_sentences_a_long_paragraph_is_split_between_words() -> None:
    block = ("слово " * MAX_CHARACTERS).strip()
    found = texts(block)
    assert max(map(len, found)) <= MAX_CHARACTERS
    assert " ".join(found) == block


def test_passages_name_the_page_they_begin_on() -> None:
    first, second = "One. " * 150, "Two. " * 150
    starts = (0, len(first), len(first), len(first) + 4 * len("Two. "))
    pages = [passage.page for passage in passages_of(document(f"{first}{second}", page_starts=starts))]
    assert pages == [1, 4]
    assert [passage.page for passage in passages_of(document(f"{first}\n\nTwo"))] == [0]


# -- invariants ---------------------------------------------------------------------------------


LENGTHS = st.lists(st.integers(1, 150), min_size=1, max_size=3)  # words in the parts of a block
KINDS = st.sampled_from(["heading", "setext", "paragraph", "lead", "list", "steps", "table", "code", "quote"])


def written(kind: str, words: list[list[str]]) -> str:
    """A block of a kind made of some groups of words."""
    lines = [" ".join(group) for group in words]
    title = " ".join(words[0][:12])  # whole words: a part of one would be another
    if kind == "table":
        return "\n".join(["| A | B |", "|---|---|", *[f"| {line} | {line} |" for line in lines]])
    return {
        "heading": f"{'#' * len(words)} {title}",
        "setext": f"{title}\n---",
        "paragraph": ". ".join(lines).capitalize(),
        "lead": f"{lines[0]}:",
        "list": "\n".join(f"- {line}" for line in lines),
        "steps": "\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1)),
        "code": "```\n" + "\n".join(lines) + "\n```",
        "quote": "\n".join(f"> {line}" for line in lines),
    }[kind]


@given(st.lists(st.tuples(KINDS, LENGTHS), min_size=1, max_size=6))
def test_every_word_stays_in_its_order_whatever_the_structure(shapes: list[tuple[str, list[int]]]) -> None:
    numbers = count()
    blocks = [(kind, [[f"w{next(numbers)}" for _ in range(n)] for n in parts]) for kind, parts in shapes]
    markdown = "\n\n".join(written(kind, words) for kind, words in blocks)
    passages = passages_of(document(markdown))
    body = [word for text in (passage.text for passage in passages) for word in re.findall(r"w\d+", text.lower())]
    headings = {word for passage in passages for word in re.findall(r"w\d+", passage.section)}
    expected = re.findall(r"w\d+", markdown.lower())
    assert set(expected) <= headings | set(body)
    # Only what leads in is said again, so first mentions are in order.
    assert list(dict.fromkeys(body)) == [word for word in dict.fromkeys(expected) if word in set(body)]


@given(st.lists(BLOCK | BLOCK.map(lambda heading: "## " + heading), min_size=1, max_size=12))
def test_passages_are_numbered_and_keep_to_the_limit(blocks: list[str]) -> None:
    passages = passages_of(document("\n\n".join(blocks)))
    assert [passage.id for passage in passages] == [f"article#{i}" for i in range(max(len(passages), 1))]
    assert all(len(passage.text) <= MAX_CHARACTERS for passage in passages)
