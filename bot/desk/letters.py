"""Words on their way where that takes its time: to Telegram, to who asks by REST, to an outside desk.

A letter is kept before anything is sent, and marked before it leaves, so a restart neither loses nor repeats
one: what was leaving when the assistant ended is ``unsure``, and the desk says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.customers.models import DeskLetter, Handover
from bot.customers.store import CustomerStore

WAITING, SENDING, SENT, UNSURE, FAILED = "waiting", "sending", "sent", "unsure", "failed"
SAID, NOTED, OVER = "said", "noted", "over"  # kinds: words, words for agents only, the end
ATTEMPTS = 10
FIRST_RETRY = dt.timedelta(seconds=2)  # then twice as long each time: half an hour in all


@dataclass(frozen=True)
class Letter:
    """One that may leave now."""

    id: int
    handover_id: int
    conversation: str
    key: str
    kind: str
    address: str | None
    text: str
    attempts: int  # made before, each of which may have arrived


class Letters:
    """The table of letters.

    Args:
        store: the database.
        now: the time.
    """

    def __init__(self, store: CustomerStore, now: Callable[[], dt.datetime] = dt.datetime.now) -> None:
        self._store, self._now = store, now

    def put(self, handover_id: int, key: str, way: str, text: str, kind: str = SAID) -> None:
        """Keep a letter; one whose key is known is no news.

        Args:
            handover_id: of what conversation.
            key: unique for what is said.
            way: who takes it along: ``telegram``, ``rest`` or ``desk``.
            text: what is said.
            kind: how it is said.
        """
        with self._store.session() as session:
            if handover := session.get(Handover, handover_id):
                add_letter(session, handover, key, way, text, self._now(), kind)
                session.commit()

    def due(self, way: str, conversation: str | None = None) -> list[Letter]:
        """What may leave now, of each handover the oldest, so that nothing overtakes another.

        Args:
            way: who takes it along.
            conversation: only this one's.
        """
        with self._store.session() as session:
            query = session.query(DeskLetter, Handover.conversation).join(Handover).order_by(DeskLetter.id)
            query = query.filter(DeskLetter.way == way, DeskLetter.state.in_((WAITING, SENDING)))
            if conversation is not None:
                query = query.filter(Handover.conversation == conversation)
            oldest: dict[int, tuple[DeskLetter, str]] = {}
            for row, owner in query:
                oldest.setdefault(row.handover_id, (row, owner))
            return [
                Letter(row.id, row.handover_id, owner, row.key, row.kind, row.address, row.text or "", row.attempts)
                for row, owner in oldest.values()
                if row.state == WAITING and row.due_at <= self._now()
            ]

    def leave(self, letter_id: int) -> bool:
        """It leaves now; False if somebody else has it, or it is gone."""
        return self._set(letter_id, SENDING, only=WAITING)

    def arrived(self, letter_id: int) -> None:
        """It is there: its text is not needed any more."""
        self._set(letter_id, SENT, text=None)

    def lost(self, letter_id: int) -> None:
        """It went out, and nobody can tell whether it arrived."""
        self._set(letter_id, UNSURE)

    def refused(self, letter_id: int) -> None:
        """It will not be taken, however often it is tried."""
        self._set(letter_id, FAILED)

    def retry(self, letter_id: int) -> None:
        """It did not leave: later again, and in the end not at all."""
        with self._store.session() as session:
            if row := session.get(DeskLetter, letter_id):
                row.attempts += 1
                row.due_at = self._now() + FIRST_RETRY * 2 ** (row.attempts - 1)
                row.state = FAILED if row.attempts >= ATTEMPTS else WAITING
                session.commit()

    def wake(self, way: str, again: bool = False) -> None:
        """For whoever starts to take letters along: what was leaving when the last one ended may have arrived.

        Args:
            way: of the letters.
            again: whether to try again, since there is a way to ask what has arrived; otherwise it is unsure.
        """
        then = {"state": WAITING, "attempts": DeskLetter.attempts + 1} if again else {"state": UNSURE}
        with self._store.session() as session:
            session.query(DeskLetter).filter_by(way=way, state=SENDING).update(then, synchronize_session=False)
            session.commit()

    def states(self, handover_id: int) -> dict[str, str]:
        """Where the letters to the customer are, by key; one that is leaving counts as waiting."""
        with self._store.session() as session:
            rows = session.query(DeskLetter.key, DeskLetter.state).filter_by(handover_id=handover_id)
            return {key: WAITING if state == SENDING else state for key, state in rows}

    def _set(self, letter_id: int, state: str, only: str | None = None, **values: None) -> bool:
        with self._store.session() as session:
            query = session.query(DeskLetter).filter_by(id=letter_id)
            changed = query.filter_by(**({"state": only} if only else {})).update({"state": state, **values})
            session.commit()
            return bool(changed)


def add_letter(
    session: Session, handover: Handover, key: str, way: str, text: str, now: dt.datetime, kind: str = SAID
) -> None:
    """A letter in the caller's transaction."""
    if session.query(DeskLetter.id).filter_by(key=key).first():
        return
    letter = DeskLetter(
        handover_id=handover.id,
        customer_id=handover.customer_id,
        key=key,
        way=way,
        address=handover.address,
        kind=kind,
        text=text,
        state=WAITING,
        due_at=now,
        written_at=now,
    )
    try:
        with session.begin_nested():
            session.add(letter)
    except IntegrityError:
        return  # another process was quicker
