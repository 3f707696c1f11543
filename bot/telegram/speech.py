"""Replies spoken on this machine by Piper voices, one a language, as Telegram wants voice messages: Ogg with Opus.

The optional extra ``speech`` brings Piper and PyAV. A voice is a file of some 60 MB that runs on the processor.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.telegram.errors import TelegramSettingsError
from nlu.language import ENGLISH, RUSSIAN

LONGEST = 600  # characters, some 40 seconds; whoever gets more reads faster than they listen
OPUS_RATE = 48_000  # hertz; what Opus works in
_SOURCES = re.compile(r"^\[\d+\] .*$", re.MULTILINE)
_MARKS = re.compile(r"\s*\[\d+\]")
_LINKS = re.compile(r"\S*(?:https?://|www\.)\S+")
_PICTURES = re.compile(r"[\u2190-\u2bff\u3030\ufe0f\U0001f000-\U0001faff]+")
_CYRILLIC, _LATIN = re.compile("[а-яё]", re.IGNORECASE), re.compile("[a-z]", re.IGNORECASE)


class Speaker(Protocol):
    """Speaks."""

    async def speak(self, text: str) -> bytes | None:
        """The text as Ogg with Opus; None where no voice speaks its language."""
        ...


class PiperSpeaker:
    """Piper voices, each loaded at its first word; one text is spoken at a time.

    Args:
        voices: by language, a voice's ``.onnx`` file with its ``.onnx.json`` beside it.
        threads: of the processor.
    """

    def __init__(self, voices: Mapping[str, Path], threads: int) -> None:
        for language, path in voices.items():
            if not (path.is_file() and _config(path).is_file()):
                raise TelegramSettingsError(
                    f"{path} is no Piper voice (an .onnx file with its .onnx.json beside it): correct voices.{language}"
                    " in credentials.yml, or fetch one with python -m piper.download_voices."
                )
        if not all(find_spec(library) for library in ("piper", "av")):
            raise TelegramSettingsError("voices are set, but Piper is not installed: uv pip install '.[speech]'.")
        self._voices, self._threads = voices, threads
        self._loaded: dict[str, Any] = {}
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="speech")

    async def speak(self, text: str) -> bytes | None:
        """The text as a voice message; None where no voice speaks its language."""
        language = spoken_in(text)
        if language not in self._voices:
            return None
        return await asyncio.get_running_loop().run_in_executor(self._worker, self._speak, text, language)

    def _speak(self, text: str, language: str) -> bytes:
        if language not in self._loaded:
            self._loaded[language] = self._load(self._voices[language])
        pieces = list(self._loaded[language].synthesize(text))
        return opus([piece.audio_float_array for piece in pieces], pieces[0].sample_rate)

    def _load(self, path: Path) -> Any:
        from onnxruntime import InferenceSession, SessionOptions
        from piper import PiperVoice
        from piper.config import PiperConfig

        options = SessionOptions()  # Piper's own loading takes every core
        options.intra_op_num_threads = self._threads
        session = InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        return PiperVoice(session, PiperConfig.from_dict(json.loads(_config(path).read_text(encoding="utf-8"))))


def _config(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def aloud(text: str) -> str:
    """What is spoken of a reply: its own words, without sources, links and pictures; empty where that is too long."""
    for nothing in (_SOURCES, _MARKS, _LINKS, _PICTURES):
        text = nothing.sub("", text)
    words = " ".join(text.split())
    return words if len(words) <= LONGEST else ""


def spoken_in(text: str) -> str:
    """The language whose voice reads a text: that of most letters, as names may be in the other."""
    return RUSSIAN if len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text)) else ENGLISH


def opus(pieces: Iterable[NDArray[np.float32]], rate: int) -> bytes:
    """Sound as Ogg with Opus.

    Args:
        pieces: samples from -1 to 1, one channel, one piece after the other.
        rate: samples a second.
    """
    import av

    found = io.BytesIO()
    with av.open(found, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=OPUS_RATE, layout="mono")
        for piece in pieces:
            frame = av.AudioFrame.from_ndarray(piece.reshape(1, -1), format="flt", layout="mono")
            frame.sample_rate = rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return found.getvalue()
