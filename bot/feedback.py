"""What people think of answers, for every channel: one opinion an answer, the latest counts."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from bot.customers.models import Feedback
from bot.customers.store import CustomerStore


def give(
    store: CustomerStore,
    conversation: str,
    question_id: str,
    value: int,
    channel: str,
    customer_id: str | None,
    at: dt.datetime,
) -> None:
    """Keep an opinion.

    Args:
        store: the database.
        conversation: the tracker's sender id.
        question_id: the tracker's message id of the question that was answered.
        value: 1 for good, -1 for bad, 0 to take an earlier opinion back.
        channel: where it was given.
        customer_id: who gave it, None for a visitor.
        at: when.
    """
    with Session(store.engine, future=True) as session:
        session.query(Feedback).filter_by(conversation=conversation, question_id=question_id).delete()
        if value:
            named = {"conversation": conversation, "question_id": question_id, "customer_id": customer_id}
            session.add(Feedback(**named, channel=channel, value=1 if value > 0 else -1, given_at=at))
        session.commit()
