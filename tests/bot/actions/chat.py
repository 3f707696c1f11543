"""A conversation with the actions as Rasa's form would lead it, without Rasa: rules are given with each message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.form import FORM, ActionAskAnswer, ActionCarryOut, ValidateTransactionForm
from bot.conversation import REST_CHANNEL
from nlu.entity_rules import find_entities
from tests.bot.actions.desk import Desk

FOLLOWUPS: dict[str, Action] = {"action_carry_out": ActionCarryOut(), FORM: ActionAskAnswer()}


@dataclass
class Chat:
    """One customer's conversation; slots and events are kept as Rasa would."""

    desk: Desk
    customer: str | None = "C2"
    letters: Path = Path()
    slots: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    asking: bool = False
    asked: bool = False
    said: list[dict[str, Any]] = field(default_factory=list)

    async def say(
        self,
        text: str,
        action: Action | None = None,
        intent: str = "",
        entities: Sequence[tuple[str, str]] = (),
    ) -> list[str]:
        """Send a message; names of the responses to it.

        Args:
            text: the message; ``{code}`` stands for the code sent last.
            action: what the rules would run for it, unless it answers what is asked.
            intent: what it is taken for, with certainty.
            entities: learned ones, as (kind, value); those found by rule are added.
        """
        text = text.replace("{code}", self.code() if "{code}" in text else "")
        found = [{"entity": entity.kind, "value": entity.value} for entity in find_entities(text)]
        found += [{"entity": kind, "value": value} for kind, value in entities]
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": 0.9},
            "entities": found,
            "metadata": {"customer_id": self.customer} if self.customer else {},
        }
        self.events.append({"event": "user", "text": text, "input_channel": REST_CHANNEL, "parse_data": message})
        self.said, self.asked = [], False
        taken = self.asking and await self._heard(message)
        if not taken and action is not None:
            await self._run(action, message)
        if self.asking and not self.asked:
            await self._run(ActionAskAnswer(), message)
        return [str(told["response"]) for told in self.said]

    @property
    def message(self) -> dict[str, Any]:
        """What was said last."""
        return self.said[-1]

    def code(self) -> str:
        """The code sent last."""
        last = max(self.letters.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        body = message_from_bytes(last.read_bytes()).get_payload(decode=True)
        assert isinstance(body, bytes)
        (code,) = re.findall(r"\b\d{6}\b", body.decode())
        return str(code)

    async def _heard(self, message: dict[str, Any]) -> bool:
        """Whether the form took the message; ended, it is carried out."""
        taken = bool(await self._run(ValidateTransactionForm(), message))
        if self.slots.get("answer"):
            self.asking = False
            await self._run(ActionCarryOut(), message)
        return taken

    async def _run(self, action: Action, message: dict[str, Any]) -> list[dict[str, Any]]:
        dispatcher = CollectingDispatcher()
        loop = {"name": FORM} if self.asking else {}
        tracker = Tracker("someone", dict(self.slots), message, list(self.events), False, None, loop, None)
        returned = list(await action.run(dispatcher, tracker, {}))
        self.asked = self.asked or isinstance(action, ActionAskAnswer)
        self.said += dispatcher.messages
        if not isinstance(action, (ValidateTransactionForm, ActionAskAnswer)):
            self.events.append({"event": "action", "name": action.name()})
        for event in returned:
            await self._apply(event, message)
        return returned

    async def _apply(self, event: dict[str, Any], message: dict[str, Any]) -> None:
        if event["event"] == "slot":
            self.slots[event["name"]] = event["value"]
        elif event["event"] == "active_loop":
            self.asking = False
        elif event["event"] == "followup":
            self.asking = self.asking or event["name"] == FORM
            await self._run(FOLLOWUPS[event["name"]], message)
            self.events.append({"event": "action", "name": event["name"]})
