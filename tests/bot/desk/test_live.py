"""The desk as agents use it, over its real socket: what each may see and do, and that the assistant keeps silent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from bot.customers.feedback import rate
from bot.customers.models import Handover, Ticket
from bot.desk.handovers import Handovers
from bot.streaming import Stopped, streaming
from tests.bot.channels.socket_client import Refused
from tests.bot.channels.web_agent import SENTENCES, Reply, spoken
from tests.bot.channels.web_server import Gate, echo
from tests.bot.desk.conftest import Start
from tests.bot.desk.office import AgentClient


async def settled(agent: AgentClient, handover: int) -> None:
    """The first word of the person is written, so that the tracker has caught up."""
    await agent.until("messages")
    assert (await agent.does("queue"))["mine"][0]["id"] == handover


async def taken(agent: AgentClient, handover: int) -> None:
    await agent.does("open", id=handover)
    await agent.does("take", id=handover)
    await settled(agent, handover)


# -- silence -------------------------------------------------------------------------------------


async def test_after_take_the_assistant_says_nothing_and_the_person_answers_under_their_name(start: Start) -> None:
    office = await start()
    customer, anna = await office.customer(), await office.agent()
    await customer.until("done", await customer.say("Where is it?"))
    handover = office.wanted()
    await taken(anna, handover)
    handled = len(office.rasa.handled)
    done = await customer.until("done", asked := await customer.say("Hello, is a person there?"))
    done = next(data for name, data in customer.heard if name == "done" and data["to"] == asked)
    assert done == {"to": asked, "replies": [], "passed": True}
    said = await anna.replies(handover, "Yes, I am here.")
    assert (said["from"], said["agent"], said["text"]) == ("person", "Anna", "Yes, I am here.")
    assert len(office.rasa.handled) == handled
    history = await customer.history()
    assert [(m["from"], m["text"]) for m in history] == [
        ("customer", "Where is it?"),
        ("assistant", "You wrote: Where is it?"),
        ("assistant", "Anna answers from here on."),
        ("customer", "Hello, is a person there?"),
        ("person", "Yes, I am here."),
    ]
    assert [m["id"] for m in history if m["from"] == "person"] == [said["id"]]
    assert await anna.thread(handover) == [m["text"] for m in history]


async def test_a_reply_in_progress_is_stopped_and_what_comes_of_it_late_is_not_sent(start: Start) -> None:
    gate = Gate()
    stopped: list[bool] = []

    async def script(message: UserMessage) -> list[Reply]:
        await spoken(message.sender_id, SENTENCES[:1])
        await gate.pass_through()
        try:
            streaming.go_on(message.sender_id)
        except Stopped:
            stopped.append(True)
        return [{"text": "Too late."}]

    office = await start(script)
    customer, anna = await office.customer(), await office.agent()
    message = await customer.say("How much?")
    await customer.until("sentence")
    await gate.reached.wait()
    handover = office.wanted()
    await anna.does("take", id=handover)
    gate.open.set()
    done = await customer.until("done", message)
    assert stopped == [True]
    assert done["passed"] and done["replies"] == []
    joined = await customer.until("bot_uttered")
    assert joined["text"] == "Anna answers from here on."
    assert [data["text"] for name, data in customer.heard if name == "bot_uttered"] == [joined["text"]]


@pytest.mark.parametrize("text", ["/restart", "/human_handoff", "/session_start", "/affirm"])
async def test_no_command_of_the_customers_wakes_the_assistant(start: Start, text: str) -> None:
    office = await start()
    customer, anna = await office.customer(), await office.agent()
    handover = office.wanted()
    await taken(anna, handover)
    for said in (text, "Hello?"):
        await customer.until("done", await customer.say(said))
    assert office.rasa.handled == []
    assert await office.silent()
    assert Handovers(office.store).is_taken("customer:C2")


async def test_handed_back_the_assistant_answers_again_with_nothing_underway(start: Start) -> None:
    office = await start()
    customer, anna = await office.customer(), await office.agent()
    handover = office.wanted()
    await taken(anna, handover)
    await anna.does("hand_back", id=handover)
    await customer.until("done", await customer.say("And now?"))
    texts = [data["text"] for name, data in customer.heard if name == "bot_uttered"]
    assert texts[-2:] == [
        "From here on it is me again, the assistant. If you need a person once more, just say so.",
        "You wrote: And now?",
    ]
    assert not await office.silent()
    tracker = await office.rasa.tracker_store.retrieve("customer:C2")
    assert tracker.get_slot("transaction") is None and not tracker.active_loop_name
    assert await anna.refused("reply", id=handover, key="k" * 8, text="One more thing") == "closed"


async def test_handed_back_the_same_question_opens_no_other_handover(start: Start) -> None:
    office = await start()
    customer, anna = await office.customer(), await office.agent()
    handover = office.wanted()
    await taken(anna, handover)
    await anna.does("hand_back", id=handover)
    await customer.until("done", await customer.say("Where is it?"))
    assert (await anna.does("queue"))["waiting"] == []
    with office.store.session() as session:
        assert session.query(Handover).count() == 1


async def test_a_reply_sent_again_is_said_once(start: Start) -> None:
    office = await start()
    customer, anna = await office.customer(), await office.agent()
    handover = office.wanted()
    await taken(anna, handover)
    first = await anna.replies(handover, "Hello", "one-key-12")
    second = await anna.replies(handover, "Hello", "one-key-12")
    assert first["id"] == second["id"]
    assert [m["text"] for m in await customer.history()].count("Hello") == 1
    assert [data["text"] for name, data in customer.heard if name == "bot_uttered"].count("Hello") == 1


async def test_the_customer_is_told_who_answers_when_the_person_joins(start: Start) -> None:
    office = await start()
    customer, anna = await office.customer(), await office.agent()
    handover = office.wanted()
    await taken(anna, handover)
    joined = await customer.until("bot_uttered")
    assert (joined["from"], joined["joined"]) == ("assistant", "Anna")
    assert [said.get("joined") for said in await customer.history()] == ["Anna"]
    await anna.does("hand_back", id=handover)
    assert "joined" not in (await customer.history())[-1]


async def test_the_queue_names_the_customers_last_message_of_what_somebody_has(start: Start) -> None:
    office = await start()
    customer, anna = await office.customer(), await office.agent()
    first = await customer.say("Hello?")
    await customer.until("done", first)
    handover = office.wanted()
    assert [one["asked"] for one in (await anna.does("queue"))["waiting"]] == [None]
    await taken(anna, handover)
    again = await customer.say("Hello?")
    await customer.until("done", again)
    named = [data["mine"][0]["asked"] for name, data in anna.heard if name == "queue" and data["mine"]]
    assert (named[0], named[-1]) == (first, again)
    back = await office.agent()
    assert [one["asked"] for one in (await back.does("queue"))["mine"]] == [again]


async def test_the_customer_sees_that_somebody_writes(start: Start) -> None:
    office = await start()
    customer, anna = await office.customer(), await office.agent()
    handover = office.wanted()
    await taken(anna, handover)
    await anna.does("typing", id=handover)
    assert await customer.until("person_typing") == {"agent": "Anna"}


# -- who sees what -------------------------------------------------------------------------------


async def test_a_wish_for_a_person_appears_at_every_desk_with_its_summary_and_the_customers_facts(start: Start) -> None:
    async def script(message: UserMessage) -> list[Reply]:
        office.wanted(str(message.sender_id))
        return await echo(message)

    office = await start(script)
    customer, anna, ben = await office.customer(), await office.agent(), await office.agent("Ben")
    await customer.until("done", await customer.say("A person, please"))
    for agent in (anna, ben):
        (waiting,) = (await agent.does("queue"))["waiting"]
        assert (waiting["customer"], waiting["question"], waiting["state"]) == (
            "Ann Harper",
            "A person, please",
            "waiting",
        )
        assert any(data["waiting"] for name, data in agent.heard if name == "queue")
    opened = await anna.does("open", id=waiting["id"])
    assert opened["summary"] == "The customer wrote: Where is it?"
    assert opened["customer"]["id"] == "C2" and opened["customer"]["facts"]
    assert [said["text"] for said in opened["thread"]] == ["A person, please", "You wrote: A person, please"]


async def test_what_the_customer_writes_comes_live_to_those_who_may_see_it(start: Start) -> None:
    office = await start()
    customer, anna, ben, lead = (
        await office.customer(),
        await office.agent(),
        await office.agent("Ben"),
        await office.lead(),
    )
    handover = office.wanted()
    for agent in (ben, lead):
        await agent.does("open", id=handover)
    await taken(anna, handover)
    await customer.until("done", await customer.say("my secret"))
    await anna.replies(handover, "our answer")
    for agent in (anna, lead):
        texts = [m["text"] for name, data in agent.heard if name == "messages" for m in data["messages"]]
        assert texts[-2:] == ["my secret", "our answer"]
    assert "my secret" not in str(ben.heard) and "our answer" not in str(ben.heard)
    assert next(data["handover"]["agent"] for name, data in ben.heard if name == "handover") == "Anna"


async def test_agents_do_not_reach_others_conversations_and_leads_do(start: Start) -> None:
    office = await start()
    anna, ben, lead = await office.agent(), await office.agent("Ben"), await office.lead()
    handover = office.wanted()
    await taken(anna, handover)
    for event in ("open", "note", "suggest"):
        assert await ben.refused(event, id=handover, text="x") == "forbidden"
    assert await ben.refused("take", id=handover) == "taken"
    for event in ("reply", "typing", "hand_back"):
        assert await ben.refused(event, id=handover, text="x", key="k" * 8) == "not_taken"
    assert await ben.refused("close", id=handover) == "taken"
    for event in ("feedback", "history"):
        assert await ben.refused(event) == "forbidden"
    queue = await ben.does("queue")
    assert queue["others"] == [] and queue["waiting"] == [] and queue["mine"] == []
    assert [one["agent"] for one in (await lead.does("queue"))["others"]] == ["Anna"]
    await lead.does("open", id=handover)
    assert await lead.refused("reply", id=handover, text="x", key="k" * 8) == "not_taken"
    await lead.does("take", id=handover)
    assert await anna.refused("reply", id=handover, text="x", key="k" * 8) == "not_taken"
    assert (await lead.does("queue"))["mine"][0]["id"] == handover


async def test_of_two_who_take_at_once_one_gets_it(start: Start) -> None:
    office = await start()
    anna, ben = await office.agent(), await office.agent("Ben")
    handover = office.wanted()
    answers = await asyncio.gather(*(agent.ask("take", {"id": handover}) for agent in (anna, ben)))
    assert sorted(answer.get("error", "") for answer in answers) == ["", "taken"]


async def test_a_closed_conversation_is_the_leads_to_read(start: Start) -> None:
    office = await start()
    anna, lead = await office.agent(), await office.lead()
    handover = office.wanted()
    await taken(anna, handover)
    await anna.does("close", id=handover)
    assert await anna.refused("open", id=handover) == "forbidden"
    (ended,) = (await lead.does("history"))["handovers"]
    assert (ended["id"], ended["ended"], ended["agent"]) == (handover, "closed", "Anna")
    await lead.does("open", id=handover)


async def test_notes_are_seen_by_agents_and_never_by_the_customer(start: Start) -> None:
    office = await start()
    customer, anna, lead = await office.customer(), await office.agent(), await office.lead()
    handover = office.wanted()
    await lead.does("open", id=handover)
    await taken(anna, handover)
    await anna.does("note", id=handover, text="promised a call")
    assert (await lead.until("note"))["note"]["text"] == "promised a call"
    assert [note["author"] for note in (await lead.does("open", id=handover))["notes"]] == ["Anna"]
    assert "promised" not in str(customer.heard) and "promised" not in str(await customer.history())


async def test_leads_see_what_did_not_help_and_why(start: Start) -> None:
    office = await start()
    customer, lead = await office.customer(), await office.lead()
    message = await customer.say("Where is it?")
    await customer.until("done", message)
    await customer.ask("feedback", {"reply": f"{message}.1", "rating": -1, "reason": "too short"})
    rate(office.store, "customer:C1", "C1", "gone.1", 1, "", __import__("datetime").datetime.now())
    (bad,) = (await lead.does("feedback"))["feedback"]
    assert (bad["reason"], bad["text"]) == ("too short", "You wrote: Where is it?")


async def test_who_is_there_is_seen_and_away_agents_say_so(start: Start) -> None:
    office = await start()
    anna, ben = await office.agent(), await office.agent("Ben")
    await ben.does("away", away=True)
    assert [(a["name"], a["away"]) for a in (await anna.does("queue"))["agents"]] == [("Anna", False), ("Ben", True)]
    await ben.close()
    while len((await anna.does("queue"))["agents"]) == 2:
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("event", "data", "code"),
    [
        ("open", {"id": 10_000}, "not_found"),
        ("open", {"id": "1"}, "unreadable"),
        ("open", {}, "unreadable"),
        ("reply", {"id": 1, "key": "short", "text": "x"}, "unreadable"),
        ("reply", {"id": 1, "key": "k" * 8, "text": " "}, "unreadable"),
        ("reply", {"id": 1, "key": "k" * 8, "text": "x" * 4001}, "too_long"),
        ("note", {"id": 1, "text": None}, "unreadable"),
        ("nonsense", {}, "unreadable"),
    ],
)
async def test_what_cannot_be_done_is_told_by_a_code(start: Start, event: str, data: dict[str, Any], code: str) -> None:
    office = await start()
    assert await (await office.agent()).refused(event, **data) == code


async def test_closing_with_an_answer_answers_the_ticket(start: Start) -> None:
    office = await start()
    anna = await office.agent()
    handover = office.wanted("customer:C1", ticket="T0001", language="ru")
    await taken(anna, handover)
    await anna.does("close", id=handover, resolution="Курьер приедет завтра.")
    with office.store.session() as session:
        ticket = session.get(Ticket, "T0001")
        assert (ticket.resolution, ticket.closed_at is not None) == ("Курьер приедет завтра.", True)
    said = [(one["from"], one["text"]) for one in await (await office.customer("C1")).history()]
    assert said[1:] == [
        ("person", "Курьер приедет завтра."),
        (
            "assistant",
            "Разговор с сотрудником завершён. Если появятся вопросы, спрашивайте: отвечаю снова я, помощник.",
        ),
    ]


async def test_a_wish_that_nobody_took_is_closed_with_an_honest_word_and_the_assistant_goes_on(start: Start) -> None:
    office = await start()
    customer, anna = await office.customer(), await office.agent()
    handover = office.wanted()
    await anna.does("close", id=handover)
    told = await customer.until("bot_uttered")
    assert (told["from"], "without joining this chat" in told["text"]) == ("assistant", True)
    assert (await anna.does("queue"))["waiting"] == []
    await customer.until("done", await customer.say("Where is it then?"))
    assert [said["text"] for said in await customer.history()][1:] == [
        "Where is it then?",
        "You wrote: Where is it then?",
    ]
    assert not await office.silent()


async def test_a_wish_answered_without_a_chat_is_told_with_the_answer(start: Start) -> None:
    office = await start()
    customer, anna = await office.customer("C1"), await office.agent()
    await anna.does("close", id=office.wanted("customer:C1", ticket="T0001"), resolution="It comes tomorrow.")
    answer, over = [said for said in await customer.history()]
    assert (answer["from"], answer["agent"], answer["text"]) == ("person", "Anna", "It comes tomorrow.")
    assert over["from"] == "assistant" and "without joining" not in over["text"]


# -- signing in ----------------------------------------------------------------------------------


@pytest.mark.parametrize("cookie", ["", "forged", "customer"])
async def test_nobody_gets_in_without_the_desks_own_cookie(start: Start, cookie: str) -> None:
    from bot.channels.identity import issue_token

    office = await start()
    with pytest.raises(Refused, match="signed_out"):
        await office.connect(issue_token("C1") if cookie == "customer" else cookie)


async def test_pages_of_other_origins_get_no_connection(start: Start) -> None:
    office = await start()
    cookie = (await office.sign_in("Anna", "a password for agents")).cookies["desk_session"]
    with pytest.raises(Refused):
        await office.connect(cookie, origin="http://elsewhere.example")
    assert (await (await office.connect(cookie, origin=office.server.url)).does("queue"))["me"]["name"] == "Anna"
