"""A Bot API server on loopback, written from core.telegram.org/bots/api: what the channel uses of it, and faults.

It keeps to the documented rules where breaking them would be our mistake: an update is delivered until
a greater offset confirms it, a webhook excludes getUpdates, a text has at most 4,096 characters without
its marks, callback data at most 64 bytes, HTML only the permitted tags, closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from aiohttp import web

TOKEN = "12345678:test-token_of-nobody"
BOT = {"id": 12345678, "is_bot": True, "first_name": "Lichno", "username": "lichno_test_bot"}
TAGS = {"a", "b", "i", "u", "s", "code", "pre", "strong", "em", "blockquote"}


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request: an error status, or the connection cut before or after the work is done.

    ``slow`` is none of these: the work is done, and its answer leaves when ``slow`` has been waited for.
    """

    status: int = 500
    retry_after: int = 0
    cut: str = ""  # before or after
    body: bytes | None = None
    slow: Callable[[], Awaitable[Any]] | None = None


@dataclass
class Message:
    """A message in a chat, as the person sees it."""

    chat_id: int
    message_id: int
    html: str
    text: str
    buttons: list[list[dict[str, str]]] = field(default_factory=list)
    reply_to: int | None = None
    sound: bytes = b""  # of a voice message, which has no text
    at: float = 0.0

    def button(self, title: str) -> str:
        """The data behind a button."""
        return next(b["callback_data"] for row in self.buttons for b in row if b["text"] == title)

    @property
    def titles(self) -> list[str]:
        """What stands on the buttons."""
        return [button["text"] for row in self.buttons for button in row]


class _Html(HTMLParser):
    """The text of HTML; refuses what Telegram would."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise ValueError(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ValueError(tag)

    def handle_data(self, data: str) -> None:
        self.text += data

    @classmethod
    def read(cls, html: str) -> str:
        parser = cls()
        parser.feed(html)
        parser.close()
        if parser.open:
            raise ValueError("unclosed")
        return parser.text


class BotApiServer:
    """The server, and the people who write to the bot through it."""

    def __init__(self, clock: Callable[[], float] = lambda: 0.0) -> None:
        self.clock = clock
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.sent: list[Message] = []  # every sendMessage and sendVoice that was done
        self.messages: dict[tuple[int, int], Message] = {}
        self.webhook: dict[str, Any] = {}
        self.commands: dict[tuple[str, str], list[str]] = {}  # by scope and language
        self.toasts: list[str] = []
        self.blocked: set[int] = set()
        self.voiceless: set[int] = set()  # people who allow no voice messages
        self.files: dict[str, bytes] = {}
        self.fault: Callable[[str, dict[str, Any]], Fault | None] = lambda method, asked: None
        self.url = ""
        self.pollers = self.most_pollers = 0
        self.pending: list[Any] = []
        self._changed = asyncio.Condition()
        self._ids = itertools.count(1000)
        self._update_ids = itertools.count(5000)
        self._closing = False

    async def start(self) -> str:
        """Listen; the address."""
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_get("/file/bot{token}/{path}", self._file)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def stop(self) -> None:
        self._closing = True
        async with self._changed:
            self._changed.notify_all()
        await self._runner.cleanup()

    # People.

    async def post(self, update: Any) -> None:
        """Let the server have an update for the bot, of any shape."""
        async with self._changed:
            self.pending.append(update)
            self._changed.notify_all()

    def update(self, **content: Any) -> dict[str, Any]:
        """An update with a new number."""
        return {"update_id": next(self._update_ids), **content}

    def message(self, chat_id: int, text: str | None = None, language: str = "ru", **more: Any) -> dict[str, Any]:
        """A person's message; a negative chat is a group, where person 7 writes."""
        person = chat_id if chat_id > 0 else 7
        chat = {"id": chat_id, "type": "private"} if chat_id > 0 else {"id": chat_id, "type": "group", "title": "Us"}
        sender = {"id": person, "is_bot": False, "first_name": "Somebody", "language_code": language}
        message = {"message_id": next(self._ids), "from": sender, "chat": chat, "date": 1_790_000_000, **more}
        if text is not None:
            message["text"] = text
            mention = f"@{BOT['username']}"
            if mention in text:
                place = {"offset": text.index(mention), "length": len(mention)}
                message["entities"] = [{"type": "mention", **place}]
        return message

    async def write(self, chat_id: int, text: str | None = None, language: str = "ru", **more: Any) -> dict[str, Any]:
        """A person writes to the bot; the update."""
        update = self.update(message=self.message(chat_id, text, language, **more))
        await self.post(update)
        return update

    def pressing(self, message: Message, title: str, language: str = "ru") -> dict[str, Any]:
        """The update of a pressed button."""
        person = {"id": message.chat_id, "is_bot": False, "first_name": "Somebody", "language_code": language}
        chat = {"id": message.chat_id, "type": "private"}
        shown = {"message_id": message.message_id, "chat": chat, "date": 1_790_000_000, "from": BOT}
        query = {"id": str(next(self._ids)), "from": person, "chat_instance": "1", "data": message.button(title)}
        return self.update(callback_query={**query, "message": {**shown, **_content(message)}})

    async def press(self, message: Message, title: str) -> None:
        """A person presses a button."""
        await self.post(self.pressing(message, title))

    def told(self, chat_id: int) -> list[str]:
        """What the bot has written in a chat, in order, as it now stands there."""
        return [self.messages[chat_id, m.message_id].text for m in self.sent if m.chat_id == chat_id and not m.sound]

    def spoken(self, chat_id: int) -> list[Message]:
        """The bot's voice messages in a chat."""
        return [message for message in self.sent if message.chat_id == chat_id and message.sound]

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait until something holds that a request of the bot's brings about."""
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(condition), 300)

    def called(self, method: str) -> list[dict[str, Any]]:
        """What a method was asked, call by call."""
        return [asked for name, asked in self.calls if name == method]

    # The API.

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        try:
            form = await request.post()
        except ConnectionResetError:  # who asked has given it up, as showing what one does may be
            return web.Response()
        asked = {key: _value(value) for key, value in form.items()}
        method = request.match_info["method"].lower()
        self.calls.append((method, asked))
        answer = await self._respond(request, method, asked)
        async with self._changed:
            self._changed.notify_all()
        return answer

    async def _respond(self, request: web.Request, method: str, asked: dict[str, Any]) -> web.StreamResponse:
        if request.match_info["token"] != TOKEN:
            return _refuse(401, "Unauthorized")
        fault = self.fault(method, asked)
        if fault and fault.cut != "after" and not fault.slow:
            return await self._fail(request, fault)
        try:
            answer = await getattr(self, f"_{method}")(asked)
        except _Refused as error:
            return _refuse(error.status, error.description)
        if fault and fault.slow:
            async with self._changed:
                self._changed.notify_all()
            await fault.slow()
        elif fault:
            return await self._fail(request, fault)
        return web.json_response({"ok": True, "result": answer})

    async def _fail(self, request: web.Request, fault: Fault) -> web.Response:
        if fault.cut:
            assert request.transport
            request.transport.abort()
        if fault.body is not None:
            return web.Response(status=fault.status, body=fault.body)
        if fault.retry_after:
            return _refuse(429, "Too Many Requests", {"retry_after": fault.retry_after})
        return _refuse(fault.status, "Internal Server Error")

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=self.files[request.match_info["path"]])

    async def _getme(self, asked: dict[str, Any]) -> Any:
        return BOT

    async def _getupdates(self, asked: dict[str, Any]) -> Any:
        if self.webhook.get("url"):
            raise _Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        self.pollers += 1
        self.most_pollers = max(self.most_pollers, self.pollers)
        try:
            async with self._changed:
                self._changed.notify_all()
                offset = asked.get("offset", 0)
                self.pending = [u for u in self.pending if not _before(u, offset)]
                if not self.pending and asked.get("timeout"):
                    with contextlib.suppress(asyncio.TimeoutError):
                        something = self._changed.wait_for(lambda: self.pending or self._closing)
                        await asyncio.wait_for(something, asked["timeout"])
                return self.pending[: asked.get("limit", 100)]
        finally:
            self.pollers -= 1

    async def _setwebhook(self, asked: dict[str, Any]) -> Any:
        self.webhook = asked
        return True

    async def _deletewebhook(self, asked: dict[str, Any]) -> Any:
        self.webhook = {}
        return True

    async def _setmycommands(self, asked: dict[str, Any]) -> Any:
        scope = asked["scope"]["type"], asked.get("language_code", "")
        self.commands[scope] = [command["command"] for command in asked["commands"]]
        return True

    async def _sendmessage(self, asked: dict[str, Any]) -> Any:
        chat_id = asked["chat_id"]
        if chat_id in self.blocked:
            raise _Refused(403, "Forbidden: bot was blocked by the user")
        message = Message(chat_id, next(self._ids), *_text(asked), _buttons(asked), at=self.clock())
        message.reply_to = (asked.get("reply_parameters") or {}).get("message_id")
        self.sent.append(message)
        self.messages[chat_id, message.message_id] = message
        return self._shown(message)

    async def _editmessagetext(self, asked: dict[str, Any]) -> Any:
        message = self.messages.get((asked["chat_id"], asked["message_id"]))
        if message is None:
            raise _Refused(400, "Bad Request: message to edit not found")
        changed = (*_text(asked), _buttons(asked))
        if changed == (message.html, message.text, message.buttons):
            raise _Refused(400, "Bad Request: message is not modified")
        message.html, message.text, message.buttons = changed
        return self._shown(message)

    async def _answercallbackquery(self, asked: dict[str, Any]) -> Any:
        self.toasts.append(str(asked.get("text", "")))
        return True

    async def _sendchataction(self, asked: dict[str, Any]) -> Any:
        assert asked["action"] in ("typing", "record_voice")
        return True

    async def _sendvoice(self, asked: dict[str, Any]) -> Any:
        chat_id, sound = asked["chat_id"], asked["voice"]
        if chat_id in self.blocked:
            raise _Refused(403, "Forbidden: bot was blocked by the user")
        if chat_id in self.voiceless:
            raise _Refused(400, "Bad Request: VOICE_MESSAGES_FORBIDDEN")
        if not (sound.startswith(b"OggS") and b"OpusHead" in sound[:64]):
            raise _Refused(400, "Bad Request: a voice message is Ogg with Opus")
        message = Message(chat_id, next(self._ids), "", "", _buttons(asked), at=self.clock(), sound=sound)
        self.sent.append(message)
        self.messages[chat_id, message.message_id] = message
        return self._shown(message)

    async def _editmessagereplymarkup(self, asked: dict[str, Any]) -> Any:
        message = self.messages.get((asked["chat_id"], asked["message_id"]))
        if message is None or message.buttons == _buttons(asked):
            raise _Refused(400, "Bad Request: message is not modified")
        message.buttons = _buttons(asked)
        return self._shown(message)

    async def _getfile(self, asked: dict[str, Any]) -> Any:
        name = str(asked["file_id"])
        if name not in self.files:
            raise _Refused(400, "Bad Request: file is too big")
        return {"file_id": name, "file_unique_id": name, "file_path": name, "file_size": len(self.files[name])}

    def _shown(self, message: Message) -> dict[str, Any]:
        chat = {"id": message.chat_id, "type": "private" if message.chat_id > 0 else "group", "title": "Us"}
        return {"message_id": message.message_id, "date": 1_790_000_000, "chat": chat, **_content(message)}


class _Refused(Exception):
    def __init__(self, status: int, description: str) -> None:
        self.status, self.description = status, description


def _refuse(status: int, description: str, parameters: dict[str, Any] | None = None) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    return web.json_response({**body, "parameters": parameters} if parameters else body, status=status)


def _before(update: Any, offset: int) -> bool:
    number = update.get("update_id") if isinstance(update, dict) else None
    return not isinstance(number, int) or number < offset if offset else False


def _value(given: Any) -> Any:
    if isinstance(given, web.FileField):
        return given.file.read()
    try:
        return json.loads(given)
    except ValueError:
        return given


def _content(message: Message) -> dict[str, Any]:
    voice = {"file_id": "reply", "file_unique_id": "reply", "duration": 1}
    return {"voice": voice} if message.sound else {"text": message.text}


def _text(asked: dict[str, Any]) -> tuple[str, str]:
    html = str(asked["text"])
    try:
        text = _Html.read(html) if asked.get("parse_mode") == "HTML" else html
    except ValueError as error:
        raise _Refused(400, "Bad Request: can't parse entities") from error
    if not text.strip():
        raise _Refused(400, "Bad Request: message text is empty")
    if len(text) > 4096:
        raise _Refused(400, "Bad Request: message is too long")
    return html, text


def _buttons(asked: dict[str, Any]) -> list[list[dict[str, str]]]:
    rows: list[list[dict[str, str]]] = (asked.get("reply_markup") or {}).get("inline_keyboard", [])
    for button in itertools.chain(*rows):
        if not 1 <= len(button["callback_data"].encode()) <= 64:
            raise _Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    return rows
