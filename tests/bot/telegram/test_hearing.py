"""Voice messages: heard, answered in writing and, to customers, by voice; the models are fakes."""

from __future__ import annotations

from typing import Any

import pytest

from bot.customers.models import Preference
from bot.telegram.buttons import Button
from bot.telegram.speech import opus
from bot.telegram.talk import Said
from tests.bot.telegram.line import Line
from tests.bot.telegram.test_speech import tone

SOUND = opus(tone(440, 0.1))
OFF = {"C1": "Отвечать только письменно", "C2": "Reply in writing only"}
ON = {"C1": "Отвечать и голосом", "C2": "Reply by voice too"}


class Ears:
    """Hears what the sound spells."""

    async def transcribe(self, audio: bytes, language: str) -> str:
        return audio.decode()


class Mouth:
    """Remembers what it was to speak."""

    def __init__(self) -> None:
        self.spoken: list[str] = []

    async def speak(self, text: str) -> bytes | None:
        self.spoken.append(text)
        if text == "broken":
            raise RuntimeError("secret words")
        return None if text == "foreign" else SOUND


def voice(file_id: str = "v", seconds: int = 2) -> dict[str, Any]:
    return {"voice": {"file_id": file_id, "file_unique_id": file_id, "duration": seconds}}


@pytest.fixture
def mouth(line: Line) -> Mouth:
    """The line with ears and a mouth."""
    mouth = Mouth()
    line.services.transcriber, line.services.speaker = Ears(), mouth
    line.server.files = {"v": b"where is my order"}
    return mouth


async def test_a_voice_message_is_repeated_in_writing_and_answered(line: Line) -> None:
    line.services.transcriber = Ears()
    line.server.files = {"v": "где мой заказ".encode(), "noise": b""}
    told = await line.write(1, **voice("v"))
    assert told == ["Я услышал: «где мой заказ»", "You said: где мой заказ"]
    assert len(await line.write(1, **voice("noise"))) == 1
    assert "двух минут" in (await line.write(1, **voice("v", 121)))[0]
    assert "двух минут" in (await line.write(1, **voice("not there")))[0]
    assert len(line.asked) == 1 and line.server.spoken(1) == []


async def test_a_recording_that_cannot_be_decoded_is_apologised_for(line: Line, caplog: Any) -> None:
    line.services.transcriber = Ears()
    line.server.files = {"v": b"\xff\xfe"}
    (told,) = await line.write(1, **voice("v"))
    assert told and "UnicodeDecodeError" in caplog.text
    assert await line.write(1, "hello") == ["You said: hello"]


async def test_a_customers_voice_message_is_answered_in_writing_first_and_then_by_voice(
    line: Line, mouth: Mouth
) -> None:
    await line.bind(1, "C2")
    line.reply = lambda question: [Said("On its way."), Said("Cancel it?", [Button("Cancel", "/affirm")])]
    assert (await line.write(1, **voice()))[-2:] == ["On its way.", "Cancel it?"]
    assert mouth.spoken == ["On its way. Cancel it?"]
    assert line.server.sent[-1].sound == SOUND and len(line.server.spoken(1)) == 1


async def test_sources_and_links_are_not_spoken(line: Line, mouth: Mouth) -> None:
    await line.bind(1, "C2")
    line.reply = lambda question: [Said("Within 14 days [1].\n\n[1] Returns: https://shop.example/a")]
    await line.write(1, **voice())
    assert mouth.spoken == ["Within 14 days."]


async def test_what_is_written_is_answered_in_writing_only(line: Line, mouth: Mouth) -> None:
    await line.bind(1, "C2")
    await line.write(1, "where is my order?")
    assert mouth.spoken == []


@pytest.mark.parametrize("customer", ["C1", "C2"])
async def test_one_tap_under_a_voice_reply_stops_them_and_privacy_brings_them_back(
    line: Line, mouth: Mouth, customer: str
) -> None:
    await line.bind(1, customer)
    await line.write(1, **voice())
    assert len(await line.press(OFF[customer])) == 1
    assert line.server.spoken(1)[0].buttons == []
    await line.write(1, **voice())
    assert len(mouth.spoken) == 1
    await line.write(1, "/privacy")
    await line.press(ON[customer])
    await line.write(1, **voice())
    assert len(mouth.spoken) == len(line.server.spoken(1)) == 2
    assert [(row.customer_id, row.value) for row in line.rows(Preference) if row.key == "voice_replies"] == [
        (customer, "on")
    ]


async def test_without_a_voice_privacy_does_not_speak_of_it(line: Line) -> None:
    await line.bind(1, "C2")
    assert len(await line.write(1, "/privacy")) == 1


async def test_a_stranger_is_answered_in_writing_and_can_set_nothing(line: Line, mouth: Mouth) -> None:
    await line.bind(1, "C2")
    await line.write(1, **voice())
    await line.write(1, "/logout")
    await line.write(1, **voice())
    assert len(line.asked) == 2 and len(mouth.spoken) == 1
    assert line.rows(Preference) == [] or all(row.key != "voice_replies" for row in line.rows(Preference))


async def test_in_a_group_nothing_is_heard_or_spoken(line: Line, mouth: Mouth) -> None:
    await line.bind(7, "C2")
    ours = {**line.server.message(-5, "x"), "from": {"id": 12345678, "is_bot": True, "first_name": "Lichno"}}
    await line.write(-5, **voice())
    await line.write(-5, reply_to_message=ours, **voice())
    assert line.asked == [] and mouth.spoken == [] and line.server.spoken(-5) == []


@pytest.mark.parametrize("words", ["broken", "foreign", "x" * 601])
async def test_a_reply_that_is_not_spoken_stands_there_in_writing(
    line: Line, mouth: Mouth, words: str, caplog: Any
) -> None:
    await line.bind(1, "C2")
    line.reply = lambda question: [Said(words)]
    assert (await line.write(1, **voice()))[-1] == words
    assert line.server.spoken(1) == [] and "secret words" not in caplog.text


async def test_a_person_who_allows_no_voice_messages_has_the_written_answer(line: Line, mouth: Mouth) -> None:
    await line.bind(1, "C2")
    line.server.voiceless = {1}
    assert (await line.write(1, **voice()))[-1] == "You said: where is my order"
    assert await line.write(1, "hello") == ["You said: hello"]


async def test_what_a_person_at_the_desk_will_answer_is_not_spoken(line: Line, mouth: Mouth) -> None:
    async def passed(question: Any, say: Any) -> bool:
        return False

    line.services.ask = passed
    await line.bind(1, "C2")
    await line.write(1, **voice())
    assert mouth.spoken == []
