from __future__ import annotations

import datetime as dt

import pytest

from bot.actions.change_contact import ActionChangeContact
from bot.customers.models import VerificationCode
from tests.bot.actions.chat import Chat

CHANGE = ActionChangeContact()


@pytest.mark.parametrize(
    ("first", "question", "value", "columns"),
    [
        ("my phone has changed", "utter_ask_new_phone", "8 000 111-22-33", {"phone": "+7 000 111-22-33"}),
        ("new e-mail for me", "utter_ask_new_email", "Ann.H@Mail.example", {"email": "ann.h@mail.example"}),
        (
            "I moved to another flat",
            "utter_ask_home_address",
            "Omsk, Mira 5, apt 2",
            {"city": "Omsk", "street_address": "Mira 5, apt 2"},
        ),
    ],
)
async def test_a_contact_changes_after_yes_and_code(
    chat: Chat, first: str, question: str, value: str, columns: dict[str, str]
) -> None:
    before = chat.desk.customer("C2")
    assert await chat.say(first, CHANGE) == [question]
    assert await chat.say(value) == ["utter_confirm_contact"]
    assert await chat.say("yes") == ["utter_ask_code"]
    assert chat.desk.customer("C2") == before
    assert await chat.say("here it is: {code}") == ["utter_contact_saved"]
    assert chat.desk.customer("C2") == {**before, **columns}
    assert chat.desk.audit() == [("change_contact", None)]


async def test_the_code_goes_to_the_address_on_file_not_to_the_new_one(chat: Chat) -> None:
    await chat.say("use thief@mail.example as my e-mail", CHANGE)
    await chat.say("yes")
    (letter,) = chat.letters.glob("*.eml")
    assert "To: a@mail.example" in letter.read_text() and "thief" not in letter.read_text()


async def test_a_code_works_for_its_own_request_only(chat: Chat) -> None:
    await chat.say("new phone 8 000 111-22-33", CHANGE)
    await chat.say("yes")
    code = chat.code()
    await chat.say("never mind")
    await chat.say("use thief@mail.example as my e-mail", CHANGE)
    await chat.say("yes")
    assert chat.code() != code
    assert await chat.say(code) == ["utter_wrong_code", "utter_ask_code"]
    assert chat.message["email"] == "a•••@mail.example"


async def test_after_five_wrong_codes_the_right_one_does_not_help(chat: Chat) -> None:
    await chat.say("new phone 8 000 111-22-33", CHANGE)
    await chat.say("yes")
    wrong = f"{(int(chat.code()) + 1) % 10**6:06d}"
    lefts = []
    for _ in range(4):
        assert await chat.say(wrong) == ["utter_wrong_code", "utter_ask_code"]
        lefts.append(chat.said[0]["left"])
    assert lefts == [4, 3, 2, 1]
    assert await chat.say(wrong) == ["utter_code_blocked"]
    assert await chat.say("new phone 8 000 111-22-33", CHANGE) == ["utter_confirm_contact"]
    assert await chat.say("yes") == ["utter_code_blocked"]
    assert chat.desk.customer("C2")["phone"] == "+7 000 000-00-02"


@pytest.mark.parametrize("again", ["the code didn't arrive", "пришлите ещё раз"])
async def test_a_new_code_is_sent_on_request_but_not_at_once(chat: Chat, again: str) -> None:
    await chat.say("new phone 8 000 111-22-33", CHANGE)
    await chat.say("yes")
    assert await chat.say(again) == ["utter_code_wait", "utter_ask_code"]
    _age(chat, dt.timedelta(minutes=2))
    old = chat.code()
    assert await chat.say(again) == ["utter_code_resent", "utter_ask_code"]
    assert await chat.say(old) == ["utter_wrong_code", "utter_ask_code"] or chat.code() == old
    assert await chat.say("{code}") == ["utter_contact_saved"]


async def test_an_expired_code_is_followed_by_a_new_one(chat: Chat) -> None:
    await chat.say("new phone 8 000 111-22-33", CHANGE)
    await chat.say("yes")
    _age(chat, dt.timedelta(minutes=6))
    assert await chat.say("{code}") == ["utter_code_expired", "utter_ask_code"]
    assert await chat.say("{code}") == ["utter_contact_saved"]


def _age(chat: Chat, by: dt.timedelta) -> None:
    with chat.desk.store.session() as session:
        for code in session.query(VerificationCode):
            code.issued_at, code.expires_at = code.issued_at - by, code.expires_at - by
        session.commit()


async def test_without_a_mail_server_nothing_changes_and_it_is_said(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat.letters.parent.mkdir(exist_ok=True)
    chat.letters.write_text("a file in the place of the folder")
    await chat.say("new phone 8 000 111-22-33", CHANGE)
    assert await chat.say("yes") == ["utter_code_not_sent"]
    assert chat.desk.customer("C2")["phone"] == "+7 000 000-00-02"


@pytest.mark.parametrize(
    ("first", "value", "problem"),
    [
        ("new phone", "12345", "utter_bad_phone"),
        ("new e-mail", "ann at mail", "utter_bad_email"),
        ("change my contacts", "hmm", "utter_answer_unclear"),
    ],
)
async def test_what_does_not_fit_is_asked_again(chat: Chat, first: str, value: str, problem: str) -> None:
    question = await chat.say(first, CHANGE)
    assert await chat.say(value) == [problem, *question]


async def test_the_same_contact_is_not_changed(chat: Chat) -> None:
    assert await chat.say("my phone is 8 000 000-00-02", CHANGE) == ["utter_contact_same"]


async def test_a_number_is_corrected_before_the_code(chat: Chat) -> None:
    await chat.say("new phone 8 000 111-22-33", CHANGE)
    assert await chat.say("sorry, 8 000 111-22-34") == ["utter_confirm_contact"]
    assert chat.message["value"] == "+7 000 111-22-34"
