from __future__ import annotations

from dataclasses import replace

import pytest

from bot.generation.literal import values
from bot.generation.prompt import Request, Source
from bot.generation.quoting import (
    QUOTED_CHARACTERS,
    from_another_language,
    kept_together,
    nearest_sentences,
    quotation,
)
from bot.generation.shown import Shown
from retrieval.documents import Hit, Passage
from retrieval.ranking import Signals
from retrieval.sentences import located_sentences, sentences_of

FIRST = "Put both buds in the case. Keep the lid open."
RESET = f"""Do this when they will not pair.

1. {FIRST}
2. Hold the button for 15 seconds.
3. Pair them again

They take 2 minutes to start."""
PRICES = """What we take:

- up to 5 kg: 890 ₽
- each further kilogram: 120 ₽
- a bicycle: 2,000 ₽

Ask us about pianos."""
TABLE = "| Goods | Months |\n|---|---|\n| TVs | 24 |\n| Phones | 12 |\n| Cables | 6 |"
PROSE = "A valuation holds for 7 days. We pay by card. The price may change after 7 days."


NESTED = "1. Open the app.\n   - On Android press Menu.\n   - On iOS press More.\n2. Choose Reset.\n3. Wait here."
WHOLE_NESTED = "1. Open the app.\n• On Android press Menu.\n• On iOS press More.\n2. Choose Reset.\n3. Wait here."
WRAPPED = "1. Put both buds in\n   the case.\n2. Hold the button.\n\n   Note: it is small.\n3. Pair them again."
TWO_BUDS = "Left:\n1. Open the case.\n2. Hold the left button.\nRight:\n1. Open the case.\n2. Hold the right button."


def passage(text: str, section: str = "") -> Passage:
    return Passage("a#0", "a", "Title", section, text, "en")


def seen(texts: list[str]) -> Shown:
    hit = Hit(
        passage(" ".join(texts)), 0.0, Signals(0, 0, 0, 0, 0, 0), [(text, 1.0 - n / 10) for n, text in enumerate(texts)]
    )
    return Shown([Source("Title", texts)], [hit] * len(texts))


def nearest(shown: Shown, brief: bool = False) -> list[int]:
    return nearest_sentences(Request("en", "Who comes?", shown.sources, brief=brief), shown)


@pytest.mark.parametrize(
    ("text", "places", "expected"),
    [
        (RESET, [3], f"1. {FIRST}\n2. Hold the button for 15 seconds.\n3. Pair them again."),
        (RESET, [0], "Do this when they will not pair."),
        (PRICES, [2], "What we take: each further kilogram: 120 ₽."),
        (PRICES, [1, 3], "What we take:\n• up to 5 kg: 890 ₽.\n• a bicycle: 2,000 ₽."),
        (PRICES, [0], "What we take:\n• up to 5 kg: 890 ₽.\n• each further kilogram: 120 ₽.\n• a bicycle: 2,000 ₽."),
        (PRICES, [4], "Ask us about pianos."),
        (TABLE, [0], "TVs: 24 months."),
        (TABLE, [0, 2], "• TVs: 24 months.\n• Cables: 6 months."),
        (PROSE, [0, 2], "A valuation holds for 7 days. … The price may change after 7 days."),
        (PROSE, [0, 1], "A valuation holds for 7 days. We pay by card."),
        ("- One. Two. Three.", [0, 2], "One. … Three."),
        ("- orders under way;\n- open returns,", [0, 1], "• orders under way.\n• open returns."),
        (NESTED, [3], WHOLE_NESTED),
        (NESTED, [1], WHOLE_NESTED),
        (WRAPPED, [2], "1. Put both buds in. the case.\n2. Hold the button. Note: it is small.\n3. Pair them again."),
        ("1. Open it.\n1. Hold it.\n1. Shut it.", [1], "1. Open it.\n2. Hold it.\n3. Shut it."),
        (TWO_BUDS, [4, 5], "Right:\n1. Open the case.\n2. Hold the right button."),
        (TWO_BUDS, [1, 2], "Left:\n1. Open the case.\n2. Hold the left button."),
        ("Press OK.\n\n1. Open.\n2. Press OK.\n3. Wait here.", [0, 2], "1. Open.\n2. Press OK.\n3. Wait here."),
    ],
)
def test_a_quotation_reads_as_its_passage_does(text: str, places: list[int], expected: str) -> None:
    texts = sentences_of(text)
    assert quotation(passage(text), [texts[n] for n in places]) == expected


LARGE = "- TVs larger than 55″\n- Anything heavier than 25 kg\n\nOthers are small."


@pytest.mark.parametrize(
    ("text", "section", "places", "expected"),
    [
        (LARGE, "What counts as large", [0], "What counts as large:\n• TVs larger than 55″."),
        (LARGE, "What is large?", [0, 1], "What is large?\n• TVs larger than 55″.\n• Anything heavier than 25 kg."),
        (LARGE, "What counts as large", [2], "Others are small."),
        ("1. Open it.\n2. Wait.", "Resetting", [1], "Resetting:\n1. Open it.\n2. Wait."),
        (PRICES, "Prices", [2], "What we take: each further kilogram: 120 ₽."),
        (TABLE, "Warranty", [0], "TVs: 24 months."),
    ],
)
def test_a_list_that_nothing_but_the_heading_announces_comes_behind_it(
    text: str, section: str, places: list[int], expected: str
) -> None:
    assert quotation(passage(text, section), [sentences_of(text)[n] for n in places]) == expected


@pytest.mark.parametrize("text", [RESET, PRICES, TABLE, PROSE, NESTED, WRAPPED, TWO_BUDS])
def test_what_is_quoted_stands_in_the_passage_in_its_order(text: str) -> None:
    texts = sentences_of(text)
    for n in range(len(texts)):
        places = kept_together(located_sentences(text), texts[n:])
        assert places == sorted(places) and {*texts[n:]} <= {texts[place] for place in places}


def test_of_two_numbered_lists_the_other_one_is_left_out() -> None:
    text = "1. Open it.\n2. Shut it.\n1. Call us.\n2. Wait."
    assert quotation(passage(text), ["Wait."]) == "1. Call us.\n2. Wait."


def test_a_list_for_which_there_is_no_room_is_not_quoted_whole() -> None:
    steps = [f"Step {'and step ' * 20}{n}." for n in range(6)]
    text = "\n".join(f"{n}. {step}" for n, step in enumerate(steps, 1))
    assert len("".join(steps)) > QUOTED_CHARACTERS
    assert quotation(passage(text), [steps[1], steps[3]]) == f"2. {steps[1]}\n4. {steps[3]}"


def test_an_article_indexed_by_other_rules_is_quoted_as_it_was_indexed() -> None:
    assert quotation(passage(PROSE), ["A valuation", "We pay by card."]) == "A valuation. We pay by card."
    assert quotation(passage("1. Open.\n2. Shut it."), ["Open.", "Gone."]) == "Open. Gone."


def test_a_list_from_another_language_begins_on_its_own_line_so_that_its_numbers_are_steps() -> None:
    told = from_another_language("1. Open it.\n2. Wait 5 minutes.", "ru")
    assert told == "В статье на английском сказано:\n1. Open it.\n2. Wait 5 minutes."
    assert values(told) == {"5"}
    assert from_another_language("Открыто до 21:00.", "en") == "An article in Russian says: “Открыто до 21:00.”"


def test_the_sentences_nearest_to_the_question_are_chosen() -> None:
    texts = ["Couriers are kind.", "Ask the courier.", "Delivery costs 299 ₽.", "Call us."]
    assert nearest(seen(texts)) == [0, 1, 2]


def test_where_one_sentence_is_asked_for_the_nearest_alone_is_chosen() -> None:
    assert nearest(seen(["Couriers are kind.", "Ask the courier."]), brief=True) == [0]


def test_the_chosen_are_of_the_passage_with_the_nearest_sentence() -> None:
    one, other = seen(["Couriers are kind.", "Ask the courier."]), seen(["Delivery costs 299 ₽.", "Call us."])
    of = replace(other.hits[0], passage=replace(other.hits[0].passage, id="b#0"))
    both = Shown([*one.sources, *other.sources], [*one.hits, of, of], nearest=[2, 0])
    assert nearest(both) == [2, 3]
    assert nearest(replace(both, nearest=[])) == [0, 1]


def test_what_stands_apart_must_match_better_than_what_stands_beside() -> None:
    shown = seen(["Couriers are kind.", "Ask the courier.", "Delivery costs 299 ₽.", "Call us."])
    for matches, places in (
        ([1.0, 0.8, 0.0, 0.0], [0, 1]),
        ([1.0, 0.0, 0.8, 0.0], [0]),
        ([1.0, 0.0, 0.95, 0.0], [0, 2]),
        ([1.0, 0.0, 0.8, 0.8], [0, 2, 3]),
    ):
        hit = replace(shown.hits[0], sentences=[(text, m) for (text, _), m in zip(shown.hits[0].sentences, matches)])
        told = Shown(shown.sources, [hit] * 4)
        assert nearest(told) == places


def test_a_quotation_stays_short_and_keeps_what_matches_best() -> None:
    long = [f"The courier {'very ' * length}rarely comes." for length in (40, 55, 60, 2)]
    assert nearest(seen(long)) == [0, 1]
    assert nearest(seen([f"The courier {'very ' * 200}rarely comes.", "He is kind."])) == [0]
