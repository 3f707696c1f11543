"""A Chatwoot on loopback: what of its application API the desk uses, written from its documentation, with faults."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import socket
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import httpx
from aiohttp import web

TOKEN, SECRET = "a token for tests", "a-webhook-secret-for-tests"
ACCOUNT, INBOX = 3, 7
HANG, LATE = -1, -2  # faults: no answer at all; no answer, though the request was carried out


@dataclass
class Conversation:
    """One of its conversations."""

    id: int
    contact: int
    attributes: dict[str, Any]
    status: str = "open"
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def said(self) -> list[tuple[str, bool, str]]:
        """(kind, private, text) of each message."""
        return [(m["message_type"], m["private"], m["content"]) for m in self.messages]


class ChatwootServer:
    """The server. ``faults`` are used up by the next requests: a status, :data:`HANG` or :data:`LATE`; 0 is none."""

    def __init__(self) -> None:
        self.contacts: dict[int, dict[str, Any]] = {}
        self.conversations: dict[int, Conversation] = {}
        self.faults: deque[int] = deque()
        self.refused = 0  # requests without the token
        self.url = ""

    async def start(self) -> None:
        app = web.Application(middlewares=[self._faulty])
        base = f"/api/v1/accounts/{ACCOUNT}"
        app.router.add_get(f"{base}/contacts/search", self._search)
        app.router.add_post(f"{base}/contacts", self._add_contact)
        app.router.add_get(f"{base}/contacts/{{contact}}/conversations", self._conversations_of)
        app.router.add_post(f"{base}/conversations", self._add_conversation)
        app.router.add_get(f"{base}/conversations/{{conversation}}/messages", self._messages)
        app.router.add_post(f"{base}/conversations/{{conversation}}/messages", self._add_message)
        app.router.add_post(f"{base}/conversations/{{conversation}}/toggle_status", self._toggle)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        await web.SockSite(self._runner, listening, shutdown_timeout=0).start()

    async def stop(self) -> None:
        await self._runner.cleanup()

    @property
    def only(self) -> Conversation:
        """The one conversation that there is."""
        (conversation,) = self.conversations.values()
        return conversation

    async def posts(self, url: str, event: dict[str, Any], secret: str = SECRET, age: float = 0.0) -> int:
        """Deliver an event to a webhook, signed; the status that came back."""
        body, timestamp = json.dumps(event).encode(), str(int(time.time() - age))
        digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {"X-Chatwoot-Timestamp": timestamp, "X-Chatwoot-Signature": f"sha256={digest}"}
        async with httpx.AsyncClient() as http:
            sent = {**headers, "Content-Type": "application/json"}
            return (await http.post(url, content=body, headers=sent)).status_code

    def answer(self, text: str, agent: str = "Olga", number: int = 500, **more: Any) -> dict[str, Any]:
        """The event of an agent's message."""
        return {
            "event": "message_created",
            "id": number,
            "content": text,
            "message_type": "outgoing",
            "private": False,
            "sender": {"id": 1, "name": agent, "type": "user"},
            "conversation": {"id": self.only.id, "status": "open"},
            **more,
        }

    def resolved(self) -> dict[str, Any]:
        """The event of a conversation that an agent resolved."""
        return {"event": "conversation_status_changed", "id": self.only.id, "status": "resolved"}

    @web.middleware
    async def _faulty(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.headers.get("api_access_token") != TOKEN:
            self.refused += 1
            return web.json_response({"errors": ["Invalid Access Token"]}, status=401)
        fault = self.faults.popleft() if self.faults else 0
        if fault > 0:
            return web.Response(status=fault, text="<html>trouble</html>")
        if fault == LATE:
            await handler(request)
        if fault:
            await asyncio.sleep(3600)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _search(self, request: web.Request) -> web.Response:
        wanted = request.query["q"]
        found = [contact for contact in self.contacts.values() if wanted in contact["identifier"]]
        return web.json_response({"meta": {"count": len(found)}, "payload": found})

    async def _add_contact(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if any(contact["identifier"] == asked["identifier"] for contact in self.contacts.values()):
            return web.json_response({"message": "Identifier has already been taken"}, status=422)
        place = {"source_id": f"source-{len(self.contacts) + 1}", "inbox": {"id": asked["inbox_id"]}}
        made = {"id": len(self.contacts) + 1, **asked, "contact_inboxes": [place]}
        self.contacts[made["id"]] = made
        return web.json_response({"payload": {"contact": made, "contact_inbox": place}})

    async def _conversations_of(self, request: web.Request) -> web.Response:
        theirs = [c for c in self.conversations.values() if c.contact == int(request.match_info["contact"])]
        return web.json_response({"payload": [{"id": c.id, "custom_attributes": c.attributes} for c in theirs]})

    async def _add_conversation(self, request: web.Request) -> web.Response:
        asked = await request.json()
        (place,) = self.contacts[asked["contact_id"]]["contact_inboxes"]
        if (place["source_id"], asked["inbox_id"]) != (asked["source_id"], INBOX):
            return web.json_response({"error": "Resource could not be found"}, status=404)
        number = 40 + len(self.conversations)
        self.conversations[number] = Conversation(number, asked["contact_id"], asked.get("custom_attributes") or {})
        return web.json_response({"id": number, "account_id": ACCOUNT, "inbox_id": INBOX})

    async def _messages(self, request: web.Request) -> web.Response:
        return web.json_response({"meta": {}, "payload": self._of(request).messages})

    async def _add_message(self, request: web.Request) -> web.Response:
        message = {"id": len(self._of(request).messages) + 1, **(await request.json())}
        self._of(request).messages.append(message)
        return web.json_response(message)

    async def _toggle(self, request: web.Request) -> web.Response:
        self._of(request).status = (await request.json())["status"]
        return web.json_response({"payload": {"success": True, "current_status": self._of(request).status}})

    def _of(self, request: web.Request) -> Conversation:
        return self.conversations[int(request.match_info["conversation"])]
