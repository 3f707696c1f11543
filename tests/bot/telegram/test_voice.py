"""Hearing, with a fake model at the seam; the README tells how a real one is set up."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from bot.telegram.errors import TelegramSettingsError
from bot.telegram.voice import WhisperTranscriber


class Model:
    """Says what it was asked; ``likely`` are the languages that it hears, ``heard`` the segments."""

    likely = {"ru": 0.2, "en": 0.7, "uk": 0.9}
    heard = [
        SimpleNamespace(text=" where is ", no_speech_prob=0.1),
        SimpleNamespace(text="my order ", no_speech_prob=0.2),
    ]
    loaded: list[tuple[str, dict[str, Any]]] = []

    def __init__(self, folder: str, **options: Any) -> None:
        self.loaded.append((folder, options))
        self.model = SimpleNamespace(is_multilingual=True)
        self.languages: list[str] = []

    def detect_language(self, sound: Any) -> tuple[str, float, list[tuple[str, float]]]:
        return "uk", 0.9, list(self.likely.items())

    def transcribe(self, sound: Any, language: str, **options: Any) -> tuple[Any, None]:
        self.languages.append(language)
        return iter(self.heard), None


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like a model, and the library with the fake in it."""
    library, audio = ModuleType("faster_whisper"), ModuleType("faster_whisper.audio")
    library.WhisperModel = Model  # type: ignore[attr-defined]
    audio.decode_audio = lambda stream: stream.read()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "faster_whisper", library)
    monkeypatch.setitem(sys.modules, "faster_whisper.audio", audio)
    monkeypatch.setattr("bot.telegram.voice.find_spec", lambda name: library)
    monkeypatch.setattr(Model, "loaded", [])
    (tmp_path / "model.bin").touch()
    return tmp_path


async def test_words_are_heard_in_the_likelier_of_our_languages(folder: Path) -> None:
    ears = WhisperTranscriber(folder, threads=2)
    assert Model.loaded == []
    assert await ears.transcribe(b"sound", "ru") == "where is my order"
    assert await ears.transcribe(b"sound", "ru") == "where is my order"
    assert ears._model.languages == ["en", "en"]
    assert [(where, options["cpu_threads"]) for where, options in Model.loaded] == [(str(folder), 2)]


async def test_between_equally_likely_languages_the_chats_own_decides(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Model, "likely", {"ru": 0.5, "en": 0.5})
    ears = WhisperTranscriber(folder, threads=1)
    for language in ("ru", "en"):
        await ears.transcribe(b"sound", language)
    assert ears._model.languages == ["ru", "en"]


async def test_noise_is_not_taken_for_words(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Model, "heard", [SimpleNamespace(text="Thanks for watching!", no_speech_prob=0.95)])
    assert await WhisperTranscriber(folder, threads=1).transcribe(b"noise", "en") == ""


def test_a_folder_without_a_model_and_a_missing_extra_are_told_at_the_start(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(TelegramSettingsError, match="model.bin"):
        WhisperTranscriber(tmp_path / "nothing", threads=1)
    monkeypatch.setattr("bot.telegram.voice.find_spec", lambda name: None)
    with pytest.raises(TelegramSettingsError, match="voice"):
        WhisperTranscriber(folder, threads=1)
