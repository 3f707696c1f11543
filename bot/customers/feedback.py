"""Thumbs up and down: kept beside the customers, so that erasing one reaches them. Later replies follow the reasons."""

from __future__ import annotations

import datetime as dt

from bot.customers.models import Feedback
from bot.customers.reactions import react
from bot.customers.store import CustomerStore

RATINGS = (-1, 0, 1)
LONGEST_REASON = 500


def rate(
    store: CustomerStore,
    conversation: str,
    customer_id: str | None,
    reply: str,
    rating: int,
    reason: str,
    at: dt.datetime,
) -> None:
    """Keep a rating in place of an earlier one of the same reply; 0 takes it back.

    Raises:
        CustomerStoreMissing: nothing has been imported yet.
    """
    with store.session() as session:
        given = session.get(Feedback, (conversation, reply))
        if rating == 0:
            if given:
                session.delete(given)
        else:
            given = given or Feedback(conversation=conversation, reply=reply)
            given.customer_id, given.rating, given.given_at = customer_id, rating, at
            given.reason = reason[:LONGEST_REASON] or None
            session.add(given)
            if rating < 0 and customer_id:
                react(session, customer_id, reason)
        session.commit()


def ratings(store: CustomerStore, conversation: str) -> dict[str, int]:
    """Ratings of a conversation by reply; none where there is no database."""
    if not store.exists():
        return {}
    with store.session() as session:
        return {row.reply: row.rating for row in session.query(Feedback).filter_by(conversation=conversation)}
