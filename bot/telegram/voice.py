"""Voice messages, transcribed on this machine by a Whisper model in CTranslate2's form.

The optional extra ``voice`` brings faster-whisper: it runs on CTranslate2, which the writer runs on
anyway, reads Telegram's Opus without further programs, and one model understands both languages.
"""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from bot.telegram.errors import TelegramSettingsError
from nlu.language import LANGUAGES

LONGEST_SECONDS = 120
LEAST_PROBABILITY = 0.4  # of speech; below it the model invents words to noise


class Transcriber(Protocol):
    """Hears what is said."""

    async def transcribe(self, audio: bytes, language: str) -> str:
        """The words of a recording in any common form; ``language`` is the likelier one. Empty: none were heard."""
        ...


class WhisperTranscriber:
    """A Whisper model, loaded at the first message; one recording is heard at a time.

    Args:
        folder: holds ``model.bin`` and its tokenizer.
        threads: of the processor.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        if not (folder / "model.bin").is_file():
            raise TelegramSettingsError(
                f"{folder} is no Whisper model in CTranslate2's form (model.bin is missing): correct voice_model in"
                " credentials.yml, or convert one with ct2-transformers-converter."
            )
        if find_spec("faster_whisper") is None:
            raise TelegramSettingsError(
                "voice_model is set, but faster-whisper is not installed: uv pip install '.[voice]'."
            )
        self._folder, self._threads = folder, threads
        self._model: Any = None
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="voice")

    async def transcribe(self, audio: bytes, language: str) -> str:
        """The words, in whichever of our languages is spoken."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, self._transcribe, audio, language)

    def _transcribe(self, audio: bytes, language: str) -> str:
        from faster_whisper import WhisperModel
        from faster_whisper.audio import decode_audio

        if self._model is None:
            self._model = WhisperModel(str(self._folder), device="cpu", compute_type="int8", cpu_threads=self._threads)
        sound = decode_audio(io.BytesIO(audio))
        if self._model.model.is_multilingual:
            likely = dict(self._model.detect_language(sound)[2])
            language = max(LANGUAGES, key=lambda code: likely.get(code, 0.0) + (code == language) * 1e-6)
        segments, _ = self._model.transcribe(sound, language=language, beam_size=5, condition_on_previous_text=False)
        return " ".join(s.text.strip() for s in segments if s.no_speech_prob < 1 - LEAST_PROBABILITY).strip()
