"""The whole assistant inside one process, as ``lichno ask`` uses it: Rasa's agent and the actions, no server."""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from rasa.core.agent import Agent, load_agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.utils.endpoints import EndpointConfig
from rasa.utils.log_utils import configure_structlog
from rasa_sdk.executor import ActionExecutor

from bot.conversation import ASK_CHANNEL, CUSTOMER_KEY, WITHOUT_PROFILE, from_rasa
from bot.dialogue_model import latest_model
from bot.settings import ENDPOINTS
from nlu.errors import ModelBroken


class InProcessActions(EndpointConfig):
    """An action endpoint that runs the actions here instead of calling a server."""

    def __init__(self) -> None:
        super().__init__(url="in-process")
        self._executor = ActionExecutor()
        self._executor.register_package("bot.actions")

    async def request(self, *args: Any, json: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        """What the action server would answer to the same body."""
        return await self._executor.run(json)


@dataclass
class Exchange:
    """A question with all that came back."""

    reply: str = ""
    buttons: list[dict[str, str]] = field(default_factory=list)
    language: str = ""
    intent: dict[str, Any] = field(default_factory=dict)
    trace: dict[str, Any] = field(default_factory=dict)
    facts: list[dict[str, str]] = field(default_factory=list)
    handoff: bool = False
    nlu_ms: float = 0.0
    total_ms: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """The JSON of ``lichno ask``."""
        parts = self.trace.get("latency_ms", {})
        return {
            "reply": self.reply,
            "language": self.language,
            "intent": self.intent,
            "passages": self.trace.get("passages", []),
            "facts": self.trace.get("facts", self.facts),
            "citations": self.trace.get("citations", []),
            "grounded": bool(self.trace.get("grounded", self.facts)),
            "abstained": bool(self.trace.get("abstained", False)),
            "handoff": self.handoff,
            "latency_ms": {
                "nlu": round(self.nlu_ms),
                "retrieval": parts.get("retrieval", 0),
                "generation": parts.get("generation", 0),
                "total": round(self.total_ms),
            },
            "sentences": self.trace.get("sentences", []),
            "buttons": self.buttons,
        }


class Assistant:
    """Rasa's agent with in-process actions and an in-memory tracker store."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    @classmethod
    async def load(cls) -> Assistant:
        """Load the newest model of the project in the current folder.

        Raises:
            ModelMissing: none is trained yet.
            ModelBroken: it cannot be loaded.
        """
        configure_structlog(logging.WARNING)  # unconfigured, Rasa prints every message at debug level
        model = latest_model()
        endpoints = AvailableEndpoints.read_endpoints(str(ENDPOINTS))
        endpoints.action, endpoints.tracker_store = InProcessActions(), None
        agent = await load_agent(model_path=str(model), endpoints=endpoints)
        if not agent.is_ready():  # Rasa has logged why, and would say nothing to whatever it is asked
            raise ModelBroken(f"{model} cannot be loaded: run `lichno train` to train it again.")
        return cls(agent)

    async def ask(
        self,
        text: str,
        customer_id: str | None = None,
        conversation: str | None = None,
        without_profile: bool = False,
    ) -> Exchange:
        """One message through the whole way.

        Args:
            text: what the customer writes.
            customer_id: who they are; the caller vouches for it.
            conversation: id of a conversation to go on with; None begins a new one.
            without_profile: leave the customer's facts out of the answer.
        """
        sender = conversation or uuid.uuid4().hex
        metadata: dict[str, Any] = {CUSTOMER_KEY: customer_id} if customer_id else {}
        if without_profile:
            metadata[WITHOUT_PROFILE] = True
        before = await self._agent.tracker_store.retrieve(sender)
        known = len(before.events) if before else 0
        started = time.time()
        output = CollectingOutputChannel()
        await self._agent.handle_message(
            UserMessage(text, output, sender, input_channel=ASK_CHANNEL, metadata=metadata)
        )
        finished = time.time()
        tracker = await self._agent.tracker_store.retrieve(sender)
        assert tracker is not None
        return _exchange(tracker, known, output.messages, started, finished)


def _exchange(tracker: Any, known: int, messages: list[dict[str, Any]], started: float, finished: float) -> Exchange:
    events = list(tracker.events)[known:]
    user = next(event for event in events if isinstance(event, UserUttered))
    uttered = [event for event in events if isinstance(event, BotUttered)]
    exchange = Exchange(
        reply="\n".join(message["text"] for message in messages if message.get("text")),
        buttons=[button for message in messages for button in message.get("buttons", [])],
        language=from_rasa(tracker).language(),
        intent={"name": user.intent.get("name"), "confidence": round(user.intent.get("confidence") or 0.0, 4)},
        nlu_ms=(user.timestamp - started) * 1000,
        total_ms=(finished - started) * 1000,
    )
    for event in uttered:
        exchange.trace = event.metadata.get("trace", exchange.trace)
        exchange.facts = event.metadata.get("used_facts", exchange.facts)
        exchange.handoff = exchange.handoff or bool(event.metadata.get("handoff"))
    return exchange
