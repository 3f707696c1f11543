"""Rasa policy: a question that one of the customer's facts surely answers is answered with it.

Intents are few and coarse: "when was it delivered?" is understood as the question where the order is, "how long
is the router covered?" as a warranty claim, "what was decided about it?" as a complaint. Before any of them does
its work the facts are looked at, which know better what was asked.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.exc import SQLAlchemyError

from bot.actions.next_request import REQUESTS
from bot.conversation import Conversation, from_rasa
from bot.grounds import shared_grounds
from bot.nlg import ANSWER, without_profile
from bot.settings import load_settings
from bot.untrained_policy import UntrainedPolicy
from nlu.errors import LichnoError
from retrieval.cues import CUES
from retrieval.fact_finder import OPENED
from retrieval.own import tells_what_happened

logger = logging.getLogger(__name__)

STATUS, RETURN = "order_status", "return_item"
STATEMENTS = frozenset({"remember_fact", "complain"})  # intents of what asks nothing
# Intents that ask for something to be done, as "can I cancel it?" does too, though "when", "why" or "how much" do not.
DEEDS = frozenset(
    {"cancel_order", "return_item", "change_address", "change_contact", "invoice_copy", "warranty_claim", "call_back"}
    | {"change_preferences", "human_handoff"}
)
# Those that no words make a question about the customer: an answer to the assistant, or a wish about its answers.
NEVER_FACTS = frozenset(
    {"greet", "goodbye", "thank", "affirm", "deny", "why_answer", "without_profile", "reply_length", "what_you_know"}
    | {"forget_fact"}
)
_TELLING = (
    r"(?:когда|сколько|почём|почем|почему|кто|где|куда|откуда|как(?:ой|ая|ое|ие|ого|ую|ому|им|их)|чем|что|до как\w+"
    r"|when|why|how (?:much|long|many|did)|what|which|where|who|(?:until|by|on) (?:when|what|which)|eta)\b"
)
_TELL_ME = (
    r"(?:(?:напомни|покажи|перечисли|назови|скажи|подскажи|расскажи|дай)(?:те)?|list|show|tell me|remind me|name"
    r"|give me|let me know)\b"
)
_ASKS_TO_TELL = re.compile(rf"\W*{_TELL_ME}", re.IGNORECASE)
_STARTS_TELLING = re.compile(
    rf"(?:^|[.!?…,;:]\s+)(?:а |и |and |so |please |пожалуйста,? )?(?:{_TELLING}|{_TELL_ME})", re.IGNORECASE
)
_TELLS = re.compile(
    rf"\b(?:{_TELLING}|новост|ответ|решили|рассмотр|бесплатн|даром|news\b|update\b|outcome|decided|answered"
    r"|free\b|(?:no|without) charge)",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"\?|\bли\b", re.IGNORECASE)


def may_be_told(conversation: Conversation) -> bool:
    """Whether the message may ask to be told a fact, by what it was understood as and by its words."""
    text, intent = conversation.text, conversation.intent
    if text.startswith("/") or intent in NEVER_FACTS:
        return False
    if intent == STATUS or _STARTS_TELLING.search(text):
        return True
    return bool(_QUESTION.search(text)) and (intent not in DEEDS or bool(_TELLS.search(text)))


def asks_of_opened(conversation: Conversation) -> bool:
    """Whether they ask if what they have opened may go back: some goods may not, which they learn before any form."""
    opened = CUES["opened"].search(conversation.text) and not CUES["never opened"].search(conversation.text)
    return conversation.intent == RETURN and bool(opened and _QUESTION.search(conversation.text))


def asks_for_deeds(message: UserUttered) -> bool:
    """Whether one of several requests in the message is for something to be done.

    The only question of a message is not, whatever its story was taken for: "It's too big. Can it go back?"
    """
    parts = message.parse_data.get("requests") or []
    questions = [part for part in parts if "?" in part["text"]]
    deeds = [part for part in parts if part["intent"] in DEEDS and not tells_what_happened(part["text"])]
    return bool(deeds) and not (len(questions) == 1 and deeds == questions)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False)
class FactsPolicy(UntrainedPolicy):
    """Predicts ``utter_answer`` for such a question, unless a form waits for an answer."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Above the priority of several requests, since a question with its story may look like them."""
        return {"priority": 8, "max_history": None}

    def next_action(self, tracker: DialogueStateTracker) -> str | None:
        """The answer, listening after it, or nothing."""
        if tracker.active_loop_name:
            return None
        if tracker.latest_action_name == ANSWER and not tracker.get_slot(REQUESTS):
            return str(ACTION_LISTEN_NAME)
        told = tracker.latest_action_name == ACTION_LISTEN_NAME and self._is_told(tracker)
        return ANSWER if told else None

    def _is_told(self, tracker: DialogueStateTracker) -> bool:
        conversation = from_rasa(tracker)
        asks = conversation.text.rstrip().endswith("?") or _ASKS_TO_TELL.match(conversation.text)
        if conversation.intent in STATEMENTS and asks:
            return True  # what it tells is what the question rests on, neither to be remembered nor to be filed
        told = may_be_told(conversation)
        if conversation.customer_id is None or not (told or asks_of_opened(conversation)):
            return False
        if without_profile(tracker, conversation) or asks_for_deeds(tracker.latest_message):
            return False
        grounds = shared_grounds(load_settings())
        try:
            person = grounds.person(conversation)
            with_states = conversation.intent != STATUS  # its action lists all of those
            only = () if told else (OPENED,)
            return grounds.answerer.knows(conversation.text, person, conversation.questions, with_states, only)
        except SQLAlchemyError as error:
            # Its text may hold customers' data. The action that follows tells that the database is away.
            logger.error("The customers' database did not answer: %s", type(error).__name__)
        except LichnoError as error:
            logger.error("The customer's facts could not be looked at: %s", error)
        return False
