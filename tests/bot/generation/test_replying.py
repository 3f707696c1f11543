from __future__ import annotations

from dataclasses import replace

import pytest

from bot.generation.prompt import Request, Source
from bot.generation.replying import MOST_SENTENCES, Replier, Reply, sentences
from bot.generation.shown import Shown
from retrieval.documents import Hit, Passage
from retrieval.ranking import Signals
from tests.bot.decoding import FakeDecoder, WordJudge

COURIER = ["Delivery by courier costs 299 ₽.", "The courier comes from 9:00 to 21:00."]
LOCKERS = ["A locker keeps a parcel for 3 days."]
QUESTION = "What does courier delivery cost?"
TRUE, FALSE = "Courier delivery costs 299 ₽.", "Courier delivery costs 199 ₽."
QUOTED = f"{' '.join(COURIER)[:-1]} [1]."


def hit(name: str, texts: list[str], language: str = "en") -> Hit:
    passage = Passage(f"{name}#0", name, name.title(), "", " ".join(texts), language)
    return Hit(passage, 0.0, Signals(0, 0, 0, 0, 0, 0), [(text, 1.0 - n / 10) for n, text in enumerate(texts)])


def seen(*hits: Hit) -> Shown:
    sources = [Source(h.passage.heading, [text for text, _ in h.sentences]) for h in hits]
    return Shown(sources, [h for h in hits for _ in h.sentences])


BOTH = seen(hit("courier", COURIER), hit("lockers", LOCKERS))
# The whole article is there, of which search shows one sentence.
FIRST_ALONE = replace(BOTH, sources=[Source("Courier", COURIER[:1])], hits=BOTH.hits[:1], nearest=[0])


def ask(
    writer: FakeDecoder | None,
    question: str = QUESTION,
    shown: Shown = BOTH,
    facts: list[str] | None = None,
    heard: list[str] | None = None,
    judge: WordJudge | None = WordJudge(),
    support: float = 0.6,
    first: int = 1,
) -> Reply:
    request = Request("en", question, shown.sources, facts or [], "Ann", nearest=shown.nearest)
    say = heard.append if heard is not None else None
    return Replier(writer, judge, support).reply(request, shown, first, say)


# -- what holds -------------------------------------------------------------------------------


def test_a_reply_that_holds_is_sent_with_its_source() -> None:
    reply = ask(FakeDecoder("Ann, courier delivery costs 299 ₽."))
    assert reply.text == "Ann, courier delivery costs 299 ₽ [1]."
    assert [h.passage.document_id for h in reply.cited] == ["courier"]
    assert not reply.quoted


def test_a_run_from_one_article_is_marked_once() -> None:
    reply = ask(FakeDecoder(f"{TRUE} The courier comes from 9:00 to 21:00."))
    assert reply.text == "Courier delivery costs 299 ₽. The courier comes from 9:00 to 21:00 [1]."


def test_citations_are_counted_from_where_they_are_told() -> None:
    assert ask(FakeDecoder(TRUE), first=3).text.endswith("299 ₽ [3].")


def test_the_writer_sees_the_whole_passage_with_the_nearest_sentences_named() -> None:
    decoder = FakeDecoder(TRUE)
    ask(decoder, shown=FIRST_ALONE)
    (request,) = decoder.requests
    assert request.sources == [Source("Courier", COURIER)]
    assert [request.sentences[n] for n in request.nearest] == COURIER[:1]


def test_the_best_of_the_nearest_sentences_is_named_first() -> None:
    decoder = FakeDecoder(TRUE)
    ask(decoder, shown=replace(BOTH, nearest=[1, 0]))
    assert decoder.requests[0].nearest == [1, 0]


def test_no_other_passage_than_the_nearest_ones_is_written_from() -> None:
    decoder = FakeDecoder("A locker keeps a parcel for 3 days.")
    ask(decoder, shown=replace(BOTH, nearest=[2]))
    assert [source.title for source in decoder.requests[0].sources] == ["Lockers"]


# -- what does not hold -----------------------------------------------------------------------


def test_what_does_not_hold_is_written_once_more_from_the_nearest_sentences_alone() -> None:
    decoder = FakeDecoder(FALSE, TRUE)
    reply = ask(decoder, shown=FIRST_ALONE)
    assert reply.text == "Courier delivery costs 299 ₽ [1]." and not reply.quoted
    assert [request.sentences for request in decoder.requests] == [COURIER, COURIER[:1]]
    assert decoder.requests[1].nearest == [0]


def test_the_trace_tells_what_was_withheld_and_why() -> None:
    reply = ask(FakeDecoder(FALSE, TRUE))
    assert [(verdict.sentence, verdict.supported) for verdict in reply.sentences] == [(FALSE, False), (TRUE, True)]
    assert "199" in reply.sentences[0].reason and not reply.sentences[1].reason


def test_what_is_replaced_is_withheld_whole() -> None:
    asked = "How much does courier delivery cost?"
    reply = ask(FakeDecoder("Delivery is by courier.", TRUE), asked)
    assert reply.text == "Courier delivery costs 299 ₽ [1]."
    assert [verdict.supported for verdict in reply.sentences] == [False, True]
    assert reply.sentences[0].reason


@pytest.mark.parametrize("written", [FALSE, "", "Couriers fly drones to Mars."])
def test_what_does_not_hold_twice_gives_way_to_a_quotation(written: str) -> None:
    decoder = FakeDecoder(written)
    reply = ask(decoder)
    assert reply.quoted and len(decoder.requests) == 2
    assert reply.text == QUOTED
    assert len(reply.sentences) == (2 if written else 0)
    assert not any(verdict.supported for verdict in reply.sentences)


@pytest.mark.parametrize(("support", "quoted"), [(0.5, False), (0.9, True)])
def test_what_is_judged_less_likely_than_asked_for_is_not_sent(support: float, quoted: bool) -> None:
    assert ask(FakeDecoder("Courier delivery surely costs 299 ₽."), support=support).quoted == quoted


def test_an_unsupported_sentence_ends_the_reply() -> None:
    reply = ask(FakeDecoder(f"{TRUE} It takes 7 weeks. The courier comes from 9:00."))
    assert reply.text == "Courier delivery costs 299 ₽ [1]."
    assert [verdict.supported for verdict in reply.sentences] == [True, False]


def test_a_reply_has_no_more_sentences_than_it_may() -> None:
    reply = ask(FakeDecoder(f"{TRUE} " * (MOST_SENTENCES + 2)))
    assert len(reply.sentences) == MOST_SENTENCES


def test_a_question_for_a_number_is_not_answered_without_one() -> None:
    reply = ask(FakeDecoder("Delivery is by courier."), "How much does courier delivery cost?")
    assert reply.quoted and "299" in reply.text


def test_sentences_are_heard_when_they_may_be_shown_and_not_before() -> None:
    heard: list[str] = []
    ask(FakeDecoder(f"{TRUE} It takes 7 weeks."), heard=heard)
    assert heard == [TRUE]
    heard.clear()
    question = "How much does courier delivery cost?"
    ask(FakeDecoder(f"It is by courier. {TRUE}"), question, heard=heard)
    assert heard == ["It is by courier.", TRUE]
    heard.clear()
    ask(FakeDecoder("It is by courier."), question, heard=heard)
    assert heard == []


# -- facts ------------------------------------------------------------------------------------


def test_a_fact_that_answers_is_told_and_is_no_article() -> None:
    decoder = FakeDecoder("Ann, order NL-1 is on its way.")
    reply = ask(decoder, "Where is order NL-1?", facts=["The customer has 5 points.", "Order NL-1 is on its way."])
    assert reply.text == "Ann, order NL-1 is on its way."
    assert (reply.cited, reply.facts) == ([], [1])


def test_what_no_fact_says_of_an_order_is_not_told() -> None:
    reply = ask(FakeDecoder("Order NL-2 is on its way."), "Where is order NL-2?", facts=["Order NL-1 is on its way."])
    assert reply.quoted and not reply.facts and "NL-2" not in reply.text


# -- quoting ----------------------------------------------------------------------------------


def test_in_another_language_it_is_quoted_and_says_so() -> None:
    foreign = seen(hit("kettle", ["Гарантия на чайник действует 12 месяцев."], "ru"))
    decoder = FakeDecoder("The kettle has 12 months.")
    reply = ask(decoder, "Гарантия на чайник", foreign)
    assert reply.text == "An article in Russian says: “Гарантия на чайник действует 12 месяцев.” [1]"
    assert reply.quoted and decoder.requests == []


def test_without_a_writer_what_search_finds_nearest_is_quoted() -> None:
    reply = ask(None)
    assert reply.quoted and reply.text == QUOTED
    assert ask(None, shown=replace(BOTH, nearest=[2, 0])).text == "A locker keeps a parcel for 3 days [1]."


def test_no_writer_is_heard_without_a_judge() -> None:
    decoder = FakeDecoder(TRUE)
    assert ask(decoder, judge=None).quoted
    assert decoder.requests == []


def test_what_hardly_matches_is_not_quoted_beside_what_does() -> None:
    passage = hit("courier", COURIER).passage
    matched = Hit(passage, 0.0, Signals(0, 0, 0, 0, 0, 0), [(COURIER[0], 1.0), (COURIER[1], 0.5)])
    assert ask(None, "Who comes?", seen(matched)).text == f"{COURIER[0][:-1]} [1]."


# -- sentences --------------------------------------------------------------------------------


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


def test_where_nothing_is_short_enough_to_be_shown_nothing_is_said() -> None:
    assert ask(None, shown=Shown([], [])) == ask(FakeDecoder(TRUE), shown=Shown([], [])) == Reply()
