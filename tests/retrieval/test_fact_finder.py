from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from retrieval.fact_finder import FactFinder, Found, Reader
from retrieval.fact_kinds import FactKinds
from retrieval.profile_memory import Fact, FactHit, ProfileMemory
from retrieval.things import Things
from tests.fakes import HashEncoder
from tests.retrieval.questions import write_questions

TODAY = dt.date(2026, 11, 24)
KETTLE, PHONE, WATCH = ("Чайник", "Kettle"), ("Смартфон", "Smartphone"), ("Часы", "Watch")


def fact(kind: str, about: str, things: tuple[str, ...], since: dt.date = TODAY, going_on: bool = False) -> Fact:
    name = f"{kind} of {about} {' '.join(things)}"
    return Fact(kind, name, name, about, things, since, going_on)


OPEN = [
    fact("order", "NL-100001", KETTLE, TODAY - dt.timedelta(3), True),
    fact("order", "NL-100002", PHONE, TODAY - dt.timedelta(2), True),
]
OLD = [
    fact("order", "NL-100003", WATCH, TODAY - dt.timedelta(300)),
    fact("warranty", "NL-100003", WATCH, TODAY - dt.timedelta(300), True),
    fact("owned", "NL-100003", WATCH, TODAY - dt.timedelta(300)),
]
POINTS = Fact("points", "Баллы: 10", "Points: 10")


@pytest.fixture
def finder(fake_encoder: HashEncoder, tmp_path: Path) -> FactFinder:
    questions = FactKinds(fake_encoder, write_questions(tmp_path))
    return FactFinder(ProfileMemory(fake_encoder), questions, Things({"смартфон": ["phone"]}))


def find(finder: FactFinder, question: str, facts: list[Fact] | None = None, previous: tuple[str, ...] = ()) -> Found:
    own = [*OPEN, *OLD, POINTS] if facts is None else facts
    return finder.find("C1", own, "en", question, TODAY, previous)


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("when will my kettle arrive", "NL-100001"),
        ("when will my phone arrive", "NL-100002"),
        ("when does my order 100002 arrive", "NL-100002"),
        ("where is my NL-100001 now", "NL-100001"),
    ],
)
def test_the_thing_that_is_named_wins(finder: FactFinder, question: str, about: str) -> None:
    found = find(finder, question)
    assert (found.hits[0].fact.kind, found.hits[0].fact.about) == ("order", about)
    assert found.sure and not found.choices


def test_what_is_still_going_on_wins_over_what_is_past(finder: FactFinder) -> None:
    found = find(finder, "when does my order arrive", [OPEN[0], *OLD, POINTS])
    assert found.hits[0].fact == OPEN[0]


def test_of_several_that_fit_the_customer_may_choose(finder: FactFinder) -> None:
    found = find(finder, "when does my order arrive")
    assert found.choices == [OPEN[1], OPEN[0]]
    assert not found.hits


def test_the_conversation_tells_which_one_is_meant(finder: FactFinder) -> None:
    found = find(finder, "when does my order arrive", previous=("where is my kettle now",))
    assert found.hits[0].fact == OPEN[0]


def test_when_it_was_tells_which_one_is_meant(finder: FactFinder) -> None:
    assert find(finder, "where is my order of ten months ago now").hits[0].fact == OLD[0]


def test_a_fact_about_something_else_does_not_answer_alone(finder: FactFinder) -> None:
    found = find(finder, "when will my phone arrive", [OPEN[0], POINTS])
    assert not found.sure


def test_a_fact_of_the_customer_as_a_whole_needs_no_thing(finder: FactFinder) -> None:
    found = find(finder, "how many points do I have")
    assert found.hits[0].fact == POINTS and found.sure


def test_the_second_fact_belongs_to_the_answer_where_its_kind_is_as_likely(
    finder: FactFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = {"warranty": 0.5, "owned": 0.1, "general": 0.4}
    monkeypatch.setattr(finder.kinds, "probabilities", lambda question, owned: kinds)
    far = find(finder, "what about my watch", OLD)
    kinds.update(owned=0.4, general=0.1)
    finder.forget()
    near = find(finder, "what about my watch", OLD)
    assert [hit.fact.kind for hit in near.hits] == [hit.fact.kind for hit in far.hits] == ["warranty", "owned"]
    assert near.sure and near.close and far.sure and not far.close


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("Order NL-1 is delivered by courier.", ["order"]),
        ("Order NL-1 is delivered to a locker: 3 Sea Street.", ["way", "order"]),
    ],
)
def test_what_the_orders_state_says_as_well_is_told_once(
    finder: FactFinder, monkeypatch: pytest.MonkeyPatch, way: str, told: list[str]
) -> None:
    monkeypatch.setattr(finder.kinds, "probabilities", lambda question, owned: {"way": 0.55, "order": 0.4})
    state = "Order NL-1 is on its way, by courier, expected on 9 May."
    facts = [Fact("way", way, way, "NL-1", open=True), Fact("order", state, state, "NL-1", open=True)]
    found = find(finder, "where is my order", facts)
    assert found.sure and [fact.kind for fact in found.told] == told


@pytest.mark.parametrize("question", ["how much does courier delivery cost", "which payment methods are there"])
def test_what_is_answered_alike_for_everybody_gets_no_facts(finder: FactFinder, question: str) -> None:
    assert find(finder, question) == Found()


def test_a_question_about_using_a_thing_tells_which_one_they_have(finder: FactFinder) -> None:
    assert find(finder, "how do I clean my watch").owned == WATCH
    assert find(finder, "how do I clean my lamp").owned == ()


def test_nothing_is_found_for_who_has_no_facts(finder: FactFinder) -> None:
    assert find(finder, "when will my kettle arrive", []) == Found()
    assert find(finder, "when will my kettle arrive", [Fact("city", "Город", "City")]) == Found()


def test_the_same_question_is_looked_up_once_until_a_fact_changes(
    finder: FactFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[str] = []
    search = finder.memory.search

    def counted(customer_id: str, *given: Any) -> list[FactHit]:
        searched.append(customer_id)
        return search(customer_id, *given)

    monkeypatch.setattr(finder.memory, "search", counted)
    first = find(finder, "where is my kettle now")
    assert find(finder, "where is my kettle now") is first and searched == ["C1"]
    assert find(finder, "where is my kettle now", OPEN[:1]) is not first and len(searched) == 2
    finder.forget()
    find(finder, "where is my kettle now", OPEN[:1])
    assert len(searched) == 3


def likely(finder: FactFinder, monkeypatch: pytest.MonkeyPatch, **kinds: float) -> None:
    """What every question is taken for."""
    monkeypatch.setattr(finder.kinds, "probabilities", lambda question, owned: kinds)


def test_a_likely_kind_gives_way_where_it_has_no_fact_about_the_thing_that_is_named(
    finder: FactFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    likely(finder, monkeypatch, warranty=0.6, order=0.3, points=0.05)
    assert find(finder, "what about my kettle").hits[0].fact == OPEN[0]
    assert find(finder, "what about my watch").hits[0].fact.kind == "warranty"
    likely(finder, monkeypatch, points=0.6, order=0.3)
    assert find(finder, "my points for a kettle").hits[0].fact == POINTS


def test_what_was_opened_is_told_where_it_goes_back_only_unopened(
    finder: FactFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    likely(finder, monkeypatch, **{"return": 0.9, "opened": 0.05})
    own = [fact("return", "NL-100003", WATCH), fact("opened", "NL-100003", WATCH)]
    found = find(finder, "I opened my watch, can it go back", own)
    assert found.hits[0].fact.kind == "opened" and found.sure
    assert find(finder, "my watch, can it go back", own).hits[0].fact.kind == "return"


def test_all_open_orders_are_told_at_once_where_that_may_be_asked(
    finder: FactFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = Fact("open_orders", "Едут два", "Two are on their way")
    likely(finder, monkeypatch, order=0.6, open_orders=0.3)
    assert find(finder, "what is coming to me", [*OPEN, everything]).told == [everything]
    likely(finder, monkeypatch, order=0.8, open_orders=0.1)
    assert find(finder, "when does it come to me", [*OPEN, everything]).choices == [OPEN[1], OPEN[0]]


def test_of_tickets_the_nearest_is_told(finder: FactFinder, monkeypatch: pytest.MonkeyPatch) -> None:
    likely(finder, monkeypatch, ticket=0.9)
    own = [fact("ticket", "T0001", KETTLE), fact("ticket", "T0002", PHONE)]
    found = find(finder, "what about my request", own)
    assert found.hits and not found.choices


def test_a_request_is_told_of_only_where_it_is_surely_asked_about(
    finder: FactFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A story before a question, "the bank refused me, when can I try again?", resembles one about a request."""
    own = [fact("ticket", "T0001", KETTLE)]
    for probability, sure in ((0.7, False), (0.9, True)):
        likely(finder, monkeypatch, ticket=probability)
        finder.forget()
        assert find(finder, "I was refused, when can I try again", own).sure == sure
    likely(finder, monkeypatch, ticket=0.7)
    for named in ("what was wrong with my kettle", "what about T0001"):
        assert find(finder, named, own).sure


def test_words_for_a_tickets_thing_do_not_outweigh_the_tickets_own(
    finder: FactFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    likely(finder, monkeypatch, ticket=0.9)
    own = [
        Fact("ticket", "Чайник течёт", "My parcel was late", "T0001", KETTLE),
        Fact("ticket", "Списали дважды", "I was charged twice for my kettle", "T0002", PHONE),
    ]
    found = find(finder, "I was charged twice for my kettle", own)
    assert found.hits[0].fact.about == "T0002"
    assert find(finder, "I was charged twice, my T0001", own).hits[0].fact.about == "T0001"


def test_the_last_that_came_is_none_that_is_awaited(finder: FactFinder, monkeypatch: pytest.MonkeyPatch) -> None:
    likely(finder, monkeypatch, order=0.9)
    assert find(finder, "what came in my last order").hits[0].fact == OLD[0]
    assert find(finder, "what is in my last order").hits[0].fact == OPEN[1]


def test_what_reading_shows_not_to_answer_is_only_near(finder: FactFinder) -> None:
    read: list[tuple[str, list[Fact]]] = []

    def reader(answers: bool) -> Reader:
        def reads(question: str, facts: Sequence[Fact]) -> bool:
            read.append((question, [*facts]))
            return answers

        return reads

    finder.reader = reader(True)
    assert find(finder, "when will my kettle arrive").sure
    assert read == [("when will my kettle arrive", [OPEN[0]])]
    finder.reader = reader(False)
    refused = find(finder, "when will my kettle arrive today")
    assert not refused.sure and refused.hits[0].fact == OPEN[0]
    assert find(finder, "when does my order arrive") == Found()
    assert read[-1] == ("when does my order arrive", [OPEN[1], OPEN[0]])


def test_what_would_not_be_told_is_not_read(finder: FactFinder) -> None:
    finder.reader = lambda question, facts: pytest.fail("nothing was to be told")
    assert not find(finder, "when will my phone arrive", [OPEN[0], POINTS]).sure
    assert find(finder, "how does paying by card work") == Found()
