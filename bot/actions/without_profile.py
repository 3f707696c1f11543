"""Answer without my profile, or with it again, for the rest of this session."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.conversation import from_sdk

PROFILE_OFF = "profile_off"  # slot
_ON = re.compile(
    r"\b(?:снова|опять|обратно|верни\w*|включи\w*|again|back on|turn on|resume|start using|re-?enable|bring)\b",
    re.IGNORECASE,
)


class ActionWithoutProfile(Action):
    """Sets or clears the slot that answers look at."""

    def name(self) -> str:
        return "action_without_profile"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        off = not _ON.search(from_sdk(tracker).text)
        dispatcher.utter_message(response="utter_profile_off" if off else "utter_profile_on")
        return [SlotSet(PROFILE_OFF, off)]
