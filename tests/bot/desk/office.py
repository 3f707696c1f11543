"""A shop's server with its desk: customers at the widget, agents signed in, and a scripted assistant."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import httpx
from rasa.shared.core.events import ConversationPaused, ConversationResumed

from bot.channels.identity import issue_token
from bot.customers.store import CustomerStore
from bot.desk.handovers import Request, open_handover
from bot.desk.signing_in import COOKIE
from tests.bot.channels.socket_client import SocketClient
from tests.bot.channels.web_server import Client, Server

PASSWORD, LEAD_PASSWORD = "a password for agents", "another one for leads"


class AgentClient(Client):
    """An agent's connection to the desk."""

    def __init__(self, cookie: str) -> None:
        super().__init__()
        self.socket = SocketClient(self._hear, "/desk")
        self._headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}

    async def connect(self, url: str, auth: dict[str, Any], origin: str | None) -> None:
        await self.socket.connect(url, {"language": "en", **auth}, origin, self._headers)

    async def does(self, event: str, **data: Any) -> dict[str, Any]:
        """What comes back of something that must succeed."""
        answer = await self.ask(event, data)
        assert answer.pop("ok", False), (event, answer)
        return answer

    async def refused(self, event: str, **data: Any) -> str:
        """The code of the error that must come back."""
        return str((await self.ask(event, data))["error"])

    async def replies(self, handover: int, text: str, key: str = "") -> dict[str, Any]:
        """Say something to the customer."""
        answer = await self.does("reply", id=handover, key=key or uuid.uuid4().hex, text=text)
        message: dict[str, Any] = answer["message"]
        return message

    async def thread(self, handover: int) -> list[str]:
        """The conversation's texts, as the desk shows them."""
        return [said["text"] for said in (await self.does("open", id=handover))["thread"]]


class Office:
    """The server, its database and who is connected."""

    def __init__(self, server: Server, store: CustomerStore) -> None:
        self.server, self.store = server, store

    @property
    def rasa(self) -> Any:
        """The scripted agent."""
        return self.server.agent

    async def customer(self, customer_id: str = "C2") -> Client:
        """A signed-in customer's widget."""
        return await self.server.client({"token": issue_token(customer_id)})

    async def sign_in(self, name: str, password: str, **more: Any) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.server.url) as http:
            return await http.post("/desk/sign-in", json={"name": name, "password": password}, **more)

    async def agent(self, name: str = "Anna", password: str = PASSWORD) -> AgentClient:
        """Somebody at the desk."""
        return await self.connect((await self.sign_in(name, password)).cookies[COOKIE])

    async def lead(self, name: str = "Lena") -> AgentClient:
        """A lead at the desk."""
        return await self.agent(name, LEAD_PASSWORD)

    async def connect(self, cookie: str, origin: str | None = None) -> AgentClient:
        client = AgentClient(cookie)
        self.server._connected.append(client)
        await client.connect(self.server.url, {}, origin)
        return client

    def wanted(self, conversation: str = "customer:C2", **more: Any) -> int:
        """A person is wanted, as the action writes it down; the handover's number."""
        customer = conversation.removeprefix("customer:") if conversation.startswith("customer:") else None
        known: dict[str, Any] = {"channel": "web", "address": None, "language": "en", "question": "Where is it?"}
        request = Request(conversation, customer, **{**known, "summary": "wrote: Where is it?", **more})
        with self.store.session() as session:
            row = open_handover(session, request, dt.datetime.now())
            assert row is not None
            session.commit()
            return int(row.id)

    async def silent(self, conversation: str = "customer:C2") -> bool:
        """Whether Rasa's own tracker says that the assistant is paused."""
        tracker = await self.rasa.tracker_store.retrieve(conversation)
        turns = [e for e in tracker.events if isinstance(e, (ConversationPaused, ConversationResumed))]
        return bool(turns) and isinstance(turns[-1], ConversationPaused)
