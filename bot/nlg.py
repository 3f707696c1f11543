"""Every reply passes here: fixed texts in the customer's language and form, grounded answers for ``utter_answer``.

In Rasa's process, configured under ``nlg`` in ``endpoints.yml``. Fixed texts are domain responses
with conditions on the slots ``language`` and ``address_form``, which this class fills.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from sqlalchemy.exc import SQLAlchemyError

from bot.actions.without_profile import PROFILE_OFF
from bot.answering import Answer, Answerer, Person
from bot.conversation import ASK_CHANNEL, WITHOUT_PROFILE, Conversation, from_rasa
from bot.customers.person import person_of
from bot.customers.store import CustomerStore
from bot.generation.decoder import Decoder
from bot.generation.examples import address
from bot.generation.replying import Limits, Replier, Writer
from bot.generation.support import Support
from bot.generation.writers import CausalWriter, ServerWriter
from bot.settings import EMBEDDED, QUOTE, Settings, encoder_name, from_endpoint
from bot.streaming import Stopped, streaming
from nlu.encoder import shared_encoder
from nlu.errors import LichnoError
from retrieval.fact_finder import FactFinder
from retrieval.fact_kinds import FactKinds
from retrieval.knowledge_base import KnowledgeBase
from retrieval.profile_memory import ProfileMemory
from retrieval.things import Things
from retrieval.usage import Usage

logger = logging.getLogger(__name__)

ANSWER = "utter_answer"
# What is said of an order's state. "When was it delivered?" and "what did it cost?" are understood as the same intent.
ORDER_STATES = frozenset({"utter_order_status", "utter_order_statuses", "utter_no_open_orders"})
_WORD = re.compile(r"\w")


def build_answerer(settings: Settings) -> Answerer:
    """The answerer of these settings; indexes are read now, weights at the first question."""
    encoder = shared_encoder(settings.encoder)
    return Answerer(
        knowledge=KnowledgeBase(Path(settings.knowledge), encoder),
        finder=build_finder(settings),
        replier=build_replier(settings),
        threshold=0.0 if settings.writer else settings.quote_threshold,
    )


def build_finder(settings: Settings) -> FactFinder:
    """Finds customers' facts by these settings; files are read at the first question."""
    encoder = shared_encoder(settings.encoder)
    profiles, questions = Path(settings.profiles), Path(settings.facts)
    return FactFinder(ProfileMemory(encoder, profiles), FactKinds(encoder, questions, profiles), Things.read(questions))


def build_replier(settings: Settings) -> Replier:
    """Who chooses, writes and verifies; without a decoder, what search finds nearest is quoted."""
    limits = Limits(1 - settings.answer_threshold, 1 - settings.ask_threshold, settings.support_threshold)
    if not settings.writer:
        return Replier(None, None, limits=limits)
    decoder = Decoder(Path(settings.writer), settings.threads)
    return Replier(decoder, _writer(settings, decoder), Support(shared_encoder(settings.encoder)), limits)


def _writer(settings: Settings, decoder: Decoder) -> Writer | None:
    if settings.generation in (EMBEDDED, QUOTE):
        return decoder if settings.generation == EMBEDDED else None
    if settings.generation.startswith(("http://", "https://")):
        return ServerWriter(settings.generation, settings.generation_model, decoder)
    return CausalWriter(settings.generation, settings.threads)


class GroundedResponseGenerator(TemplatedNaturalLanguageGenerator):
    """Rasa's response generator with grounded answers.

    Heavy work runs in one worker thread, so that other conversations go on meanwhile.
    """

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain, answerer: Answerer | None = None) -> None:
        super().__init__(domain.responses)
        self.settings = from_endpoint(endpoint_config.kwargs, encoder_name())
        self._usage = Usage(Path(self.settings.knowledge))
        self.store = CustomerStore(self.settings.customers)
        self._answerer = answerer
        self._erasures: int | None = None  # how many were known when something was remembered first
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="answer")

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """The reply; a grounded one carries its trace in ``trace``, which Rasa keeps as metadata."""
        conversation = from_rasa(tracker)
        loop = asyncio.get_running_loop()
        try:
            person = await loop.run_in_executor(self._worker, self._person, conversation)
            if _without_profile(tracker, conversation):
                person = replace(person, facts=(), name="")
            if utter_action in ORDER_STATES:
                fact = await loop.run_in_executor(self._worker, self._sure_fact, conversation, person)
                if fact:
                    return {"text": fact.text, "trace": fact.trace()}
            if utter_action != ANSWER:
                return self._fixed(utter_action, tracker, output_channel, conversation, person, kwargs)
            if reason := self._unusable(conversation.text):
                return self._fixed(reason, tracker, output_channel, conversation, person, {})
            may_ask = not _asked_which(tracker)
            answering = partial(self._answer, conversation, person, may_ask, tracker.sender_id)
            answer = await loop.run_in_executor(self._worker, answering)
        except SQLAlchemyError as error:
            # The customers' database is away, and an error's text may hold their data. Fixed texts need none of it.
            logger.error("The customers' database did not answer: %s", type(error).__name__)
            told = "utter_technical_trouble" if utter_action == ANSWER else utter_action
            return self._fixed(told, tracker, output_channel, conversation, Person(), kwargs)
        except LichnoError:
            logger.exception("No answer could be given.")
            return self._fixed("utter_technical_trouble", tracker, output_channel, conversation, Person(), {})
        return self._reply(answer, tracker, output_channel, conversation, person)

    def _forget_erased(self) -> None:
        """Drop what is remembered of customers once one of them has been erased, by whichever process."""
        erasures = self.store.erasures()
        known, self._erasures = self._erasures, erasures
        if known in (None, erasures):
            return
        self.store.keyring.forget()
        if self._answerer is not None:
            self._answerer.knowledge.encoder.forget_messages()

    def _person(self, conversation: Conversation) -> Person:
        self._forget_erased()
        return person_of(self.store, conversation.customer_id, dt.date.today())

    def _unusable(self, text: str) -> str | None:
        """The response for a text that is no question at all."""
        if len(text) > self.settings.max_characters:
            return "utter_too_long"
        if not text.strip():
            return "utter_empty"
        return None if _WORD.search(text) else "utter_no_words"

    def _sure_fact(self, conversation: Conversation, person: Person) -> Answer | None:
        """The customer's fact that answers more than an order's state would; a button means that state."""
        if conversation.text.startswith("/") or not person.facts:
            return None
        language = conversation.language(person.language)
        return self._ready().sure_fact(conversation.text, language, person, conversation.questions)

    def _ready(self) -> Answerer:
        """The answerer, made at the first question."""
        if self._answerer is None:
            self._answerer = build_answerer(self.settings)
        return self._answerer

    def _answer(self, conversation: Conversation, person: Person, may_ask: bool, sender: str) -> Answer:
        """The answer; each verified sentence is said to who listens, and is all there is when they stop it."""
        answerer = self._ready()
        language = conversation.language(person.language)
        said: list[str] = []

        def say(sentence: str) -> None:
            streaming.say(sender, sentence)
            said.append(sentence)

        try:
            streaming.go_on(sender)  # it may have waited for others' replies
            answer = answerer.answer(conversation.text, language, person, conversation.questions, may_ask, say)
        except Stopped:
            return Answer(text=" ".join(said))
        if conversation.channel != ASK_CHANNEL:  # a developer's trials are no customers' questions
            self._usage.found([hit.passage.document_id for hit in answer.hits])
        return answer

    def _reply(
        self,
        answer: Answer,
        tracker: DialogueStateTracker,
        output_channel: str,
        conversation: Conversation,
        person: Person,
    ) -> dict[str, Any] | None:
        if not answer.text and not answer.abstained:  # stopped before a word of it
            return self._fixed("utter_stopped", tracker, output_channel, conversation, person, {})
        if answer.text:
            text = "\n".join([answer.text, *_sources(answer)])
            return {"text": text, "trace": answer.trace()}
        if answer.things:
            which = self._fixed("utter_which_order", tracker, output_channel, conversation, person, {}) or {}
            return {**which, "buttons": _things(conversation.text, answer), "trace": answer.trace()}
        if answer.candidates:
            which = self._fixed("utter_which", tracker, output_channel, conversation, person, {}) or {}
            return {**which, "buttons": _choices(conversation.text, answer), "trace": answer.trace()}
        unknown = "utter_out_of_scope" if conversation.intent == "out_of_scope" else "utter_unknown"
        reply = self._fixed(unknown, tracker, output_channel, conversation, person, {})
        return {**reply, "trace": answer.trace()} if reply else None

    def _fixed(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        conversation: Conversation,
        person: Person,
        values: dict[str, Any],
    ) -> dict[str, Any] | None:
        """A domain response in the right language and form, the name filled in or left out."""
        slots = {
            **tracker.current_slot_values(),
            "language": conversation.language(person.language),
            "address_form": person.form,
            "name": person.name,
        }
        reply: dict[str, Any] | None = self.generate_from_slots(utter_action, slots, output_channel, **values)
        if reply and reply.get("text"):
            reply["text"] = address(reply["text"], person.name)
        return reply


def _asked_which(tracker: DialogueStateTracker) -> bool:
    """Whether the last thing the assistant said was asking what is meant: it asks once."""
    uttered = next((event for event in reversed(tracker.events) if isinstance(event, BotUttered)), None)
    return bool(uttered and (uttered.metadata.get("trace") or {}).get("candidates"))


def _choices(question: str, answer: Answer) -> list[dict[str, str]]:
    """A button for each heading; pressed, it asks the question again with the heading in it."""
    asked = question.rstrip(" ?.!…")
    return [{"title": heading, "payload": f"{asked}: {heading}?"} for heading in answer.candidates]


def _things(question: str, answer: Answer) -> list[dict[str, str]]:
    """A button for each order or product; pressed, it asks the question again with its number."""
    asked = question.rstrip(" ?.!…")
    return [{"title": f"{number}: {name}", "payload": f"{asked}: {name}, {number}?"} for number, name in answer.things]


def _without_profile(tracker: DialogueStateTracker, conversation: Conversation) -> bool:
    """Whether this message, or the whole session, is to be answered without the customer's facts."""
    return bool(conversation.metadata.get(WITHOUT_PROFILE) or tracker.get_slot(PROFILE_OFF))


def _sources(answer: Answer) -> list[str]:
    return [
        f"\n[{number}] {hit.passage.title}" + (f": {hit.passage.url}" if hit.passage.url else "")
        for number, hit in enumerate(answer.cited, 1)
    ]
