from __future__ import annotations

from typing import Any

import pytest

from bot.channels.thread import SHOWN, is_known, reply_of, thread_of
from tests.bot.channels.web_agent import CHOICE, GROUNDED


def user(text: str, message_id: str | None, **metadata: Any) -> dict[str, Any]:
    return {"event": "user", "text": text, "message_id": message_id, "timestamp": 1.0, "metadata": metadata}


def bot(reply: dict[str, Any]) -> dict[str, Any]:
    return {"event": "bot", "timestamp": 2.0, "data": {}, **reply}


def test_a_thread_holds_what_was_asked_and_answered_in_order() -> None:
    events = [
        {"event": "action", "name": "action_session_start"},
        user("hello", "m1"),
        bot({"text": "Hello!"}),
        user("cancel it", "m2"),
        bot(CHOICE),
        bot(GROUNDED),
    ]
    thread = thread_of(events)
    assert [(said["id"], said["from"]) for said in thread] == [
        ("m1", "customer"),
        ("m1.1", "assistant"),
        ("m2", "customer"),
        ("m2.1", "assistant"),
        ("m2.2", "assistant"),
    ]
    assert [said["to"] for said in thread if said["from"] == "assistant"] == ["m1", "m2", "m2"]


def test_parts_of_a_message_are_not_shown_and_their_answers_belong_to_it() -> None:
    events = [user("a? and b?", "m1"), user("a?", None), bot({"text": "A."}), user("b?", None), bot({"text": "B."})]
    assert [(said["id"], said["text"]) for said in thread_of(events)] == [
        ("m1", "a? and b?"),
        ("m1.1", "A."),
        ("m1.2", "B."),
    ]


def test_a_pressed_button_shows_its_title() -> None:
    assert thread_of([user("/affirm", "m1", title="Yes, cancel")])[0]["text"] == "Yes, cancel"


def test_a_session_that_rasa_begins_is_not_shown() -> None:
    assert thread_of([user("/session_start", "m1"), bot({"text": "Hello!"})])[0]["text"] == "Hello!"


def test_only_the_latest_messages_are_shown() -> None:
    thread = thread_of([user(str(n), f"m{n}") for n in range(SHOWN + 5)])
    assert (len(thread), thread[-1]["text"]) == (SHOWN, str(SHOWN + 4))


def test_a_message_is_known_by_its_id() -> None:
    events = [user("hello", "m1"), bot({"text": "m2"})]
    assert is_known(events, "m1") and not is_known(events, "m2")


@pytest.mark.parametrize(
    ("url", "text", "link"),
    [
        (
            "https://a.example/x",
            "Delivery costs 299 ₽ a parcel.",
            "#passage-3:~:text=Delivery%20costs%20299%20%E2%82%BD%20a",
        ),
        ("https://a.example/x", "A two-day parcel", "#passage-3:~:text=A%20two%2Dday%20parcel"),
        ("https://a.example/x", "| a | b |\n|---|---|", "#passage-3"),
        ("https://a.example/x", "- first\n- second", "#passage-3"),
        ("https://a.example/x", "1. first\n2. second", "#passage-3"),
        ("https://a.example/x", "Press **Reset** now.", "#passage-3"),
        ("https://a.example/x#there", "Delivery", ""),
    ],
)
def test_a_citation_opens_the_article_at_its_passage(url: str, text: str, link: str) -> None:
    trace = {
        "citations": [{"number": 1, "id": "x#3", "title": "X", "url": url}],
        "passages": [{"id": "x#3", "text": text}],
    }
    (citation,) = reply_of({"text": "…", "trace": trace}, "m1", 1, 0.0)["citations"]
    assert citation["url"] == url + link


def test_a_source_without_an_address_has_no_link() -> None:
    trace = {"citations": [{"number": 1, "id": "x#3", "title": "X", "url": ""}]}
    assert reply_of({"text": "…", "trace": trace}, "m1", 1, 0.0)["citations"][0]["url"] == ""


def test_an_actions_facts_are_shown_as_facts() -> None:
    said = {"text": "It is on its way.", "used_facts": [{"kind": "order", "text": "Order NL-1 is on its way."}]}
    assert reply_of(said, "m1", 1, 0.0)["facts"] == ["Order NL-1 is on its way."]
