"""A small Socket.IO client over one WebSocket: python-socketio's own wants a newer aiohttp than Rasa allows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import websockets
from websockets.exceptions import ConnectionClosed

OPEN, PING, PONG, CONNECTED, DISCONNECTED, EVENT, ACK, REFUSED = "0", "2", "3", "40", "41", "42", "43", "44"
SECONDS = 20  # longer than anything takes; nothing waits for it to pass


class Refused(Exception):
    """The server did not let us in; the code is the text."""


class SocketClient:
    """One connection to a namespace; ``hear`` gets each event with its data."""

    def __init__(self, hear: Callable[[str, Any], None], namespace: str = "") -> None:
        self._hear = hear
        self._namespace = f"{namespace}," if namespace else ""
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def connect(
        self, url: str, auth: dict[str, Any], origin: str | None, headers: dict[str, str] | None = None
    ) -> None:
        """Connect and prove who we are.

        Raises:
            Refused: the server would not have it.
        """
        address = url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
        try:
            self._socket = await websockets.connect(address, origin=origin, extra_headers=headers)
        except websockets.exceptions.InvalidStatusCode as error:
            raise Refused(str(error.status_code)) from error
        assert (await self._socket.recv()).startswith(OPEN)
        await self._socket.send(CONNECTED + self._namespace + json.dumps(auth))
        answer = str(await asyncio.wait_for(self._socket.recv(), SECONDS))
        if answer.startswith(REFUSED):
            await self._socket.close()
            raise Refused(json.loads(self._content(answer))["message"])
        assert answer.startswith(CONNECTED)
        self._reading = asyncio.ensure_future(self._read())

    async def call(self, event: str, data: Any = None) -> Any:
        """Send an event and wait for its acknowledgement."""
        number = len(self._answers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        arguments = [event] if data is None else [event, data]
        await self._socket.send(f"{EVENT}{self._namespace}{number}{json.dumps(arguments)}")
        return await asyncio.wait_for(self._answers[number], SECONDS)

    async def closed(self) -> None:
        """Wait until the server ends the connection."""
        assert self._reading
        await asyncio.wait_for(self._reading, SECONDS)

    async def close(self) -> None:
        if self._reading:
            self._reading.cancel()
            await self._socket.close()

    async def _read(self) -> None:
        try:
            async for packet in self._socket:
                await self._take(str(packet))
        except ConnectionClosed:
            return

    async def _take(self, packet: str) -> None:
        if packet == PING:
            await self._socket.send(PONG)
        elif packet.startswith(DISCONNECTED):
            await self._socket.close()
        elif packet.startswith(ACK):
            number, bracket, rest = self._content(packet).partition("[")
            self._answers[int(number)].set_result(json.loads(bracket + rest)[0])
        elif packet.startswith(EVENT):
            name, *arguments = json.loads(self._content(packet))
            self._hear(name, arguments[0] if arguments else None)

    def _content(self, packet: str) -> str:
        """What stands behind a packet's kind and namespace."""
        return packet[2:].removeprefix(self._namespace)
