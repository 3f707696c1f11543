from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.exc import OperationalError

from bot.conversation import Conversation
from bot.knowledge_policy import KnowledgePolicy
from bot.nlg import ANSWER
from nlu.errors import LichnoError

DOMAIN = {
    "intents": ["return_item", "cancel_order", "order_status", "refund_status"],
    "actions": ["action_return_item"],
    "responses": {ANSWER: [{"text": ""}]},
    "forms": {"transaction_form": {"required_slots": []}},
}
LISTEN = ActionExecuted("action_listen")


class Grounds:
    """Articles that answer everything but the unheard of, and orders whose state says where they are."""

    def __init__(self) -> None:
        self.answerer = self
        self.error: Exception | None = None  # of the articles
        self.away: Exception | None = None  # of the customers' database

    def can_quote(self, question: str) -> bool:
        if self.error:
            raise self.error
        return "unicorn" not in question

    def person(self, conversation: Conversation) -> str | None:
        if self.away:
            raise self.away
        return conversation.customer_id

    def tells(self, question: str, person: str, kinds: Sequence[str]) -> bool:
        assert person == "C1"
        return "where" in question.lower() and "order" in kinds or "my money" in question and "refund" in kinds


@pytest.fixture
def grounds(monkeypatch: pytest.MonkeyPatch) -> Grounds:
    grounds = Grounds()
    monkeypatch.setattr("bot.knowledge_policy.shared_grounds", lambda settings: grounds)
    return grounds


@pytest.fixture
def policy(grounds: Grounds, tmp_path: Any) -> KnowledgePolicy:
    context = ExecutionContext(GraphSchema({}), node_name="policy")
    config = KnowledgePolicy.get_default_config()
    return KnowledgePolicy.create(config, LocalModelStorage.create(tmp_path), Resource("policy"), context)


def heard(text: str, intent: str, confidence: float = 0.95, customer: str | None = None, **more: Any) -> Event:
    parse = {"text": text, "intent": {"name": intent, "confidence": confidence}, "entities": []}
    parse["metadata"] = {"customer_id": customer, **more} if customer else {}
    return UserUttered(text, intent={"name": intent}, parse_data=parse, input_channel="lichno_ask")


def answers(policy: KnowledgePolicy, *events: Event) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "Slot auto-fill has been removed", said of every domain
        domain = Domain.from_dict(DOMAIN)
    tracker = DialogueStateTracker.from_events("conversation", list(events), domain=domain)
    probabilities = policy.predict_action_probabilities(tracker, domain).probabilities
    return bool(probabilities[domain.index_for_action(ANSWER)] == 1.0)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("How many days are there to return headphones?", "return_item"),
        ("My wrist is wide. Which strap should I swap to?", "return_item"),
        ("до какого момента отмена бесплатная", "cancel_order"),
        ("Ремешок тесен. Как скоро привезёте замену?", "return_item"),
    ],
)
def test_who_asks_how_it_is_done_is_told(policy: KnowledgePolicy, text: str, intent: str) -> None:
    assert answers(policy, LISTEN, heard(text, intent))


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("I want to return the headphones", "return_item"),
        ("Can I return them?", "return_item"),
        ("отмените заказ, как договаривались", "cancel_order"),
        ("Which unicorn may I return?", "return_item"),  # no article tells
    ],
)
def test_anything_else_takes_its_way(policy: KnowledgePolicy, text: str, intent: str) -> None:
    assert not answers(policy, LISTEN, heard(text, intent))


@pytest.mark.parametrize(
    ("text", "confidence", "told"),
    [
        ("Do you knock anything off for sixty tablets?", 0.7, True),
        ("Do you knock anything off for sixty unicorns?", 0.7, False),
        ("Do you knock anything off for sixty unicorns?", 0.5, True),  # by saying that the articles do not tell
        ("Do you take unicorns back?", 0.9, False),
        ("take back what I bought for the firm", 0.5, False),  # asks nothing
    ],
)
def test_a_question_is_no_transaction_on_a_guess(
    policy: KnowledgePolicy, text: str, confidence: float, told: bool
) -> None:
    assert answers(policy, LISTEN, heard(text, "cancel_order", confidence)) == told


@pytest.mark.parametrize(
    ("text", "intent", "told"),
    [
        ("How long does the watch last on a run?", "order_status", True),
        ("A month on its way: is that normal?", "order_status", True),
        ("How long does the unicorn last on a run?", "order_status", False),  # no article tells
        ("Where is my order?", "order_status", False),
        ("tell me about my order", "order_status", False),  # asks nothing
        ("When does a card refund come?", "refund_status", True),
        ("When does my money come?", "refund_status", False),
        ("How long will NL-999999 take?", "order_status", False),  # is looked for
    ],
)
def test_an_article_answers_what_the_customers_own_does_not(
    policy: KnowledgePolicy, text: str, intent: str, told: bool
) -> None:
    assert answers(policy, LISTEN, heard(text, intent, customer="C1")) == told


@pytest.mark.parametrize(("confidence", "told"), [(0.6, True), (0.9, False)])
def test_of_visitors_only_a_sure_intent_says_that_they_ask_of_their_own(
    policy: KnowledgePolicy, confidence: float, told: bool
) -> None:
    assert answers(policy, LISTEN, heard("How long does the watch last?", "order_status", confidence)) == told


def test_who_wants_an_answer_without_their_profile_is_a_visitor(policy: KnowledgePolicy, grounds: Grounds) -> None:
    grounds.away = LichnoError("their rows were read")
    unsure = heard("How long does the watch last?", "order_status", 0.6, "C1", without_profile=True)
    assert answers(policy, LISTEN, unsure)


def test_without_the_customers_database_the_action_says_so_and_the_log_names_nobody(
    policy: KnowledgePolicy, grounds: Grounds, caplog: pytest.LogCaptureFixture
) -> None:
    grounds.away = OperationalError("select", {}, Exception("of Ann"))
    assert not answers(policy, LISTEN, heard("How long does the watch last?", "order_status", customer="C1"))
    assert "OperationalError" in caplog.text and "Ann" not in caplog.text


def test_a_form_keeps_its_turn(policy: KnowledgePolicy) -> None:
    message = heard("How many days are there to return headphones?", "return_item")
    assert not answers(policy, ActiveLoop("transaction_form"), LISTEN, message)
    assert not answers(policy, LISTEN, message, ActionExecuted("action_return_item"))


def test_without_articles_the_transaction_begins(policy: KnowledgePolicy, grounds: Grounds) -> None:
    grounds.error = LichnoError("The index is empty.")
    assert not answers(policy, LISTEN, heard("How many days are there to return headphones?", "return_item"))
