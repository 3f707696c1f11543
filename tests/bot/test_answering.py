from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.answer import FULL, SHORT, Answer
from bot.answering import CANDIDATES, Answerer, Person
from bot.generation.replying import Replier
from bot.generation.selector import Selector
from retrieval.documents import Document, SearchResult
from retrieval.fact_finder import FactFinder
from retrieval.fact_kinds import FactKinds
from retrieval.knowledge_base import KnowledgeBase
from retrieval.profile_memory import Fact, ProfileMemory
from retrieval.things import Things
from tests.bot.decoding import FakeDecoder, WordJudge
from tests.bot.generation.test_selector import WEIGHTS, FakeReader
from tests.fakes import HashEncoder
from tests.retrieval.questions import write_questions

PRICE, TERM = "Delivery by courier costs 299 ₽.", "Ordered goods can be returned within 14 days."
COURIER = f"{PRICE} The courier comes from 9:00 to 21:00."
RETURNS = f"{TERM} The receipt is not needed."
DOCUMENTS = [
    Document("courier", "Courier delivery", COURIER, "en", url="https://help.example/courier"),
    Document("returns", "Returns", RETURNS, "en"),
    Document("warranty", "Гарантия", "Гарантия на чайник действует 12 месяцев.", "ru"),
]
ANYBODY = Person()
ALL_BY_READING = replace(WEIGHTS, search=0.0, decision=2.0)
QUESTION = "How much does courier delivery cost?"


@pytest.fixture
def knowledge(tmp_path: Path, fake_encoder: HashEncoder) -> KnowledgeBase:
    base = KnowledgeBase(tmp_path, fake_encoder)
    base.update(DOCUMENTS)
    return base


def answerer(knowledge: KnowledgeBase, writer: FakeDecoder | None, threshold: float = 0.0) -> Answerer:
    encoder, questions = knowledge.encoder, write_questions(knowledge.folder / "questions")
    finder = FactFinder(ProfileMemory(encoder), FactKinds(encoder, questions), Things())
    return Answerer(knowledge, finder, Replier(writer, WordJudge()), threshold)


def ask(knowledge: KnowledgeBase, reply: str, question: str = QUESTION, person: Person = ANYBODY) -> Answer:
    return answerer(knowledge, FakeDecoder(reply)).answer(question, "en", person)


def order(number: str, thing: str = "kettle", going_on: bool = True) -> Fact:
    text = f"Order {number} ({thing}) is on its way."
    return Fact("order", text, text, number, (thing, thing), open=going_on)


def customer(customer_id: str, *facts: Fact, form: str = "formal", length: str = FULL) -> Person:
    return Person(customer_id, "Ann", form, "en", facts, length=length)


def test_a_supported_reply_is_sent_with_its_source(knowledge: KnowledgeBase) -> None:
    answer = ask(knowledge, "Courier delivery costs 299 ₽.")
    assert answer.text == "Courier delivery costs 299 ₽ [1]."
    assert [hit.passage.document_id for hit in answer.cited] == ["courier"]
    assert not answer.abstained and not answer.quoted


def test_what_is_unsupported_gives_way_to_a_quotation(knowledge: KnowledgeBase) -> None:
    answer = ask(knowledge, "Courier delivery costs 199 ₽.")
    assert answer.quoted and "199" not in answer.text
    assert answer.text == "Delivery by courier costs 299 ₽ [1]."
    assert [hit.passage.document_id for hit in answer.cited] == ["courier"]


def test_without_a_writer_what_is_nearest_is_quoted(knowledge: KnowledgeBase) -> None:
    answer = answerer(knowledge, None).answer(QUESTION, "en")
    assert answer.quoted
    assert answer.text.replace(" [1]", "") == PRICE


def test_what_nearly_answers_is_asked_back_with_what_may_be_meant(knowledge: KnowledgeBase) -> None:
    plain = answerer(knowledge, None)
    sure = knowledge.search(QUESTION, 3).answerable
    unsure = Answerer(knowledge, None, plain.replier, threshold=sure + 0.01, ask_from=sure - 0.01)
    asked = unsure.answer(QUESTION, "en")
    assert (asked.text, asked.abstained) == ("", True)
    assert asked.candidates[0] == "Courier delivery" and len({*asked.candidates}) == len(asked.candidates) <= CANDIDATES
    assert PRICE[:-1] in unsure.answer(QUESTION, "en", may_ask=False).text  # they have said what they mean
    declined = Answerer(knowledge, None, plain.replier, threshold=1.1, ask_from=sure + 0.01)
    for may_ask in (True, False):
        answer = declined.answer(QUESTION, "en", may_ask=may_ask)
        assert (answer.text, answer.candidates) == ("", [])


def test_the_selector_decides_what_is_quoted_and_whether_anything_is(knowledge: KnowledgeBase) -> None:
    plain = answerer(knowledge, None, threshold=0.3)
    for answering, quote in (("Returns", TERM), ("Courier delivery", PRICE)):
        selector = Selector(FakeReader(answering), ALL_BY_READING)
        chosen = Answerer(knowledge, None, plain.replier, 0.3, selector).answer(QUESTION, "en")
        assert quote.rstrip(".") in chosen.text and chosen.hits[0].passage.heading == answering
    nothing = Answerer(knowledge, None, plain.replier, 0.3, Selector(FakeReader(), ALL_BY_READING))
    assert nothing.answer(QUESTION, "en").abstained


def test_what_a_fact_answers_is_not_read(knowledge: KnowledgeBase) -> None:
    reader, asked = FakeReader(), answerer(knowledge, None)
    asked.selector = Selector(reader, ALL_BY_READING)
    assert asked.answer(WHERE, "en", customer("C1", order("NL-100001"))).fact_kinds == ["order"]
    assert reader.seen == []


def test_verified_sentences_are_heard_before_the_answer_is_complete(knowledge: KnowledgeBase) -> None:
    heard: list[str] = []
    decoder = FakeDecoder("Courier delivery costs 299 ₽. The courier comes from 7:00.")
    answer = answerer(knowledge, decoder).answer(QUESTION, "en", say=heard.append)
    assert heard == ["Courier delivery costs 299 ₽."]
    assert 0 < answer.first_ms <= answer.generation_ms


def test_below_the_threshold_nothing_is_written(knowledge: KnowledgeBase) -> None:
    writer = FakeDecoder("Courier delivery costs 299 ₽.")
    answer = answerer(knowledge, writer, threshold=1.1).answer(QUESTION, "en")
    assert (answer.abstained, answer.text, answer.cited, writer.requests) == (True, "", [], [])


@pytest.mark.parametrize("threshold", [0.0, 0.35])
def test_an_empty_knowledge_base_answers_nothing(tmp_path: Path, fake_encoder: HashEncoder, threshold: float) -> None:
    empty = KnowledgeBase(tmp_path / "empty", fake_encoder)
    assert answerer(empty, FakeDecoder("Yes."), threshold).answer(QUESTION, "en").abstained


def test_the_writer_sees_what_was_found_and_whom_it_writes_to(knowledge: KnowledgeBase) -> None:
    writer = FakeDecoder("")
    answerer(knowledge, writer).answer(QUESTION, "en", Person("C1", "Ann", "informal", "en"))
    request = writer.requests[0]
    assert (request.question, request.language, request.name, request.form) == (QUESTION, "en", "Ann", "informal")
    assert [source.title for source in request.sources][0] == "Courier delivery"
    assert " ".join(request.sources[0].sentences) == COURIER


WHERE = "when will my kettle arrive"


def test_a_fact_that_surely_answers_is_told_without_the_writer(knowledge: KnowledgeBase) -> None:
    decoder, heard = FakeDecoder("Something else."), list[str]()
    answer = answerer(knowledge, decoder).answer(WHERE, "en", customer("C1", order("NL-100001")), say=heard.append)
    assert answer.text == "Ann, order NL-100001 (kettle) is on its way."
    assert (answer.facts, answer.fact_kinds, answer.cited) == (
        ["Order NL-100001 (kettle) is on its way."],
        ["order"],
        [],
    )
    assert answer.quoted and not answer.abstained and decoder.requests == [] and heard == [answer.text]


def test_it_is_known_beforehand_that_a_fact_answers(knowledge: KnowledgeBase) -> None:
    asked = answerer(knowledge, None)
    person = customer("C1", order("NL-100001"))
    assert asked.knows(WHERE, person)
    assert not asked.knows(WHERE, person, with_states=False)
    assert not asked.knows(QUESTION, person) and not asked.knows(WHERE, ANYBODY)
    assert asked.knows(WHERE, customer("C1", order("NL-100001"), order("NL-100002", "phone")))


def test_a_fact_is_told_in_the_customers_form(knowledge: KnowledgeBase) -> None:
    points = Fact("points", "[У клиента|У вас|У тебя] 5 баллов.", "[The customer has|You have] 5 points.")
    told = {
        form: answerer(knowledge, None).answer("сколько у меня баллов", "ru", customer("C1", points, form=form)).text
        for form in ("formal", "informal")
    }
    assert told == {"formal": "Ann, у вас 5 баллов.", "informal": "Ann, у тебя 5 баллов."}


def test_a_products_name_keeps_its_capital_behind_the_customers(knowledge: KnowledgeBase) -> None:
    fact = Fact("warranty", "Aurora: до мая.", "Aurora kettle: until May.", "NL-1", ("Aurora kettle", "Aurora kettle"))
    answer = answerer(knowledge, None).answer("until when is my kettle under warranty", "en", customer("C1", fact))
    assert answer.text == "Ann, Aurora kettle: until May."


def test_of_several_orders_that_fit_the_customer_is_asked_once(knowledge: KnowledgeBase) -> None:
    asks = answerer(knowledge, None)
    person = customer("C1", order("NL-100001"), order("NL-100002", "phone"))
    asked = asks.answer("when does my order arrive", "en", person)
    assert (asked.text, asked.abstained) == ("", True)
    assert dict(asked.things) == {"NL-100001": "kettle", "NL-100002": "phone"}
    assert asks.answer("when does my order arrive: kettle, NL-100001?", "en", person).facts == [
        "Order NL-100001 (kettle) is on its way."
    ]
    assert not asks.answer("when does my order arrive", "en", person, may_ask=False).things


def test_a_question_about_using_a_thing_is_searched_with_its_model(knowledge: KnowledgeBase) -> None:
    owned = Fact("owned", "Чайник K2.", "Kettle K2.", "NL-100001", ("Чайник K2", "Kettle K2"))
    knowledge.update([Document("clean", "How to clean a kettle", "Clean the Kettle K2 with citric acid.", "en")])
    decoder = FakeDecoder("")
    answerer(knowledge, decoder).answer("how do I clean my kettle", "en", customer("C1", owned))
    assert decoder.requests[0].question == "how do I clean my kettle (Kettle K2)"
    assert decoder.requests[0].facts == []


def test_what_is_answered_alike_for_everybody_is_unchanged_by_the_profile(knowledge: KnowledgeBase) -> None:
    decoder = FakeDecoder("")
    for person in (customer("C1", order("NL-100001")), customer("C1")):
        answerer(knowledge, decoder).answer(QUESTION, "en", person)
    assert decoder.requests[:2] == decoder.requests[2:]  # nothing was written, so each was asked for twice


def test_who_likes_it_short_gets_the_first_sentence_with_its_source(knowledge: KnowledgeBase) -> None:
    reply = "Courier delivery costs 299 ₽. The courier comes from 9:00 to 21:00."
    full, short = (
        answerer(knowledge, FakeDecoder(reply)).answer(QUESTION, "en", customer("C1", length=length))
        for length in (FULL, SHORT)
    )
    assert full.text == "Courier delivery costs 299 ₽. The courier comes from 9:00 to 21:00 [1]."
    assert short.text == "Courier delivery costs 299 ₽ [1]."
    assert short.cited == full.cited


def test_who_likes_it_short_is_quoted_the_nearest_sentence_wherever_it_stands(knowledge: KnowledgeBase) -> None:
    person = customer("C1", length=SHORT)
    for question, sentence in (
        (QUESTION, PRICE),
        ("Does the courier come from 9:00 to 21:00?", COURIER[len(PRICE) + 1 :]),
    ):
        assert answerer(knowledge, None).answer(question, "en", person).text == f"{sentence[:-1]} [1]."


def test_steps_are_told_whole_to_who_likes_it_short(knowledge: KnowledgeBase) -> None:
    steps = "1. Put the kettle down.\n2. Hold the kettle button for 15 seconds."
    knowledge.update([Document("reset", "Kettle reset", steps, "en")])
    answer = answerer(knowledge, None).answer("How do I reset the kettle?", "en", customer("C1", length=SHORT))
    assert answer.text == f"{steps[:-1]} [1]."


def test_an_anonymous_person_gets_no_facts(knowledge: KnowledgeBase) -> None:
    person = Person(facts=[order("NL-100001")])
    answer = ask(knowledge, "", WHERE, person)
    assert answer.facts == []
    assert "NL-100001" not in json.dumps(answer.trace()["facts"]) + answer.text


def test_one_customers_facts_never_reach_another(knowledge: KnowledgeBase) -> None:
    writer = FakeDecoder("Order NL-100001 (kettle) is on its way.")
    shared = answerer(knowledge, writer)
    assert shared.answer(WHERE, "en", customer("C1", order("NL-100001"))).facts
    answer = shared.answer(WHERE, "en", customer("C2", order("NL-100002")))
    assert answer.facts == ["Order NL-100002 (kettle) is on its way."]
    assert "NL-100001" not in answer.text + json.dumps(answer.trace(), ensure_ascii=False)


TWO = "How much does courier delivery cost, and can I return goods within 14 days?"


def test_two_questions_get_two_answers_each_with_its_source(knowledge: KnowledgeBase) -> None:
    answer = answerer(knowledge, None).answer(TWO, "en")
    first, second = answer.text.split("\n")
    assert first.replace(" [1]", "") == PRICE and "[1]" in first
    assert second.replace(" [2]", "") == TERM and "[2]" in second
    assert [hit.passage.document_id for hit in answer.cited] == ["courier", "returns"]
    assert [hit.passage.document_id for hit in answer.hits[:2]] == ["courier", "returns"]
    assert len({hit.passage.id for hit in answer.hits}) == len(answer.hits)


def test_a_fact_and_an_article_answer_a_question_each(knowledge: KnowledgeBase) -> None:
    asked, person = answerer(knowledge, None), customer("C1", order("NL-100001"))
    both = f"How much does courier delivery cost? {WHERE}"
    answer = asked.answer(both, "en", person)
    assert answer.text.split("\n") == [PRICE.replace(".", " [1]."), "Order NL-100001 (kettle) is on its way."]
    assert (answer.fact_kinds, [hit.passage.document_id for hit in answer.cited]) == (["order"], ["courier"])
    assert asked.answer(both, "en").facts == []


def test_of_two_questions_the_one_with_an_answer_is_answered(
    knowledge: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    sure = {"courier": 0.9, "returns": 0.4}
    found = knowledge.search

    def search(question: str, k: int = 5) -> SearchResult:
        result = found(question, k)
        return replace(result, answerable=sure[result.hits[0].passage.document_id])

    monkeypatch.setattr(knowledge, "search", search)
    answer = answerer(knowledge, None, threshold=0.5).answer(TWO, "en")
    assert answer.text.replace(" [1]", "") == PRICE
    assert [hit.passage.document_id for hit in answer.cited] == ["courier"]
    assert (answer.answerable, answer.abstained) == (0.9, False)


def test_of_two_answers_only_the_first_addresses_the_customer(knowledge: KnowledgeBase) -> None:
    writer = FakeDecoder("")
    answerer(knowledge, writer).answer(TWO, "en", Person(name="Ann"))
    tried = writer.requests[::2]  # nothing was written, so each was asked for twice
    assert [request.name for request in tried] == ["Ann", ""]
    assert [request.sources[0].title for request in tried] == ["Courier delivery", "Returns"]


def test_what_goes_on_from_an_earlier_question_is_doubted_half_as_much_as_the_selector_would(
    knowledge: KnowledgeBase,
) -> None:
    selector = Selector(FakeReader(), ALL_BY_READING)
    searched = answerer(knowledge, None).answer("And to Omsk?", "en", previous=[QUESTION]).answerable
    read = selector.select(QUESTION, "en", knowledge.search(QUESTION, 8)).answerable
    plain = Answerer(knowledge, None, Replier(None), 0.0, selector)
    both = plain.answer("And to Omsk?", "en", previous=[QUESTION]).answerable
    assert read < both < searched
    assert plain.answer(QUESTION, "en").answerable == pytest.approx(read)


def test_a_follow_up_is_answered_with_the_question_before_it(knowledge: KnowledgeBase) -> None:
    writer = FakeDecoder("")
    answer = answerer(knowledge, writer).answer("And to Omsk?", "en", previous=[QUESTION])
    assert [hit.passage.document_id for hit in answer.cited] == ["courier"]
    assert {request.question for request in writer.requests} == {f"{QUESTION} And to Omsk?"}


def test_a_new_subject_forgets_the_question_before_it(knowledge: KnowledgeBase) -> None:
    answer = answerer(knowledge, None).answer("And is the receipt needed to return goods?", "en", previous=[QUESTION])
    assert [hit.passage.document_id for hit in answer.cited] == ["returns"]


def test_the_trace_is_plain_json_and_tells_what_each_sentence_rests_on(knowledge: KnowledgeBase) -> None:
    answer = ask(knowledge, "Courier delivery costs 299 ₽. The courier comes from 7:00.")
    trace = json.loads(json.dumps(answer.trace(), ensure_ascii=False))
    assert trace["citations"][0]["url"] == "https://help.example/courier"
    assert [bool(sentence["source"]) for sentence in trace["sentences"]] == [True, False]
    assert trace["passages"][0]["id"] == trace["citations"][0]["id"] == trace["sentences"][0]["source"]
    assert (trace["grounded"], trace["abstained"], trace["quoted"]) == (True, False, False)


def test_whether_their_own_answers_is_read_off_the_open_ones_first(knowledge: KnowledgeBase) -> None:
    orders = [order(f"NL-10000{number}", going_on=number > 3) for number in range(6)]
    waiting = Fact("open_orders", "Not received yet: two.", "Not received yet: two.")
    reader = FakeReader("About the customer")
    asked = Answerer(knowledge, None, Replier(None), 0.0, Selector(reader, WEIGHTS))
    assert asked.tells(WHERE, customer("C1", *orders, waiting), ("order", "open_orders"))
    (read,) = reader.seen
    assert read.sentences[0] == waiting.en and {*read.sentences[1:3]} == {fact.en for fact in orders[4:]}
    assert len(read.sentences) == 4
    asked.selector = Selector(FakeReader(), WEIGHTS)
    assert not asked.tells(WHERE, customer("C1", *orders), ("order",))
    asked.selector = None
    assert asked.tells(WHERE, customer("C1", *orders), ("order",))
    assert not asked.tells(WHERE, customer("C1", *orders), ("refund",))


def test_a_follow_up_is_read_with_what_it_goes_on_from_where_alone_nothing_answers_it(knowledge: KnowledgeBase) -> None:
    asked = answerer(knowledge, FakeDecoder(""))
    assert asked.finder
    person, completed = customer("C1", order("NL-100001")), "where is my order now today"
    asked.finder.reader = lambda question, facts: question == completed
    assert asked._known(WHERE, completed, person, ()).sure
    refused = asked._known(WHERE, WHERE, person, ())
    assert not refused.sure and refused.hits
