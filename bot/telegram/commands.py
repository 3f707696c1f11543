"""The commands of the menu. Words after a command count only for ``/start``, whose word is the one-time code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy.orm import Session

from bot.conversation import TELEGRAM_CHANNEL
from bot.customers.store import open_ticket
from bot.outbox.outbox import WEB, Outbox
from bot.telegram import hearing
from bot.telegram.buttons import OURS
from bot.telegram.chats import CHANNEL
from bot.telegram.talk import Talk

# Shown in Telegram's menu; the last language is everybody else's.
MENUS = {
    "ru": (
        ("start", "Начать или связать чат с аккаунтом"),
        ("help", "Что я умею"),
        ("orders", "Мои заказы"),
        ("human", "Позвать сотрудника"),
        ("language", "Язык: русский или английский"),
        ("privacy", "Мои данные и уведомления"),
        ("logout", "Отвязать чат от аккаунта"),
        ("forget", "Стереть этот чат из моей памяти"),
    ),
    "en": (
        ("start", "Begin, or link the chat to your account"),
        ("help", "What I can do"),
        ("orders", "My orders"),
        ("human", "Get a person"),
        ("language", "Language: Russian or English"),
        ("privacy", "My data and notices"),
        ("logout", "Unlink the chat from your account"),
        ("forget", "Erase this chat from my memory"),
    ),
}
IN_GROUPS = ("help",)  # everything else there concerns one person
ERASE_SUBJECT = {"ru": "Просит стереть данные аккаунта", "en": "Asks for the account's data to be erased"}


async def run(talk: Talk, command: str, argument: str) -> None:
    """Do a command; an unknown one gets the list of those that exist."""
    if talk.place.group and command not in IN_GROUPS:
        await talk.say("utter_telegram_in_private", bot=talk.services.api.username)
        return
    await (_start(talk, argument) if command == "start" else _COMMANDS.get(command, _help)(talk))


async def press(talk: Talk, payload: str) -> None:
    """Do what a button of the channel's own says."""
    action, _, value = payload.removeprefix(OURS).partition(":")
    if action == "language":
        await talk.services.run(talk.services.chats.set_language, talk.place.chat_id, value)
        await talk.refresh()
        await talk.say("utter_telegram_language_set")
    elif action == "notices":
        await _set_notices(talk, value == "on")
    elif action == "voice":
        await _set_voice(talk, value == hearing.ON)
    elif action == "forget":
        await _forget(talk)
    else:
        await talk.say("utter_telegram_kept")


async def _start(talk: Talk, code: str) -> None:
    if not code:
        await talk.say("utter_telegram_welcome_back" if talk.who.customer_id else "utter_telegram_welcome")
        return
    if not await talk.services.run(talk.services.chats.bind, talk.place.chat_id, code):
        await talk.say("utter_telegram_bad_code")
        return
    await talk.refresh()
    await talk.say("utter_telegram_bound")
    await talk.say("utter_telegram_ask_notices")


async def _help(talk: Talk) -> None:
    await talk.say("utter_telegram_help")


async def _orders(talk: Talk) -> None:
    await talk.ask("/order_status", _title(talk, "orders"))


async def _human(talk: Talk) -> None:
    await talk.ask("/human_handoff", _title(talk, "human"))


def _title(talk: Talk, command: str) -> str:
    """A command as the menu describes it: what people read in the conversation."""
    return dict(MENUS[talk.who.language])[command]


async def _language(talk: Talk) -> None:
    await talk.say("utter_telegram_language")


async def _privacy(talk: Talk) -> None:
    if talk.who.customer_id is None:
        await talk.say("utter_telegram_privacy_visitor")
        return
    wanted = await talk.services.run(_outbox(talk).wanted, talk.who.customer_id, CHANNEL, str(talk.place.chat_id))
    await talk.say("utter_telegram_privacy_notices" if wanted else "utter_telegram_privacy_no_notices")
    if talk.services.speaker:
        spoken = await talk.services.run(hearing.wants_voice, talk.services.store, talk.who.customer_id)
        await talk.say("utter_telegram_voice_on" if spoken else "utter_telegram_voice_off")


async def _logout(talk: Talk) -> None:
    was_bound = await talk.services.run(talk.services.chats.unbind, talk.place.chat_id)
    await talk.refresh()
    await talk.say("utter_telegram_logged_out" if was_bound else "utter_telegram_not_bound")


async def _ask_to_forget(talk: Talk) -> None:
    await talk.say("utter_telegram_forget_customer" if talk.who.customer_id else "utter_telegram_forget_visitor")


async def _forget(talk: Talk) -> None:
    """Erase the chat. A customer's account is not erased by a tap: whoever holds the phone could; a person is asked."""
    services, customer_id = talk.services, talk.who.customer_id
    ticket = await services.run(_ask_to_erase, talk) if customer_id else None
    await services.forget(talk.conversation)
    if customer_id:
        await talk.say("utter_telegram_forgotten_customer", ticket=ticket)
    else:
        await talk.say("utter_telegram_forgotten_visitor")
    await services.run(services.chats.forget, talk.place.chat_id)


def _ask_to_erase(talk: Talk) -> str:
    with Session(talk.services.store.engine, future=True) as session:
        subject, now = ERASE_SUBJECT[talk.who.language], talk.services.now()
        ticket = open_ticket(session, talk.who.customer_id, "account", subject, now)
        session.commit()
        return ticket


async def _set_notices(talk: Talk, wanted: bool) -> None:
    if talk.who.customer_id is None:
        await talk.say("utter_telegram_not_bound")
        return
    places = ((CHANNEL, str(talk.place.chat_id)), (WEB, ""))  # the same conversation stands on the site
    await talk.services.run(_outbox(talk).decide, talk.who.customer_id, wanted, places, TELEGRAM_CHANNEL)
    await talk.say("utter_telegram_notices_on" if wanted else "utter_telegram_notices_off")


async def _set_voice(talk: Talk, wanted: bool) -> None:
    if talk.who.customer_id is None:
        await talk.say("utter_telegram_not_bound")
        return
    await talk.services.run(hearing.set_voice, talk.services.store, talk.who.customer_id, wanted)
    await talk.say("utter_telegram_voice_on" if wanted else "utter_telegram_voice_off")


def _outbox(talk: Talk) -> Outbox:
    return Outbox(talk.services.store, talk.services.now)


_COMMANDS: dict[str, Callable[[Talk], Awaitable[None]]] = {
    "help": _help,
    "orders": _orders,
    "human": _human,
    "language": _language,
    "privacy": _privacy,
    "logout": _logout,
    "forget": _ask_to_forget,
}
