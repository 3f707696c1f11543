"""Every reply passes here: fixed texts in the customer's language and form, grounded answers for ``utter_answer``.

In Rasa's process, configured under ``nlg`` in ``endpoints.yml``. Fixed texts are domain responses
with conditions on the slots ``language`` and ``address_form``, which this class fills.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
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

from bot.action_answers import check_schema_once
from bot.actions.without_profile import PROFILE_OFF
from bot.answer import Answer
from bot.answering import Answerer, Person
from bot.beside import beside
from bot.conversation import ASK_CHANNEL, NO_QUESTIONS, WITHOUT_PROFILE, Conversation, from_rasa, with_choice
from bot.desk.handovers import Handovers
from bot.desk.suggestions import suggested
from bot.generation.examples import address
from bot.grounds import Grounds, shared_grounds
from bot.settings import encoder_name, from_endpoint
from bot.streaming import Stopped, streaming
from nlu.errors import LichnoError
from retrieval.usage import Usage

logger = logging.getLogger(__name__)

ANSWER = "utter_answer"
_WORD = re.compile(r"\w")


class GroundedResponseGenerator(TemplatedNaturalLanguageGenerator):
    """Rasa's response generator with grounded answers.

    Heavy work runs in one worker thread, so that other conversations go on meanwhile.
    """

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain, answerer: Answerer | None = None) -> None:
        super().__init__(domain.responses)
        self.settings = from_endpoint(endpoint_config.kwargs, encoder_name())
        self._usage = Usage(Path(self.settings.knowledge))
        self.grounds = Grounds(self.settings, answerer) if answerer else shared_grounds(self.settings)
        self._handovers = Handovers(self.grounds.store)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="answer")
        self._waiting: set[object] = set()  # one for each question that waits for the worker
        check_schema_once()

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """The reply; a grounded one carries its trace in ``trace``, which Rasa keeps as metadata.

        None, and Rasa says nothing, where a person has taken the conversation over meanwhile.
        """
        reply = await self._made(utter_action, tracker, output_channel, kwargs)
        return None if await asyncio.to_thread(self._is_taken, str(tracker.sender_id)) else reply

    def _is_taken(self, conversation: str) -> bool:
        try:
            return self._handovers.is_taken(conversation)
        except (SQLAlchemyError, LichnoError) as error:
            logger.error("Whether a person has the conversation cannot be told: %s", type(error).__name__)
            return False

    async def suggestions(self, tracker: DialogueStateTracker) -> list[dict[str, str]]:
        """What a person might answer to the customer's latest question, as :func:`bot.desk.suggestions.suggested`."""
        conversation = from_rasa(tracker)
        loop = asyncio.get_running_loop()
        person = await loop.run_in_executor(self._worker, self.grounds.person, conversation)
        language = conversation.language(person.language)
        wish = conversation.text.startswith("/") or conversation.intent in NO_QUESTIONS
        asked = (conversation.questions or [""])[-1] if wish else conversation.text
        if self._unusable(asked):
            return []

        def suggest() -> list[dict[str, str]]:
            return suggested(self.grounds.answerer, asked, language, person, conversation.questions)

        return await loop.run_in_executor(self._worker, suggest)

    async def _made(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, kwargs: dict[str, Any]
    ) -> dict[str, Any] | None:
        conversation = from_rasa(tracker)
        try:
            # Not in the worker: a fixed text need not wait for others' answers.
            person = await beside(self.grounds.person, conversation, utter_action == ANSWER)
            if without_profile(tracker, conversation):
                person = replace(person, facts=(), name="")
            if utter_action != ANSWER:
                return self._fixed(utter_action, tracker, output_channel, conversation, person, kwargs)
            if reason := self._unusable(conversation.text):
                return self._fixed(reason, tracker, output_channel, conversation, person, {})
            may_ask = not _asked_which(tracker)
            answering = partial(self._answer, conversation, person, may_ask, tracker.sender_id)
            answer = await self._in_turn(answering)
        except SQLAlchemyError as error:
            # The customers' database is away, and an error's text may hold their data. Fixed texts need none of it.
            logger.error("The customers' database did not answer: %s", type(error).__name__)
            told = "utter_technical_trouble" if utter_action == ANSWER else utter_action
            return self._fixed(told, tracker, output_channel, conversation, Person(), kwargs)
        except LichnoError:
            logger.exception("No answer could be given.")
            return self._fixed("utter_technical_trouble", tracker, output_channel, conversation, Person(), {})
        return self._reply(answer, tracker, output_channel, conversation, person)

    async def _in_turn(self, work: Callable[[bool], Answer]) -> Answer:
        """What the worker makes of a question when its turn comes; ``work`` hears whether others wait then."""
        turn = object()
        self._waiting.add(turn)

        def begin() -> Answer:
            self._waiting.discard(turn)
            return work(bool(self._waiting))

        try:
            return await asyncio.get_running_loop().run_in_executor(self._worker, begin)
        finally:
            self._waiting.discard(turn)  # given up before its turn came

    def _unusable(self, text: str) -> str | None:
        """The response for a text that is no question at all."""
        if len(text) > self.settings.max_characters:
            return "utter_too_long"
        if not text.strip():
            return "utter_empty"
        return None if _WORD.search(text) else "utter_no_words"

    def _answer(self, conversation: Conversation, person: Person, may_ask: bool, sender: str, hurried: bool) -> Answer:
        """The answer; each verified sentence is said to who listens, and is all there is when they stop it.

        While others wait, nobody's articles are read closely: a good answer soon is better than a slightly better one
        that keeps everybody waiting.
        """
        answerer = self.grounds.answerer
        language = conversation.language(person.language)
        said: list[str] = []

        def say(sentence: str) -> None:
            streaming.say(sender, sentence)
            said.append(sentence)

        try:
            streaming.go_on(sender)  # it may have waited for others' replies
            answer = answerer.answer(
                conversation.text, language, person, conversation.questions, may_ask, say, hurried=hurried
            )
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
            buttons = [*_choices(conversation.text, answer), *which.get("buttons", [])]
            return {**which, "buttons": buttons, "trace": answer.trace()}
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
    return [{"title": heading, "payload": with_choice(question, heading)} for heading in answer.candidates]


def _things(question: str, answer: Answer) -> list[dict[str, str]]:
    """A button for each order or product; pressed, it asks the question again with its number."""
    return [
        {"title": f"{number}: {name}", "payload": with_choice(question, f"{name}, {number}")}
        for number, name in answer.things
    ]


def without_profile(tracker: DialogueStateTracker, conversation: Conversation) -> bool:
    """Whether this message, or the whole session, is to be answered without the customer's facts."""
    return bool(conversation.metadata.get(WITHOUT_PROFILE) or tracker.get_slot(PROFILE_OFF))


def _sources(answer: Answer) -> list[str]:
    return [
        f"\n[{number}] {hit.passage.title}" + (f": {hit.passage.url}" if hit.passage.url else "")
        for number, hit in enumerate(answer.cited, 1)
    ]
