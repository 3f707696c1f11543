"""Remembering, listing and forgetting what a customer tells, at the counter of the small shop."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.actions.forget_fact import ActionForgetFact
from bot.actions.memory_consent import ActionMemoryConsent
from bot.actions.remember_fact import ASK_CONSENT, ASKED_CONSENT, TO_REMEMBER, ActionRememberFact
from bot.actions.what_you_know import ActionWhatYouKnow
from bot.customers.models import Customer
from bot.settings import Settings
from tests.bot.actions.desk import Desk, Outcome

ALLERGY = "I'm allergic to nickel"


@pytest.fixture(autouse=True)
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.actions.forget_fact.load_settings", lambda: Settings(profiles=str(tmp_path / "profiles")))


def consent(desk: Desk, given: bool) -> None:
    with desk.store.session() as session:
        session.get(Customer, "C2").consent_memory = given
        session.commit()


def told(desk: Desk, customer: str = "C2") -> list[str]:
    with desk.store.session() as session:
        return [fact.text for fact in session.get(Customer, customer).remembered]


async def remember(desk: Desk, text: str = ALLERGY, customer: str | None = "C2") -> Outcome:
    return await desk.ask(ActionRememberFact(), customer, text)


async def answer(desk: Desk, intent: str, asked: str = ASK_CONSENT) -> Outcome:
    return await desk.ask(ActionMemoryConsent(), text="ok", slots={TO_REMEMBER: ALLERGY}, asked=asked, intent=intent)


async def test_what_is_told_is_kept_with_consent(desk: Desk) -> None:
    outcome = await remember(desk, f"Please remember that {ALLERGY}")
    assert (outcome.response, outcome.message["fact"]) == ("utter_memory_kept", ALLERGY)
    assert (told(desk), told(desk, "C1")) == ([ALLERGY], [])


async def test_a_correction_says_so(desk: Desk) -> None:
    await remember(desk)
    assert (await remember(desk, "actually I'm allergic to chrome")).response == "utter_memory_corrected"
    assert told(desk) == ["I'm allergic to chrome"]


async def test_consent_is_asked_once_and_recorded(desk: Desk) -> None:
    consent(desk, False)
    asked = await remember(desk)
    assert (asked.response, asked.slots) == (ASK_CONSENT, {TO_REMEMBER: ALLERGY, ASKED_CONSENT: True})
    assert told(desk) == []
    refused = await answer(desk, "deny")
    assert (refused.response, refused.slots) == ("utter_memory_declined", {TO_REMEMBER: None, ASKED_CONSENT: None})
    assert (await remember(desk)).response == "utter_memory_off"
    assert told(desk) == []
    assert (await remember(desk, "you may remember")).response == "utter_memory_allowed"
    assert (await remember(desk)).response == "utter_memory_kept"


async def test_with_a_yes_the_thing_told_is_kept(desk: Desk) -> None:
    consent(desk, False)
    assert (await answer(desk, "affirm")).response == "utter_memory_kept"
    assert told(desk) == [ALLERGY]


@pytest.mark.parametrize("intent", ["affirm", "deny"])
async def test_a_yes_to_something_said_since_is_no_consent(desk: Desk, intent: str) -> None:
    consent(desk, False)
    assert (await answer(desk, intent, asked="utter_greet")).response == "utter_nothing_pending"
    assert told(desk) == []


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("remember that", "utter_memory_what"),
        ("remember my password qwerty", "utter_memory_no_secrets"),
        ("my wife is allergic to nickel", "utter_memory_not_others"),
    ],
)
async def test_what_may_not_be_kept_is_refused(desk: Desk, text: str, response: str) -> None:
    assert (await remember(desk, text)).response == response
    assert told(desk) == []


async def test_visitors_are_asked_to_sign_in_and_told_nothing(desk: Desk) -> None:
    assert (await remember(desk, customer=None)).response == "utter_sign_in"
    assert (await desk.ask(ActionForgetFact(), None)).response == "utter_sign_in"
    assert (await desk.ask(ActionMemoryConsent(), None, asked=ASK_CONSENT)).response == "utter_sign_in"
    assert (await desk.ask(ActionWhatYouKnow(), None)).response == "utter_know_nothing"


async def test_what_is_known_is_told_to_its_customer_alone(desk: Desk) -> None:
    await remember(desk)
    own = await desk.ask(ActionWhatYouKnow(), "C2")
    assert own.response == "utter_what_i_know" and ALLERGY in own.message["facts"]
    assert own.message["used_facts"][0]["kind"] == "told"
    other = await desk.ask(ActionWhatYouKnow(), "C1", "что ты обо мне знаешь")
    assert ALLERGY not in other.message["facts"] and "NL-2" not in other.message["facts"]


async def test_forgetting_deletes_what_is_meant(desk: Desk) -> None:
    assert (await desk.ask(ActionForgetFact(), text="forget that")).response == "utter_nothing_remembered"
    await remember(desk)
    await remember(desk, "I live in Tver")
    which = await desk.ask(ActionForgetFact(), text="forget the cats")
    assert which.response == "utter_forget_which"
    assert [button["payload"] for button in which.message["buttons"]] == [
        "Forget this: I live in Tver",
        f"Forget this: {ALLERGY}",
    ] or len(which.message["buttons"]) == 2
    forgotten = await desk.ask(ActionForgetFact(), text=f"Forget this: {ALLERGY}")
    assert forgotten.message["facts"] == f"«{ALLERGY}»"
    assert told(desk) == ["I live in Tver"]


async def test_forgetting_everything_leaves_nothing(desk: Desk) -> None:
    await remember(desk)
    await remember(desk, "I live in Tver")
    await desk.ask(ActionForgetFact(), text="forget everything")
    assert told(desk) == []
