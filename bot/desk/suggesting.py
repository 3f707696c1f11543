"""Wishes for suggested replies, which take as long as answers do: the same wish is worked on once."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.desk.handovers import DeskRefused

PATIENCE = 25.0  # seconds; agents' pages wait a little longer

Suggestions = list[dict[str, str]]


class Suggesting:
    """Asks the assistant what a person might answer, in each conversation about the latest message.

    Args:
        patience: seconds until an agent is told that the assistant is busy.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._underway: dict[str, tuple[str, asyncio.Task[Suggestions]]] = {}  # by conversation, with the message's id

    async def about(self, rasa: Any, conversation: str) -> Suggestions:
        """Suggestions for the conversation's latest message.

        What takes too long goes on: who asks again then waits for the rest only.

        Raises:
            DeskRefused: it takes too long, or the customer has written again meanwhile (``busy``).
        """
        tracker = await rasa.tracker_store.retrieve(conversation)
        if tracker is None:
            return []
        task = self._task(rasa, conversation, tracker)
        done, _ = await asyncio.wait({task}, timeout=self._patience)
        if not done or task.cancelled():
            raise DeskRefused("busy", "The assistant is busy answering customers: ask again in a moment.")
        return task.result()

    def _task(self, rasa: Any, conversation: str, tracker: Any) -> asyncio.Task[Suggestions]:
        asked = str(tracker.latest_message.message_id if tracker.latest_message else "")
        known, task = self._underway.get(conversation, ("", None))
        if task is not None and known == asked:
            return task
        if task is not None:
            task.cancel()  # what has not begun yet need not
        task = asyncio.get_running_loop().create_task(rasa.nlg.suggestions(tracker))
        self._underway[conversation] = (asked, task)
        task.add_done_callback(lambda done: self._forget(conversation, done))
        return task

    def _forget(self, conversation: str, done: asyncio.Task[Suggestions]) -> None:
        if not done.cancelled():
            done.exception()  # whoever waits is told; where nobody does any more, it is nobody's
        if self._underway.get(conversation, ("", None))[1] is done:
            del self._underway[conversation]
