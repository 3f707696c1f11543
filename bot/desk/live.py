"""The desk's live side: Socket.IO's namespace ``/desk``, for agents whose cookie proves them.

Every event is acknowledged ``{"ok": true, …}`` or ``{"error": code, …}``. What changes is sent to whoever may see it,
and all of it can be read anew, so a lost connection loses nothing.

- ``queue``: who is there, what waits, what is whose; ``open`` and ``leave`` a conversation;
- ``take``, ``reply``, ``typing``, ``suggest``, ``note``, ``hand_back``, ``close``: work on it;
- ``away``; for leads ``feedback`` and ``history``.

Agents hear ``queue``, and of what they have open ``messages``, ``handover`` and ``note``.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sanic.request import Request
from socketio import AsyncNamespace
from socketio.exceptions import ConnectionRefusedError
from sqlalchemy.exc import SQLAlchemyError

from bot.beside import beside
from bot.channels.thread import Message
from bot.desk.agents import LEAD, SEEN_EVERY, Agents
from bot.desk.connections import Connection, Unreadable, is_own, language_of, number_of, text_of
from bot.desk.floor import LONGEST_NOTE, LONGEST_REPLY, LONGEST_RESOLUTION, Floor
from bot.desk.handovers import TAKEN, WAITING, DeskRefused, Seen
from bot.desk.hours import BusinessHours
from bot.desk.shown import customer_of, feedback_of, handover_of, last_asked, note_of
from bot.desk.signing_in import COOKIE, signed_in
from bot.desk.suggesting import Suggesting
from bot.desk.summaries import worded
from nlu.errors import LichnoError

logger = logging.getLogger(__name__)

NAMESPACE = "/desk"
SHOWN_ENDED, SHOWN_FEEDBACK = 100, 50
_KEY = re.compile(r"[\w-]{8,64}")

Handler = Callable[[Connection, dict[str, Any]], Awaitable[dict[str, Any]]]


class LiveDesk(AsyncNamespace):
    """The namespace; see the module.

    Args:
        floor: what can be done.
        hours: in which people answer.
    """

    def __init__(self, floor: Floor, hours: BusinessHours) -> None:
        super().__init__(NAMESPACE)
        self._floor, self._hours = floor, hours
        self._agents, self._suggesting = Agents(floor.store), Suggesting()
        self._connections: dict[str, Connection] = {}
        self._beating: asyncio.Task[None] | None = None
        self._asked: dict[int, str] = {}  # of the handovers taken: id of the customer's last message
        floor.watch = self
        self._handlers: dict[str, Handler] = {
            "queue": self._queue,
            "open": self._open,
            "leave": self._leave,
            "take": self._take,
            "reply": self._reply,
            "typing": self._typing,
            "suggest": self._suggest,
            "note": self._note,
            "hand_back": self._hand_back,
            "close": self._close,
            "away": self._away,
            "feedback": self._feedback,
            "history": self._history,
        }

    # -- connections -------------------------------------------------------------------------------

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        """Let in who is signed in, from the desk's own page."""
        request: Request = environ["sanic.request"]
        agent = signed_in(request.cookies.get(COOKIE)) if is_own(request) else None
        if agent is None:
            raise ConnectionRefusedError("signed_out")
        away = await beside(self._agents.came, agent.name, agent.role)
        self._connections[sid] = Connection(agent, request.app, language_of(auth), away=away)
        if self._beating is None or self._beating.done():
            self._beating = asyncio.get_running_loop().create_task(self._beat())
        await self._send_queues(but=sid)  # who connects asks themselves

    async def on_disconnect(self, sid: str, *_: Any) -> None:
        """Whoever closes their last page is gone."""
        gone = self._connections.pop(sid, None)
        if gone and all(other.agent.name != gone.agent.name for other in self._connections.values()):
            await beside(self._agents.left, gone.agent.name)
            await self._send_queues()

    async def _beat(self) -> None:
        while self._connections:
            await asyncio.sleep(SEEN_EVERY)
            try:
                await beside(self._agents.seen, {one.agent.name for one in self._connections.values()})
            except (SQLAlchemyError, LichnoError) as error:
                logger.error("Who is at the desk could not be written down: %s", type(error).__name__)

    async def trigger_event(self, event: str, sid: str, *arguments: Any) -> Any:
        """Every event but connecting goes through one door."""
        if event in ("connect", "disconnect"):
            return await super().trigger_event(event, sid, *arguments)
        connection, handler = self._connections.get(sid), self._handlers.get(event)
        if connection is None or connection.agent.expires <= time.time():
            return {"error": "signed_out"}
        data = arguments[0] if arguments and isinstance(arguments[0], dict) else {}
        if handler is None:
            return {"error": "unreadable"}
        try:
            return {"ok": True, **await handler(connection, data)}
        except DeskRefused as error:
            return {"error": error.code, **({"by": error.by} if error.by else {})}
        except Unreadable as error:
            return {"error": str(error)}
        except Exception as error:
            # Its text may hold what a customer wrote.
            logger.error("The desk could not do %s: %s", event, type(error).__name__)
            return {"error": "trouble"}

    # -- what agents ask ---------------------------------------------------------------------------

    async def _queue(self, connection: Connection, _: dict[str, Any]) -> dict[str, Any]:
        self._asked.clear()  # read anew, as everything is after a connection
        seen, there = await self._state(connection.rasa)
        return self._queue_for(connection, seen, there)

    async def _open(self, connection: Connection, data: dict[str, Any]) -> dict[str, Any]:
        seen = await self._seen(connection, data)
        connection.open.add(seen.id)
        return {
            "handover": self._shown(seen),
            "summary": worded(seen.summary, connection.language),
            "customer": await beside(customer_of, self._floor.store, seen, connection.language),
            "thread": await self._floor.thread(connection.rasa, seen),
            "notes": [note_of(note) for note in await beside(self._floor.handovers.notes, seen.id)],
        }

    async def _leave(self, connection: Connection, data: dict[str, Any]) -> dict[str, Any]:
        connection.open.discard(number_of(data))
        return {}

    async def _take(self, connection: Connection, data: dict[str, Any]) -> dict[str, Any]:
        agent = connection.agent
        await self._floor.take(connection.rasa, number_of(data), agent.name, from_others=agent.role == LEAD)
        return {}

    async def _reply(self, connection: Connection, data: dict[str, Any]) -> dict[str, Any]:
        text, key = text_of(data, "text", LONGEST_REPLY), str(data.get("key", ""))
        if not _KEY.fullmatch(key):
            raise Unreadable("unreadable")
        message = await self._floor.reply(connection.rasa, number_of(data), connection.agent.name, key, text)
        return {"message": message}

    async def _typing(self, connection: Connection, data: dict[str, Any]) -> dict[str, Any]:
        await self._floor.typing(number_of(data), connection.agent.name)
        return {}

    async def _suggest(self, connection: Connection, data: dict[str, Any]) -> dict[str, Any]:
        seen = await self._seen(connection, data)
        found = await self._suggesting.about(connection.rasa, seen.conversation)
        return {"suggestions": [{**one, "url": self._floor.link(one["url"])} for one in found]}

    async def _note(self, connection: Connection, data: dict[str, Any]) -> dict[str, Any]:
        text = text_of(data, "text", LONGEST_NOTE)
        seen = await self._seen(connection, data)
        note = note_of(await beside(self._floor.handovers.note, seen.id, connection.agent.name, text))
        await self._send(seen, "note", {"id": seen.id, "note": note})
        return {"note": note}

    async def _hand_back(self, connection: Connection, data: dict[str, Any]) -> dict[str, Any]:
        await self._floor.hand_back(connection.rasa, number_of(data), connection.agent.name)
        return {}

    async def _close(self, connection: Connection, data: dict[str, Any]) -> dict[str, Any]:
        resolution = text_of(data, "resolution", LONGEST_RESOLUTION) if data.get("resolution") else ""
        await self._floor.close(connection.rasa, number_of(data), connection.agent.name, resolution)
        return {}

    async def _away(self, connection: Connection, data: dict[str, Any]) -> dict[str, Any]:
        away = data.get("away") is True
        await beside(self._agents.set_away, connection.agent.name, away)
        for other in self._connections.values():
            if other.agent.name == connection.agent.name:
                other.away = away
        await self._send_queues()
        return {}

    async def _feedback(self, connection: Connection, _: dict[str, Any]) -> dict[str, Any]:
        connection.must_lead()
        found = await feedback_of(connection.rasa, self._floor.store, SHOWN_FEEDBACK)
        return {"feedback": found}

    async def _history(self, connection: Connection, _: dict[str, Any]) -> dict[str, Any]:
        connection.must_lead()
        return {"handovers": [handover_of(seen) for seen in await beside(self._floor.handovers.ended, SHOWN_ENDED)]}

    async def _seen(self, connection: Connection, data: dict[str, Any]) -> Seen:
        """The handover that an event is about, if this agent may see it.

        Raises:
            DeskRefused: they may not (``forbidden``), or it is gone (``not_found``).
        """
        seen = await beside(self._floor.handovers.get, number_of(data))
        if not connection.may_see(seen):
            raise DeskRefused("forbidden", "The conversation is another agent's.", seen.agent)
        return seen

    # -- what agents hear: bot.desk.floor.Watch -----------------------------------------------------

    async def changed(self, seen: Seen) -> None:
        """A handover is new, or in another state."""
        news = {"id": seen.id, "handover": self._shown(seen)}
        await self._send(seen, "handover", news, and_close=seen.state == TAKEN)
        if seen.state != TAKEN:
            self._asked.pop(seen.id, None)
        await self._send_queues()

    async def said(self, seen: Seen, messages: Sequence[Message]) -> None:
        """Messages that are new or have changed."""
        for message in messages:
            if seen.state == TAKEN and message["from"] == "customer":
                self._asked[seen.id] = message["id"]
        await self._send(seen, "messages", {"id": seen.id, "messages": list(messages)})

    async def _send(self, seen: Seen, event: str, data: dict[str, Any], and_close: bool = False) -> None:
        """To those who have the conversation open and may see it; others' pages show it no longer if it was taken."""
        for sid, connection in list(self._connections.items()):
            if seen.id not in connection.open:
                continue
            if connection.may_see(seen) or event == "handover":
                await self.emit(event, data, to=sid)
            if and_close and not connection.may_see(seen):
                connection.open.discard(seen.id)

    async def _send_queues(self, but: str = "") -> None:
        others = {sid: connection for sid, connection in self._connections.items() if sid != but}
        if not others:
            return
        seen, there = await self._state(next(iter(others.values())).rasa)
        for sid, connection in others.items():
            await self.emit("queue", self._queue_for(connection, seen, there), to=sid)

    async def _state(self, rasa: Any) -> tuple[list[Seen], list[Any]]:
        seen = await beside(self._floor.handovers.listed, WAITING, TAKEN)
        for one in seen:
            if one.state == TAKEN and one.id not in self._asked:
                self._asked[one.id] = await last_asked(rasa, one)
        return seen, await beside(self._agents.present)

    def _shown(self, seen: Seen) -> dict[str, Any]:
        return handover_of(seen, self._asked.get(seen.id))

    def _queue_for(self, connection: Connection, seen: Sequence[Seen], there: Sequence[Any]) -> dict[str, Any]:
        name, role = connection.agent.name, connection.agent.role
        taken = [one for one in seen if one.state == TAKEN]
        opens = self._hours.opens(dt.datetime.now())
        return {
            "me": {"name": name, "role": role, "away": connection.away},
            "hours": {
                "open": opens is None,
                "text": self._hours.words(connection.language),
                "opens": opens.timestamp() if opens else None,
            },
            "agents": [{"name": a.name, "role": a.role, "away": a.away, "taken": a.taken} for a in there],
            "waiting": [self._shown(one) for one in seen if one.state == WAITING],
            "mine": [self._shown(one) for one in taken if one.agent == name],
            "others": [self._shown(one) for one in taken if one.agent != name and connection.may_see(one)],
        }
