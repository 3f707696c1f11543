from __future__ import annotations

import json
from pathlib import Path

import pytest
from rasa.core.brokers.broker import EventBroker
from rasa.utils.endpoints import EndpointConfig

from bot.event_broker import BrokerMissing, masked

TYPE = "bot.event_broker.MaskedEventBroker"
EVENT = {
    "event": "user",
    "sender_id": "customer:C001",
    "timestamp": 1764075600.25,
    "text": "Это Ирина Соколова, +7 912 345-67-89, заказ NL-106851",
    "parse_data": {"entities": [{"entity": "email", "value": "ann@mail.example"}], "intent": {"confidence": 0.93}},
}


async def test_what_is_published_identifies_nobody(tmp_path: Path) -> None:
    """Through Rasa's own loading of a broker, to Rasa's own broker of files."""
    path = tmp_path / "events.log"
    config = EndpointConfig.from_dict({"type": TYPE, "to": {"type": "file", "path": str(path)}})
    broker = await EventBroker.create(config)
    assert broker is not None and broker.is_ready()
    broker.publish(EVENT)
    await broker.close()
    published = json.loads(path.read_text())
    assert published["text"] == "Это [name], [phone], заказ NL-106851"
    assert published["parse_data"]["entities"][0]["value"] == "[email]"
    assert (published["sender_id"], published["timestamp"]) == (EVENT["sender_id"], EVENT["timestamp"])


async def test_a_broker_that_leads_nowhere_is_an_error() -> None:
    with pytest.raises(BrokerMissing, match="event_broker.to is missing"):
        await EventBroker.create(EndpointConfig.from_dict({"type": TYPE}))


@pytest.mark.parametrize("content", [None, 1, 1.5, True, [], {}, "Где мой заказ NL-106851?"])
def test_what_identifies_nobody_is_published_as_it_is(content: object) -> None:
    assert masked(content) == content
