"""The web widget's channel: Rasa's socketio channel, with its faults repaired.

A connection belongs to whom its token proves, or to a visitor whose id this server made; it hears that
conversation alone and speaks in it alone. Messages carry the widget's ids: one that is sent again after a
lost connection is answered once, also after a restart, since Rasa's tracker knows the ids that it holds.

Events, each answered by an acknowledgement ``{"ok": true, …}`` or ``{"error": code, "wait"?: seconds}``:

- ``session_request``: the conversation's history and the reply that is being written;
- ``user_uttered`` ``{id, text, title?, without_profile?}``: a message;
- ``stop``: no more of the reply that is being written;
- ``refresh`` ``{token}``: the same customer's new token;
- ``feedback`` ``{reply, rating, reason?}``: what they think of a reply;
- ``transcript``: the conversation by e-mail, to the address on file (``bot/channels/web_transcript.py``).

The conversation hears ``user_uttered`` (what another tab or channel sent), ``typing``, ``sentence``, ``bot_uttered``,
``done`` and ``failed``, each with the id of its message; and ``person_typing`` from a desk (:mod:`bot.desk`).
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.channels.socketio import SocketBlueprint, SocketIOInput
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json
from socketio import AsyncRedisManager, AsyncServer
from socketio.exceptions import ConnectionRefusedError

from bot.beside import beside
from bot.channels.headers import secure
from bot.channels.identity import ANONYMOUS_PREFIX, CUSTOMER_PREFIX, TokenRefused, proof_of
from bot.channels.limits import Limiter, Rate, limiter
from bot.channels.tabs import Tabs
from bot.channels.thread import MESSAGE_ID, Link, thread_of
from bot.channels.turns import SharedTurns, Turn, Turns
from bot.channels.web_answers import Answers
from bot.channels.web_files import FileRoutes
from bot.channels.web_notices import WebNotices
from bot.channels.web_output import WebOutput
from bot.channels.web_session import Session, refusal, session_of
from bot.channels.web_settings import WebSettings, web_settings
from bot.channels.web_transcript import mail_transcript
from bot.conversation import WEB_CHANNEL
from bot.customers.feedback import RATINGS, rate, ratings
from bot.customers.store import CustomerStore
from bot.desk.routes import open_desk
from bot.outbox.outbox import Outbox
from bot.outbox.quiet_hours import QuietHours
from bot.settings import load_settings
from bot.shop.routes import article_link, front_door, shop_blueprint
from bot.web import widget_blueprint

PATH = "/socket.io"
LARGEST_EVENT = 64_000  # bytes
LONGEST_TITLE = 200
EXPIRY_SECONDS = 5.0  # how late a connection may end after its token has expired


class WebBlueprint(SocketBlueprint):
    """Attaches socket, widget, desk and shop to Rasa's server; they do not stand below ``/webhooks``."""

    def __init__(self, sio: AsyncServer, channel: WebChannel, files: FileRoutes) -> None:
        super().__init__(sio, PATH, "lichno_web")
        self.ctx.channel, self.ctx.files = channel, files

    def register(self, app: Sanic, options: dict[str, Any]) -> None:
        super().register(app, options)
        channel: WebChannel = self.ctx.channel
        app.ctx.tabs = channel.tabs
        app.blueprint(widget_blueprint())
        app.blueprint(self.ctx.files.blueprint())
        app.register_middleware(self.ctx.files.share, "response")
        app.register_middleware(secure, "response")
        open_desk(app, channel.sio, channel, channel.link, channel.limiter)
        if channel.settings.demo_shop:
            app.blueprint(shop_blueprint(channel.settings.frame_ancestors))
            app.register_middleware(front_door, "request")


class WebChannel(SocketIOInput):
    """The channel; see the module.

    Args:
        settings: origins, limits and whether the demo shop is served.
    """

    def __init__(self, settings: WebSettings = WebSettings()) -> None:
        super().__init__(socketio_path=PATH)
        self.settings = settings
        self.link: Link = article_link if settings.demo_shop else str
        self._per_customer = self.limiter("customer", Rate.read(settings.per_customer))
        self._per_address = self.limiter("address", Rate.read(settings.per_address))
        self._everybody = self.limiter("everybody", Rate.read(settings.everybody))
        self._expiring: dict[str, asyncio.Task[None]] = {}
        ours = load_settings()
        self._customers = CustomerStore(ours.customers)
        outbox = Outbox(self._customers, quiet=QuietHours.parse(ours.quiet_hours))
        self._notices = WebNotices(self._customers, outbox, self.tell)

    @classmethod
    def name(cls) -> str:
        return WEB_CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WebChannel:
        return cls(web_settings(credentials))

    def limiter(self, name: str, rate: Rate) -> Limiter:
        """A limiter that counts together with those of this name in the other server processes, if there are any."""
        return limiter(rate, self.settings.message_queue, name)

    def get_output_channel(self) -> OutputChannel | None:
        """For messages that answer none, such as reminders."""
        return WebOutput(self.sio, Turn(""), self.link) if self.sio else None

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The socket with its events, the widget's file and the shop's pages."""
        queue = self.settings.message_queue
        # Only WebSocket: a page of another origin then needs no CORS, and any worker can take any connection.
        # None stands for this server's own origin. The origin is compared for WebSocket as well.
        sio = AsyncServer(
            async_mode="sanic",
            transports=["websocket"],
            cors_allowed_origins=self._allows if self.settings.origins else None,
            max_http_buffer_size=LARGEST_EVENT,
            client_manager=AsyncRedisManager(queue) if queue else None,
        )
        self.sio, self.tabs = sio, Tabs(sio, SharedTurns(queue) if queue else Turns(), self.link)
        self._answers = Answers(self.tabs, self._notices)
        sio.on("connect", self._connect)
        sio.on("disconnect", self._disconnect)
        for event, handler in {
            "session_request": self._session_request,
            "user_uttered": self._user_uttered,
            "stop": self._stop,
            "refresh": self._refresh,
            "feedback": self._feedback,
            "transcript": self._transcript,
        }.items():
            sio.on(event, handler)
        per_customer = self.limiter("files", Rate.read(self.settings.files_per_customer))
        files = FileRoutes(self._customers, self.settings.origins, self._per_address, per_customer)
        blueprint = WebBlueprint(sio, self, files)
        blueprint.add_route(_health, "/")
        blueprint.listener("after_server_start")(lambda app, _: self._notices.start(app))
        blueprint.listener("before_server_stop")(lambda _app, _loop: self._notices.end())
        return blueprint

    def _allows(self, origin: str, environ: dict[str, Any]) -> bool:
        scheme, host = environ.get("wsgi.url_scheme", "http"), environ.get("HTTP_HOST", "")
        return origin in self.settings.origins or origin == f"{scheme}://{host}"

    # -- who is there --------------------------------------------------------------------------

    async def _connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        request: Request = environ["sanic.request"]
        address = str(request.remote_addr or request.ip)
        if wait := await self._per_address.wait(address):
            raise ConnectionRefusedError("rate", {"wait": wait})
        session = session_of(auth if isinstance(auth, dict) else {}, address)
        await self.sio.save_session(sid, {"session": session, "app": request.app})
        await self.sio.enter_room(sid, session.conversation)
        if session.expires is not None:
            ending = self._end_when_expired(sid, session)
            self._expiring[sid] = asyncio.get_running_loop().create_task(ending)

    async def _end_when_expired(self, sid: str, session: Session) -> None:
        """Who brings no new token hears nothing more; the widget connects again with one, or as a visitor."""
        while (left := (session.expires or 0.0) - time.time()) > 0:
            await asyncio.sleep(min(left, EXPIRY_SECONDS))
        del self._expiring[sid]
        await self.sio.disconnect(sid)

    async def _disconnect(self, sid: str, *_: Any) -> None:
        if ending := self._expiring.pop(sid, None):
            ending.cancel()

    async def _session_request(self, sid: str, _: Any = None) -> dict[str, Any]:
        session, app = await self._of(sid)
        if session.expired:
            return {"error": "token_expired"}
        tracker = await app.ctx.agent.tracker_store.retrieve_full_tracker(session.conversation)
        history = thread_of((event.as_dict() for event in tracker.events) if tracker else [], self.link)
        given = await beside(ratings, self._customers, session.conversation)
        for message in history:
            message["rating"] = given.get(message["id"])
        turns = await self._answers.underway(session.conversation)
        return {
            "ok": True,
            "session": session.conversation,
            "visitor": None if session.customer_id else session.conversation.removeprefix(ANONYMOUS_PREFIX),
            "signed_in": session.customer_id is not None,
            "history": history,
            "turns": [{"to": turn.message_id, "sentences": turn.sentences} for turn in turns],
        }

    async def _refresh(self, sid: str, data: Any = None) -> dict[str, Any]:
        session, _ = await self._of(sid)
        try:
            proof = proof_of(str((data or {}).get("token") if isinstance(data, dict) else ""))
        except TokenRefused as error:
            return {"error": refusal(error)}
        if session.conversation != CUSTOMER_PREFIX + proof.customer_id:
            return {"error": "other_customer"}
        session.expires = proof.expires
        return {"ok": True}

    async def _feedback(self, sid: str, data: Any = None) -> dict[str, Any]:
        session, _ = await self._of(sid)
        if session.expired:
            return {"error": "token_expired"}
        if wait := await self._wait(session):
            return {"error": "rate", "wait": wait}
        data = data if isinstance(data, dict) else {}
        reply, rating, reason = data.get("reply"), data.get("rating"), data.get("reason", "")
        if (
            not isinstance(reply, str)
            or len(reply) > LONGEST_TITLE
            or rating not in RATINGS
            or not isinstance(reason, str)
        ):
            return {"error": "unreadable"}
        now = dt.datetime.now().replace(microsecond=0)
        await beside(rate, self._customers, session.conversation, session.customer_id, reply, rating, reason, now)
        return {"ok": True}

    async def _transcript(self, sid: str, _: Any = None) -> dict[str, Any]:
        session, app = await self._of(sid)
        if session.expired:
            return {"error": "token_expired"}
        if wait := await self._wait(session):
            return {"error": "rate", "wait": wait}
        return await mail_transcript(app.ctx.agent, self._customers, session.conversation, session.customer_id)

    async def _of(self, sid: str) -> tuple[Session, Sanic]:
        known = await self.sio.get_session(sid)
        return known["session"], known["app"]

    # -- messages ------------------------------------------------------------------------------

    async def _user_uttered(self, sid: str, data: Any = None) -> dict[str, Any]:
        session, app = await self._of(sid)
        if session.expired:
            return {"error": "token_expired"}
        if fault := self._fault(data):
            return {"error": fault}
        if self._answers.is_underway(session.conversation, data["id"]):
            return {"ok": True}  # sent again
        if wait := await self._wait(session):
            return {"error": "rate", "wait": wait}
        await self._answers.begin(app, session, data, sid)
        return {"ok": True}

    async def _stop(self, sid: str, _: Any = None) -> dict[str, Any]:
        session, _app = await self._of(sid)
        await self._answers.stop(session.conversation)
        return {"ok": True}

    def _fault(self, data: Any) -> str | None:
        """What is wrong with a message's form."""
        if not isinstance(data, dict) or not isinstance(data.get("text"), str):
            return "unreadable"
        if not isinstance(data.get("id"), str) or not MESSAGE_ID.fullmatch(data["id"]):
            return "unreadable"
        if not isinstance(data.get("title", ""), str) or len(data.get("title", "")) > LONGEST_TITLE:
            return "unreadable"
        return "too_long" if len(data["text"]) > self.settings.max_characters else None

    async def _wait(self, session: Session) -> float:
        """Seconds until this customer may write again."""
        return (
            await self._per_address.wait(session.address)
            or await self._per_customer.wait(session.conversation)
            or await self._everybody.wait("")
        )

    # -- what a desk needs: bot.desk.floor.Room --------------------------------------------------

    async def tell(self, conversation: str, event: str, data: dict[str, Any]) -> None:
        """Send an event to every tab of a conversation."""
        await self.sio.emit(event, data, room=conversation)

    def hush(self, conversation: str) -> None:
        """Show nothing more of what is being answered."""
        self._answers.hush(conversation)

    def is_open(self, conversation: str) -> bool:
        """Whether a tab shows the conversation."""
        return any(True for _ in self.sio.manager.get_participants("/", conversation))


async def _health(_: Request) -> HTTPResponse:
    return json({"status": "ok"})
