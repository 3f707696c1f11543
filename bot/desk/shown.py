"""What the desk shows, as plain values for JSON; times are seconds since the epoch."""

from __future__ import annotations

import datetime as dt
from typing import Any

from bot.channels.thread import thread_of
from bot.customers.facts import facts_of
from bot.customers.models import Customer, Feedback, TelegramChat
from bot.customers.store import CustomerStore
from bot.customers.wording import LEVELS
from bot.desk.handovers import PUSHED, Note, Seen
from bot.desk.tracks import read


def handover_of(seen: Seen, asked: str | None = None) -> dict[str, Any]:
    """A handover as the queue shows it; ``asked``: id of the customer's last message, where that is known."""
    return {
        "id": seen.id,
        "state": seen.state,
        "channel": seen.channel,
        "pushed": seen.channel in PUSHED,
        "language": seen.language,
        "requested": seen.requested_at.timestamp(),
        "taken": _seconds(seen.taken_at),
        "closed": _seconds(seen.closed_at),
        "agent": seen.agent,
        "customer": seen.customer,
        "question": seen.question,
        "ticket": seen.ticket,
        "ended": seen.ended,
        "asked": asked,
    }


async def last_asked(agent: Any, seen: Seen) -> str:
    """Id of the customer's last message; empty where there is none."""
    thread = thread_of(await read(agent, seen.conversation))
    return next((said["id"] for said in reversed(thread) if said["from"] == "customer"), "")


def note_of(note: Note) -> dict[str, Any]:
    """A note."""
    return {"id": note.id, "author": note.author, "text": note.text, "time": note.written_at.timestamp()}


def customer_of(store: CustomerStore, seen: Seen, language: str) -> dict[str, Any] | None:
    """Who asks, with their facts in a language; None for a visitor."""
    with store.session() as session:
        customer = session.get(Customer, seen.customer_id) if seen.customer_id else None
        if customer is None:
            return None
        chats = session.query(TelegramChat).filter_by(customer_id=seen.customer_id, blocked=False)
        return {
            "id": customer.customer_id,
            "name": seen.customer,
            "language": customer.language,
            "form": customer.address_form,
            "city": customer.city,
            "level": LEVELS[language].get(customer.loyalty_level, customer.loyalty_level),
            "telegram": chats.first() is not None,
            "facts": [fact.text(language) for fact in facts_of(customer, dt.date.today())],
        }


async def feedback_of(agent: Any, store: CustomerStore, limit: int) -> list[dict[str, Any]]:
    """The latest replies that did not help, with the reasons given and their texts where they are still kept."""
    with store.session() as session:
        rows = session.query(Feedback).filter(Feedback.rating < 0).order_by(Feedback.given_at.desc()).limit(limit)
        bad = [(row.conversation, row.reply, row.reason or "", row.given_at) for row in rows]
    replies: dict[str, dict[str, str]] = {}
    for conversation in {one[0] for one in bad}:
        thread = [said for said in thread_of(await read(agent, conversation)) if said["from"] != "customer"]
        # Telegram's feedback names the question, the web's the reply.
        named = {said["to"]: said["text"] for said in reversed(thread)}
        replies[conversation] = {**named, **{said["id"]: said["text"] for said in thread}}
    return [
        {
            "conversation": conversation,
            "reply": reply,
            "reason": reason,
            "text": replies[conversation].get(reply, ""),
            "given": given.timestamp(),
        }
        for conversation, reply, reason, given in bad
    ]


def _seconds(time: dt.datetime | None) -> float | None:
    return time.timestamp() if time else None
