from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain

from bot.channels.identity import issue_token, proof_of
from bot.channels.web_settings import WebSettings, web_settings
from bot.conversation import TRUSTED_CHANNELS
from tests.bot.channels.socket_client import Refused
from tests.bot.channels.web_agent import CHOICE, GROUNDED, SENTENCES, SORRY, Reply, ScriptedAgent, new_id, spoken
from tests.bot.channels.web_server import Gate, Start, customer, echo

VISITOR = "0" * 31 + "1"
pytestmark = pytest.mark.usefixtures("ratings")


# -- who is there ------------------------------------------------------------------------------


async def test_the_conversation_is_the_tokens_customers(start: Start) -> None:
    server = await start()
    client = await server.client(customer("C001"))
    message = await client.say("hello", metadata={"customer_id": "C002"}, customer_id="C002", session_id="x")
    await client.until("done", message)
    (handled,) = server.agent.handled
    assert handled.sender_id == "customer:C001"
    assert handled.metadata == {"customer_id": "C001"}
    assert handled.input_channel in TRUSTED_CHANNELS


async def test_a_visitor_gets_a_conversation_of_their_own_and_goes_on_with_it(start: Start) -> None:
    server = await start()
    first, second = await server.client(), await server.client()
    ids = [(await client.ask("session_request"))["visitor"] for client in (first, second)]
    assert len(set(ids)) == 2
    await first.until("done", await first.say("hello"))
    again = await server.client({"visitor": ids[0]})
    assert [said["text"] for said in await again.history()] == ["hello", "You wrote: hello"]
    assert server.agent.handled[0].sender_id == f"anonymous:{ids[0]}"
    assert server.agent.handled[0].metadata == {}


@pytest.mark.parametrize(
    ("auth", "code"),
    [
        pytest.param(lambda: customer(lifetime=dt.timedelta(seconds=-1)), "token_expired", id="expired"),
        pytest.param(lambda: {"token": "C001"}, "token_refused", id="no token"),
        pytest.param(lambda: {"token": 7}, "token_refused", id="a number"),
        pytest.param(lambda: {**customer("C002"), "session": "customer:C001"}, "other_customer", id="stolen session"),
        pytest.param(lambda: {"session": "customer:C001"}, "token_refused", id="session without a token"),
        pytest.param(lambda: {"visitor": "customer:C001"}, "token_refused", id="customer as visitor"),
        pytest.param(lambda: {"visitor": {"a": 1}}, "token_refused", id="object as visitor"),
    ],
)
async def test_what_proves_nothing_is_refused(start: Start, auth: Callable[[], dict[str, Any]], code: str) -> None:
    server = await start()
    with pytest.raises(Refused) as refused:
        await server.client(auth())
    assert code in str(refused.value)


async def test_customers_hear_their_own_conversation_only(start: Start) -> None:
    server = await start()
    mine, theirs = await server.client(customer("C001")), await server.client(customer("C002"))
    await mine.until("done", await mine.say("my secret"))
    await theirs.until("done", await theirs.say("another"))
    assert "my secret" not in str(theirs.heard) and "another" not in str(mine.heard)
    assert "my secret" not in str(await theirs.history())


@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        ((), None, True),
        ((), "http://elsewhere.example", False),
        (("https://shop.example",), "https://shop.example", True),
        (("https://shop.example",), "https://shop.example.evil.example", False),
        ((), "own", True),
        (("https://shop.example",), "own", True),
    ],
)
async def test_pages_of_other_origins_get_no_connection(
    start: Start, origins: tuple[str, ...], origin: str | None, allowed: bool
) -> None:
    server = await start(settings=WebSettings(origins=origins))
    origin = server.url if origin == "own" else origin
    if allowed:
        assert (await (await server.client(origin=origin)).ask("session_request"))["ok"]
    else:
        with pytest.raises(Refused):
            await server.client(origin=origin)


async def test_an_expired_token_opens_nothing_until_the_same_customer_brings_a_new_one(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await start()
    client = await server.client(customer())
    await client.until("done", await client.say("before"))
    later = dt.datetime.now().timestamp() + 3600
    with monkeypatch.context() as patched:
        patched.setattr("bot.channels.web.time.time", lambda: later)
        assert await client.ask("user_uttered", {"id": new_id(), "text": "late"}) == {"error": "token_expired"}
        assert await client.ask("session_request") == {"error": "token_expired"}
        for other in (issue_token("C002"), "forged", None):
            assert "error" in await client.ask("refresh", {"token": other})
        assert "error" in await client.ask("refresh")
        fresh = issue_token("C001", dt.timedelta(hours=2))
        assert await client.ask("refresh", {"token": fresh}) == {"ok": True}
        await client.until("done", await client.say("after"))
    assert [said["text"] for said in await client.history() if said["from"] == "customer"] == ["before", "after"]


async def test_a_connection_ends_with_its_token(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    server = await start()
    token = issue_token("C001")
    clock = [proof_of(token).expires - 0.05]
    monkeypatch.setattr("bot.channels.web.time.time", lambda: clock[0])
    client = await server.client({"token": token})
    visitor = await server.client()
    clock[0] += 60
    await client.socket.closed()
    assert (await visitor.ask("session_request"))["ok"]


# -- replies -----------------------------------------------------------------------------------


async def test_typing_then_each_sentence_then_the_reply_with_its_sources(start: Start) -> None:
    server = await start(lambda message: spoken(message.sender_id, SENTENCES))
    client = await server.client(customer())
    message = await client.say("how much is a courier?")
    done = await client.until("done", message)
    assert client.names() == ["typing", "sentence", "sentence", "bot_uttered", "done"]
    sentences = [data for name, data in client.heard if name == "sentence"]
    assert sentences == [{"to": message, "number": n, "text": text} for n, text in enumerate(SENTENCES, 1)]
    reply = await client.until("bot_uttered", message)
    assert done == {"to": message, "replies": [reply["id"]]}
    assert reply["text"] == "Delivery by courier costs 299 ₽ [1]. The courier comes from 9:00 to 21:00."
    (citation,) = reply["citations"]
    assert citation["url"] == (
        "https://northernlights.example/en/help/delivery-courier#passage-1:~:text=Delivery%20by%20courier%20costs%20299"
    )
    assert reply["facts"] == ["Order NL-1 comes by courier."]


async def test_messages_are_understood_beside_the_event_loop(start: Start) -> None:
    server = await start()
    client = await server.client(customer("C001"))
    await client.until("done", await client.say("Hello"))
    assert server.agent.understood_in and threading.get_ident() not in server.agent.understood_in


async def test_the_reply_of_the_history_is_the_reply_that_came(start: Start) -> None:
    async def script(message: UserMessage) -> list[Reply]:
        return [GROUNDED, CHOICE]

    server = await start(script)
    client = await server.client(customer())
    message = await client.say("/cancel", title="Cancel the order")
    await client.until("done", message)
    asked, *replies = await client.history()
    assert (asked["id"], asked["text"]) == (message, "Cancel the order")
    came = [data for name, data in client.heard if name == "bot_uttered"]
    assert [{**reply, "time": 0, "rating": None} for reply in came] == [{**reply, "time": 0} for reply in replies]
    assert [button["payload"] for button in replies[1]["buttons"]] == ["/affirm", "/deny"]


async def test_a_message_may_be_answered_without_the_profile(start: Start) -> None:
    server = await start()
    client = await server.client(customer())
    for without in (True, False, "yes"):
        await client.until("done", await client.say("hello", without_profile=without))
    assert [message.metadata.get("without_profile") for message in server.agent.handled] == [True, None, None]


async def test_every_tab_and_device_of_a_customer_shows_the_same(start: Start) -> None:
    server = await start()
    one, two = await server.client(customer()), await server.client(customer())
    message = await one.say("hello")
    assert (await two.until("user_uttered"))["text"] == "hello"
    await two.until("done", message)
    assert "user_uttered" not in one.names()
    assert await one.history() == await two.history()


async def test_stopping_leaves_what_was_shown(start: Start) -> None:
    gate = Gate()

    async def script(message: UserMessage) -> list[Reply]:
        await spoken(message.sender_id, SENTENCES[:1])
        await gate.pass_through()
        return [{"text": SENTENCES[0]}, *await spoken(message.sender_id, SENTENCES[1:])]

    server = await start(script)
    client = await server.client(customer())
    message = await client.say("how much?")
    await client.until("sentence")
    assert await client.ask("stop") == {"ok": True}
    gate.open.set()
    await client.until("done", message)
    assert client.names().count("sentence") == 1


async def test_a_failure_is_told_and_the_message_may_be_sent_again(start: Start) -> None:
    fails = [True, False]

    async def script(message: UserMessage) -> list[Reply]:
        if fails.pop(0):
            raise ValueError("out of order")
        return await echo(message)

    server = await start(script)
    client = await server.client(customer())
    message = {"id": new_id(), "text": "hello"}
    await client.ask("user_uttered", message)
    assert await client.until("failed") == {"to": message["id"]}
    await client.ask("user_uttered", message)
    await client.until("done")
    assert [said["from"] for said in await client.history()] == ["customer", "assistant"]


async def test_where_rasa_says_nothing_the_customer_is_told_of_the_trouble(start: Start) -> None:
    async def silent(message: UserMessage) -> list[Reply]:
        return []

    server = await start(silent)
    client = await server.client(customer())
    message = await client.say("hello")
    assert (await client.until("done", message))["replies"] == [f"{message}.1"]
    assert [said["text"] for said in await client.history()] == ["hello", SORRY]


async def test_before_a_model_is_loaded_messages_fail_and_are_not_lost(start: Start) -> None:
    agent = ScriptedAgent(echo)
    agent.ready = False
    server = await start(agent=agent)
    client = await server.client()
    await client.until("failed", await client.say("hello"))
    assert agent.handled == []


async def test_a_rating_comes_back_with_the_history(start: Start, ratings: dict[str, Any]) -> None:
    server = await start()
    client = await server.client(customer())
    message = await client.say("hello")
    await client.until("done", message)
    rated = {"reply": f"{message}.1", "rating": -1, "reason": "too short"}
    assert await client.ask("feedback", rated) == {"ok": True}
    assert ratings == {f"{message}.1": ("customer:C001", "C001", -1, "too short")}
    assert [said.get("rating") for said in await client.history()] == [None, -1]


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"reply": "m1.1"},
        {"reply": "m1.1", "rating": 2},
        {"reply": "m1.1", "rating": "up"},
        {"reply": 7, "rating": 1},
        {"reply": "a" * 201, "rating": 1},
        {"reply": "m1.1", "rating": 1, "reason": 7},
    ],
)
async def test_a_rating_of_another_form_is_refused(start: Start, ratings: dict[str, Any], data: Any) -> None:
    client = await (await start()).client(customer())
    assert await client.ask("feedback", data) == {"error": "unreadable"}
    assert ratings == {}


# -- lost connections --------------------------------------------------------------------------


async def test_a_message_sent_again_is_answered_once(start: Start) -> None:
    gate = Gate()

    async def script(message: UserMessage) -> list[Reply]:
        await gate.pass_through()
        return await echo(message)

    server = await start(script)
    first, message = await server.client(customer()), {"id": new_id(), "text": "hello"}
    await first.ask("user_uttered", message)
    await gate.reached.wait()
    await first.close()
    second = await server.client(customer())
    assert [turn["to"] for turn in (await second.ask("session_request"))["turns"]] == [message["id"]]
    assert await second.ask("user_uttered", message) == {"ok": True}  # while it is being answered
    gate.open.set()
    await second.until("done", str(message["id"]))
    third = await server.client(customer())
    assert await third.ask("user_uttered", message) == {"ok": True}  # and after
    await third.until("done", str(message["id"]))
    assert len(server.agent.handled) == 1
    assert [said["text"] for said in await third.history()] == ["hello", "You wrote: hello"]


async def test_a_late_connection_learns_what_is_already_written(start: Start) -> None:
    gate = Gate()

    async def script(message: UserMessage) -> list[Reply]:
        await spoken(message.sender_id, SENTENCES[:1])
        await gate.pass_through()
        return [GROUNDED]

    server = await start(script)
    first = await server.client(customer())
    message = await first.say("how much?")
    await first.until("sentence")
    second = await server.client(customer())
    assert (await second.ask("session_request"))["turns"] == [{"to": message, "sentences": SENTENCES[:1]}]
    gate.open.set()
    assert (await second.until("done", message))["replies"] == [f"{message}.1"]


async def test_a_server_that_died_on_the_way_answers_once_after_its_restart(start: Start) -> None:
    store, gate = InMemoryTrackerStore(Domain.empty()), Gate()

    async def dies(message: UserMessage) -> list[Reply]:
        await gate.pass_through()
        raise ConnectionAbortedError

    message = {"id": new_id(), "text": "hello"}
    dying = await start(agent=ScriptedAgent(dies, store))
    client = await dying.client(customer())
    await client.ask("user_uttered", message)
    await gate.reached.wait()
    await dying.stop()
    gate.open.set()

    restarted = await start(agent=ScriptedAgent(echo, store))
    client = await restarted.client(customer())
    assert await client.history() == []
    await client.ask("user_uttered", message)
    await client.until("done", str(message["id"]))
    assert [said["text"] for said in await client.history()] == ["hello", "You wrote: hello"]


# -- limits ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        None,
        "hello",
        {},
        {"text": "hello"},
        {"id": new_id()},
        {"id": new_id(), "text": 7},
        {"id": "short", "text": "hello"},
        {"id": "a" * 65, "text": "hello"},
        {"id": "with a space", "text": "hello"},
        {"id": new_id(), "text": "hello", "title": 7},
        {"id": new_id(), "text": "hello", "title": "a" * 201},
    ],
)
async def test_a_message_of_another_form_is_refused(start: Start, data: Any) -> None:
    server = await start()
    client = await server.client()
    assert await client.ask("user_uttered", data) == {"error": "unreadable"}
    assert server.agent.handled == []


async def test_a_message_that_is_too_long_is_refused(start: Start) -> None:
    server = await start(settings=WebSettings(max_characters=10))
    client = await server.client()
    assert await client.ask("user_uttered", {"id": new_id(), "text": "a" * 11}) == {"error": "too_long"}
    await client.until("done", await client.say("a" * 10))


@pytest.mark.parametrize("limit", ["per_customer", "per_address", "everybody"])
async def test_who_writes_too_fast_is_told_when_to_go_on(start: Start, limit: str) -> None:
    # A connection counts for its address as well.
    count = 2 + (limit == "per_address")
    server = await start(settings=web_settings({limit: f"{count}/hour"}))
    client = await server.client(customer())
    for text in ("one", "two"):
        await client.say(text)
    refused = await client.ask("user_uttered", {"id": new_id(), "text": "three"})
    assert refused["error"] == "rate" and 0 < refused["wait"] <= 3600


async def test_one_customers_haste_does_not_stop_another(start: Start) -> None:
    server = await start(settings=WebSettings(per_customer="1/hour"))
    hasty, other = await server.client(customer("C001")), await server.client(customer("C002"))
    await hasty.say("one")
    assert (await hasty.ask("user_uttered", {"id": new_id(), "text": "two"}))["error"] == "rate"
    await other.say("one")


async def test_too_many_connections_from_one_address_are_refused(start: Start) -> None:
    server = await start(settings=WebSettings(per_address="1/hour"))
    await server.client()
    with pytest.raises(Refused) as refused:
        await server.client()
    assert "rate" in str(refused.value)
