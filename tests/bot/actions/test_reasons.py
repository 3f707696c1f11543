"""Why an answer, without the profile, shorter: actions that concern the answers themselves."""

from __future__ import annotations

import pytest

from bot.actions.reply_length import ActionReplyLength
from bot.actions.why_answer import ActionWhyAnswer, last_trace
from bot.actions.without_profile import PROFILE_OFF, ActionWithoutProfile
from bot.customers.person import LENGTH, preference
from bot.customers.store import get_customer
from tests.bot.actions.desk import Desk

TRACE = {
    "citations": [
        {"title": "Courier delivery", "url": "https://help.example/courier"},
        {"title": "Returns", "url": ""},
    ],
    "facts": [{"kind": "order", "text": "Order NL-2 is on its way."}],
}


async def test_the_reasons_are_the_articles_and_facts_of_the_last_answer(desk: Desk) -> None:
    outcome = await desk.ask(ActionWhyAnswer(), text="why that answer", trace=TRACE)
    assert outcome.message["reasons"].split("\n") == [
        "• article — Courier delivery: https://help.example/courier",
        "• article — Returns",
        "• of your profile — Order NL-2 is on its way.",
    ]


async def test_without_an_answer_there_are_no_reasons(desk: Desk) -> None:
    assert (await desk.ask(ActionWhyAnswer(), text="почему")).response == "utter_no_reasons"


def test_an_actions_facts_are_reasons_too() -> None:
    events = [
        {"event": "bot", "metadata": {"trace": TRACE}},
        {"event": "bot", "metadata": {"used_facts": [{"kind": "order", "text": "x"}]}},
        {"event": "user", "metadata": {"trace": TRACE}},
        {"event": "bot", "metadata": {}},
    ]
    assert last_trace(events) == {"facts": [{"kind": "order", "text": "x"}]}


@pytest.mark.parametrize(
    ("off", "text", "response"),
    [
        (None, "answer without my profile", "utter_profile_off"),
        (True, "use my profile again", "utter_profile_on"),
        (True, "answer without my profile", "utter_profile_off"),
        (None, "снова учитывай мои данные", "utter_profile_on"),
        (None, "не смотри в мой профиль", "utter_profile_off"),
    ],
)
async def test_the_profile_is_switched_off_and_on(desk: Desk, off: bool | None, text: str, response: str) -> None:
    outcome = await desk.ask(ActionWithoutProfile(), text=text, slots={PROFILE_OFF: off})
    assert outcome.response == response
    assert outcome.slots == {PROFILE_OFF: response == "utter_profile_off"}


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("answer more briefly", "short"),
        ("отвечай короче", "short"),
        ("more detail please", "full"),
        ("подробнее", "full"),
    ],
)
async def test_the_length_that_a_customer_likes_is_kept(desk: Desk, text: str, length: str) -> None:
    outcome = await desk.ask(ActionReplyLength(), text=text)
    assert outcome.response == f"utter_replies_{length}"
    with desk.store.session() as session:
        assert preference(get_customer(session, "C2"), LENGTH, "") == length
        assert preference(get_customer(session, "C1"), LENGTH, "full") == "full"


async def test_a_visitors_wish_cannot_be_kept(desk: Desk) -> None:
    assert (await desk.ask(ActionReplyLength(), None, "shorter")).response == "utter_sign_in"
