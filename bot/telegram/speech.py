"""Replies spoken on this machine by Piper voices, one a language, as Telegram wants voice messages: Ogg with Opus.

Piper is a program of its own that the operator installs: it is under the GPL, and Lichno neither contains nor loads it.
"""

from __future__ import annotations

import asyncio
import io
import os
import re
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from bot.beside import beside
from bot.telegram.errors import SpeechFailed, TelegramSettingsError
from nlu.language import ENGLISH, RUSSIAN

PIPER = "piper"
LONGEST = 600  # characters, some 40 seconds; whoever gets more reads faster than they listen
SECONDS = 120.0  # for one text; then the program is ended
OPUS_RATE = 48_000  # hertz; what Opus works in
_SOURCES = re.compile(r"^\[\d+\] .*$", re.MULTILINE)
_MARKS = re.compile(r"\s*\[\d+\]")
_LINKS = re.compile(r"\S*(?:https?://|www\.)\S+")
_PICTURES = re.compile(r"[\u2022\u2190-\u2bff\u3030\ufe0f\U0001f000-\U0001faff]+")
_CYRILLIC, _LATIN = re.compile("[а-яё]", re.IGNORECASE), re.compile("[a-z]", re.IGNORECASE)


class Speaker(Protocol):
    """Speaks."""

    async def speak(self, text: str) -> bytes | None:
        """The text as Ogg with Opus; None where no voice speaks its language."""
        ...


class PiperSpeaker:
    """Piper's program, started for each text: the text goes in, a WAV file comes out. One text is spoken at a time.

    Args:
        voices: by language, a voice's ``.onnx`` file with its ``.onnx.json`` beside it.
        program: Piper's name on the path, or its file.

    Raises:
        TelegramSettingsError: a voice or the program is not there.
    """

    def __init__(self, voices: Mapping[str, Path], program: str = PIPER) -> None:
        for language, path in voices.items():
            if not (path.is_file() and path.with_name(f"{path.name}.json").is_file()):
                raise TelegramSettingsError(
                    f"{path} is no Piper voice (an .onnx file with its .onnx.json beside it): correct voices.{language}"
                    " in credentials.yml."
                )
        found = shutil.which(program)
        if found is None:
            raise TelegramSettingsError(
                f"voices are set in credentials.yml, but there is no program {program}: install it with"
                " pipx install piper-tts, or name its file as piper there."
            )
        if not find_spec("av"):
            raise TelegramSettingsError("voices are set, but PyAV is not installed: uv pip install '.[voice]'.")
        self._voices, self._program = voices, found
        self._turn = asyncio.Lock()

    async def speak(self, text: str) -> bytes | None:
        """The text as a voice message; None where no voice speaks its language.

        Raises:
            SpeechFailed: the program did not speak.
        """
        voice = self._voices.get(spoken_in(text))
        if voice is None:
            return None
        async with self._turn:
            spoken = await self._run(voice, text)
        return await beside(opus, spoken)

    async def _run(self, voice: Path, text: str) -> bytes:
        """What the program says, as WAV. It takes every core for a second or two, so others' answers go first."""
        command = ("nice", "-n", "10", self._program, "--model", str(voice), "--output-file", "-")
        environment = {**os.environ, "PYTHONUTF8": "1"}  # its standard input is UTF-8 whatever the locale
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment
        )
        try:
            spoken, _ = await asyncio.wait_for(process.communicate(text.encode()), SECONDS)
        except asyncio.TimeoutError as error:
            raise SpeechFailed(f"Piper was not done within {SECONDS:.0f} seconds: try a smaller voice.") from error
        finally:
            with suppress(ProcessLookupError):
                process.kill()  # nothing where it has ended
        if process.returncode or not spoken:
            raise SpeechFailed(f"Piper ended with status {process.returncode}: try {self._program} by hand.")
        return spoken


def aloud(text: str) -> str:
    """What is spoken of a reply: its own words, without sources, links and pictures; empty where that is too long."""
    for nothing in (_SOURCES, _MARKS, _LINKS, _PICTURES):
        text = nothing.sub("", text)
    words = " ".join(text.split())
    return words if len(words) <= LONGEST else ""


def spoken_in(text: str) -> str:
    """The language whose voice reads a text: that of most letters, as names may be in the other."""
    return RUSSIAN if len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text)) else ENGLISH


def opus(wav: bytes) -> bytes:
    """A WAV file as Ogg with Opus, one channel."""
    import av

    found = io.BytesIO()
    with av.open(io.BytesIO(wav), "r") as spoken, av.open(found, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=OPUS_RATE, layout="mono")
        for frame in spoken.decode(audio=0):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return found.getvalue()
