"""What each kind of message, button and reaction is answered with."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.conversation import TELEGRAM_CHANNEL
from bot.customers.models import Consent, Customer, Feedback, TelegramAnswer, TelegramButton, TelegramChat, Ticket
from bot.outbox.outbox import CONSENT_TEXT, NOTICES
from bot.telegram.buttons import Button
from bot.telegram.talk import Question, Said
from tests.bot.telegram.line import Line
from tests.bot_api import Fault

CITED = {
    "grounded": True,
    "citations": [{"number": 1, "title": "Returns & refunds", "url": "https://shop.example/a?b=1&c=2"}],
}
GROUNDED = Said("Within 14 days <b> [1].\n\n[1] Returns & refunds: https://shop.example/a?b=1&c=2", trace=CITED)
CHOICE = Said("Cancel it?", [Button("Cancel", "/affirm"), Button("Keep", "/deny")])


# Identity.


async def test_a_stranger_is_nobody_and_nothing_of_another_channel_is_their_conversation(line: Line) -> None:
    await line.write(1, "where is my order?")
    (asked,) = line.asked
    assert (asked.conversation, asked.customer_id, asked.group) == ("telegram:1", None, False)


async def test_a_code_binds_the_chat_and_the_conversation_is_the_customers_everywhere(line: Line) -> None:
    told = await line.bind(1, "C1")
    assert "Ирина" in told[0]
    await line.write(1, "где заказ?")
    (asked,) = line.asked
    assert (asked.conversation, asked.customer_id) == ("customer:C1", "C1")
    assert line.services.chats.chats_of("C1") == [1]


async def test_a_code_works_once(line: Line) -> None:
    code = line.services.chats.issue_code("C1")
    await line.write(1, f"/start {code}")
    assert "Эта ссылка" in (await line.write(2, f"/start {code}"))[0]
    await line.write(2, "hello")
    assert line.asked[-1].customer_id is None


async def test_a_code_expires(line: Line) -> None:
    code = line.services.chats.issue_code("C1")
    line.time.day += dt.timedelta(minutes=16)
    assert "Эта ссылка" in (await line.write(1, f"/start {code}"))[0]
    assert line.services.chats.chats_of("C1") == []


@pytest.mark.parametrize("code", ["C1", "x" * 64, "customer:C1", "'; drop table"])
async def test_what_is_no_code_binds_nothing(line: Line, code: str) -> None:
    await line.write(1, f"/start {code}")
    assert line.services.chats.chats_of("C1") == []


async def test_codes_are_not_kept_readable(line: Line) -> None:
    from bot.customers.models import TelegramCode

    code = line.services.chats.issue_code("C1")
    assert code not in str([vars(row) for row in line.rows(TelegramCode)])


async def test_logging_out_makes_the_chat_a_strangers_and_old_buttons_dead(line: Line) -> None:
    await line.bind()
    line.reply = lambda question: [CHOICE]
    await line.write(1, "cancel my order", "en")
    await line.write(1, "/logout")
    assert await line.press("Cancel") == []
    await line.write(1, "hello")
    assert line.asked[-1].customer_id is None
    assert [question.text for question in line.asked] == ["cancel my order", "hello"]


async def test_another_customers_code_takes_the_chat_over_with_nothing_of_the_first(line: Line) -> None:
    await line.bind(1, "C1")
    await line.press("Да, присылать")
    await line.bind(1, "C2")
    assert line.services.chats.chats_of("C1") == []
    assert not line.outbox.wanted("C1", "telegram", "1") and not line.outbox.wanted("C2", "telegram", "1")
    await line.write(1, "hi")
    assert line.asked[-1].conversation == "customer:C2"


# Groups.


async def test_a_group_is_heard_only_when_it_speaks_to_the_bot(line: Line) -> None:
    assert await line.write(-5, "where is my order?") == []
    assert await line.write(-5, "@lichno_test_bot, how long is the warranty?") == [
        "You said: how long is the warranty?"
    ]
    ours = {**line.server.message(-5, "x"), "from": {**_BOT, "id": 12345678}}
    assert await line.write(-5, "and for TVs?", reply_to_message=ours) == ["You said: and for TVs?"]
    assert await line.write(-5, "/help@lichno_test_bot", "en") and not await line.write(-5, "/help@other_bot")


async def test_in_a_group_nobody_is_a_customer_whoever_writes(line: Line) -> None:
    await line.bind(7, "C1")
    await line.write(-5, "@lichno_test_bot where is my order?")
    asked = line.asked[-1]
    assert (asked.customer_id, asked.group, asked.conversation) == (None, True, "telegram:-5:7")


@pytest.mark.parametrize("command", ["orders", "human", "logout", "forget", "privacy", "start"])
async def test_in_a_group_commands_about_a_person_lead_to_the_private_chat(line: Line, command: str) -> None:
    (told,) = await line.write(-5, f"/{command}@lichno_test_bot", "en")
    assert "@lichno_test_bot" in told and line.asked == []


async def test_a_groups_answer_quotes_the_question_and_asks_for_no_thumbs(line: Line) -> None:
    line.reply = lambda question: [GROUNDED]
    await line.write(-5, "@lichno_test_bot returns?")
    (sent,) = line.server.sent
    assert sent.reply_to is not None and sent.buttons == []


async def test_a_mention_without_a_word_is_answered_with_help(line: Line) -> None:
    assert "warranty" in (await line.write(-5, "@lichno_test_bot", "en"))[0]


_BOT = {"is_bot": True, "first_name": "Lichno"}


# Commands.


async def test_orders_and_human_are_the_assistants_own_requests(line: Line) -> None:
    await line.write(1, "/orders")
    await line.write(1, "/human")
    assert [question.text for question in line.asked] == ["/order_status", "/human_handoff"]
    assert [question.title for question in line.asked] == ["Мои заказы", "Позвать сотрудника"]


async def test_typed_payloads_and_unknown_commands_do_nothing_but_help(line: Line) -> None:
    for text in ("/affirm", '/cancel_order{"order_number": "NL-1"}', "/restart", "/nonsense"):
        await line.write(1, text)
    assert [question.text for question in line.asked if question.text.startswith("/")] == []


async def test_a_stranger_is_welcomed_in_the_language_of_their_telegram(line: Line) -> None:
    assert "Hello" in (await line.write(1, "/start", "en-GB"))[0]
    assert "Здравствуйте" in (await line.write(2, "/start", "ru"))[0]
    await line.bind(1, "C1")
    assert "Ирина" in (await line.write(1, "/start", "en"))[0]


async def test_the_language_is_chosen_by_a_button_and_stays_for_all_channels(line: Line) -> None:
    await line.bind(1, "C1")
    await line.write(1, "/language")
    assert "English" in (await line.press("English"))[0]
    assert "your orders" in (await line.write(1, "/help"))[0]
    assert {row.customer_id: row.language for row in line.rows(Customer)}["C1"] == "en"


async def test_forgetting_asks_first_then_erases_chat_and_conversation_and_files_the_rest(line: Line) -> None:
    await line.bind()
    line.reply = lambda question: [GROUNDED]
    await line.write(1, "returns?")
    await line.write(1, "/forget")
    assert line.forgotten == []
    await line.press("Оставить")
    assert line.forgotten == [] and line.services.chats.chats_of("C1") == [1]
    await line.write(1, "/forget")
    (told,) = await line.press("Стереть")
    assert line.forgotten == ["customer:C1"]
    assert (line.rows(TelegramChat), line.rows(TelegramButton), line.rows(TelegramAnswer)) == ([], [], [])
    filed = line.rows(Ticket)[-1]
    assert filed.ticket_id in told and filed.customer_id == "C1"


async def test_a_stranger_who_is_forgotten_files_nothing(line: Line) -> None:
    before = len(line.rows(Ticket))
    await line.write(1, "/forget", "en")
    await line.press("Erase")
    assert line.forgotten == ["telegram:1"] and len(line.rows(Ticket)) == before


async def test_privacy_tells_what_is_kept_and_switches_notices(line: Line) -> None:
    assert "/forget" in (await line.write(1, "/privacy", "en"))[0]
    assert "не связан" in (await line.write(1, "/logout"))[0]
    await line.bind()
    await line.write(1, "/privacy")
    await line.press("Присылать уведомления")
    assert line.outbox.wanted("C1", "telegram", "1")
    await line.write(1, "/privacy")
    await line.press("Не присылать уведомления")
    assert not line.outbox.wanted("C1", "telegram", "1")
    kept = [(row.given, row.channel, row.text_version) for row in line.rows(Consent) if row.purpose == NOTICES]
    assert kept == [(True, TELEGRAM_CHANNEL, CONSENT_TEXT), (False, TELEGRAM_CHANNEL, CONSENT_TEXT)]


# Replies.


async def test_sources_are_links_and_nothing_else_is_taken_for_a_mark(line: Line) -> None:
    line.reply = lambda question: [GROUNDED]
    await line.write(1, "returns?")
    (sent,) = line.server.sent
    assert sent.text == "Within 14 days <b> [1].\n\n[1] Returns & refunds"
    assert sent.html.count('<a href="https://shop.example/a?b=1&amp;c=2">') == 2


async def test_a_long_reply_comes_in_parts_with_its_buttons_under_the_last(line: Line) -> None:
    words = " ".join(f"Sentence {number} is here." for number in range(400))
    line.reply = lambda question: [Said(words, CHOICE.buttons)]
    told = await line.write(1, "long")
    assert len(told) == 3 and " ".join(told) == words
    assert all(part.endswith("is here.") for part in told)
    assert [sent.titles for sent in line.server.sent] == [[], [], ["Cancel", "Keep"]]


async def test_several_replies_come_one_by_one_in_order(line: Line) -> None:
    line.reply = lambda question: [Said("one"), Said("two")]
    assert await line.write(1, "hi") == ["one", "two"]


async def test_an_assistant_that_fails_or_is_silent_is_apologised_for(line: Line, caplog: Any) -> None:
    def fail(question: Question) -> list[Said]:
        raise RuntimeError(question.text)

    line.reply = fail
    (told,) = await line.write(1, "secret words", "en")
    line.reply = lambda question: []
    assert await line.write(1, "hello", "en") == [told]
    assert "secret words" not in caplog.text and "RuntimeError" in caplog.text


async def test_typing_is_shown_while_the_assistant_writes(line: Line) -> None:
    line.services.typing_after = 0.0

    async def once_typing_shows(question: Question, say: Any) -> bool:
        await line.server.until(lambda: line.server.called("sendchataction"))
        say(Said("done"))
        return True

    line.services.ask = once_typing_shows
    assert await line.write(1, "hi") == ["done"]


async def test_a_server_that_cannot_show_typing_holds_nothing_up(line: Line) -> None:
    line.services.typing_after = 0.0
    line.server.fault = lambda method, asked: Fault(500) if method == "sendchataction" else None
    assert await line.write(1, "hi") == ["You said: hi"]


# Buttons.


async def test_a_pressed_button_says_its_payload_and_its_choice_stands_in_the_message(line: Line) -> None:
    long = '/cancel_order{"order_number": "' + "N" * 100 + '"}'
    line.reply = lambda question: [Said("Which <one>?", [Button("First", long), Button("Second", "/deny")])]
    await line.write(1, "cancel", "en")
    await line.press("First")
    assert [(question.text, question.title) for question in line.asked] == [("cancel", ""), (long, "First")]
    message = next(m for (chat, _), m in line.server.messages.items() if m.text.startswith("Which <one>?\n"))
    assert message.text.endswith("✓ First") and message.buttons == []
    assert line.server.toasts == [""]


async def test_a_button_works_once_and_its_neighbours_with_it(line: Line) -> None:
    line.reply = lambda question: [CHOICE] if question.text == "cancel" else [Said("done")]
    await line.write(1, "cancel", "en")
    message = line.with_button("Cancel")
    first, again, neighbour = (line.server.pressing(message, title) for title in ("Cancel", "Cancel", "Keep"))
    await line.receive(first, again, neighbour)
    assert [question.text for question in line.asked] == ["cancel", "/affirm"]
    assert [bool(toast) for toast in line.server.toasts] == [False, True, True]


async def test_a_button_of_another_chat_means_nothing(line: Line) -> None:
    line.reply = lambda question: [CHOICE]
    await line.write(1, "cancel", "en")
    stolen = line.server.pressing(line.with_button("Cancel"), "Cancel")
    stolen["callback_query"]["message"]["chat"]["id"] = stolen["callback_query"]["from"]["id"] = 2
    await line.receive(stolen)
    assert len(line.asked) == 1


async def test_thumbs_are_feedback_on_the_question_in_the_tracker(line: Line) -> None:
    await line.bind()
    line.reply = lambda question: [GROUNDED]
    await line.write(1, "returns?")
    asked = line.asked[-1]
    assert await line.press("👍") == []
    (kept,) = line.rows(Feedback)
    assert (kept.conversation, kept.reply, kept.rating) == ("customer:C1", asked.message_id, 1)
    assert kept.customer_id == "C1"
    assert line.server.told(1)[-1].endswith("👍")


async def test_a_reaction_is_feedback_that_may_be_changed_and_taken_back(line: Line) -> None:
    line.reply = lambda question: [GROUNDED]
    await line.write(1, "returns?")
    message = line.server.sent[-1]

    async def react(*emoji: str, to: int = message.message_id) -> list[int]:
        kinds = [{"type": "emoji", "emoji": one} for one in emoji]
        base = {"chat": {"id": 1, "type": "private"}, "message_id": to, "date": 1_790_000_000, "old_reaction": []}
        await line.receive(line.server.update(message_reaction={**base, "new_reaction": kinds}))
        return [row.rating for row in line.rows(Feedback)]

    assert await react("👎") == [-1]
    assert await react("👍") == [1]
    assert await react("👍", to=message.message_id + 1) == [1]
    assert await react() == []


async def test_only_answers_from_evidence_ask_for_thumbs(line: Line) -> None:
    line.reply = lambda question: [Said("I don't know.", trace={"grounded": False})]
    await line.write(1, "hi")
    assert line.server.sent[-1].titles == []


# Everything else that people send.


async def test_an_edited_message_is_answered_again_if_it_is_the_newest(line: Line) -> None:
    first = line.server.message(1, "where is my oder?")
    second = line.server.message(1, "never mind")
    await line.receive(line.server.update(message=first))
    await line.receive(line.server.update(edited_message={**first, "text": "where is my order?"}))
    await line.receive(line.server.update(message=second))
    await line.receive(line.server.update(edited_message={**first, "text": "too late"}))
    assert [question.text for question in line.asked] == ["where is my oder?", "where is my order?", "never mind"]
    assert [sent.reply_to for sent in line.server.sent] == [None, first["message_id"], None]


STICKER = {"file_id": "s", "file_unique_id": "s", "width": 1, "height": 1, "is_animated": False, "is_video": False}


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ({"sticker": {**STICKER, "type": "regular"}}, "words"),
        ({"location": {"latitude": 55.0, "longitude": 37.0}}, "map"),
        ({"contact": {"phone_number": "+7 000", "first_name": "A"}}, "words"),
        ({"dice": {"emoji": "🎲", "value": 3}}, "words"),
        ({"voice": {"file_id": "v", "file_unique_id": "v", "duration": 2}}, "write"),
    ],
)
async def test_what_cannot_be_understood_is_answered_with_what_can(line: Line, content: Any, word: str) -> None:
    (told,) = await line.write(1, language="en", **content)
    assert word in told and line.asked == []


async def test_service_messages_and_other_bots_are_not_answered(line: Line) -> None:
    assert await line.write(1, pinned_message=line.server.message(1, "x")) == []
    robot = line.server.message(1, "hi")
    robot["from"]["is_bot"] = True
    await line.receive(line.server.update(message=robot))
    assert line.server.sent == []


# Blocked.


async def test_a_chat_that_blocked_the_bot_is_left_alone_until_it_writes_again(line: Line) -> None:
    await line.bind()
    await line.press("Да, присылать")
    line.server.blocked = {1}
    assert await line.write(1, "hello") == []
    assert [row.blocked for row in line.rows(TelegramChat)] == [True]
    assert not line.outbox.wanted("C1", "telegram", "1")
    member = {"chat": {"id": 1, "type": "private"}, "from": {"id": 1, "is_bot": False, "first_name": "A"}}
    user = {**_BOT, "id": 12345678}
    old, new = {"user": user, "status": "kicked", "until_date": 0}, {"user": user, "status": "member"}
    change = {**member, "date": 1, "old_chat_member": old, "new_chat_member": new}
    await line.receive(line.server.update(my_chat_member=change))
    assert [row.blocked for row in line.rows(TelegramChat)] == [False]
