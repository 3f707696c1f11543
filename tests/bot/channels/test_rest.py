from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import jwt
import pytest
from rasa.core.channels.channel import UserMessage, register
from sanic import Sanic

from bot.channels.identity import issue_token
from bot.channels.rest import RestChannel
from bot.conversation import TRUSTED_CHANNELS

FUTURE = dt.datetime(2999, 1, 1, tzinfo=dt.timezone.utc)


class Agent:
    """Remembers the messages that reach it and echoes them."""

    def __init__(self) -> None:
        self.messages: list[UserMessage] = []

    async def handle_message(self, message: UserMessage) -> None:
        self.messages.append(message)
        await message.output_channel.send_text_message(message.sender_id, str(message.text))


class App(Sanic):
    """Without Sanic's own signals: a server's start cuts them out of Sanic's methods, once a process."""

    async def dispatch(self, *_: Any, **__: Any) -> None:
        return None


class Server:
    """A Sanic app with the channel as Rasa registers it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.agent = Agent()
        self.app = App(f"channel-{uuid.uuid4().hex}", configure_logging=False)
        self.app.ctx.agent = self.agent
        register([RestChannel()], self.app, "/webhooks/")
        loop.run_until_complete(self._finalize())

    async def _finalize(self) -> None:
        self.app.signalize()
        self.app.finalize()

    def post(self, body: Any, token: str | None = None, scheme: str = "Bearer") -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            headers = {} if token is None else {"Authorization": f"{scheme} {token}"}
            async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
                return await client.post("/webhooks/rest/webhook", json=body, headers=headers)

        return self.loop.run_until_complete(send())

    @property
    def message(self) -> UserMessage:
        (message,) = self.agent.messages
        return message


@pytest.fixture
def server() -> Iterator[Server]:
    loop = asyncio.new_event_loop()
    yield Server(loop)
    loop.close()


def test_the_reply_comes_back(server: Server) -> None:
    response = server.post({"sender": "me", "message": "hello"})
    assert response.status_code == 200
    assert response.json() == [{"recipient_id": "anonymous:me", "text": "hello"}]


def test_a_token_decides_whose_conversation_it_is(server: Server) -> None:
    server.post({"sender": "customer:C002", "message": "hello"}, issue_token("C001"))
    assert server.message.sender_id == "customer:C001"
    assert server.message.metadata == {"customer_id": "C001"}


def test_without_a_token_the_body_cannot_claim_a_customer(server: Server) -> None:
    server.post({"sender": "customer:C001", "message": "hello", "metadata": {"customer_id": "C001"}})
    assert server.message.sender_id == "anonymous:customer:C001"
    assert server.message.metadata == {}


def test_with_a_token_the_body_cannot_claim_another_customer(server: Server) -> None:
    server.post({"message": "hello", "metadata": {"customer_id": "C002", "more": 1}}, issue_token("C001"))
    assert server.message.metadata == {"customer_id": "C001"}


def test_the_body_cannot_choose_the_channel(server: Server) -> None:
    server.post({"sender": "me", "message": "hello", "input_channel": "cmdline"})
    assert server.message.input_channel == "lichno_rest"
    assert server.message.input_channel in TRUSTED_CHANNELS


def test_a_visitor_without_a_sender_gets_a_conversation_of_their_own(server: Server) -> None:
    for _ in range(2):
        server.post({"message": "hello"})
    first, second = (message.sender_id for message in server.agent.messages)
    assert first != second
    assert first.startswith("anonymous:") and second.startswith("anonymous:")


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(lambda: issue_token("C001", dt.timedelta(seconds=-1)), id="expired"),
        pytest.param(lambda: jwt.encode({"sub": "C001", "exp": FUTURE}, "x" * 32, algorithm="HS256"), id="forged"),
        pytest.param(lambda: jwt.encode({"sub": "C001", "exp": FUTURE}, "", algorithm="none"), id="unsigned"),
        pytest.param(lambda: "C001", id="no token"),
        pytest.param(lambda: "", id="empty"),
    ],
)
def test_a_bad_token_is_answered_401_and_reaches_nobody(server: Server, token: Callable[[], str]) -> None:
    response = server.post({"sender": "me", "message": "hello"}, token())
    assert response.status_code == 401
    assert "C001" not in response.text
    assert server.agent.messages == []


def test_another_scheme_is_answered_with_the_expected_one(server: Server) -> None:
    response = server.post({"sender": "me", "message": "hello"}, issue_token("C001"), scheme="Basic")
    assert response.status_code == 401
    assert "Authorization: Bearer" in response.text
    assert server.agent.messages == []


@pytest.mark.parametrize("body", [[], "hello", None, {}, {"sender": "me"}, {"message": 7}, {"message": None}])
def test_a_body_of_another_shape_is_answered_400_with_an_example(server: Server, body: Any) -> None:
    response = server.post(body)
    assert response.status_code == 400
    assert "Expected a JSON object like" in response.text
    assert server.agent.messages == []
