"""Remember this of me: keeps it, or asks once whether it may be kept."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.context import SIGN_IN, Context, signed_in
from bot.customers.remembered import OTHERS, allows, decide, may_remember, refused, remember, told_text

TO_REMEMBER = "to_remember"  # slot: the text whose keeping was asked about
ASKED_CONSENT = "consent_asked"  # slot, which rules look at: the next yes or no is about remembering
ASK_CONSENT = "utter_ask_memory_consent"


class ActionRememberFact(Action):
    """Keeps what the customer tells of themselves, if they consented; never secrets, never others' data."""

    def name(self) -> str:
        return "action_remember_fact"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        with signed_in(tracker) as context:
            if context is None:
                dispatcher.utter_message(response=SIGN_IN)
                return []
            return self._answer(dispatcher, context)

    def _answer(self, dispatcher: CollectingDispatcher, context: Context) -> list[Any]:
        message = context.conversation.text
        if allows(message):
            decide(context.customer, True, context.now, context.conversation.channel)
            dispatcher.utter_message(response="utter_memory_allowed")
            return []
        text = told_text(message)
        if not text:
            dispatcher.utter_message(response="utter_memory_what")
            return []
        if reason := refused(text):
            response = "utter_memory_not_others" if reason == OTHERS else "utter_memory_no_secrets"
            dispatcher.utter_message(response=response)
            return []
        consent = may_remember(context.customer)
        if consent is None:
            dispatcher.utter_message(response=ASK_CONSENT, fact=text)
            return [SlotSet(TO_REMEMBER, message), SlotSet(ASKED_CONSENT, True)]
        if not consent:
            dispatcher.utter_message(response="utter_memory_off")
            return []
        keep(dispatcher, context, message)
        return []


def keep(dispatcher: CollectingDispatcher, context: Context, message: str) -> None:
    """Keep a message's fact and say so."""
    conversation = context.conversation
    corrected = remember(
        context.session, context.customer, message, context.language, context.now, conversation.channel
    )
    response = "utter_memory_corrected" if corrected else "utter_memory_kept"
    dispatcher.utter_message(response=response, fact=told_text(message))
