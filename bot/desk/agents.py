"""Who is at the desk: kept in the database, since the action server tells customers whether somebody is free."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy.orm import Session

from bot.customers.models import DeskAgent, Handover
from bot.customers.store import CustomerStore
from bot.desk.handovers import TAKEN

AGENT, LEAD = "agent", "lead"
SEEN_EVERY = 20.0  # seconds between signs of life
GONE_AFTER = dt.timedelta(seconds=60)  # without one, for instance since the server was killed


@dataclass(frozen=True)
class Present:
    """An agent who is there, with how many conversations they have."""

    name: str
    role: str
    away: bool
    taken: int


def present(session: Session, now: dt.datetime) -> list[Present]:
    """Who is there, by name."""
    counts = session.query(Handover.agent, func.count()).filter(Handover.state == TAKEN).group_by(Handover.agent)
    taken = {agent: count for agent, count in counts}
    rows = session.query(DeskAgent).filter(DeskAgent.seen_at > now - GONE_AFTER).order_by(DeskAgent.name)
    return [Present(row.name, row.role, row.away, taken.get(row.name, 0)) for row in rows]


class Agents:
    """The table of agents.

    Args:
        store: the database.
        now: the time.
    """

    def __init__(self, store: CustomerStore, now: Callable[[], dt.datetime] = dt.datetime.now) -> None:
        self._store, self._now = store, now

    def came(self, name: str, role: str) -> bool:
        """An agent is at the desk; whether they had said that they are away."""
        with self._store.session() as session:
            row = session.get(DeskAgent, name) or DeskAgent(name=name, away=False)
            row.role, row.seen_at = role, self._now()
            session.add(row)
            session.commit()
            return bool(row.away)

    def left(self, name: str) -> None:
        """Nobody of that name is at the desk any more."""
        with self._store.session() as session:
            session.query(DeskAgent).filter_by(name=name).update({"seen_at": None})
            session.commit()

    def set_away(self, name: str, away: bool) -> None:
        """Whether the agent takes new conversations."""
        with self._store.session() as session:
            session.query(DeskAgent).filter_by(name=name).update({"away": away, "seen_at": self._now()})
            session.commit()

    def seen(self, names: set[str]) -> None:
        """These are still there."""
        with self._store.session() as session:
            session.query(DeskAgent).filter(DeskAgent.name.in_(names)).update(
                {"seen_at": self._now()}, synchronize_session=False
            )
            session.commit()

    def present(self) -> list[Present]:
        """Who is there, by name."""
        with self._store.session() as session:
            return present(session, self._now())
