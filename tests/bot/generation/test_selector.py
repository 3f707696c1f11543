from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from bot.generation.decoder import Decoder, Reading
from bot.generation.prompt import Source
from bot.generation.selector import (
    LEAST_NAMED,
    MOST_CHARACTERS,
    READ,
    Selector,
    Weights,
    features,
    reading_of,
    selected,
    source_of,
    to_read,
)
from retrieval.documents import Hit, Passage, SearchResult
from retrieval.logistic import Logistic
from retrieval.profile_memory import Fact
from retrieval.ranking import Signals

# The decision alone says whether the first hit answers.
ANSWERS = Logistic([0.0] * 3, [1.0] * 3, [1.0, 0.0, 0.0], 0.0)
WEIGHTS = Weights(search=1.0, likelihood=0.1, decision=0.5, sentence=0.1, answers=ANSWERS)


def hit(name: str, score: float, language: str = "en", translations: Sequence[str] = (), text: str = "") -> Hit:
    passage = Passage(name, name, f"On {name}", "", text or f"All about {name}.", language)
    signals = Signals(0.0, 0.0, 0.0, 0.0, 0.0, float(language == "en"))
    return Hit(passage, score, signals, [(text or f"All about {name}.", 0.0)], frozenset(translations))


def names(hits: Sequence[Hit]) -> list[str]:
    return [one.passage.id for one in hits]


class FakeReader(Decoder):
    """Finds that the passages on some things answer; remembers what it read."""

    def __init__(self, *answering: str) -> None:
        super().__init__()
        self.answering = answering
        self.seen: list[Source] = []

    def read(self, question: str, language: str, sources: Sequence[Source]) -> list[Reading]:
        self.seen += sources
        return [Reading(-10.0, 3.0 if s.title.removeprefix("On ") in self.answering else -6.0) for s in sources]


def test_what_answers_goes_before_what_only_resembles_the_question() -> None:
    found = SearchResult([hit("prices", 2.0), hit("returns", 1.5), hit("hours", 0.5)], 0.4)
    result = Selector(FakeReader("returns"), WEIGHTS).select("Can it go back?", "en", found)
    assert names(result.hits) == ["returns", "prices", "hours"]
    assert result.answerable > 0.9
    assert Selector(FakeReader(), WEIGHTS).select("Can it go back?", "en", found).answerable < 0.1


def test_the_searchs_order_stands_where_reading_tells_nothing_apart() -> None:
    found = SearchResult([hit("prices", 2.0), hit("returns", 1.5), hit("hours", 0.5)], 0.4)
    assert names(Selector(FakeReader(), WEIGHTS).select("Why?", "en", found).hits) == ["prices", "returns", "hours"]


def test_only_the_first_hits_are_read_and_the_others_stay_behind_them() -> None:
    found = SearchResult([hit(f"thing {n}", 5.0 - n / 10) for n in range(READ + 3)], 0.4)
    reader = FakeReader(f"thing {READ - 1}", f"thing {READ}")
    result = Selector(reader, WEIGHTS).select("Why?", "en", found)
    assert len(reader.seen) == READ
    assert names(result.hits)[0] == f"thing {READ - 1}" and len(result.hits) == READ + 3
    assert set(names(result.hits)[-3:]) == {f"thing {n}" for n in range(READ, READ + 3)}


def test_of_translations_the_one_in_the_questions_language_is_read_for_both() -> None:
    english, russian = hit("prices-en", 1.5, "en", ["prices-ru"]), hit("prices-ru", 2.0, "ru", ["prices-en"])
    other = hit("returns", 1.8)
    assert names(to_read([russian, other, english], "en")) == ["prices-en", "returns"]
    assert names(to_read([russian, other, english], "ru")) == ["prices-ru", "returns"]
    reading = {"prices-en": Reading(-5.0, 2.0), "returns": Reading(-9.0, -2.0)}
    result = selected(SearchResult([russian, other, english], 0.3), reading, WEIGHTS)
    assert names(result.hits) == ["prices-ru", "prices-en", "returns"]


def test_of_several_translations_the_first_that_was_read_counts() -> None:
    several = [f"prices-ru#{n}" for n in range(20)]  # a set's order is another in each process
    unread = hit("prices-en", 1.5, "en", several)
    readings = {name: Reading(-float(n), 2.0) for n, name in enumerate(several)}
    assert reading_of(unread, readings) == readings[several[0]]
    assert reading_of(unread, dict(reversed(readings.items()))) == readings[several[-1]]
    assert reading_of(unread, {}) is None


def test_of_a_passages_sentences_the_likeliest_keeps_its_match_and_the_others_lose() -> None:
    one = replace(
        hit("prices", 1.0), sentences=[("A.", 0.9), ("B.", 0.7), ("C.", 0.8), ("Too far down to be read.", 0.5)]
    )
    reading = Reading(-5.0, 2.0, (-3.0, -0.5, -1.0))
    (found,) = selected(SearchResult([one], 0.3), {"prices": reading}, WEIGHTS).hits
    assert [text for text, _ in found.sentences] == ["A.", "B.", "C.", "Too far down to be read."]
    assert [match for _, match in found.sentences] == pytest.approx([0.9 - 0.25, 0.7, 0.8 - 0.05, 0.5 - 0.25])


def test_what_leads_is_the_article_whichever_of_its_sections_comes_next() -> None:
    def section(name: str, number: int, score: float, translations: Sequence[str] = ()) -> Hit:
        one = hit(f"{name}#{number}", score, translations=translations)
        return replace(one, passage=replace(one.passage, document_id=name))

    first, second = section("prices-en", 1, 2.0), section("prices-en", 2, 1.9, ["prices-ru#2"])
    translated, other = section("prices-ru", 2, 1.8), section("returns-en", 1, 1.5)
    readings: dict[str, Reading | None] = {one.passage.id: None for one in (first, second, translated, other)}
    assert features([first, second, translated, other], readings, 0.4)[1] == pytest.approx(0.5)
    assert features([first, translated, other], readings, 0.4)[1] == pytest.approx(0.2)  # no hit tells that it is one
    assert np.isnan(features([first, second], readings, 0.4)[1])


def test_a_passage_that_was_not_read_keeps_its_matches() -> None:
    russian, english = hit("prices-ru", 2.0, "ru", ["prices-en"]), hit("prices-en", 1.5, "en", ["prices-ru"])
    russian, english = (replace(one, sentences=[("A.", 0.9), ("B.", 0.9)]) for one in (russian, english))
    reading = {"prices-en": Reading(-5.0, 2.0, (-0.1, -2.1))}
    assert all(one.sentences == russian.sentences for one in selected(SearchResult([russian], 0.3), {}, WEIGHTS).hits)
    first, second = selected(SearchResult([russian, english], 0.3), reading, WEIGHTS).hits
    assert first.sentences == russian.sentences
    assert [match for _, match in second.sentences] == pytest.approx([0.9, 0.7])


def test_of_equal_sentences_the_likeliest_counts_for_all() -> None:
    one = replace(hit("prices", 1.0), sentences=[("Press OK.", 0.9), ("Wait.", 0.7), ("Press OK.", 0.9)])
    reading = Reading(-5.0, 2.0, (-0.1, -2.6, -4.1))
    (found,) = selected(SearchResult([one], 0.3), {"prices": reading}, WEIGHTS).hits
    assert [match for _, match in found.sentences] == pytest.approx([0.9, 0.7 - 0.25, 0.9])


def test_what_is_all_but_impossible_is_no_worse_than_very_unlikely() -> None:
    one = replace(hit("prices", 1.0), sentences=[("A.", 0.9), ("B.", 0.9), ("C.", 0.9)])
    (found,) = selected(SearchResult([one], 0.3), {"prices": Reading(-5.0, 2.0, (0.0, -7.0, -40.0))}, WEIGHTS).hits
    assert [match for _, match in found.sentences] == pytest.approx(
        [0.9, 0.9 + 0.1 * LEAST_NAMED, 0.9 + 0.1 * LEAST_NAMED]
    )


def test_a_long_passage_is_read_as_far_as_there_is_room() -> None:
    long = Hit(hit("prices", 1.0).passage, 1.0, hit("prices", 1.0).signals, [("x" * 500, 0.0)] * 5)
    assert sum(map(len, source_of(long).sentences)) <= MOST_CHARACTERS
    huge = Hit(long.passage, 1.0, long.signals, [("x" * 2000, 0.0)])
    assert len(source_of(huge).sentences) == 1  # at least its first sentence
    bare = Hit(long.passage, 1.0, long.signals)
    assert source_of(bare).sentences == ["All about prices."]


def test_nothing_found_stays_nothing() -> None:
    assert Selector(FakeReader(), WEIGHTS).select("Why?", "en", SearchResult([], 0.0)) == SearchResult([], 0.0)


def test_the_shipped_weights_let_everything_count() -> None:
    weights = Weights.load()
    assert min(weights.search, weights.likelihood, weights.decision, weights.sentence) > 0
    assert weights.answers.weights[0] > 0


def test_weights_are_read_as_they_were_written(tmp_path: Path) -> None:
    (tmp_path / "weights.json").write_text(json.dumps(asdict(WEIGHTS)))
    assert Weights.load(tmp_path / "weights.json") == WEIGHTS


@pytest.mark.parametrize(
    ("question", "told"), [("When is it due?", "Due on 3 May."), ("Когда привезут?", "Привезут 3 мая.")]
)
def test_a_customers_facts_are_read_like_a_passage_in_the_questions_language(question: str, told: str) -> None:
    fact = Fact("order", "Привезут 3 мая.", "Due on 3 May.")
    reader = FakeReader("About the customer", "О клиенте")
    assert Selector(reader, WEIGHTS).answers(question, [fact])
    assert [*reader.seen[0].sentences] == [told]
    assert not Selector(FakeReader(), WEIGHTS).answers(question, [fact])
