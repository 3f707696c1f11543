from __future__ import annotations

import pytest

from bot.actions.handoff import ActionHandoff
from bot.actions.meant import meant_by_words
from bot.actions.order_status import ActionOrderStatus
from tests.bot.actions.desk import Desk


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ship NL-2 somewhere else", "action_change_address"),
        ("Отправьте NL-2 по другому адресу", "action_change_address"),
        ("пусть привезут в другое место", "action_change_address"),
        ("I am Jane Poe please change my phone to 8 000 123-45-67", "action_change_contact"),
        ("Меня зовут Вера, поменяйте почту на vera@mail.example", "action_change_contact"),
        ("Where else did you ship it?", None),
        ("Why was it sent to another address?", None),
        ("Connect me to a person to change my phone to 8 000 123-45-67", None),
        ("Where is NL-2?", None),
        ("My phone is 8 000 123-45-67", None),
    ],
)
def test_a_verb_of_changing_with_what_it_changes_is_a_wish(text: str, meant: str | None) -> None:
    found = meant_by_words(text)
    assert (found.name() if found else None) == meant


async def test_a_wish_taken_for_a_question_where_it_is_is_granted(desk: Desk) -> None:
    outcome = await desk.ask(ActionOrderStatus(), text="ship NL-2 somewhere else", order="NL-2")
    assert outcome.slots["transaction"]["name"] == "change_address"
    assert outcome.slots["transaction"]["values"]["order"] == "NL-2"


async def test_a_visitor_who_gives_a_new_number_is_asked_to_sign_in_not_handed_over(desk: Desk) -> None:
    told = await desk.ask(ActionHandoff(), None, "I am Jane Poe please change my phone to 8 000 123-45-67")
    assert told.response == "utter_sign_in"
    assert desk.tickets() == []
