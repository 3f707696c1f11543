"""The web channel, the widget and the demo shop as Rasa serves them, with a scripted agent: ``python -m … PORT``.

It is started in a folder of its own with ``endpoints.yml``, the customers and, as a link, ``training_data``. What it
answers is written here; the tracker store is a database, so that a restart finds what was said.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import sys
from typing import Any

from rasa.core.channels.channel import UserMessage, register
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, text

from bot.channels.rest import RestChannel
from bot.channels.web import WebChannel
from bot.channels.web_settings import WebSettings
from bot.customers.store import CustomerStore
from bot.desk import handovers
from bot.desk.desk import is_switched_on
from bot.lock_store import RedisLocks
from bot.settings import load_settings
from bot.streaming import Stopped
from tests.bot.channels.web_agent import GROUNDED, SENTENCES, Reply, ScriptedAgent, spoken

HANGS = "HANGS"  # in the environment: the reply to a slow question never ends
QUEUE = "QUEUE"  # there too: the Redis server that several processes share
LEASE = 2  # seconds until a conversation is free whose process died
PAUSE = 0.15  # seconds between sentences, so that one can see them come
RUSSIAN = ["Доставка курьером стоит 299 ₽.", "Курьер приезжает с 9:00 до 21:00, за час он позвонит."]
GROUNDED_RU: Reply = {
    "text": RUSSIAN[0].replace("₽.", "₽ [1]. ") + RUSSIAN[1] + "\n\n[1] Доставка курьером: …",
    "metadata": {
        "trace": {
            "passages": [{"id": "delivery-courier-ru#1", "text": " ".join(RUSSIAN)}],
            "citations": [
                {
                    "number": 1,
                    "id": "delivery-courier-ru#1",
                    "title": "Доставка курьером. Стоимость",
                    "url": "https://northernlights.example/ru/help/delivery-courier",
                }
            ],
            "facts": [{"kind": "order", "text": "Заказ NL-106851: наушники Aurora Studio, доставка курьером."}],
        }
    },
}
ORDER = {"ru": "{}, заказ NL-106851 в пути, ожидается 27 ноября.", "en": "{}, order NL-106851 is on its way."}
SIGN_IN = {"ru": "Чтобы я увидел ваши заказы, войдите в аккаунт.", "en": "Please sign in to see your orders."}
PERSON = {"ru": "Сотрудники отвечают с 8:00 до 22:00 по Москве.", "en": "People answer 8:00–22:00 Moscow time."}
CALLED = {"ru": "Позвал сотрудника.", "en": "I've called a person."}
CALLED_BEFORE = {"ru": "Сотрудник уже вызван.", "en": "A person has been called already."}
QUESTION = {"ru": "Где мой заказ?", "en": "Where is my order?"}
SUMMARY = {
    "ru": "wrote: Где мой заказ? / Курьер не приехал\norders: NL-106851 (in_transit)",
    "en": "wrote: Where is my order? / The courier did not come\norders: NL-106851 (in_transit)",
}
CANCEL = {
    "ru": ("Отменить заказ NL-106851?", "Да, отменить", "Нет, оставить"),
    "en": ("Shall I cancel order NL-106851?", "Yes, cancel it", "No, keep it"),
}
CANCELLED = {"ru": "Заказ отменён.", "en": "The order is cancelled."}
SUGGESTED = [
    {
        "text": "Before paying you may look at the goods and try them on for 15 minutes.",
        "title": "Courier delivery. Trying on",
        "url": "https://northernlights.example/en/help/delivery-courier",
    },
    {
        "text": "If the courier is late, we move the delivery to a time that suits you.",
        "title": "Courier delivery. Delays",
        "url": "https://northernlights.example/en/help/delivery-courier",
    },
]
UNKNOWN = {"ru": "Точного ответа я не нашёл.", "en": "I found no exact answer."}


class ScriptedSuggestions:
    """Stands where Rasa keeps the component that writes replies: what a person might answer, always the same."""

    async def suggestions(self, tracker: Any) -> list[dict[str, str]]:
        return SUGGESTED


async def script(message: UserMessage) -> list[Reply]:
    """Replies by a word in the message, in the language of its letters or, for a button, of its title."""
    asked, metadata = str(message.text).lower(), message.metadata or {}
    language = "ru" if any("а" <= letter <= "я" for letter in asked + str(metadata.get("title", "")).lower()) else "en"
    if "order" in asked or "заказ" in asked:
        return [_order(language, metadata)] if "cancel" not in asked and "отмен" not in asked else [_cancel(language)]
    if "courier" in asked or "курьер" in asked:
        return await _courier(str(message.sender_id), language, metadata)
    if "slow" in asked:
        return await _slow(str(message.sender_id))
    if asked == "/human_handoff" and is_switched_on():
        return [{"text": (CALLED if _called(message, language) else CALLED_BEFORE)[language]}]
    fixed = {"/affirm": CANCELLED, "/human_handoff": PERSON}.get(asked, UNKNOWN)
    return [{"text": fixed[language]}]


def _called(message: UserMessage, language: str) -> bool:
    """Put the conversation into the desk's queue; False if it is there."""
    sender, customer = str(message.sender_id), (message.metadata or {}).get("customer_id")
    request = handovers.Request(sender, customer, handovers.WEB, None, language, SUMMARY[language], QUESTION[language])
    with CustomerStore(load_settings().customers).session() as session:
        row = handovers.open_handover(session, request, dt.datetime.now().replace(microsecond=0))
        session.commit()
        return row is not None


def _order(language: str, metadata: dict[str, Any]) -> Reply:
    customer = metadata.get("customer_id")
    if not customer:
        return {"text": SIGN_IN[language]}
    return {
        "text": ORDER[language].format(customer),
        "metadata": {"used_facts": [{"kind": "order", "text": f"NL-106851 · {customer}"}]},
    }


def _cancel(language: str) -> Reply:
    question, yes, no = CANCEL[language]
    return {
        "text": question,
        "data": {"buttons": [{"title": yes, "payload": "/affirm"}, {"title": no, "payload": "/deny"}]},
    }


async def _courier(conversation: str, language: str, metadata: dict[str, Any]) -> list[Reply]:
    said = await spoken(conversation, RUSSIAN if language == "ru" else SENTENCES, PAUSE)
    if said != [GROUNDED]:
        return said
    reply = GROUNDED_RU if language == "ru" else GROUNDED
    if metadata.get("without_profile") or not metadata.get("customer_id"):
        trace = {**reply["metadata"]["trace"], "facts": []}
        reply = {**reply, "metadata": {"trace": trace}}
    return [reply]


async def _slow(conversation: str) -> list[Reply]:
    first = await spoken(conversation, ["This takes a while."])
    for _ in range(36_000 if os.environ.get(HANGS) else 0):
        await asyncio.sleep(0.1)
        try:
            await asyncio.to_thread(_go_on, conversation)
        except Stopped:
            return [{"text": "This takes a while."}]
    return [{"text": "This takes a while. Now it is done."}] if first else []


def _go_on(conversation: str) -> None:
    from bot.streaming import streaming

    streaming.go_on(conversation)


async def _hello(_: Request) -> HTTPResponse:
    """Rasa's own root route, in whose place the shop stands."""
    return text("Hello from Rasa")


def main(port: int) -> None:
    app = Sanic("rasa_core_no_api", configure_logging=False)
    app.add_route(_hello, "/")
    store = SQLTrackerStore(Domain.empty(), db="conversations.db")
    app.ctx.agent = ScriptedAgent(script, store)
    app.ctx.agent.nlg = ScriptedSuggestions()
    queue = os.environ.get(QUEUE, "")
    if queue:
        app.ctx.agent.lock_store = RedisLocks(EndpointConfig(queue, lease=LEASE))
    settings = WebSettings(demo_shop=True, message_queue=queue, per_customer="1000/minute", per_address="10000/minute")
    register([WebChannel(settings), RestChannel()], app, "/webhooks/")
    app.run("127.0.0.1", port, access_log=False, motd=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
