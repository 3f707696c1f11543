"""The Bot API through python-telegram-bot's client, with the limits kept and failures tried again.

Of that library only the client is used: its updater confirms updates before they are answered, and
its dispatcher keeps no order within a chat.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import ChatAction, FileSizeLimit, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.telegram.errors import ChatClosed, FileTooLarge, TokenNotAccepted, Unreachable
from bot.telegram.limits import Pace, Sleep
from bot.telegram.settings import TOKEN, TelegramSettings
from bot.telegram.transport import QuietRequest, may_have_arrived, seconds

logger = logging.getLogger(__name__)

T = TypeVar("T")
UPDATES = ("message", "edited_message", "callback_query", "message_reaction", "my_chat_member")
ATTEMPTS = 20  # of a request that the server did not take: a quarter of an hour in all
LONGEST_BACKOFF = 60.0  # seconds
POLL_SECONDS = 50  # how long the server may hold a request for updates
MOST_BYTES = int(FileSizeLimit.FILESIZE_DOWNLOAD)  # that a bot may fetch
READ_SECONDS = 30.0  # for everything else; Telegram answers within seconds
_GONE = ("chat not found", "user is deactivated", "not enough rights", "have no rights")


@dataclass(frozen=True)
class Key:
    """A button as it is shown: its title, and what comes back when it is pressed."""

    title: str
    data: str


class BotApi:
    """What the channel asks of Telegram.

    Args:
        settings: token and address.
        pace: keeps the limits on sending.
        sleep: waits between attempts.
        attempts: of a request that the server does not take.
    """

    def __init__(
        self, settings: TelegramSettings, pace: Pace, sleep: Sleep = asyncio.sleep, attempts: int = ATTEMPTS
    ) -> None:
        self._settings, self._pace, self._sleep, self._attempts = settings, pace, sleep, attempts
        request = QuietRequest(read_timeout=READ_SECONDS, pool_timeout=READ_SECONDS)
        self.bot = Bot(
            settings.token,
            base_url=f"{settings.api_url}/bot",
            base_file_url=f"{settings.api_url}/file/bot",
            request=request,
            get_updates_request=request,
        )

    async def start(self) -> None:
        """Learn who we are.

        Raises:
            TokenNotAccepted: the server knows no such bot.
            Unreachable: it does not answer.
        """
        await self._call(self.bot.initialize)

    async def close(self) -> None:
        """Close the connections."""
        await self.bot.shutdown()

    @property
    def username(self) -> str:
        """The bot's name, as people mention it; known after :meth:`start`."""
        return str(self.bot.username)

    async def listen_at(self, url: str) -> None:
        """Have updates posted to a URL, one after the other so that they stay in order; empty: nowhere."""
        if not url:
            await self._call(self.bot.delete_webhook)
            return
        secret = self._settings.secret
        await self._call(
            lambda: self.bot.set_webhook(url, secret_token=secret, max_connections=1, allowed_updates=UPDATES)
        )

    async def updates(self, after: int | None) -> list[Any]:
        """Updates as they were sent, oldest first; waits for some.

        Args:
            after: every update up to this one is safely kept here, so the server may forget it.
        """
        asked: dict[str, Any] = {"timeout": POLL_SECONDS, "allowed_updates": UPDATES}
        if after is not None:
            asked["offset"] = after + 1
        # Raw, since the library gives up a whole batch for one malformed update. It insists on its own method for the
        # name as it is usually written; the server takes names in any case.
        found = await self._call(
            lambda: self.bot.do_api_request("GetUpdates", asked, read_timeout=READ_SECONDS + POLL_SECONDS)
        )
        return list(found) if isinstance(found, list) else []

    async def send(
        self, chat_id: int, html: str, rows: Sequence[Sequence[Key]] = (), reply_to: int | None = None
    ) -> int | None:
        """Send one message; its id, or None where nobody can tell whether it arrived.

        Raises:
            ChatClosed: the person does not want it.
            Unreachable: it could not be sent.
        """
        quoted = ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to else None

        async def attempt(chat: int) -> int:
            async with self._pace.turn(chat):
                sent = await self.bot.send_message(
                    chat,
                    html,
                    parse_mode=ParseMode.HTML,
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                    reply_markup=_keyboard(rows),
                    reply_parameters=quoted,
                )
            return int(sent.message_id)

        message_id: int | None = await self._call(attempt, chat_id, repeatable=False)
        return message_id

    async def edit(self, chat_id: int, message_id: int, html: str) -> None:
        """Replace a message's text and take its buttons away; one that cannot be changed any more stays as it is."""

        async def attempt(chat: int) -> None:
            async with self._pace.turn(chat):
                await self.bot.edit_message_text(
                    html,
                    chat,
                    message_id,
                    parse_mode=ParseMode.HTML,
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                )

        try:
            await self._call(attempt, chat_id)
        except BadRequest:
            logger.info("A message could not be changed: it is too old or was changed already.")

    async def send_voice(self, chat_id: int, sound: bytes, rows: Sequence[Sequence[Key]] = ()) -> None:
        """Send a voice message (Ogg with Opus), unless the person takes none.

        Raises:
            ChatClosed: the person does not want it.
            Unreachable: it could not be sent.
        """

        async def attempt(chat: int) -> None:
            async with self._pace.turn(chat):
                await self.bot.send_voice(chat, sound, filename="reply.ogg", reply_markup=_keyboard(rows))

        try:
            await self._call(attempt, chat_id, repeatable=False)
        except BadRequest:
            logger.info("A voice message was not taken: the person allows none.")

    async def take_buttons(self, chat_id: int, message_id: int) -> None:
        """Take the buttons from a message without text; one that cannot be changed any more stays as it is."""
        try:
            await self._call(lambda: self.bot.edit_message_reply_markup(chat_id, message_id))
        except BadRequest:
            logger.info("A message could not be changed: it is too old or was changed already.")

    async def show(self, chat_id: int, action: ChatAction) -> None:
        """Show for five seconds that we write or speak; not worth a second attempt."""
        try:
            await self.bot.send_chat_action(chat_id, action)
        except TelegramError:
            logger.debug("What we do could not be shown.")

    async def notify(self, query_id: str, text: str = "") -> None:
        """Answer a pressed button, with a short text over the chat if there is one. Old presses expire."""
        try:
            await self._call(lambda: self.bot.answer_callback_query(query_id, text or None))
        except BadRequest:
            logger.debug("A button's press had expired.")

    async def download(self, file_id: str, size: int | None, largest: int = MOST_BYTES) -> bytes:
        """A file's content.

        Raises:
            FileTooLarge: it is said to be larger than ``largest``, or bots may not fetch it.
        """
        if size and size > largest:
            raise FileTooLarge(f"A file of {size} bytes is more than is fetched.")
        try:
            file = await self._call(lambda: self.bot.get_file(file_id))
            assert file is not None
            content = await self._call(file.download_as_bytearray)
        except BadRequest as error:
            raise FileTooLarge("The server did not give the file out.") from error
        return bytes(content or b"")

    async def show_commands(self, menus: Mapping[str, Sequence[tuple[str, str]]], group: Sequence[str]) -> None:
        """The menu of commands by language; the last language is everybody else's. Groups see only some."""
        for language in [*menus, ""]:
            commands = [BotCommand(*command) for command in menus[language or [*menus][-1]]]
            few = [command for command in commands if command.command in group]
            for chosen, scope in (
                (commands, BotCommandScopeAllPrivateChats()),
                (few, BotCommandScopeAllGroupChats()),
            ):
                await self._call(self._menu(chosen, scope, language))

    def _menu(self, commands: list[BotCommand], scope: Any, language: str) -> Callable[[], Awaitable[bool]]:
        return lambda: self.bot.set_my_commands(commands, scope=scope, language_code=language or None)

    async def _call(
        self, request: Callable[..., Awaitable[T]], chat_id: int | None = None, repeatable: bool = True
    ) -> Any:
        """Do a request, again where the server did not take it; the chat's id is passed on to it.

        A request that went out without an answer is repeated only if that does no harm: Telegram has no way to
        ask whether a message arrived, and mostly it did.
        """
        for attempt in range(self._attempts):
            try:
                return await (request() if chat_id is None else request(chat_id))
            except RetryAfter as error:
                wait = seconds(error)
                if chat_id is not None:
                    self._pace.hold(chat_id, wait)
                await self._sleep(wait)
            except ChatMigrated as error:
                chat_id = error.new_chat_id
            except Forbidden as error:
                raise ChatClosed("The person has blocked the bot, or it may not write there.") from error
            except InvalidToken as error:
                raise TokenNotAccepted(
                    f"The Bot API at {self._settings.api_url} does not accept {TOKEN}: copy it from BotFather again."
                ) from error
            except Conflict:
                logger.warning(
                    "Another program asks for this bot's updates, or a webhook is set; waiting for it to end."
                )
                await self._sleep(LONGEST_BACKOFF)
            except BadRequest as error:
                if any(words in str(error).lower() for words in _GONE):
                    raise ChatClosed("The chat is gone.") from error
                raise
            except NetworkError as error:
                if not repeatable and may_have_arrived(error):
                    logger.warning("A message went out, but the answer to it was lost; it is not sent again.")
                    return None
                logger.info("The Bot API did not take a request (attempt %d).", attempt + 1)
                await self._sleep(min(2.0**attempt, LONGEST_BACKOFF))
        raise Unreachable(
            f"The Bot API at {self._settings.api_url} did not take a request in {self._attempts} attempts."
            " Is it reachable from here?"
        )


def _keyboard(rows: Sequence[Sequence[Key]]) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(key.title, callback_data=key.data) for key in row] for row in rows]
    )
