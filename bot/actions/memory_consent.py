"""Yes or no to whether things told may be remembered."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.context import SIGN_IN, last_response, signed_in
from bot.actions.remember_fact import ASK_CONSENT, ASKED_CONSENT, TO_REMEMBER, keep
from bot.customers.remembered import record_consent


class ActionMemoryConsent(Action):
    """Records the consent or its refusal; with it, keeps what was told."""

    def name(self) -> str:
        return "action_memory_consent"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        done = [SlotSet(TO_REMEMBER, None), SlotSet(ASKED_CONSENT, None)]
        given = (tracker.latest_message.get("intent") or {}).get("name") == "affirm"
        if last_response(tracker) != ASK_CONSENT:
            # Something else has been said since: the answer is to that.
            return [*done, FollowupAction("action_confirm" if given else "action_decline")]
        with signed_in(tracker) as context:
            if context is None:
                dispatcher.utter_message(response=SIGN_IN)
                return done
            record_consent(context.session, context.customer, given, context.now)
            if given and (message := tracker.get_slot(TO_REMEMBER)):
                keep(dispatcher, context, message)
            else:
                dispatcher.utter_message(response="utter_memory_allowed" if given else "utter_memory_declined")
        return done
