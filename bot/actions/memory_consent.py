"""Yes or no to whether things told may be remembered."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.context import SIGN_IN, signed_in
from bot.actions.remember_fact import ASK_CONSENT, ASKED_CONSENT, TO_REMEMBER, keep
from bot.customers.remembered import decide


class ActionMemoryConsent(Action):
    """Records the consent or its refusal; with it, keeps what was told."""

    def name(self) -> str:
        return "action_memory_consent"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        done = [SlotSet(TO_REMEMBER, None), SlotSet(ASKED_CONSENT, None)]
        given = (tracker.latest_message.get("intent") or {}).get("name") == "affirm"
        if _last_response(tracker) != ASK_CONSENT:
            # Something else has been said since: the answer is to that.
            dispatcher.utter_message(response="utter_nothing_pending")
            return done
        with signed_in(tracker) as context:
            if context is None:
                dispatcher.utter_message(response=SIGN_IN)
                return done
            decide(context.customer, given, context.now, context.conversation.channel)
            if given and (message := tracker.get_slot(TO_REMEMBER)):
                keep(dispatcher, context, message)
            else:
                dispatcher.utter_message(response="utter_memory_allowed" if given else "utter_memory_declined")
        return done


def _last_response(tracker: Any) -> str | None:
    """Name of the response that the assistant sent last."""
    sent = [event for event in tracker.events if event.get("event") == "bot"]
    return (sent[-1].get("metadata") or {}).get("utter_action") if sent else None
