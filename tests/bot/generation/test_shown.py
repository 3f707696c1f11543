from __future__ import annotations

from dataclasses import replace

from bot.generation.prompt import MARKS, NEAREST
from bot.generation.shown import LONGEST, MOST_CHARACTERS, OTHER_SHARES, SHARES, shown
from retrieval.documents import Hit, Passage
from retrieval.ranking import Signals

SIGNALS = Signals(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def hit(number: int, sentences: list[tuple[str, float]], language: str = "en") -> Hit:
    passage = Passage(f"d{number}#0", f"d{number}", f"Title {number}", "", "", language)
    return Hit(passage, -float(number), SIGNALS, sentences)


def many(count: int) -> list[tuple[str, float]]:
    return [(f"Sentence {n}.", n / 100) for n in range(count)]


def test_the_nearest_sentences_stand_in_reading_order() -> None:
    seen = shown([hit(0, [("One.", 0.9), ("Two.", -0.1), ("Three.", 0.5)] + many(5))], "en")
    assert seen.sentences == ["One.", "Three.", "Sentence 1.", "Sentence 2.", "Sentence 3.", "Sentence 4."]
    assert [source.title for source in seen.sources] == ["Title 0"]
    assert len(seen.hits) == len(seen.sentences)


def test_better_passages_show_more() -> None:
    seen = shown([hit(n, many(10)) for n in range(len(SHARES) + 2)], "en")
    counts = [len(source.sentences) for source in seen.sources]
    assert counts == [*SHARES][: len(counts)]
    assert sum(counts) <= len(MARKS)


def test_passages_in_another_language_take_little_room() -> None:
    seen = shown([hit(n, many(9), "ru") for n in range(4)] + [hit(9, many(9))], "en")
    assert [len(source.sentences) for source in seen.sources] == [*OTHER_SHARES, SHARES[0]]


def test_the_room_is_limited_and_what_is_no_sentence_left_out() -> None:
    long = [("x" * LONGEST, 0.5), ("y" * (LONGEST + 1), 0.9), ("z" * LONGEST, 0.4)]
    seen = shown([hit(0, long), hit(1, [("a" * LONGEST, 0.3), ("Short.", 0.1), ("b" * LONGEST, 0.2)])], "en")
    assert sum(map(len, seen.sentences)) <= MOST_CHARACTERS
    assert not any(text.startswith("y") for text in seen.sentences)


def test_nothing_found_shows_nothing() -> None:
    assert shown([], "en").sentences == []
    assert shown([hit(0, [])], "en").sources == []


def test_the_nearest_sentences_are_numbered_best_first() -> None:
    seen = shown(
        [hit(0, [("Near.", 0.5), ("Far.", 0.1)]), hit(1, [("Nearer.", 0.9), ("Half.", 0.6), ("Off.", 0.0)])], "en"
    )
    assert [seen.sentences[n] for n in seen.nearest] == ["Nearer.", "Near.", "Half.", "Far."][:NEAREST]


def test_of_what_says_the_same_the_replys_language_is_nearest() -> None:
    english, russian = hit(0, [("Two days.", 0.1)]), hit(1, [("Два дня.", 0.5)], "ru")
    pair = [
        replace(english, translations=frozenset({russian.passage.id})),
        replace(russian, translations=frozenset({english.passage.id})),
    ]
    assert [shown(pair, language).nearest[0] for language in ("en", "ru")] == [0, 1]
    assert shown([english, russian], "en").nearest[0] == 1  # of another thing the better answer counts


def test_as_near_a_sentence_in_the_replys_language_comes_first() -> None:
    both = [hit(0, [("Two days.", 0.5)]), hit(0, [("Три дня.", 0.5)], "ru")]
    assert [shown(both, language).nearest[0] for language in ("en", "ru")] == [0, 1]
