"""``lichno telegram``: links that bind chats, and how the channel is doing."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

import typer
from sqlalchemy import func
from sqlalchemy.orm import Session

from bot.cli.prepare import console
from bot.customers.models import Notice, NoticeConsent, TelegramChat, TelegramUpdate, Ticket
from bot.customers.store import CustomerStore, get_customer
from bot.outbox.notices import call_key
from bot.outbox.outbox import Outbox
from bot.settings import load_settings
from bot.telegram.api import BotApi
from bot.telegram.chats import CHANNEL, CODE_LIFETIME, Chats
from bot.telegram.errors import NobodyTold, TelegramSettingsError, UnknownTicket
from bot.telegram.limits import Pace
from bot.telegram.settings import TOKEN, load

WAIT = 1.0  # seconds before the second attempt to reach the Bot API

app = typer.Typer(help="The Telegram channel.", no_args_is_help=True)


@app.command()
def link(customer: Annotated[str, typer.Argument(help="A customer's id.")]) -> None:
    """Print a link that binds a chat to the customer: it works once, for a quarter of an hour."""
    store = _store()
    name = asyncio.run(bot_name())
    code = Chats(store).issue_code(customer)
    print(f"https://t.me/{name}?start={code}")
    minutes = int(CODE_LIFETIME.total_seconds() // 60)
    console.print(f"[dim]Open it within {minutes} minutes, or send the bot: /start {code}[/dim]")


@app.command()
def call(
    customer: Annotated[str, typer.Argument(help="A customer's id.")],
    ticket: Annotated[str, typer.Argument(help="The request that the call is about.")],
    when: Annotated[str, typer.Argument(help="The time as the customer shall read it, in their language.")],
) -> None:
    """Let a customer know when they will be called back: wherever they want notices, as soon as it is not quiet."""
    store = _store()
    with store.session() as session:
        get_customer(session, customer)
        row = session.get(Ticket, ticket)
        if row is None or row.customer_id != customer:
            raise UnknownTicket(f"{customer} has no request {ticket}: lichno customers show {customer} lists them.")
    if not Outbox(store).put(customer, call_key(ticket, when)):
        raise NobodyTold(f"{customer} does not want notices anywhere, or knows of this call already: call unannounced.")
    console.print("It is in the outbox.")


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:
    """Chats, updates that wait for an answer, and notices."""
    with Session(_store().engine, future=True) as session:
        chats = session.query(TelegramChat)
        notices = session.query(Notice.state, func.count()).filter_by(channel=CHANNEL).group_by(Notice.state)
        figures = {
            "chats": chats.count(),
            "bound": chats.filter(TelegramChat.customer_id.isnot(None)).count(),
            "blocked": chats.filter_by(blocked=True).count(),
            "waiting": session.query(TelegramUpdate).filter_by(answered=False).count(),
            "consents": session.query(NoticeConsent).filter_by(channel=CHANNEL).count(),
            "notices": {str(state): count for state, count in notices},
        }
    if as_json:
        print(json.dumps(figures))
        return
    told = ", ".join(f"{count} {state}" for state, count in sorted(figures.pop("notices").items()))
    console.print(", ".join(f"{count} {name}" for name, count in figures.items()))
    console.print(f"notices: {told or 'none'}")


async def bot_name() -> str:
    """The bot's name, asked of the Bot API.

    Raises:
        TelegramSettingsError: no token is set.
        TokenNotAccepted: it is not accepted.
        Unreachable: the server does not answer.
    """
    settings = load()
    if settings is None:
        raise TelegramSettingsError(f"{TOKEN} is not set: BotFather gives one for a new bot.")
    api = BotApi(settings, Pace(), lambda _: asyncio.sleep(WAIT), attempts=2)
    try:
        await api.start()
        return api.username
    finally:
        await api.close()


def _store() -> CustomerStore:
    """The customer database with the channel's tables.

    Raises:
        CustomerStoreMissing: there is none.
    """
    store = CustomerStore(load_settings().customers)
    if store.exists():
        store.create()
    with store.session():
        return store
