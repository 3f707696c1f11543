"""Sentences on their way: what the answering thread may show reaches the channel that listens to the conversation.

The answer is written in a worker thread, a channel lives on an event loop. Between them stands one
:data:`streaming` for the process: the channel listens while a message is handled, the generator says.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Hear = Callable[[str], None]  # gets each verified sentence, on the event loop that it was given on


class Stopped(Exception):
    """The customer wants no more of this reply."""


@dataclass
class _Listener:
    loop: asyncio.AbstractEventLoop
    hear: Hear
    stopped: threading.Event = field(default_factory=threading.Event)


class Streaming:
    """Who listens to which conversation. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[_Listener]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def listening(self, conversation: str, hear: Hear) -> Iterator[None]:
        """Hear the sentences of a conversation until the block ends; call it on the event loop.

        Args:
            conversation: the sender's id, as Rasa's tracker has it.
            hear: called on this event loop with each sentence.
        """
        listener = _Listener(asyncio.get_running_loop(), hear)
        with self._lock:
            self._listeners.setdefault(conversation, []).append(listener)
        try:
            yield
        finally:
            with self._lock:
                self._listeners[conversation].remove(listener)
                if not self._listeners[conversation]:
                    del self._listeners[conversation]

    def say(self, conversation: str, sentence: str) -> None:
        """Pass on a sentence that may be shown.

        Raises:
            Stopped: it was not passed on, since the customer wants no more.
        """
        self.go_on(conversation)
        for listener in self._of(conversation):
            listener.loop.call_soon_threadsafe(listener.hear, sentence)

    def go_on(self, conversation: str) -> None:
        """Do nothing, unless the reply being written is no longer wanted.

        Raises:
            Stopped: it is not.
        """
        if any(listener.stopped.is_set() for listener in self._of(conversation)):
            raise Stopped

    def stop(self, conversation: str) -> None:
        """End the reply that is being written; a later one is not concerned."""
        for listener in self._of(conversation):
            listener.stopped.set()

    def _of(self, conversation: str) -> list[_Listener]:
        with self._lock:
            return [*self._listeners.get(conversation, ())]


streaming = Streaming()
