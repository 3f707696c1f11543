from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

import pytest

from bot.actions.handoff import SUMMARISED_MESSAGES, ActionHandoff
from bot.actions.return_item import ActionReturnItem
from bot.conversation import TELEGRAM_GROUP_CHANNEL
from bot.customers.models import Handover
from bot.desk.agents import Agents
from bot.desk.desk import PASSWORD
from bot.desk.handovers import Handovers
from bot.desk.hours import BusinessHours
from bot.desk.summaries import worded
from tests.bot.actions.chat import Chat
from tests.bot.actions.desk import Desk


async def test_a_person_gets_what_was_said_last_and_the_open_orders(desk: Desk) -> None:
    said = ("one", "two", "three", "four", "/affirm", "")
    outcome = await desk.ask(ActionHandoff(), text="A person, please", said_before=said)
    (ticket,) = desk.tickets()
    assert (outcome.response, outcome.message["ticket"]) == ("utter_handoff", ticket["ticket_id"])
    assert outcome.message["handoff"] is True
    assert ticket["customer_id"] == "C2"
    wrote, orders = ticket["subject"].split("\n")
    assert wrote == "The customer wrote: two / three / four / A person, please"
    assert orders == "Open orders: NL-2 (on its way)"
    assert SUMMARISED_MESSAGES == 4
    assert desk.audit() == [("handoff", None)]


async def test_what_was_underway_is_told_in_words_of_the_readers_language(chat: Chat) -> None:
    await chat.say("Return NL-3, it is broken", ActionReturnItem())
    await chat.say("A person, please", ActionHandoff(), intent="human_handoff")
    (ticket,) = chat.desk.tickets()
    told = ticket["subject"].split("\n")
    assert told[1] == "Unfinished: a return or an exchange (NL-3, Aurora earbuds, It is faulty)"


async def test_a_button_alone_still_opens_a_ticket(desk: Desk) -> None:
    desk.change("NL-2", status="delivered")
    await desk.ask(ActionHandoff(), text="/human_handoff")
    assert [ticket["subject"] for ticket in desk.tickets()] == ["A person is wanted; nothing was written."]


async def test_an_anonymous_visitor_is_told_how_to_reach_people(desk: Desk) -> None:
    outcome = await desk.ask(ActionHandoff(), None, "A person, please")
    assert (outcome.response, outcome.message["handoff"]) == ("utter_handoff_anonymous", True)
    assert desk.tickets() == []


# -- with a desk ---------------------------------------------------------------------------------


@pytest.fixture
def staffed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk is switched on and open; nobody is there yet."""
    monkeypatch.setenv(PASSWORD, "a password")
    monkeypatch.setattr(BusinessHours, "opens", lambda self, now: None)
    return desk


def handovers(desk: Desk) -> list[Any]:
    with desk.store.session() as session:
        rows = session.query(Handover).all()
        session.expunge_all()
        return list(rows)


async def test_from_a_group_nobody_is_called_since_others_read_the_answer(staffed: Desk) -> None:
    outcome = await staffed.ask(ActionHandoff(), None, "A person, please", channel=TELEGRAM_GROUP_CHANNEL)
    assert outcome.response == "utter_handoff_anonymous" and handovers(staffed) == []


async def test_a_free_person_is_called_with_summary_and_ticket(staffed: Desk) -> None:
    Agents(staffed.store).came("Anna", "agent")
    outcome = await staffed.ask(ActionHandoff(), text="A person, please")
    (handover,), (ticket,) = handovers(staffed), staffed.tickets()
    assert (outcome.response, outcome.message["handoff"]) == ("utter_desk_free", True)
    assert not outcome.message.get("buttons")
    assert (handover.customer_id, handover.channel, handover.state) == ("C2", "rest", "waiting")
    assert handover.ticket_id == ticket["ticket_id"]
    assert handover.summary == "wrote: A person, please\norders: NL-2 (in_transit)"
    assert worded(handover.summary, "en") == ticket["subject"]
    assert handover.question == "A person, please"


@pytest.mark.parametrize(
    ("away", "busy", "response"),
    [(False, True, "utter_desk_busy"), (True, False, "utter_desk_nobody"), (None, False, "utter_desk_nobody")],
)
async def test_where_nobody_is_free_that_is_said_with_a_call_back(
    staffed: Desk, away: bool | None, busy: bool, response: str
) -> None:
    if away is not None:
        agents = Agents(staffed.store)
        agents.came("Anna", "agent")
        agents.set_away("Anna", away)
    for number in range(4 if busy else 0):
        await staffed.ask(ActionHandoff(), None, "A person!", sender=f"visitor{number}")
        Handovers(staffed.store).take(number + 1, "Anna")
    outcome = await staffed.ask(ActionHandoff(), text="A person, please")
    assert outcome.response == response
    assert [button["payload"] for button in outcome.message["buttons"]] == ["/call_back"]


async def test_out_of_hours_it_is_said_when_people_come(staffed: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    Agents(staffed.store).came("Anna", "agent")
    opens = dt.datetime.now(zoneinfo.ZoneInfo("Europe/Moscow")) + dt.timedelta(days=1)
    monkeypatch.setattr(BusinessHours, "opens", lambda self, now: opens)
    outcome = await staffed.ask(ActionHandoff(), text="A person, please")
    assert (outcome.response, len(handovers(staffed))) == ("utter_desk_closed", 1)
    assert outcome.message["opens"].startswith("tomorrow at ")
    assert outcome.message["ticket"] == staffed.tickets()[0]["ticket_id"]
    visitor = await staffed.ask(ActionHandoff(), None, "A person!", sender="visitor")
    assert visitor.response == "utter_desk_closed_anonymous" and not visitor.message.get("buttons")


async def test_an_agent_whose_server_was_killed_is_not_there(staffed: Desk) -> None:
    Agents(staffed.store, lambda: dt.datetime.now() - dt.timedelta(minutes=5)).came("Anna", "agent")
    assert (await staffed.ask(ActionHandoff(), text="A person")).response == "utter_desk_nobody"


async def test_a_second_wish_opens_no_second_handover_and_no_second_ticket(staffed: Desk) -> None:
    Agents(staffed.store).came("Anna", "agent")
    responses = [(await staffed.ask(ActionHandoff(), text=text)).response for text in ("A person", "A person!")]
    assert responses == ["utter_desk_free", "utter_desk_waiting"]
    assert (len(handovers(staffed)), len(staffed.tickets())) == (1, 1)


async def test_a_visitor_is_handed_over_with_nothing_of_any_customer(staffed: Desk) -> None:
    Agents(staffed.store).came("Anna", "agent")
    outcome = await staffed.ask(ActionHandoff(), None, "/human_handoff", said_before=("Where is NL-2?",))
    (handover,) = handovers(staffed)
    assert outcome.response == "utter_desk_free"
    assert (handover.customer_id, handover.ticket_id, handover.question) == (None, None, "Where is NL-2?")
    assert handover.summary == "wrote: Where is NL-2?"
    assert staffed.tickets() == []
