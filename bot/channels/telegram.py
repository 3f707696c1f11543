"""Telegram as a channel of Rasa's, asleep without a token: a thin coat around :mod:`bot.telegram`.

Everything with threads, connections or weights is made when a server worker has started: Sanic forks
after the channels are built.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, Sanic, response
from sanic.exceptions import InvalidUsage, Unauthorized
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.beside import beside
from bot.channels.erasing import erase_conversation
from bot.channels.identity import TokenRefused, customer_of
from bot.channels.sent_files import SentFile, add_file
from bot.channels.tabs import tabs_of
from bot.channels.thread import TITLE
from bot.conversation import CHAT_KEY, CUSTOMER_KEY, TELEGRAM_CHANNEL, TELEGRAM_GROUP_CHANNEL
from bot.customers.attachments import File
from bot.customers.errors import UnknownCustomer
from bot.customers.store import CustomerStore
from bot.desk.gate import through_gate
from bot.desk.handovers import Handovers
from bot.outbox.outbox import Outbox
from bot.outbox.quiet_hours import QuietHours
from bot.settings import load_settings
from bot.telegram.api import BotApi
from bot.telegram.buttons import Button
from bot.telegram.limits import Pace
from bot.telegram.service import LOCK, Service
from bot.telegram.settings import TelegramSettings, load
from bot.telegram.speech import PiperSpeaker, Speaker
from bot.telegram.talk import Ask, Keep, Question, Said, Services
from bot.telegram.voice import Transcriber, WhisperTranscriber
from bot.texts import Texts

logger = logging.getLogger(__name__)

PREFIX = "telegram"  # of the channel's addresses: /webhooks/telegram/…
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


class TelegramChannel(InputChannel):
    """Private chats and groups.

    Args:
        settings: None leaves the channel asleep.
        transcriber: hears voice messages; None: they are asked for in writing.
        speaker: speaks replies to them; None: they are only written.
    """

    def __init__(
        self,
        settings: TelegramSettings | None,
        transcriber: Transcriber | None = None,
        speaker: Speaker | None = None,
    ) -> None:
        self._settings, self._transcriber, self._speaker = settings, transcriber, speaker
        self._service: Service | None = None
        self._services: Services | None = None
        self._working: asyncio.Task[None] | None = None

    @classmethod
    def name(cls) -> str:
        return TELEGRAM_CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> TelegramChannel:
        settings = load(credentials)
        if settings is None:
            return cls(None)
        ours = load_settings()
        QuietHours.parse(ours.quiet_hours)
        store = CustomerStore(ours.customers)
        if not store.exists():
            logger.error("There is no customer database yet, so Telegram stays off: run lichno customers import.")
            return cls(None)
        store.create()  # the channel's tables, before the server forks
        store.engine.dispose()
        model, voices = settings.voice_model, settings.voices
        hears = WhisperTranscriber(Path(model), ours.threads) if model else None
        return cls(settings, hears, PiperSpeaker(voices, settings.piper) if voices else None)

    def url_prefix(self) -> str:
        return PREFIX

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """The webhook and the account page's way to a link; with a token, the work beside the server."""
        blueprint = Blueprint("telegram_channel", __name__)

        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok" if self._service else "asleep"})

        async def webhook(request: Request) -> HTTPResponse:
            return await self._posted(request)

        async def link(request: Request) -> HTTPResponse:
            return await self._link(request)

        blueprint.add_route(health, "/", methods=["GET"])
        blueprint.add_route(webhook, "/webhook", methods=["POST"])
        blueprint.add_route(link, "/link", methods=["POST"])
        if self._settings:
            blueprint.listener("after_server_start")(lambda app, _: self._start(app))
            blueprint.listener("before_server_stop")(lambda _app, _loop: self._stop())
        return blueprint

    async def _start(self, app: Sanic) -> None:
        async def forget(conversation: str) -> None:
            erase_conversation(app.ctx.agent.tracker_store, conversation)
            await beside(Handovers(store).forget, conversation)
            if tabs := tabs_of(app):
                await tabs.reread(conversation)

        assert self._settings
        ours = load_settings()
        store = CustomerStore(ours.customers)
        api = BotApi(self._settings, Pace())
        ask, keep = asking(through_gate(app)), keeping(app, store)
        hears, speaks = self._transcriber, self._speaker
        self._services = Services(api, store, Texts.load(), ask, forget, keep, hears, speaks)
        outbox = Outbox(store, quiet=QuietHours.parse(ours.quiet_hours))
        self._service = app.ctx.telegram = Service(self._services, outbox, self._webhook, LOCK)
        self._working = asyncio.create_task(self._service.run())

    async def _stop(self) -> None:
        if self._working:
            self._working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._working

    @property
    def _webhook(self) -> str:
        """Where Telegram posts to; empty where we ask."""
        url = self._settings.webhook_url if self._settings else ""
        return f"{url}/webhooks/{PREFIX}/webhook" if url else ""

    async def _posted(self, request: Request) -> HTTPResponse:
        """An update, if Telegram itself posted it: nobody else knows the secret."""
        if not (self._service and self._settings and self._webhook):
            return response.empty(404)
        shown = request.headers.get(SECRET_HEADER, "").encode()
        if not hmac.compare_digest(shown, self._settings.secret.encode()):
            return response.empty(403)
        try:
            payload = request.json
        except InvalidUsage:
            payload = None
        await self._service.accept(payload)
        return response.empty(200)

    async def _link(self, request: Request) -> HTTPResponse:
        """For the account page: a one-time link that binds a chat to the customer whose token comes along."""
        if not self._service:
            return response.empty(404)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            customer = customer_of(token if scheme.lower() == "bearer" else "")
            link = await self._service.link(customer)
        except (TokenRefused, UnknownCustomer) as error:
            raise Unauthorized(str(error)) from error
        return response.json({"link": link.url, "code": link.code, "seconds": link.seconds})


class TelegramOutput(OutputChannel):
    """Passes the assistant's replies on; another name for groups, where texts may differ."""

    def __init__(self, channel: str, say: Callable[[Said], None]) -> None:
        self._channel, self._say = channel, say

    def name(self) -> str:
        return self._channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Text, buttons and trace; nothing is sent from here, so that Telegram never holds up the dialogue."""
        if message.get("text"):
            buttons = [Button(button["title"], button["payload"]) for button in message.get("buttons") or []]
            self._say(Said(message["text"], buttons, message.get("trace") or {}))


def asking(handle: Callable[[UserMessage], Awaitable[bool]]) -> Ask:
    """The way of a question to Rasa's agent, or to the person who has the conversation."""

    async def ask(question: Question, say: Callable[[Said], None]) -> bool:
        channel = TELEGRAM_GROUP_CHANNEL if question.group else TELEGRAM_CHANNEL
        customer = {CUSTOMER_KEY: question.customer_id} if question.customer_id else {}
        shown = {TITLE: question.title} if question.title else {}
        return await handle(
            UserMessage(
                question.text,
                TelegramOutput(channel, say),
                question.conversation,
                input_channel=channel,
                message_id=question.message_id,
                metadata={**customer, **shown, CHAT_KEY: str(question.chat_id)},
            )
        )

    return ask


def keeping(app: Sanic, store: CustomerStore) -> Keep:
    """The way of a customer's file into the conversation that all channels share."""

    async def keep(question: Question, file: File) -> list[str]:
        assert question.customer_id
        place = (question.customer_id, question.message_id, TELEGRAM_CHANNEL)
        sent = SentFile(file, *place, words=question.text, chat=str(question.chat_id))
        return [str(said["text"]) for said in await add_file(app, store, sent) if said["from"] != "customer"]

    return keep
