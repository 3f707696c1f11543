from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.answering import Answer, Answerer, Person
from bot.generation.replying import Replier
from retrieval.documents import Document, SearchResult
from retrieval.knowledge_base import KnowledgeBase
from retrieval.profile_memory import Fact, ProfileMemory
from tests.bot.decoding import FakeDecoder
from tests.fakes import HashEncoder

COURIER = "Delivery by courier costs 299 ₽. The courier comes from 9:00 to 21:00."
RETURNS = "Ordered goods can be returned within 14 days. The receipt is not needed."
DOCUMENTS = [
    Document("courier", "Courier delivery", COURIER, "en", url="https://help.example/courier"),
    Document("returns", "Returns", RETURNS, "en"),
    Document("warranty", "Гарантия", "Гарантия на чайник действует 12 месяцев.", "ru"),
]
ANYBODY = Person()
QUESTION = "How much does courier delivery cost?"


@pytest.fixture
def knowledge(tmp_path: Path, fake_encoder: HashEncoder) -> KnowledgeBase:
    base = KnowledgeBase(tmp_path, fake_encoder)
    base.update(DOCUMENTS)
    return base


def answerer(knowledge: KnowledgeBase, decoder: FakeDecoder | None, threshold: float = 0.0) -> Answerer:
    return Answerer(knowledge, ProfileMemory(knowledge.encoder), Replier(decoder, decoder), threshold)


def ask(knowledge: KnowledgeBase, reply: str, question: str = QUESTION, person: Person = ANYBODY) -> Answer:
    return answerer(knowledge, FakeDecoder(reply)).answer(question, "en", person)


def customer(customer_id: str, order: str) -> Person:
    facts = [Fact("order", ru=f"Заказ {order}: доставка курьером.", en=f"Courier delivery of order {order}.")]
    return Person(customer_id, "Ann", language="en", facts=facts)


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


def test_without_a_decoder_the_passage_is_quoted(knowledge: KnowledgeBase) -> None:
    answer = answerer(knowledge, None).answer(QUESTION, "en")
    assert answer.quoted
    assert answer.text.replace(" [1]", "") == COURIER


def test_where_nothing_shown_answers_it_may_ask_what_is_meant_once(knowledge: KnowledgeBase) -> None:
    unsure = answerer(knowledge, FakeDecoder("Courier delivery costs 299 ₽.", none=0.4))
    asked = unsure.answer(QUESTION, "en")
    assert (asked.text, asked.abstained) == ("", True)
    assert asked.candidates[0] == "Courier delivery"
    assert unsure.answer(QUESTION, "en", may_ask=False).text


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


def test_the_decoder_sees_what_was_found_and_whom_it_writes_to(knowledge: KnowledgeBase) -> None:
    writer = FakeDecoder("")
    answerer(knowledge, writer).answer(QUESTION, "en", Person("C1", "Ann", "informal", "en"))
    (request,) = writer.requests
    assert (request.question, request.language, request.name, request.form) == (QUESTION, "en", "Ann", "informal")
    assert [source.title for source in request.sources][0] == "Courier delivery"
    assert " ".join(request.sources[0].sentences) == COURIER


def test_a_fact_near_the_question_may_be_told_and_is_not_cited_as_an_article(knowledge: KnowledgeBase) -> None:
    question = "Courier delivery of order NL-1"
    answer = ask(knowledge, "Ann, courier delivery of order NL-1.", question, customer("C1", "NL-1"))
    assert answer.facts == ["Courier delivery of order NL-1."]
    assert answer.fact_kinds == ["order"]
    assert answer.text == "Ann, courier delivery of order NL-1."
    assert answer.cited == []


def test_a_fact_far_from_the_question_stays_out(knowledge: KnowledgeBase) -> None:
    person = Person("C1", language="en", facts=[Fact("city", ru="Город клиента: Омск.", en="City: Omsk.")])
    assert ask(knowledge, "", QUESTION, person).facts == []


def test_an_anonymous_person_gets_no_facts(knowledge: KnowledgeBase) -> None:
    person = Person(facts=customer("C1", "NL-1").facts)
    answer = ask(knowledge, "Courier delivery of order NL-1.", "Courier delivery of order NL-1", person)
    assert answer.facts == []
    assert "NL-1" not in json.dumps(answer.trace()["facts"]) + answer.text


def test_one_customers_facts_never_reach_another(knowledge: KnowledgeBase) -> None:
    writer = FakeDecoder("Courier delivery of order NL-1.")
    shared = answerer(knowledge, writer)
    question = "Courier delivery of order NL-1"
    assert shared.answer(question, "en", customer("C1", "NL-1")).facts
    answer = shared.answer(question, "en", customer("C2", "NL-2"))
    assert all("NL-1" not in fact for fact in [*answer.facts, *writer.requests[-1].facts])
    assert "NL-1" not in answer.text


TWO = "How much does courier delivery cost, and can I return goods within 14 days?"


def test_two_questions_get_two_answers_each_with_its_source(knowledge: KnowledgeBase) -> None:
    answer = answerer(knowledge, None).answer(TWO, "en")
    first, second = answer.text.split("\n")
    assert first.replace(" [1]", "") == COURIER and "[1]" in first
    assert second.replace(" [2]", "") == RETURNS and "[2]" in second
    assert [hit.passage.document_id for hit in answer.cited] == ["courier", "returns"]
    assert [hit.passage.document_id for hit in answer.hits[:2]] == ["courier", "returns"]
    assert len({hit.passage.id for hit in answer.hits}) == len(answer.hits)


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
    assert answer.text.replace(" [1]", "") == COURIER
    assert [hit.passage.document_id for hit in answer.cited] == ["courier"]
    assert (answer.answerable, answer.abstained) == (0.9, False)


def test_of_two_answers_only_the_first_addresses_the_customer(knowledge: KnowledgeBase) -> None:
    writer = FakeDecoder("")
    answerer(knowledge, writer).answer(TWO, "en", Person(name="Ann"))
    assert [request.name for request in writer.requests] == ["Ann", ""]
    assert [request.sources[0].title for request in writer.requests] == ["Courier delivery", "Returns"]


def test_an_answer_without_an_article_takes_no_number(knowledge: KnowledgeBase) -> None:
    question = "What does courier delivery of order NL-1 cost, and can I return goods within 14 days?"
    answer = ask(knowledge, "Courier delivery of order NL-1.", question, customer("C1", "NL-1"))
    first, second = answer.text.split("\n")
    assert first == "Courier delivery of order NL-1."
    assert second.replace(" [1]", "") in RETURNS
    assert [hit.passage.document_id for hit in answer.cited] == ["returns"]
    assert (answer.facts, answer.fact_kinds) == (["Courier delivery of order NL-1."], ["order"])


def test_a_follow_up_is_answered_with_the_question_before_it(knowledge: KnowledgeBase) -> None:
    writer = FakeDecoder("")
    answer = answerer(knowledge, writer).answer("And to Omsk?", "en", previous=[QUESTION])
    assert [hit.passage.document_id for hit in answer.cited] == ["courier"]
    assert [request.question for request in writer.requests] == [f"{QUESTION} And to Omsk?"]


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
