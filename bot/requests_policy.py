"""Rasa policy: the next of a message's several requests follows when the one before is served."""

from __future__ import annotations

from typing import Any

from rasa.core.policies.policy import PolicyPrediction
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
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

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Certain of the next request, or silent."""
        probabilities = self._default_predictions(domain)
        served = tracker.latest_action_name not in (ACTION_LISTEN_NAME, NAME, None)
        if served and tracker.get_slot(REQUESTS) and not tracker.active_loop_name:
            probabilities[domain.index_for_action(NAME)] = 1.0
        return self._prediction(probabilities)
