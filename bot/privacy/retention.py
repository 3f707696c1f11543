"""How long what is kept: conversations, and the rows of every table that says so of itself."""

from __future__ import annotations

import datetime as dt

from bot.customers.models import Base
from bot.customers.store import CustomerStore
from bot.privacy.conversations import Conversations
from bot.settings import Settings


def expire(store: CustomerStore, conversations: Conversations, settings: Settings, now: dt.datetime) -> dict[str, int]:
    """Delete what is older than its term; how much of each. A term of 0 days keeps for good.

    A table says with ``info={"keep": (column, setting)}`` from when on and by which setting; a row whose
    column is empty, such as an open ticket, is kept.
    """
    deleted = {}
    if days := settings.keep_conversations_days:
        deleted["conversation events"] = conversations.expire((now - dt.timedelta(days)).timestamp())
        conversations.compact()
    with store.session() as session:
        for table in reversed(Base.metadata.sorted_tables):
            if "keep" not in table.info:
                continue
            column, setting = table.info["keep"]
            if days := getattr(settings, setting):
                old = table.delete().where(table.c[column] < now - dt.timedelta(days))
                deleted[table.name] = session.execute(old).rowcount
        session.commit()
    store.compact()
    return deleted
