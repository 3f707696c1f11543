from __future__ import annotations

from dataclasses import replace

import pytest

from bot.generation.prompt import Request, Source
from bot.generation.replying import Limits, Replier, Reply, sentences
from bot.generation.shown import Shown
from retrieval.documents import Hit, Passage
from retrieval.ranking import Signals
from tests.bot.decoding import FakeDecoder, WordJudge

COURIER = ["Delivery by courier costs 299 ₽.", "The courier comes from 9:00 to 21:00."]
LOCKERS = ["A locker keeps a parcel for 3 days."]
QUESTION = "What does courier delivery cost?"


def hit(name: str, texts: list[str], language: str = "en") -> Hit:
    passage = Passage(f"{name}#0", name, name.title(), "", " ".join(texts), language)
    return Hit(passage, 0.0, Signals(0, 0, 0, 0, 0, 0), [(text, 1.0 - n / 10) for n, text in enumerate(texts)])


def seen(*hits: Hit) -> Shown:
    sources = [Source(h.passage.heading, [text for text, _ in h.sentences]) for h in hits]
    return Shown(sources, [h for h in hits for _ in h.sentences])


BOTH = seen(hit("courier", COURIER), hit("lockers", LOCKERS))


def ask(
    decoder: FakeDecoder | None,
    question: str = QUESTION,
    shown: Shown = BOTH,
    facts: list[str] | None = None,
    heard: list[str] | None = None,
    quote: bool = False,
    **options: object,
) -> Reply:
    request = Request("en", question, shown.sources, facts or [], "Ann")
    replier = Replier(decoder, None if quote else decoder, WordJudge(), Limits(none=0.5, unsure=0.35, support=0.6))
    say = heard.append if heard is not None else None
    return replier.reply(request, shown, say=say, **options)  # type: ignore[arg-type]


def test_a_reply_that_holds_is_sent_with_its_source() -> None:
    reply = ask(FakeDecoder("Ann, courier delivery costs 299 ₽."))
    assert reply.text == "Ann, courier delivery costs 299 ₽ [1]."
    assert [h.passage.document_id for h in reply.cited] == ["courier"]
    assert not reply.quoted


def test_a_run_from_one_article_is_marked_once() -> None:
    reply = ask(FakeDecoder("Courier delivery costs 299 ₽. The courier comes from 9:00 to 21:00."))
    assert reply.text == "Courier delivery costs 299 ₽. The courier comes from 9:00 to 21:00 [1]."


def test_citations_are_counted_from_where_they_are_told() -> None:
    assert ask(FakeDecoder("Courier delivery costs 299 ₽."), first=3).text.endswith("299 ₽ [3].")


def test_what_does_not_hold_is_written_once_more_from_the_chosen_sentences_alone() -> None:
    decoder = FakeDecoder("Courier delivery costs 199 ₽.", "Courier delivery costs 299 ₽.")
    reply = ask(decoder)
    assert reply.text == "Courier delivery costs 299 ₽ [1]."
    assert [verdict.supported for verdict in reply.sentences] == [False, True]
    assert "199" in reply.sentences[0].reason
    assert [choice.sentences for choice in decoder.choices] == [[0], [0]]


@pytest.mark.parametrize("written", ["Courier delivery costs 199 ₽.", "", "Couriers fly drones to Mars."])
def test_what_does_not_hold_twice_gives_way_to_a_quotation(written: str) -> None:
    decoder = FakeDecoder(written)
    reply = ask(decoder)
    assert reply.quoted and len(decoder.choices) == 2
    assert reply.text == "Delivery by courier costs 299 ₽ [1]."
    assert not any(verdict.supported for verdict in reply.sentences)


def test_an_unsupported_sentence_ends_the_reply() -> None:
    reply = ask(FakeDecoder("Courier delivery costs 299 ₽. It takes 7 weeks. The courier comes from 9:00."))
    assert reply.text == "Courier delivery costs 299 ₽ [1]."
    assert [verdict.supported for verdict in reply.sentences] == [True, False]


def test_a_question_for_a_number_is_not_answered_without_one() -> None:
    reply = ask(FakeDecoder("Delivery is by courier."), "How much does courier delivery cost?")
    assert reply.quoted and "299" in reply.text


def test_sentences_are_heard_when_they_may_be_shown_and_not_before() -> None:
    heard: list[str] = []
    ask(FakeDecoder("Courier delivery costs 299 ₽. It takes 7 weeks."), heard=heard)
    assert heard == ["Courier delivery costs 299 ₽."]
    heard.clear()
    question = "How much does courier delivery cost?"
    ask(FakeDecoder("It is by courier. Courier delivery costs 299 ₽."), question, heard=heard)
    assert heard == ["It is by courier.", "Courier delivery costs 299 ₽."]
    heard.clear()
    ask(FakeDecoder("It is by courier."), question, heard=heard)
    assert heard == []


@pytest.mark.parametrize(
    ("none", "may_ask", "kind"),
    [
        (0.1, True, "answer"),
        (0.4, True, "question"),
        (0.4, False, "answer"),
        (0.6, True, "nothing"),
        (0.6, False, "nothing"),
    ],
)
def test_the_likelier_nothing_answers_the_less_is_said(none: float, may_ask: bool, kind: str) -> None:
    reply = ask(FakeDecoder("Courier delivery costs 299 ₽.", none=none), may_ask=may_ask)
    assert (bool(reply.text), bool(reply.candidates)) == (kind == "answer", kind == "question")
    if reply.candidates:
        assert reply.candidates == ["Courier", "Lockers"]


def test_a_fact_that_answers_is_told_and_is_no_article() -> None:
    decoder = FakeDecoder("Ann, order NL-1 is on its way.")
    reply = ask(decoder, "Where is order NL-1?", facts=["Order NL-1 is on its way."])
    assert reply.text == "Ann, order NL-1 is on its way."
    assert (reply.cited, reply.facts) == ([], [0])


def test_in_another_language_it_is_quoted_and_says_so() -> None:
    foreign = seen(hit("kettle", ["Гарантия на чайник действует 12 месяцев."], "ru"))
    decoder = FakeDecoder("The kettle has 12 months.")
    reply = ask(decoder, "Гарантия на чайник", foreign)
    assert reply.text == "An article in Russian says: “Гарантия на чайник действует 12 месяцев.” [1]"
    assert decoder.choices == []


def test_quoting_alone_quotes_what_search_finds_nearest() -> None:
    decoder = FakeDecoder("never asked")
    nearest = replace(BOTH, nearest=[2, 0])
    reply = ask(decoder, "How long does a locker keep a parcel?", nearest, quote=True)
    assert reply.text == "A locker keeps a parcel for 3 days [1]."
    assert decoder.choices == []


def test_without_a_decoder_what_search_finds_nearest_is_quoted() -> None:
    reply = ask(None)
    assert reply.quoted and reply.text == f"{' '.join(COURIER)[:-1]} [1]."


def test_what_hardly_matches_is_not_quoted_beside_what_does() -> None:
    passage = hit("courier", COURIER).passage
    matched = Hit(passage, 0.0, Signals(0, 0, 0, 0, 0, 0), [(COURIER[0], 1.0), (COURIER[1], 0.5)])
    assert ask(None, "Who comes?", seen(matched)).text == f"{COURIER[0][:-1]} [1]."


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (["One. Tw", "o. Three"], ["One.", "Two."]),
        (["Only one without a stop"], ["Only one without a stop"]),
        (["It is 1.", "5 kg. Ye", "s."], ["It is 1.5 kg.", "Yes."]),
        ([], []),
        (["", " "], []),
    ],
)
def test_sentences_come_whole(pieces: list[str], expected: list[str]) -> None:
    assert [*sentences(pieces)] == expected


def test_a_sentence_comes_as_soon_as_the_next_begins() -> None:
    read: list[str] = []

    def pieces() -> object:
        for piece in ["One is here. ", "Two", " is not yet."]:
            read.append(piece)
            yield piece

    stream = sentences(pieces())  # type: ignore[arg-type]
    assert next(stream) == "One is here."
    assert len(read) == 2
