"""A Rasa policy that learns nothing: what its like have in common."""

from __future__ import annotations

from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.domain import Domain
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker


class UntrainedPolicy(Policy):
    """Is made from its configuration alone; subclasses name the next action, of which it is then certain."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> UntrainedPolicy:
        """Annotated with the class, not with ``Self``: Rasa resolves these hints while it trains."""
        return cls(config, model_storage, resource, execution_context)

    def train(self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """There is nothing to learn."""
        return self._resource

    def next_action(self, tracker: DialogueStateTracker) -> str | None:
        """The name of the action that surely comes next; None where others decide."""
        raise NotImplementedError

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Certain of :meth:`next_action`, or silent."""
        probabilities = self._default_predictions(domain)
        if (action := self.next_action(tracker)) is not None:
            probabilities[domain.index_for_action(action)] = 1.0
        return self._prediction(probabilities)
