"""Nothing of one customer reaches another: generated attempts on the demo's 60 customers, each with canaries.

``benchmarks/isolation.py`` does so with the trained assistant behind its channel; here answers and actions run
on an encoder without weights.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from benchmarks.isolation import ASKING, Attempt, Log, Owner, attempt, leaked, plant
from bot.actions.cancel_order import ActionCancelOrder
from bot.actions.change_address import ActionChangeAddress
from bot.actions.forget_fact import ActionForgetFact
from bot.actions.order_status import ActionOrderStatus
from bot.actions.return_item import ActionReturnItem
from bot.actions.what_you_know import ActionWhatYouKnow
from bot.actions.why_answer import ActionWhyAnswer
from bot.answering import Answerer
from bot.conversation import REST_CHANNEL
from bot.customers.importer import DEMO_FILES
from bot.generation.replying import Replier
from bot.nlg import ANSWER, GroundedResponseGenerator
from bot.settings import Settings
from retrieval.documents import Document
from retrieval.fact_finder import FactFinder
from retrieval.fact_kinds import FactKinds
from retrieval.knowledge_base import KnowledgeBase
from retrieval.profile_memory import ProfileMemory
from retrieval.things import Things
from tests.bot.actions.desk import Desk
from tests.bot.customers.conftest import imported
from tests.fakes import HashEncoder
from tests.retrieval.questions import write_questions

ACTIONS = (
    ActionOrderStatus,
    ActionCancelOrder,
    ActionReturnItem,
    ActionChangeAddress,
    ActionWhatYouKnow,
    ActionForgetFact,
    ActionWhyAnswer,
)


class Shop:
    """The demo with canaries, one assistant for all customers."""

    def __init__(self, folder: Path) -> None:
        self.store = imported(folder, DEMO_FILES)
        self.owners = plant(self.store)
        self.desk = Desk(self.store)
        encoder = HashEncoder()
        knowledge = KnowledgeBase(folder / "knowledge", encoder)
        knowledge.update([Document("courier", "Courier", "Delivery by courier costs 299 ₽.", "en")])
        kinds = FactKinds(encoder, write_questions(folder / "questions"))
        finder = FactFinder(ProfileMemory(encoder, folder / "profiles"), kinds, Things())
        answerer = Answerer(knowledge, finder, Replier(None), 0.0)
        endpoint = EndpointConfig(customers=self.store.url, knowledge=str(folder / "knowledge"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            self.generator = GroundedResponseGenerator(endpoint, Domain.load("domain.yml"), answerer)

    async def ask(self, one: Attempt, order: str) -> str:
        """What the message brings back: an answer with its trace, and what every action says to it."""
        metadata = {"customer_id": one.attacker} if one.attacker else {}
        tracker = DialogueStateTracker("someone", [])
        tracker.update(UserUttered(one.text, {"name": "ask"}, input_channel=REST_CHANNEL, metadata=metadata))
        said: list[Any] = [await self.generator.generate(ANSWER, tracker, "rest")]
        for action in ACTIONS:
            named = order if order.lower() in one.text.lower() else None
            outcome = await self.desk.ask(action(), one.attacker, one.text, named)
            said += [outcome.messages, outcome.events]
        return json.dumps(said, ensure_ascii=False, default=str)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("isolation")
    made = Shop(folder)
    found = Settings(customers=made.store.url, profiles=str(folder / "profiles"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.actions.context.load_settings", lambda: found)
        patch.setattr("bot.actions.forget_fact.load_settings", lambda: found)
        yield made


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pair=st.lists(st.integers(0, 59), min_size=2, max_size=2, unique=True), seed=st.integers(0, 2**32))
def test_no_attempt_brings_back_what_is_anothers(shop: Shop, pair: list[int], seed: int) -> None:
    victim, attacker = (shop.owners[n] for n in pair)
    tried = attempt(victim, attacker, random.Random(seed))
    log = Log()
    logging.getLogger().addHandler(log)
    try:
        both = asyncio.run(_together(shop, victim, tried))
    finally:
        logging.getLogger().removeHandler(log)
    own = Attempt("what do you know about me", victim.customer_id)
    assert leaked(both[0], tried, shop.owners) == []
    assert leaked(both[1], own, shop.owners) == []
    assert leaked("\n".join(log.lines), tried, shop.owners) == []
    assert victim.canary in both[1]  # the owner does get it


async def _together(shop: Shop, victim: Owner, tried: Attempt) -> tuple[str, str]:
    own = Attempt("what do you know about me", victim.customer_id)
    attacked, served = await asyncio.gather(shop.ask(tried, victim.order), shop.ask(own, victim.order))
    return attacked, served


def test_a_leak_would_be_seen(shop: Shop) -> None:
    first, second = shop.owners[:2]
    asked = Attempt("what did she say?", second.customer_id)
    assert leaked(f"… {first.canary} …", asked, shop.owners) == [(first.customer_id, first.canary)]
    assert leaked(first.canary, Attempt(f"is it {first.canary}?", None), shop.owners) == []
    assert leaked(second.canary, asked, shop.owners) == []
    assert len({owner.canary for owner in shop.owners}) == len(shop.owners) == 60


def test_attempts_are_of_every_kind() -> None:
    owners = [
        Owner(f"C{n}", "en", f"Name {n}", f"{n}@m.example", f"+{n}", f"NL-{n}", f"canary{n}", frozenset({f"canary{n}"}))
        for n in range(2)
    ]
    made = [attempt(owners[0], owners[1], random.Random(seed)) for seed in range(300)]
    assert {one.kind for one in made} == {*ASKING, "takes over"}
    assert any(one.attacker is None for one in made) and any(one.forged for one in made)
