"""Rasa's events for other systems without what identifies a person.

In ``endpoints.yml``, around any event broker of Rasa's or one's own::

    event_broker:
      type: bot.event_broker.MaskedEventBroker
      to: {type: pika, url: …, queues: [...]}

The tracker store keeps conversations as they are; only what is published is masked.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.utils.endpoints import EndpointConfig

from bot.privacy.masking import mask
from nlu.errors import LichnoError


class BrokerMissing(LichnoError):
    """The masking broker has nothing to publish to."""


class MaskedEventBroker(EventBroker):
    """Publishes masked events through another broker.

    Args:
        inner: what they go to.
    """

    def __init__(self, inner: EventBroker) -> None:
        self.inner = inner

    @classmethod
    async def from_endpoint_config(
        cls, broker_config: EndpointConfig, event_loop: AbstractEventLoop | None = None
    ) -> MaskedEventBroker:
        """The broker that ``to`` describes, masked.

        Raises:
            BrokerMissing: ``to`` is missing.
        """
        options = broker_config.kwargs.get("to")
        inner = await EventBroker.create(EndpointConfig.from_dict(options), event_loop) if options else None
        if inner is None:
            raise BrokerMissing("endpoints.yml, event_broker.to is missing: describe the broker to publish to.")
        return cls(inner)

    def publish(self, event: dict[str, Any]) -> None:
        """Publish one event, each of its texts masked."""
        self.inner.publish(masked(event))

    def is_ready(self) -> bool:
        return bool(self.inner.is_ready())

    async def close(self) -> None:
        await self.inner.close()


def masked(content: Any) -> Any:
    """JSON values with every text masked."""
    if isinstance(content, str):
        return mask(content, names=True)
    if isinstance(content, dict):
        return {key: masked(value) for key, value in content.items()}
    return [masked(value) for value in content] if isinstance(content, list) else content
