"""What replies rest on, once for the process: the customers' database and the answerer, by the settings."""

from __future__ import annotations

import datetime as dt
import threading
from functools import lru_cache
from pathlib import Path

from bot.answering import Answerer, Person
from bot.conversation import Conversation
from bot.customers.person import person_of
from bot.customers.store import CustomerStore
from bot.generation.decoder import Decoder
from bot.generation.replying import Replier, Writer
from bot.generation.selector import Selector
from bot.generation.writers import CausalWriter, ServerWriter
from bot.privacy.masking import known_names
from bot.settings import EMBEDDED, QUOTE, Settings
from nlu.encoder import shared_encoder
from retrieval.fact_finder import FactFinder
from retrieval.fact_kinds import FactKinds
from retrieval.knowledge_base import KnowledgeBase
from retrieval.profile_memory import ProfileMemory
from retrieval.things import Things


def build_answerer(settings: Settings) -> Answerer:
    """The answerer of these settings; indexes are read now, weights at the first question."""
    decoder = Decoder(Path(settings.decoder), settings.threads) if settings.decoder else None
    selector = Selector(decoder) if decoder else None
    return Answerer(
        knowledge=KnowledgeBase(Path(settings.knowledge), shared_encoder(settings.encoder)),
        finder=build_finder(settings, selector),
        replier=build_replier(settings, decoder),
        selector=selector,
        threshold=settings.answer_threshold,
        ask_from=settings.ask_threshold,
    )


def build_finder(settings: Settings, selector: Selector | None = None) -> FactFinder:
    """Finds customers' facts by these settings; files are read at the first question."""
    encoder = shared_encoder(settings.encoder)
    profiles, questions = Path(settings.profiles), Path(settings.facts)
    return FactFinder(
        ProfileMemory(encoder, profiles),
        FactKinds(encoder, questions, profiles),
        Things.read(questions),
        selector.answers if selector else None,
    )


def build_replier(settings: Settings, decoder: Decoder | None) -> Replier:
    """Who writes and verifies; without a decoder, what search finds nearest is quoted."""
    if decoder is None or settings.generation == QUOTE:
        return Replier(None)
    return Replier(_writer(settings, decoder), decoder, settings.support_threshold)


def _writer(settings: Settings, decoder: Decoder) -> Writer:
    if settings.generation == EMBEDDED:
        return decoder
    if settings.generation.startswith(("http://", "https://")):
        return ServerWriter(settings.generation, settings.generation_model, decoder)
    return CausalWriter(settings.generation, settings.threads)


class Grounds:
    """The customers and the answerer, made at the first question. Its methods may be called from any thread.

    Args:
        settings: where things are.
        answerer: one that is made already.
    """

    def __init__(self, settings: Settings, answerer: Answerer | None = None) -> None:
        self.settings = settings
        self.store = CustomerStore(settings.customers)
        self._answerer = answerer
        self._making = threading.Lock()
        self._erasures: int | None = None  # how many were known when something was remembered first

    @property
    def answerer(self) -> Answerer:
        """Answers questions."""
        with self._making:
            if self._answerer is None:
                self._answerer = build_answerer(self.settings)
            return self._answerer

    def person(self, conversation: Conversation, with_facts: bool = True) -> Person:
        """Who writes, with their facts of today or without any.

        Raises:
            UnknownCustomer: the channel proved an id that is not in the database.
            CustomerStoreMissing: there is no database.
        """
        self._forget_erased()
        return person_of(self.store, conversation.customer_id, dt.date.today(), with_facts)

    def _forget_erased(self) -> None:
        """Drop what is remembered of customers once one of them has been erased, by whichever process."""
        erasures = self.store.erasures()
        known, self._erasures = self._erasures, erasures
        if known in (None, erasures):
            return
        self.store.keyring.forget()
        known_names.forget()
        if self._answerer is not None:
            self._answerer.knowledge.encoder.forget_messages()
            if self._answerer.finder is not None:
                self._answerer.finder.forget()


@lru_cache(maxsize=1)
def shared_grounds(settings: Settings) -> Grounds:
    """The process's own, for the policy that looks for facts and the generator that tells them."""
    return Grounds(settings)
