"""Speaking, with a small program in Piper's place and the real encoder; the README tells how Piper is set up."""

from __future__ import annotations

import io
import json
import sys
import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from bot.telegram import speech
from bot.telegram.errors import SpeechFailed, TelegramSettingsError
from bot.telegram.speech import PiperSpeaker, aloud, opus, spoken_in

RATE = 22_050
# Speaks each sentence as half a second of a tone as high as its voice's file says; of some texts it makes nothing.
PROGRAM = f"""#!{sys.executable}
import json, math, struct, sys, time, wave
from pathlib import Path
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
assert options.pop("--output-file") == "-"
hertz = json.loads(Path(options.pop("--model") + ".json").read_text())["hertz"]
assert not options
text = sys.stdin.buffer.read().decode("utf-8")
if "nothing" in text:
    sys.exit(0)
if "fail" in text:
    sys.exit(f"cannot say {{text}}")
if "for ever" in text:
    time.sleep(3600)
count = {RATE} // 2 * len(text.split(". "))
samples = [int(16000 * math.sin(2 * math.pi * hertz * n / {RATE})) for n in range(count)]
with wave.open(sys.stdout.buffer, "wb") as file:
    file.setparams((1, 2, {RATE}, count, "NONE", "none"))
    file.writeframesraw(struct.pack(f"<{{count}}h", *samples))
"""


def tone(hertz: float, seconds: float) -> bytes:
    """A WAV file."""
    samples = 16_000 * np.sin(2 * np.pi * hertz * np.arange(int(RATE * seconds)) / RATE)
    found = io.BytesIO()
    with wave.open(found, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", "none"))
        file.writeframes(samples.astype("<i2").tobytes())
    return found.getvalue()


def heard(sound: bytes) -> Any:
    """The samples of an Ogg file, 48,000 a second."""
    with av.open(io.BytesIO(sound), "r") as container:
        (stream,) = container.streams
        assert (container.format.name, stream.codec_context.name) == ("ogg", "opus")
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


def pitch(samples: Any) -> float:
    """The strongest frequency in hertz."""
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * 48_000 / len(samples))


@pytest.fixture
def program(tmp_path: Path) -> str:
    """A program that stands on no path."""
    file = tmp_path / "our-piper"
    file.write_text(PROGRAM)
    file.chmod(0o755)
    return str(file)


@pytest.fixture
def voices(tmp_path: Path) -> dict[str, Path]:
    """Files that look like voices."""
    files = {}
    for language, hertz in (("ru", 300), ("en", 600)):
        files[language] = tmp_path / f"{language}.onnx"
        files[language].touch()
        Path(f"{files[language]}.json").write_text(json.dumps({"hertz": hertz}))
    return files


async def test_each_language_has_its_voice(voices: dict[str, Path], program: str) -> None:
    speaker = PiperSpeaker(voices, program)
    for text, hertz in (("Ваш заказ в пути.", 300), ("Your order is on its way.", 600)):
        assert (sound := await speaker.speak(text)) and abs(pitch(heard(sound)) - hertz) < 5


async def test_sentences_follow_each_other_in_one_message(voices: dict[str, Path], program: str) -> None:
    sound = await PiperSpeaker(voices, program).speak("One. Two. Three.")
    assert sound and abs(len(heard(sound)) / 48_000 - 1.5) < 0.1


async def test_a_language_without_a_voice_is_not_spoken(voices: dict[str, Path], program: str) -> None:
    del voices["en"]
    assert await PiperSpeaker(voices, program).speak("Hello") is None


async def test_the_program_is_found_by_its_name_on_the_path(
    voices: dict[str, Path], program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(Path(program).parent), prepend=":")
    Path(program).rename(Path(program).with_name("piper"))
    assert await PiperSpeaker(voices).speak("Hello")


@pytest.mark.parametrize("text", ["Please fail", "Say nothing"])
async def test_a_program_that_does_not_speak_is_told_of_without_the_text(
    voices: dict[str, Path], program: str, text: str
) -> None:
    with pytest.raises(SpeechFailed, match="by hand") as failed:
        await PiperSpeaker(voices, program).speak(text)
    assert text not in str(failed.value)


async def test_a_program_that_does_not_end_is_ended_and_the_next_text_spoken(
    voices: dict[str, Path], program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaker = PiperSpeaker(voices, program)
    with monkeypatch.context() as impatient, pytest.raises(SpeechFailed, match="not done"):
        impatient.setattr(speech, "SECONDS", 0.0)
        await speaker.speak("On for ever")
    assert await speaker.speak("Hello")


def test_a_voice_and_a_program_that_are_not_there_are_told_at_the_start(voices: dict[str, Path], program: str) -> None:
    with pytest.raises(TelegramSettingsError, match="no program nowhere: install it with pipx install piper-tts"):
        PiperSpeaker(voices, "nowhere")
    Path(f"{voices['ru']}.json").unlink()
    with pytest.raises(TelegramSettingsError, match=r"voices\.ru"):
        PiperSpeaker(voices, program)


def test_the_encoder_keeps_pitch_and_length() -> None:
    samples = heard(opus(tone(440, 1.5)))
    assert abs(len(samples) / 48_000 - 1.5) < 0.05 and abs(pitch(samples) - 440) < 2


@pytest.mark.parametrize(
    ("reply", "spoken"),
    [
        ("Within 14 days [1].\n\n[1] Returns & refunds: https://shop.example/a", "Within 14 days."),
        ("Так [1][2].\n[1] Возврат\n[2] Обмен: https://shop.example/b", "Так."),
        ("Pay here: https://shop.example/pay?x=1 today", "Pay here: today"),
        ("Done 🎉\n\nThanks!", "Done Thanks!"),
        ("299 ₽, № 5", "299 ₽, № 5"),
        ("• TVs: 24 months.\n• Cables: 6 months [1].", "TVs: 24 months. Cables: 6 months."),
        ("[1] Only a source: https://shop.example/a", ""),
        ("x" * 601, ""),
    ],
)
def test_only_a_replys_own_words_are_spoken_and_not_too_many(reply: str, spoken: str) -> None:
    assert aloud(reply) == spoken


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ирина, заказ NL-106851 (Aurora Studio) в пути.", "ru"),
        ("Ирина, your order NL-106851 is on its way.", "en"),
        ("Yes.", "en"),
    ],
)
def test_names_in_the_other_script_do_not_change_the_voice(text: str, language: str) -> None:
    assert spoken_in(text) == language
