from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.exc import OperationalError

from bot.actions.next_request import REQUESTS
from bot.actions.without_profile import PROFILE_OFF
from bot.answering import Person
from bot.conversation import CUSTOMER_KEY, WEB_CHANNEL, WITHOUT_PROFILE, Conversation
from bot.facts_policy import FactsPolicy
from bot.nlg import ANSWER
from nlu.errors import LichnoError

DOMAIN = {
    "intents": ["order_status", "cancel_order", "complain", "greet", "remember_fact"],
    "actions": ["action_order_status", "action_cancel_order", "action_complain"],
    "responses": {ANSWER: [{"text": ""}]},
    "forms": {"transaction_form": {"required_slots": []}},
    "slots": {name: {"type": "any", "mappings": [{"type": "custom"}]} for name in (REQUESTS, PROFILE_OFF)},
}
KNOWN = "When was my kettle delivered?"
OPENED = "I opened the earbuds. Can they go back?"
MAY_GO_BACK = "I opened my kettle. Can it go back?"
FACTS = {KNOWN: "delivered", "Where is my parcel??": "order", OPENED: "opened", MAY_GO_BACK: "return"}


class Grounds:
    """Of one customer, of whom one question's answer is known."""

    def __init__(self) -> None:
        self.answerer = self
        self.error: Exception | None = None

    def person(self, conversation: Conversation) -> Person:
        if self.error:
            raise self.error
        return Person(conversation.customer_id)

    def knows(
        self, question: str, person: Person, previous: Sequence[str], with_states: bool, only: Collection[str]
    ) -> bool:
        kind = FACTS.get(question)
        return bool(kind) and (with_states or kind != "order") and (not only or kind in only)


@pytest.fixture(scope="module")
def domain() -> Domain:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "Slot auto-fill has been removed", said of every domain
        return Domain.from_dict(DOMAIN)


@pytest.fixture
def grounds(monkeypatch: pytest.MonkeyPatch) -> Grounds:
    grounds = Grounds()
    monkeypatch.setattr("bot.facts_policy.shared_grounds", lambda settings: grounds)
    return grounds


@pytest.fixture
def policy(grounds: Grounds, tmp_path: Any) -> FactsPolicy:
    context = ExecutionContext(GraphSchema({}), node_name="policy")
    config = FactsPolicy.get_default_config()
    return FactsPolicy.create(config, LocalModelStorage.create(tmp_path), Resource("policy"), context)


def asked(
    text: str, intent: str, customer: str | None = "C001", metadata: Mapping[str, Any] = MappingProxyType({})
) -> list[Event]:
    proof = {CUSTOMER_KEY: customer} if customer else {}
    heard = UserUttered(
        text,
        intent={"name": intent},
        parse_data={"text": text, "intent": {"name": intent}, "entities": [], "metadata": {**proof, **metadata}},
        input_channel=WEB_CHANNEL,
    )
    return [ActionExecuted("action_listen"), heard]


def predicted(policy: FactsPolicy, domain: Domain, *events: Event) -> str | None:
    tracker = DialogueStateTracker("customer:C001", domain.slots)
    for event in events:
        tracker.update(event)
    probabilities = policy.predict_action_probabilities(tracker, domain).probabilities
    return domain.action_names_or_texts[probabilities.index(1.0)] if 1.0 in probabilities else None


def test_a_question_that_a_fact_answers_is_answered_whatever_it_was_taken_for(
    policy: FactsPolicy, domain: Domain
) -> None:
    assert predicted(policy, domain, *asked(KNOWN, "order_status")) == ANSWER
    assert predicted(policy, domain, *asked(KNOWN, "complain")) == ANSWER
    assert predicted(policy, domain, *asked(KNOWN, "cancel_order")) == ANSWER


def test_whether_what_was_opened_may_go_back_is_told_before_a_return_begins(
    policy: FactsPolicy, domain: Domain
) -> None:
    assert predicted(policy, domain, *asked(OPENED, "return_item")) == ANSWER
    assert predicted(policy, domain, *asked(MAY_GO_BACK, "return_item")) is None
    assert predicted(policy, domain, *asked(OPENED.replace("?", "."), "return_item")) is None


def test_then_the_assistant_listens(policy: FactsPolicy, domain: Domain) -> None:
    assert predicted(policy, domain, *asked(KNOWN, "order_status"), ActionExecuted(ANSWER)) == "action_listen"


def test_a_further_request_of_the_message_comes_before_listening(policy: FactsPolicy, domain: Domain) -> None:
    waiting = SlotSet(REQUESTS, [{"text": "cancel the other one"}])
    assert predicted(policy, domain, *asked(KNOWN, "order_status"), waiting, ActionExecuted(ANSWER)) is None


def test_an_orders_state_is_told_by_its_action_where_that_was_asked_for(policy: FactsPolicy, domain: Domain) -> None:
    assert predicted(policy, domain, *asked("Where is my parcel??", "order_status")) is None
    assert predicted(policy, domain, *asked("Where is my parcel??", "complain")) == ANSWER


def test_what_no_fact_answers_goes_its_way(policy: FactsPolicy, domain: Domain) -> None:
    assert predicted(policy, domain, *asked("What is the weather like?", "order_status")) is None


@pytest.mark.parametrize("text", ["/order_status", "My kettle leaks", "Hello, how are you?"])
def test_buttons_statements_and_small_talk_are_no_questions(
    policy: FactsPolicy, domain: Domain, grounds: Grounds, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grounds, "knows", lambda *_: True)
    intent = "greet" if text.startswith("Hello") else "complain"
    assert predicted(policy, domain, *asked(text, intent)) is None


def test_a_polite_request_is_one(
    policy: FactsPolicy, domain: Domain, grounds: Grounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grounds, "knows", lambda *_: True)
    assert predicted(policy, domain, *asked("Can you cancel my order?", "cancel_order")) is None
    assert predicted(policy, domain, *asked("Можно ли отменить заказ?", "cancel_order")) is None
    assert predicted(policy, domain, *asked("Сколько стоит отменить мой заказ?", "cancel_order")) == ANSWER


def test_what_ends_as_a_question_is_nothing_to_remember_or_to_file(policy: FactsPolicy, domain: Domain) -> None:
    assert predicted(policy, domain, *asked("I have a cat. Is the vacuum quiet?", "remember_fact")) == ANSWER
    assert predicted(policy, domain, *asked("My kettle hums. What can I do?", "complain")) == ANSWER
    assert predicted(policy, domain, *asked("Remind me which kettle I have", "remember_fact")) == ANSWER
    assert predicted(policy, domain, *asked("I have a cat.", "remember_fact")) is None
    assert predicted(policy, domain, *asked("My kettle hums.", "complain")) is None


def test_a_request_among_several_is_served_by_itself(policy: FactsPolicy, domain: Domain) -> None:
    listened, heard = asked(KNOWN, "order_status")
    assert isinstance(heard, UserUttered)
    status = {"intent": "order_status", "text": KNOWN}
    heard.parse_data["requests"] = [status, {"intent": "cancel_order", "text": "and cancel the phone"}]
    assert predicted(policy, domain, listened, heard) is None
    heard.parse_data["requests"] = [{**status, "text": "It is too big."}, {"intent": "return_item", "text": "Return?"}]
    assert predicted(policy, domain, listened, heard) == ANSWER
    for part in ({"intent": "complain", "text": "it leaks"}, {"intent": "return_item", "text": "I sent it back."}):
        heard.parse_data["requests"] = [status, part]
        assert predicted(policy, domain, listened, heard) == ANSWER


def test_visitors_have_no_facts(policy: FactsPolicy, domain: Domain) -> None:
    assert predicted(policy, domain, *asked(KNOWN, "order_status", customer=None)) is None


def test_no_fact_is_looked_at_where_the_customer_wants_none(policy: FactsPolicy, domain: Domain) -> None:
    assert predicted(policy, domain, *asked(KNOWN, "order_status", metadata={WITHOUT_PROFILE: True})) is None
    assert predicted(policy, domain, SlotSet(PROFILE_OFF, True), *asked(KNOWN, "order_status")) is None


def test_a_form_hears_its_answers_itself(policy: FactsPolicy, domain: Domain) -> None:
    assert predicted(policy, domain, ActiveLoop("transaction_form"), *asked(KNOWN, "order_status")) is None


@pytest.mark.parametrize("error", [OperationalError("select", {}, Exception("away")), LichnoError("no file")])
def test_without_the_customers_the_message_goes_its_way(
    policy: FactsPolicy, domain: Domain, grounds: Grounds, error: Exception
) -> None:
    grounds.error = error
    assert predicted(policy, domain, *asked(KNOWN, "order_status")) is None
