"""The web channel on a port of its own, and the connections of widgets to it."""

from __future__ import annotations

import asyncio
import socket
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

from rasa.core.channels.channel import UserMessage, register

from bot.channels.identity import issue_token
from bot.channels.web import WebChannel
from bot.channels.web_settings import WebSettings
from tests.bot.channels.socket_client import SECONDS, SocketClient
from tests.bot.channels.test_rest import App
from tests.bot.channels.web_agent import Reply, ScriptedAgent, new_id


class Gate:
    """Holds a reply until it is opened."""

    def __init__(self) -> None:
        self.reached, self.open = asyncio.Event(), asyncio.Event()

    async def pass_through(self) -> None:
        self.reached.set()
        await self.open.wait()


async def echo(message: UserMessage) -> list[Reply]:
    return [{"text": f"You wrote: {message.text}"}]


class Server:
    """Sanic with the channel as Rasa registers it, on a port of its own."""

    def __init__(self, agent: ScriptedAgent, settings: WebSettings = WebSettings()) -> None:
        self.agent, self.settings = agent, settings
        self.url = ""
        self._connected: list[Client] = []

    async def start(self) -> Server:
        self.app = app = App(f"web-{uuid.uuid4().hex}", configure_logging=False)
        app.ctx.agent = self.agent
        self.channel = WebChannel(self.settings)
        register([self.channel], app, "/webhooks/")
        listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
        await self._server.startup()
        return self

    async def stop(self) -> None:
        for client in self._connected:
            await client.close()
        self._server.close()

    async def client(self, auth: dict[str, Any] | None = None, origin: str | None = None) -> Client:
        client = Client()
        self._connected.append(client)
        await client.connect(self.url, auth or {}, origin)
        return client


class Client:
    """A widget's connection that keeps what it hears."""

    def __init__(self) -> None:
        self.socket = SocketClient(self._hear)
        self.heard: list[tuple[str, Any]] = []
        self._news = asyncio.Event()

    def _hear(self, event: str, data: Any) -> None:
        self.heard.append((event, data))
        self._news.set()

    async def connect(self, url: str, auth: dict[str, Any], origin: str | None) -> None:
        await self.socket.connect(url, auth, origin)

    async def close(self) -> None:
        await self.socket.close()

    async def ask(self, event: str, data: Any = None) -> dict[str, Any]:
        answer: dict[str, Any] = await self.socket.call(event, data)
        return answer

    async def say(self, text: str, **more: Any) -> str:
        """Send a message; its id."""
        message = {"id": new_id(), "text": text, **more}
        assert await self.ask("user_uttered", message) == {"ok": True}
        return str(message["id"])

    async def until(self, event: str, to: str | None = None) -> Any:
        """What is heard of an event, now or later."""
        while True:
            for name, data in self.heard:
                if name == event and to in (None, data.get("to")):
                    return data
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), SECONDS)

    def names(self) -> list[str]:
        return [name for name, _ in self.heard]

    async def history(self) -> list[dict[str, Any]]:
        answer = await self.ask("session_request")
        history: list[dict[str, Any]] = answer["history"]
        return history


Start = Callable[..., Coroutine[Any, Any, Server]]


def customer(customer_id: str = "C001", **lifetime: Any) -> dict[str, Any]:
    return {"token": issue_token(customer_id, **lifetime)}
