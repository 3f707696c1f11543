"""Rasa policy: the next of a message's several requests follows when the one before is served."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.trackers import DialogueStateTracker

from bot.actions.next_request import REQUESTS, ActionNextRequest
from bot.untrained_policy import UntrainedPolicy

NAME = ActionNextRequest().name()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False)
class RequestsPolicy(UntrainedPolicy):
    """Predicts ``action_next_request`` after an action while requests wait and no form is being filled in."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Above the rules' priority, which would end the turn."""
        return {"priority": 7, "max_history": None}

    def next_action(self, tracker: DialogueStateTracker) -> str | None:
        """The next request, or nothing."""
        served = tracker.latest_action_name not in (ACTION_LISTEN_NAME, NAME, None)
        return NAME if served and tracker.get_slot(REQUESTS) and not tracker.active_loop_name else None
