from __future__ import annotations

import warnings
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.actions.next_request import REQUESTS
from bot.requests_policy import NAME, RequestsPolicy

DOMAIN = {
    "intents": ["cancel_order"],
    "actions": [NAME, "action_cancel_order", "action_save_address"],
    "forms": {"change_address_form": {"required_slots": []}},
    "slots": {REQUESTS: {"type": "any", "mappings": [{"type": "custom"}]}},
}
WAITING = [{"text": "где посылка"}]
ASKED: list[Event] = [ActionExecuted("action_listen"), UserUttered("отмените заказ", intent={"name": "cancel_order"})]


@pytest.fixture(scope="module")
def domain() -> Domain:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "Slot auto-fill has been removed", said of every domain
        return Domain.from_dict(DOMAIN)


@pytest.fixture
def policy(tmp_path: Any) -> RequestsPolicy:
    context = ExecutionContext(GraphSchema({}), node_name="policy")
    config = RequestsPolicy.get_default_config()
    return RequestsPolicy.create(config, LocalModelStorage.create(tmp_path), Resource("policy"), context)


def predicted(policy: RequestsPolicy, domain: Domain, *events: Event) -> str | None:
    tracker = DialogueStateTracker("customer:C001", domain.slots)
    for event in events:
        tracker.update(event)
    probabilities = policy.predict_action_probabilities(tracker, domain).probabilities
    return domain.action_names_or_texts[probabilities.index(1.0)] if 1.0 in probabilities else None


def test_the_next_request_follows_a_served_one(policy: RequestsPolicy, domain: Domain) -> None:
    assert predicted(policy, domain, SlotSet(REQUESTS, WAITING), *ASKED, ActionExecuted("action_cancel_order")) == NAME


def test_it_waits_for_a_form(policy: RequestsPolicy, domain: Domain) -> None:
    form = [
        SlotSet(REQUESTS, WAITING),
        *ASKED,
        ActionExecuted("change_address_form"),
        ActiveLoop("change_address_form"),
    ]
    assert predicted(policy, domain, *form) is None
    done = [*form, ActiveLoop(None), ActionExecuted("action_save_address")]
    assert predicted(policy, domain, *done) == NAME


def test_it_is_silent_before_an_action_and_without_requests(policy: RequestsPolicy, domain: Domain) -> None:
    assert predicted(policy, domain, SlotSet(REQUESTS, WAITING), *ASKED) is None
    assert predicted(policy, domain, *ASKED, ActionExecuted("action_cancel_order")) is None


def test_it_outranks_the_rules_that_end_a_turn(policy: RequestsPolicy) -> None:
    assert policy.priority > 6
