"""Conversations that a person is wanted for, or has: the table, whoever works on it.

The action server opens rows, the assistant's process changes them, and any process may ask whether a
conversation is a person's: then the assistant is silent in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.customers.models import Customer, DeskNote, Handover
from bot.customers.store import CustomerStore
from nlu.errors import LichnoError

WAITING, TAKEN, CLOSED = "waiting", "taken", "closed"
HANDED_BACK = "handed_back"  # the assistant goes on; otherwise ``closed``
WEB, TELEGRAM, REST = "web", "telegram", "rest"
PUSHED = frozenset({WEB, TELEGRAM})  # channels that a message reaches at once
LONGEST_QUESTION = 200  # characters shown in the queue


class DeskRefused(LichnoError):
    """Something cannot be done with a conversation; ``code`` says why, for a program."""

    def __init__(self, code: str, text: str, by: str | None = None) -> None:
        super().__init__(text)
        self.code, self.by = code, by


@dataclass(frozen=True)
class Request:
    """A customer's wish for a person, as the assistant passes it on.

    ``address`` is the customer's within the channel; ``summary`` is in codes (:mod:`bot.desk.summaries`); ``ticket``
    the number under which the wish is kept.
    """

    conversation: str
    customer_id: str | None
    channel: str
    address: str | None
    language: str
    summary: str
    question: str
    ticket: str | None = None


@dataclass(frozen=True)
class Seen:
    """A handover as it was when it was read; times are local, ``customer`` a shown name or None for a visitor."""

    id: int
    conversation: str
    customer_id: str | None
    customer: str | None
    channel: str
    address: str | None
    language: str
    state: str
    requested_at: dt.datetime
    taken_at: dt.datetime | None
    closed_at: dt.datetime | None
    ended: str | None
    agent: str | None
    summary: str
    question: str
    ticket: str | None
    outside: str | None


@dataclass(frozen=True)
class Note:
    """What an agent noted for the others."""

    id: int
    author: str
    text: str
    written_at: dt.datetime


def open_handover(session: Session, request: Request, now: dt.datetime) -> Handover | None:
    """A new handover in the caller's transaction; None where the conversation has an open one already."""
    if session.query(Handover.id).filter_by(open_key=request.conversation).first():
        return None
    row = Handover(
        conversation=request.conversation,
        open_key=request.conversation,
        customer_id=request.customer_id,
        channel=request.channel,
        address=request.address,
        language=request.language,
        state=WAITING,
        requested_at=now,
        summary=request.summary,
        question=request.question[:LONGEST_QUESTION] or None,
        ticket_id=request.ticket,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return None  # another process was quicker
    return row


class Handovers:
    """The tables of handovers and notes.

    Args:
        store: the database.
        now: the time.
    """

    def __init__(self, store: CustomerStore, now: Callable[[], dt.datetime] = dt.datetime.now) -> None:
        self._store, self.now = store, now

    def is_taken(self, conversation: str) -> bool:
        """Whether a person has the conversation, so that the assistant has to be silent in it."""
        if not self._store.exists():
            return False
        with self._store.session() as session:
            taken = session.query(Handover.id).filter_by(open_key=conversation, state=TAKEN)
            return taken.first() is not None

    def of(self, conversation: str) -> Seen | None:
        """The conversation's open handover."""
        if not self._store.exists():
            return None
        with self._store.session() as session:
            row = session.query(Handover).filter_by(open_key=conversation).first()
            return row and _seen(session, row)

    def get(self, handover_id: int) -> Seen:
        """One handover.

        Raises:
            DeskRefused: there is none with this id (``not_found``), for instance since the customer was erased.
        """
        with self._store.session() as session:
            return _seen(session, _row(session, handover_id))

    def listed(self, *states: str) -> list[Seen]:
        """The handovers in these states, oldest first."""
        with self._store.session() as session:
            rows = (
                session.query(Handover).filter(Handover.state.in_(states)).order_by(Handover.requested_at, Handover.id)
            )
            return [_seen(session, row) for row in rows]

    def ended(self, limit: int) -> list[Seen]:
        """The handovers that are over, the latest first."""
        with self._store.session() as session:
            rows = (
                session.query(Handover).filter_by(state=CLOSED).order_by(Handover.closed_at.desc(), Handover.id.desc())
            )
            return [_seen(session, row) for row in rows.limit(limit)]

    def at_outside(self, outside: str) -> Seen | None:
        """The open handover that an outside desk knows by this id."""
        with self._store.session() as session:
            row = session.query(Handover).filter(Handover.outside == outside, Handover.state != CLOSED).first()
            return row and _seen(session, row)

    def take(self, handover_id: int, agent: str, from_others: bool = False) -> Seen:
        """Make it this agent's, one of two at once being refused.

        Args:
            handover_id: which.
            agent: the name that the customer sees.
            from_others: whether it may be taken from another agent.

        Raises:
            DeskRefused: it is another's (``taken``), over (``closed``) or gone (``not_found``).
        """
        with self._store.session() as session:
            row = _row(session, handover_id)
            before = row.agent
            if row.state == TAKEN and before == agent:
                return _seen(session, row)
            open_to = [WAITING, TAKEN] if from_others else [WAITING]
            free = session.query(Handover).filter(Handover.id == handover_id, Handover.state.in_(open_to))
            free = free.filter(Handover.agent.is_(None) if before is None else Handover.agent == before)
            if not free.update({"state": TAKEN, "agent": agent, "taken_at": self.now()}):
                session.rollback()
                _refuse(_row(session, handover_id))
            session.commit()
            return _seen(session, _row(session, handover_id))

    def end(self, handover_id: int, how: str) -> Seen:
        """Close it; ``how``: ``handed_back`` or ``closed``.

        Raises:
            DeskRefused: it is over already (``closed``) or gone (``not_found``).
        """
        with self._store.session() as session:
            row = _row(session, handover_id)
            if row.state == CLOSED:
                raise DeskRefused("closed", "The conversation is over: the assistant answers in it.")
            row.state, row.open_key, row.ended, row.closed_at = CLOSED, None, how, self.now()
            session.commit()
            return _seen(session, row)

    def release(self) -> None:
        """The assistant goes on in every conversation that somebody has: there is no desk any more."""
        with self._store.session() as session:
            over = {"state": CLOSED, "open_key": None, "ended": HANDED_BACK, "closed_at": self.now()}
            session.query(Handover).filter_by(state=TAKEN).update(over)
            session.commit()

    def wrote(self, handover_id: int, channel: str, address: str | None, text: str) -> None:
        """The customer wrote there last, this."""
        with self._store.session() as session:
            row = session.get(Handover, handover_id)
            if row is None:
                return
            row.channel, row.address = channel, address
            if text and not text.startswith("/"):
                row.question = text[:LONGEST_QUESTION]
            session.commit()

    def found_outside(self, handover_id: int, outside: str) -> None:
        """An outside desk knows it by this id."""
        with self._store.session() as session:
            if row := session.get(Handover, handover_id):
                row.outside = outside
                session.commit()

    def forget(self, conversation: str) -> None:
        """Drop everything that is kept of a conversation, also an open handover."""
        with self._store.session() as session:
            session.query(Handover).filter_by(conversation=conversation).delete()
            session.commit()

    def note(self, handover_id: int, author: str, text: str) -> Note:
        """Keep a note.

        Raises:
            DeskRefused: the handover is gone (``not_found``).
        """
        with self._store.session() as session:
            row = _row(session, handover_id)
            note = DeskNote(
                handover_id=row.id, customer_id=row.customer_id, author=author, text=text, written_at=self.now()
            )
            session.add(note)
            session.commit()
            return _note(note)

    def notes(self, handover_id: int) -> list[Note]:
        """The notes, oldest first."""
        with self._store.session() as session:
            return [
                _note(row) for row in session.query(DeskNote).filter_by(handover_id=handover_id).order_by(DeskNote.id)
            ]


def _row(session: Session, handover_id: int) -> Handover:
    row: Handover | None = session.get(Handover, handover_id)
    if row is None:
        raise DeskRefused("not_found", "There is no such conversation any more.")
    return row


def _refuse(row: Handover) -> None:
    if row.state == CLOSED:
        raise DeskRefused("closed", "The conversation is over: the assistant answers in it.")
    raise DeskRefused("taken", f"{row.agent} has the conversation.", str(row.agent))


def _seen(session: Session, row: Handover) -> Seen:
    customer = session.get(Customer, row.customer_id) if row.customer_id else None
    return Seen(
        id=row.id,
        conversation=row.conversation,
        customer_id=row.customer_id,
        customer=f"{customer.first_name} {customer.last_name}" if customer else None,
        channel=row.channel,
        address=row.address,
        language=row.language,
        state=row.state,
        requested_at=row.requested_at,
        taken_at=row.taken_at,
        closed_at=row.closed_at,
        ended=row.ended,
        agent=row.agent,
        summary=row.summary,
        question=row.question or "",
        ticket=row.ticket_id,
        outside=row.outside,
    )


def _note(row: DeskNote) -> Note:
    return Note(row.id, row.author, row.text, row.written_at)
