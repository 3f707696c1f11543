"""The channel at work: one process asks for updates or watches for those posted, answers them, sends notices."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from bot.outbox.outbox import Outbox
from bot.telegram.api import BotApi
from bot.telegram.chats import CODE_LIFETIME
from bot.telegram.commands import IN_GROUPS, MENUS
from bot.telegram.desk import DeskPost
from bot.telegram.dispatcher import Dispatcher
from bot.telegram.errors import TokenNotAccepted, Unreachable
from bot.telegram.handler import Handler
from bot.telegram.limits import Sleep
from bot.telegram.notices import Notices
from bot.telegram.talk import Services, without_words

logger = logging.getLogger(__name__)

LOCK = Path("var/telegram.lock")
STANDBY_SECONDS = 5.0  # between attempts to take the place of a process that ended
WATCH_SECONDS = 1.0  # how late an update is seen that another process was posted
NOTICE_SECONDS = 30.0
DESK_SECONDS = 1.0  # how late a person's answer leaves
PRUNE_SECONDS = 3600.0


@dataclass(frozen=True)
class Link:
    """What binds one chat to a customer, once: an address, or the code in it sent as ``/start <code>``."""

    url: str
    code: str
    seconds: int


class Service:
    """All of the channel that knows no Rasa.

    Args:
        services: what answering takes.
        outbox: notices of our own accord.
        webhook: our address for updates; empty: they are asked for.
        lock: held by the one process that asks and answers.
        sleep: waits after failures.
    """

    def __init__(
        self, services: Services, outbox: Outbox, webhook: str = "", lock: Path = LOCK, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._services, self._webhook, self._sleep = services, webhook, sleep
        self._lock = FileLock(str(lock))
        self._wake = asyncio.Event()
        self.dispatcher = Dispatcher(services, Handler(services))
        self.notices = Notices(services, outbox)
        self.desk = DeskPost(services)

    @property
    def api(self) -> BotApi:
        """The client."""
        return self._services.api

    async def run(self) -> None:
        """Work until cancelled; wait while another process does. A token that is not accepted ends it."""
        while not self._take_lead():
            await self._sleep(STANDBY_SECONDS)
        try:
            while await self._lead():
                await self._sleep(STANDBY_SECONDS)
        finally:
            await self.dispatcher.stop()
            await self.api.close()
            self._lock.release()

    async def _lead(self) -> bool:
        """Work until something unforeseen stops it; whether to begin anew."""
        try:
            await self._begin()
            await self._work()
        except TokenNotAccepted as error:
            logger.error("%s Telegram stays off.", error)
            return False
        except Exception as error:
            logger.error("Telegram begins anew after %s", without_words(error))
        return True

    async def link(self, customer_id: str) -> Link:
        """A link for the customer's account page.

        Raises:
            UnknownCustomer: there is none with this id.
            Unreachable: Telegram does not tell the bot's name.
        """
        await self.api.start()
        code = await self._services.run(self._services.chats.issue_code, customer_id)
        url = f"https://t.me/{self.api.username}?start={code}"
        return Link(url, code, int(CODE_LIFETIME.total_seconds()))

    async def accept(self, payload: Any) -> None:
        """Keep an update that was posted to the webhook. Any process may do this; the leading one answers."""
        if await self._services.run(self._services.inbox.put, payload) is None:
            logger.warning("A posted update has no number: it is skipped.")
        self._wake.set()

    def _take_lead(self) -> bool:
        Path(self._lock.lock_file).parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            return False
        return True

    async def _begin(self) -> None:
        while True:
            try:
                await self.api.start()
                await self.api.show_commands(MENUS, IN_GROUPS)
                await self.api.listen_at(self._webhook)
                break
            except Unreachable as error:
                logger.warning("%s It is asked again.", error)
        logger.info("Telegram: @%s answers.", self.api.username)
        await self.desk.wake()
        await self.dispatcher.feed()

    async def _work(self) -> None:
        tasks = [
            asyncio.create_task(self._watch() if self._webhook else self._poll()),
            asyncio.create_task(self._every(NOTICE_SECONDS, self.notices.once)),
            asyncio.create_task(self._every(DESK_SECONDS, self.desk.once)),
            asyncio.create_task(self._every(PRUNE_SECONDS, self._prune)),
        ]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _poll(self) -> None:
        """Ask for updates; the server is told that we have them only after they are kept."""
        kept: int | None = None
        while True:
            try:
                updates = await self.api.updates(kept)
            except Unreachable as error:
                logger.warning("%s It is asked again.", error)
                continue
            # Without new ones nothing need be confirmed, and numbers may begin anew after a quiet week.
            kept = None
            for payload in updates:
                number = await self._services.run(self._services.inbox.put, payload)
                if number is None:
                    logger.warning("An update has no number: it is skipped.")
                else:
                    kept = number if kept is None else max(kept, number)
            if updates and kept is None:
                await self._sleep(STANDBY_SECONDS)  # nothing that could be confirmed: they will come again
            await self.dispatcher.feed()

    async def _watch(self) -> None:
        """Take up what was posted, here or to another process."""
        while True:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), WATCH_SECONDS)
            self._wake.clear()
            await self.dispatcher.feed()

    async def _prune(self) -> None:
        for table in (self._services.inbox, self._services.buttons, self._services.answers):
            await self._services.run(table.prune)

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except Exception as error:
                logger.error("Work on the side failed: %s", without_words(error))
            await asyncio.sleep(seconds)


def service_of(app: Any) -> Service | None:
    """The channel's work in a Sanic server, for the server's other pages; None where no token is set."""
    service: Service | None = getattr(app.ctx, "telegram", None)
    return service
