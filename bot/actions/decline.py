"""No: leaves everything as it is."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.context import PENDING_ORDER


class ActionDecline(Action):
    """Drops what was to be confirmed."""

    def name(self) -> str:
        return "action_decline"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        response = "utter_kept" if tracker.get_slot(PENDING_ORDER) else "utter_nothing_pending"
        dispatcher.utter_message(response=response)
        return [SlotSet(PENDING_ORDER, None)]
