from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.wording import as_html, length, parts
from tests.bot_api import _Html

WORDS = st.text(st.sampled_from("aб.! \n🙂<&>"), max_size=400)


@given(WORDS, st.integers(min_value=2, max_value=60))
def test_every_part_fits_and_together_they_are_the_text(text: str, longest: int) -> None:
    found = parts(text, longest)
    assert all(part and length(part) <= longest for part in found)
    assert re.sub(r"\s", "", "".join(found)) == re.sub(r"\s", "", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("First one. Second one.", ["First one.", "Second one."]),
        ("A. B.\n\nC is longer.", ["A. B.", "C is longer."]),
        ("one two three four", ["one two", "three four"]),
        ("x" * 20, ["x" * 10, "x" * 10]),
        ("short", ["short"]),
        ("  \n ", []),
    ],
)
def test_texts_are_cut_where_a_reader_pauses(text: str, expected: list[str]) -> None:
    assert parts(text, 13) == expected


@given(st.text(max_size=60))
def test_whatever_is_written_arrives_as_it_was_written(text: str) -> None:
    shown = as_html(text, [{"number": 1, "url": "https://shop.example/?a=1&b=\"x'>", "title": "<T>"}])
    assert _Html.read(shown).replace("\r", "\n") == text.replace("\r", "\n")


CITATIONS = [
    {"number": 1, "title": "Courier", "url": "https://shop.example/courier"},
    {"number": 2, "title": "Offline", "url": None},
    {"number": 3, "title": "Script", "url": "javascript:alert(1)"},
]


def test_marks_lead_to_their_sources_and_source_lines_are_links() -> None:
    shown = as_html("299 ₽ [1], perhaps [2] or [3] or [9].\n\n[1] Courier: https://shop.example/courier", CITATIONS)
    link = '<a href="https://shop.example/courier">'
    assert shown == f"299 ₽ {link}[1]</a>, perhaps [2] or [3] or [9].\n\n{link}[1] Courier</a>"


def test_an_address_other_than_the_web_is_no_link() -> None:
    assert "<a" not in as_html("[3] Script: javascript:alert(1)", CITATIONS)
