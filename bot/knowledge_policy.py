"""Rasa policy: what is asked about how something is done gets an article's answer before anything is done.

"How many days are there to return headphones?" and "which strap should I swap to?" are understood as a return, since
they use its words. Whoever asks when, how much or which wants to know first; where no article tells, the transaction
that the message was taken for begins as ever. A question that is only perhaps about a transaction is answered as well:
nothing is filed or begun on a guess. "How long until a card refund arrives?" is understood as being about the
customer's own money, and "how long does the watch last on a run?" even as being about an order; the article answers
where the state of their orders or refunds, read with the question, does not.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.exc import SQLAlchemyError

from bot.conversation import Conversation, from_rasa
from bot.grounds import Grounds, shared_grounds
from bot.nlg import ANSWER, without_profile
from bot.settings import load_settings
from bot.untrained_policy import UntrainedPolicy
from nlu.errors import LichnoError
from nlu.order_numbers import shop_numbers

logger = logging.getLogger(__name__)

# Intents that change something.
CHANGES = frozenset(
    {"cancel_order", "return_item", "change_address", "change_contact", "change_preferences", "warranty_claim"}
)
# Those that tell the customer's own, with the kinds of facts that they tell.
OWN = {"order_status": ("order", "open_orders"), "refund_status": ("ticket", "refund")}
FILED = CHANGES | {"complain", "human_handoff", "invoice_copy", "call_back"}  # what leaves a trace in the shop
SURE = 0.8  # confidence of such an intent from which a question is taken for it
DOUBTFUL = 0.6  # below which it is a question to the articles, whether they answer it or not
_ASKS = re.compile(
    r"(?:^|[.!?…,;:]\s+)(?:а |и |но |and |so |but )?(?:(?:в|до|на|с|за|через|по|к|from|by|until|for|at|in|on) )?"
    r"(?:когда|сколько|скольки|поч[её]м|почему|кто|кому|где|куда|чем|что"
    r"|как(?:ой|ая|ое|ие|ого|ую|ому|им|их|ом)|как (?:долго|скоро|быстро|часто)"
    r"|when|why|what|which|where|who|how (?:much|long|many|soon|fast|quickly|often|old|big))\b",
    re.IGNORECASE,
)


def may_be_answered(conversation: Conversation) -> bool:
    """Whether a message that was taken for a transaction may want to know something first."""
    asks = bool(_ASKS.search(conversation.text))
    if conversation.intent in CHANGES and asks:
        return True
    unsure = conversation.intent in FILED and conversation.confidence < SURE
    return (unsure or conversation.intent in OWN) and (asks or "?" in conversation.text)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False)
class KnowledgePolicy(UntrainedPolicy):
    """Predicts ``utter_answer`` for such a question if an article probably answers, unless a form is being filled in.

    :class:`bot.facts_policy.FactsPolicy` goes before it, and listens after the answer.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Above the rules' priority, below that of the customer's own facts."""
        return {"priority": 7, "max_history": None}

    def next_action(self, tracker: DialogueStateTracker) -> str | None:
        """The answer, or nothing."""
        heard = tracker.latest_action_name == ACTION_LISTEN_NAME and not tracker.active_loop_name
        return ANSWER if heard and self._is_answered(tracker) else None

    def _is_answered(self, tracker: DialogueStateTracker) -> bool:
        conversation = from_rasa(tracker)
        if not may_be_answered(conversation):
            return False
        if conversation.intent in FILED and conversation.confidence < DOUBTFUL:
            return True
        grounds = shared_grounds(load_settings())
        try:
            return not _is_of_their_own(tracker, conversation, grounds) and grounds.answerer.can_quote(
                conversation.text
            )
        except SQLAlchemyError as error:
            # Its text may hold customers' data. The action that follows tells that the database is away.
            logger.error("The customers' database did not answer: %s", type(error).__name__)
        except LichnoError as error:
            logger.error("Neither articles nor the customer's own could be looked at: %s", error)
        return False


def _is_of_their_own(tracker: DialogueStateTracker, conversation: Conversation, grounds: Grounds) -> bool:
    """Whether the state of the customer's orders or refunds answers, or an order that they name has to be looked for.

    Of visitors, and of whoever wants an answer without their profile, nothing is known but the intent.
    """
    kinds = OWN.get(conversation.intent)
    if kinds is None:
        return False
    if shop_numbers().mentioned.search(conversation.text):
        return True
    if conversation.customer_id is None or without_profile(tracker, conversation):
        return conversation.confidence >= SURE
    return grounds.answerer.tells(conversation.text, grounds.person(conversation), kinds)
