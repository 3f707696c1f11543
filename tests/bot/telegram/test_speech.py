"""Speaking, with a fake voice at the seam and the real encoder; the README tells how a real voice is set up."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest

from bot.telegram.errors import TelegramSettingsError
from bot.telegram.speech import PiperSpeaker, aloud, opus, spoken_in

RATE = 22_050


def tone(hertz: float, seconds: float) -> Any:
    return np.sin(2 * np.pi * hertz * np.arange(int(RATE * seconds)) / RATE).astype(np.float32) / 2


def heard(sound: bytes) -> Any:
    """The samples of an Ogg file, 48,000 a second."""
    with av.open(io.BytesIO(sound), "r") as container:
        (stream,) = container.streams
        assert (container.format.name, stream.codec_context.name) == ("ogg", "opus")
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


def pitch(samples: Any) -> float:
    """The strongest frequency in hertz."""
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * 48_000 / len(samples))


class Voice:
    """Speaks each sentence as a tone as high as its voice's file says."""

    loaded: list[str] = []

    def __init__(self, session: Any, config: Any) -> None:
        self.hertz = config["hertz"]
        self.loaded.append(session.path)

    def synthesize(self, text: str) -> Any:
        for _ in text.split(". "):
            yield SimpleNamespace(audio_float_array=tone(self.hertz, 0.5), sample_rate=RATE)


@pytest.fixture
def voices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Files that look like voices, and the libraries with fakes in them."""

    def session(path: str, options: Any, providers: list[str]) -> Any:
        assert options.intra_op_num_threads == 1
        return SimpleNamespace(path=path)

    piper, config, runtime = ModuleType("piper"), ModuleType("piper.config"), ModuleType("onnxruntime")
    piper.PiperVoice = Voice  # type: ignore[attr-defined]
    config.PiperConfig = SimpleNamespace(from_dict=dict)  # type: ignore[attr-defined]
    runtime.SessionOptions, runtime.InferenceSession = SimpleNamespace, session  # type: ignore[attr-defined]
    for module in (piper, config, runtime):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr("bot.telegram.speech.find_spec", lambda name: name)
    monkeypatch.setattr(Voice, "loaded", [])
    files = {}
    for language, hertz in (("ru", 300), ("en", 600)):
        files[language] = tmp_path / f"{language}.onnx"
        files[language].touch()
        Path(f"{files[language]}.json").write_text(json.dumps({"hertz": hertz}))
    return files


async def test_each_language_has_its_voice_which_is_loaded_once(voices: dict[str, Path]) -> None:
    speaker = PiperSpeaker(voices, threads=1)
    assert Voice.loaded == []
    for text, hertz in (("Ваш заказ в пути.", 300), ("Your order is on its way.", 600), ("Thank you.", 600)):
        assert (sound := await speaker.speak(text)) and abs(pitch(heard(sound)) - hertz) < 5
    assert Voice.loaded == [str(voices["ru"]), str(voices["en"])]


async def test_sentences_follow_each_other_in_one_message(voices: dict[str, Path]) -> None:
    sound = await PiperSpeaker(voices, threads=1).speak("One. Two. Three.")
    assert sound and abs(len(heard(sound)) / 48_000 - 1.5) < 0.1


async def test_a_language_without_a_voice_is_not_spoken(voices: dict[str, Path]) -> None:
    del voices["en"]
    assert await PiperSpeaker(voices, threads=1).speak("Hello") is None


def test_a_voice_that_is_not_there_and_a_missing_extra_are_told_at_the_start(
    voices: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(f"{voices['ru']}.json").unlink()
    with pytest.raises(TelegramSettingsError, match=r"voices\.ru"):
        PiperSpeaker(voices, threads=1)
    monkeypatch.setattr("bot.telegram.speech.find_spec", lambda name: None)
    with pytest.raises(TelegramSettingsError, match="speech"):
        PiperSpeaker({"en": voices["en"]}, threads=1)


def test_the_encoder_keeps_pitch_and_length_whatever_the_rate() -> None:
    samples = heard(opus([tone(440, 1.0), tone(440, 0.5)], RATE))
    assert abs(len(samples) / 48_000 - 1.5) < 0.05 and abs(pitch(samples) - 440) < 2


@pytest.mark.parametrize(
    ("reply", "spoken"),
    [
        ("Within 14 days [1].\n\n[1] Returns & refunds: https://shop.example/a", "Within 14 days."),
        ("Так [1][2].\n[1] Возврат\n[2] Обмен: https://shop.example/b", "Так."),
        ("Pay here: https://shop.example/pay?x=1 today", "Pay here: today"),
        ("Done 🎉\n\nThanks!", "Done Thanks!"),
        ("299 ₽, № 5", "299 ₽, № 5"),
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
