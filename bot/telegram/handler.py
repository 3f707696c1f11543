"""What each kind of update is answered with."""

from __future__ import annotations

import html
import logging
import re

from telegram import CallbackQuery, Message, MessageReactionUpdated, ReactionTypeEmoji, Update
from telegram.constants import ChatMemberStatus, ChatType, MessageEntityType

from bot.telegram import commands, files, hearing
from bot.telegram.buttons import OURS
from bot.telegram.chats import Who, known_language
from bot.telegram.errors import ChatClosed, Unreachable
from bot.telegram.inbox import Waiting
from bot.telegram.talk import Place, Services, Talk, without_words

logger = logging.getLogger(__name__)

_COMMAND = re.compile(r"/(\w+)(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)
GOOD, BAD = frozenset("👍❤🔥👏🎉💯🙏"), frozenset("👎💩😡🤬")
RATE = f"{OURS}rate:"


class Handler:
    """Answers one update.

    Args:
        services: the channel's.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, waiting: Waiting) -> None:
        """Answer an update; a malformed one is skipped, and nothing of it is logged but its number."""
        try:
            update = Update.de_json(waiting.payload, self._services.api.bot)
        except Exception as error:
            logger.warning("Update %d is malformed (%s): it is skipped.", waiting.update_id, without_words(error))
            return
        if query := update.callback_query:
            await self._pressed(waiting, query)
        elif reaction := update.message_reaction:
            await self._reacted(reaction)
        elif member := update.my_chat_member:
            left = member.new_chat_member.status in (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)
            await self._services.run(self._services.chats.set_blocked, member.chat.id, left)
        elif message := update.edited_message or update.message:
            await self._written(waiting, message, edited=update.edited_message is not None)

    async def _talk(self, place: Place) -> Talk:
        if place.group:
            return Talk(self._services, place, Who(place.chat_id, None, known_language(place.spoken)))
        who = await self._services.run(self._services.chats.who, place.chat_id, place.spoken)
        return Talk(self._services, place, who)

    async def _written(self, waiting: Waiting, message: Message, edited: bool) -> None:
        if message.chat.type == ChatType.CHANNEL or (message.from_user and message.from_user.is_bot):
            return
        group = message.chat.type != ChatType.PRIVATE
        text = self._addressed(message) if group else (message.text or "")
        if text is None:
            return  # said to the others
        chats = self._services.chats
        if edited and not await self._services.run(chats.is_newest, message.chat.id, message.message_id):
            return  # an old message put right: the talk has moved on
        await self._services.run(chats.note, message.chat.id, message.message_id)
        sender = message.from_user
        place = Place(
            waiting.update_id,
            message.chat.id,
            message.message_id,
            asker=sender.id if sender else None,
            spoken=sender.language_code if sender else None,
            group=group,
            quote=edited,
        )
        talk = await self._talk(place)
        try:
            await self._answer(talk, message, text.strip())
        except (ChatClosed, Unreachable):
            raise
        except Exception as error:
            logger.error("Update %d could not be served: %s", waiting.update_id, without_words(error))
            await talk.say("utter_technical_trouble")

    async def _answer(self, talk: Talk, message: Message, text: str) -> None:
        if command := _COMMAND.fullmatch(text):
            if command[2] is None or command[2].lower() == self._services.api.username.lower():
                await commands.run(talk, command[1].lower(), (command[3] or "").strip())
        elif text.startswith("/"):
            await talk.say("utter_telegram_help")  # to the assistant it would be a button's payload
        elif text:
            await talk.ask(text)
        elif talk.place.group:
            await talk.say("utter_telegram_help")  # mentioned without a word
        elif file := files.file_of(message):
            await files.take(talk, file, (message.caption or "").strip())
        elif sound := message.voice or message.audio:
            await hearing.take(talk, sound)
        elif message.location or message.venue:
            await talk.say("utter_telegram_location")
        elif message.effective_attachment is not None:
            await talk.say("utter_telegram_unsupported")

    async def _pressed(self, waiting: Waiting, query: CallbackQuery) -> None:
        services, message = self._services, query.message
        chat_id, key = (message.chat.id if message else query.from_user.id), query.data or ""
        group = bool(message and message.chat.type != ChatType.PRIVATE)
        asker = query.from_user.id
        place = Place(waiting.update_id, chat_id, asker=asker, spoken=query.from_user.language_code, group=group)
        talk = await self._talk(place)
        button = await services.run(services.buttons.meaning, chat_id, key)
        if button is None:
            await services.api.notify(query.id, talk.text("utter_telegram_used_up").text)
            return
        rated = button.payload.startswith(RATE)
        await services.api.notify(query.id, talk.text("utter_telegram_rated").text if rated else "")
        if isinstance(message, Message):
            await self._mark(message, button.title if rated else f"✓ {button.title}")
        if rated:
            value = int(button.payload.removeprefix(RATE))
            if message:
                await services.run(services.answers.rate, talk.who, message.message_id, value)
        elif button.payload.startswith(OURS):
            await commands.press(talk, button.payload)
        else:
            await talk.ask(button.payload, button.title)
        await services.run(services.buttons.use_up, key)

    async def _mark(self, message: Message, chosen: str) -> None:
        """The choice stands where the buttons stood; under a voice message they only go."""
        api, place = self._services.api, (message.chat.id, message.message_id)
        if message.text is None:
            await api.take_buttons(*place)
        else:
            await api.edit(*place, f"{message.text_html}\n\n{html.escape(chosen, quote=False)}")

    async def _reacted(self, reaction: MessageReactionUpdated) -> None:
        if reaction.chat.type != ChatType.PRIVATE:
            return  # in a group nobody knows who asked
        emoji = {kind.emoji for kind in reaction.new_reaction if isinstance(kind, ReactionTypeEmoji)}
        value = 1 if emoji & GOOD else -1 if emoji & BAD else 0
        who = await self._services.run(self._services.chats.who, reaction.chat.id)
        await self._services.run(self._services.answers.rate, who, reaction.message_id, value)

    def _addressed(self, message: Message) -> str | None:
        """A group's message without our name in it; None if it is not for us."""
        text, api = message.text or "", self._services.api
        if command := _COMMAND.fullmatch(text.strip()):
            return text if (command[2] or "").lower() == api.username.lower() else None
        names = message.parse_entities([MessageEntityType.MENTION]).items()
        ours = [entity for entity, name in names if name.lower() == f"@{api.username.lower()}"]
        if ours:
            return re.sub(rf"@{re.escape(api.username)}\b[,:]?", "", text, flags=re.IGNORECASE)
        answered = message.reply_to_message
        return text if answered and answered.from_user and answered.from_user.id == api.bot.id else None
