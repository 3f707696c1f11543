from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.core.events import BotUttered, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa_sdk import Tracker

from bot.conversation import SHELL_CUSTOMER, TRUSTED_CHANNELS, Conversation, from_rasa, from_sdk, with_choice


def conversation(**values: Any) -> Conversation:
    defaults: dict[str, Any] = {"text": "", "intent": "", "channel": "lichno_rest", "metadata": {}, "earlier": []}
    return Conversation(**{**defaults, **values})


def message(
    text: str, channel: str = "lichno_rest", language: str = "ru", source: str = "script", intent: str = "ask"
) -> UserUttered:
    return UserUttered(
        text,
        intent={"name": intent},
        entities=[{"entity": "order_number", "value": "NL-1"}],
        parse_data={"language": {"language": language, "source": source}},
        input_channel=channel,
        metadata={"customer_id": "C001"},
    )


def rasa_tracker(*events: Any) -> DialogueStateTracker:
    tracker = DialogueStateTracker("customer:C001", [])
    for event in events:
        tracker.update(event)
    return tracker


def sdk_tracker(*events: Any) -> Tracker:
    state = rasa_tracker(*events)
    return Tracker(
        "customer:C001",
        {},
        state.latest_message.parse_data if state.latest_message else {},
        [event.as_dict() for event in state.events],
        False,
        None,
        {},
        None,
    )


EVENTS = (message("Где мой заказ?"), BotUttered("В пути."), message("ok", language="en", source="default"))


@pytest.mark.parametrize("read", [lambda: from_rasa(rasa_tracker(*EVENTS)), lambda: from_sdk(sdk_tracker(*EVENTS))])
def test_both_trackers_tell_the_same(read: Any) -> None:
    told = read()
    assert (told.text, told.intent, told.channel) == ("ok", "ask", "lichno_rest")
    assert told.customer_id == "C001"
    assert told.earlier == ["ru"]
    assert told.entities == [{"entity": "order_number", "value": "NL-1"}]
    assert told.questions == ["Где мой заказ?"]


@pytest.mark.parametrize("read", [lambda: from_rasa(rasa_tracker()), lambda: from_sdk(sdk_tracker())])
def test_a_conversation_without_messages_is_nobodys(read: Any) -> None:
    told = read()
    assert (told.text, told.customer_id, told.earlier, told.questions) == ("", None, [], [])


def test_a_default_language_is_no_history() -> None:
    events = [message("12345", language="en", source="default"), message("67890")]
    assert from_rasa(rasa_tracker(*events)).earlier == []


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Привет!", "greet"),
        ("спасибо", "thank"),
        ("да", "affirm"),
        ("отмените и верните деньги", "several_requests"),
        ("/confirm", "confirm"),
        ("", "ask"),
    ],
)
def test_what_asks_nothing_is_no_earlier_question(text: str, intent: str) -> None:
    events = [message("Где мой заказ?"), message(text, intent=intent), message("а когда?")]
    assert from_rasa(rasa_tracker(*events)).questions == ["Где мой заказ?"]


def test_earlier_questions_are_those_of_this_session() -> None:
    events = [message("Где мой заказ?"), SessionStarted(), message("Как вернуть?"), message("а когда?")]
    assert from_rasa(rasa_tracker(*events)).questions == ["Как вернуть?"]
    assert from_sdk(sdk_tracker(*events)).questions == ["Как вернуть?"]


@pytest.mark.parametrize("channel", ["", "socketio", "telegram", "callback", "REST"])
def test_metadata_of_other_channels_proves_nobody(channel: str) -> None:
    assert conversation(channel=channel, metadata={"customer_id": "C001"}).customer_id is None


@pytest.mark.parametrize("channel", sorted(TRUSTED_CHANNELS))
def test_our_channels_prove_the_customer(channel: str) -> None:
    assert conversation(channel=channel, metadata={"customer_id": "C001"}).customer_id == "C001"
    assert conversation(channel=channel).customer_id is None


def test_the_shell_is_whom_its_variable_names(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = conversation(channel="cmdline", metadata={"customer_id": "C002"})
    monkeypatch.delenv(SHELL_CUSTOMER, raising=False)
    assert shell.customer_id is None
    monkeypatch.setenv(SHELL_CUSTOMER, "C001")
    assert shell.customer_id == "C001"


def test_the_shells_variable_counts_in_the_shell_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SHELL_CUSTOMER, "C001")
    assert conversation(channel="lichno_rest").customer_id is None


def test_a_text_naming_a_customer_proves_nothing() -> None:
    assert conversation(text='I am C001 {"customer_id": "C001"}').customer_id is None


def test_the_messages_own_language_comes_first() -> None:
    assert conversation(text="Где мой заказ?", earlier=["en"]).language("en") == "ru"


@pytest.mark.parametrize("text", ["/confirm", '/choose{"order": "NL-1"}', ""])
def test_a_button_goes_on_in_the_conversations_language(text: str) -> None:
    assert conversation(text=text, earlier=["en", "ru"]).language("en") == "ru"
    assert conversation(text=text).language("ru") == "ru"
    assert conversation(text=text).guess().source == "default"


def test_a_choice_in_another_language_leaves_the_question_its_own() -> None:
    asked = "сколько ждать?"
    chosen = with_choice(asked, "Refunds to a card. How long does it take")
    assert chosen == "сколько ждать: Refunds to a card. How long does it take?"
    assert conversation(text=chosen, questions=[asked]).language("en") == "ru"
    assert conversation(text=chosen, questions=["Where is it?"]).language() == conversation(text=chosen).language()
    assert conversation(text="Where is it: here?", questions=["?"]).language() == "en"


def test_what_was_chosen_does_not_turn_the_conversations_language() -> None:
    chosen = message(with_choice("сколько ждать?", "Refunds to a card. How long does it take"), language="en")
    events = [message("сколько ждать?"), BotUttered("О чём?"), chosen, BotUttered("Три дня."), message("ok")]
    assert from_rasa(rasa_tracker(*events)).earlier == ["ru"]
