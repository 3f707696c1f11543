"""One outbox for all channels: consents, and notices that are sent once, tried again and dropped when refused.

A notice is a row under the key of what it tells, for instance ``order:NL-1:in_transit``. Its words are
made when it is sent, from what is true then (:mod:`bot.outbox.notices`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.customers.models import Notice, NoticeConsent
from bot.customers.store import CustomerStore, get_customer, record_consent
from bot.outbox.notices import present_keys
from bot.outbox.quiet_hours import QuietHours

NOTICES = "notices"  # the purpose of the consent
CONSENT_TEXT = "1"  # version of utter_telegram_ask_notices and utter_web_ask_notices
WEB = "web"  # the channel in which a customer's own conversation is the address, so that there is none to name
WAITING, SENT, KNOWN, DROPPED, FAILED = "waiting", "sent", "known", "dropped", "failed"
ATTEMPTS = 6
FIRST_RETRY = dt.timedelta(minutes=1)  # then twice as long each time: half an hour in all
STALE = dt.timedelta(days=2)  # news that could not be told so long is none
Place = tuple[str, str]  # a channel and the address in it


@dataclass(frozen=True)
class Due:
    """A notice whose time has come."""

    id: int
    customer_id: str
    address: str
    key: str


class Outbox:
    """The tables of consents and notices.

    Args:
        store: the database.
        now: the time.
        quiet: when nothing is sent.
    """

    def __init__(
        self,
        store: CustomerStore,
        now: Callable[[], dt.datetime] = dt.datetime.now,
        quiet: QuietHours = QuietHours(),
    ) -> None:
        self._store, self._now, self._quiet = store, now, quiet

    def decide(self, customer_id: str, wanted: bool, places: Sequence[Place], said_in: str) -> None:
        """Keep a customer's yes or no to notices, and act by it.

        Args:
            customer_id: whose.
            wanted: yes: what holds already is no news; no: not even those are told that wait.
            places: where: channels, each with the address in it.
            said_in: the channel in which they said so, for the record of consents.

        Raises:
            UnknownCustomer: there is none with this id.
        """
        with Session(self._store.engine, future=True) as session:
            customer = get_customer(session, customer_id)
            record_consent(session, customer, NOTICES, wanted, self._now(), said_in, CONSENT_TEXT)
            for channel, address in places:
                place = {"customer_id": customer_id, "channel": channel, "address": address}
                if wanted:
                    session.merge(NoticeConsent(**place, since=self._now()))
                    _add(session, place, present_keys(session, [customer_id])[customer_id], KNOWN, self._now())
                else:
                    session.query(NoticeConsent).filter_by(**place).delete()
                    session.query(Notice).filter_by(**place, state=WAITING).update({"state": DROPPED})
            session.commit()

    def wanted(self, customer_id: str, channel: str, address: str) -> bool:
        """Whether the customer wants notices there."""
        with Session(self._store.engine, future=True) as session:
            return session.get(NoticeConsent, (customer_id, channel, address)) is not None

    def put(self, customer_id: str, key: str, due: dt.datetime | None = None) -> int:
        """Tell a customer something wherever they want to be told; to how many places it is new.

        Args:
            customer_id: whom.
            key: what, as :mod:`bot.outbox.notices` reads it; the same is never told twice at one place.
            due: not before this time; None: as soon as it is not quiet.
        """
        with Session(self._store.engine, future=True) as session:
            consents = session.query(NoticeConsent).filter_by(customer_id=customer_id)
            added = sum(_add(session, _place(c), [key], WAITING, self._now(), due) for c in consents.all())
            session.commit()
            return added

    def collect(self) -> int:
        """Put in what is new about the orders and requests of all customers who want to know; how many notices."""
        with Session(self._store.engine, future=True) as session:
            wanting = select(NoticeConsent.customer_id)
            present = present_keys(session, wanting)
            told = session.query(Notice.channel, Notice.address, Notice.key).filter(Notice.customer_id.in_(wanting))
            known = {tuple(row) for row in told}
            added = 0
            for consent in session.query(NoticeConsent).all():
                keys = present.get(str(consent.customer_id), [])
                new = [key for key in keys if (consent.channel, consent.address, key) not in known]
                added += _add(session, _place(consent), new, WAITING, self._now())
            session.commit()
            return added

    def due(self, channel: str) -> list[Due]:
        """This channel's notices whose time has come, oldest first; none while it is quiet."""
        now = self._now()
        if self._quiet.next_allowed(now) != now:
            return []
        with Session(self._store.engine, future=True) as session:
            waiting = session.query(Notice).filter_by(channel=channel, state=WAITING)
            waiting.filter(Notice.created_at < now - STALE, Notice.due_at < now - STALE).update({"state": DROPPED})
            session.commit()
            rows = waiting.filter(Notice.due_at <= now).order_by(Notice.id)
            return [Due(row.id, str(row.customer_id), str(row.address), str(row.key)) for row in rows]

    def sent(self, notice_id: int) -> None:
        """It was told."""
        self._set(notice_id, SENT)

    def drop(self, notice_id: int) -> None:
        """It is not true any more, or nobody is there to hear it."""
        self._set(notice_id, DROPPED)

    def retry(self, notice_id: int) -> None:
        """It could not be told: later again, and in the end not at all."""
        with Session(self._store.engine, future=True) as session:
            row = session.get(Notice, notice_id)
            if row is not None and row.state == WAITING:
                row.attempts += 1
                row.due_at = self._now() + FIRST_RETRY * 2 ** (row.attempts - 1)
                row.state = FAILED if row.attempts >= ATTEMPTS else WAITING
                session.commit()

    def _set(self, notice_id: int, state: str) -> None:
        with Session(self._store.engine, future=True) as session:
            session.query(Notice).filter_by(id=notice_id, state=WAITING).update({"state": state})
            session.commit()


def know(session: Session, customer_id: str, key: str, now: dt.datetime) -> None:
    """The customer has heard this otherwise, or done it: no notice of it, in the caller's transaction."""
    for consent in session.query(NoticeConsent).filter_by(customer_id=customer_id).all():
        _add(session, _place(consent), [key], KNOWN, now)


def _add(
    session: Session,
    place: dict[str, str],
    keys: Iterable[str],
    state: str,
    now: dt.datetime,
    due: dt.datetime | None = None,
) -> int:
    """Rows for keys that this place does not have."""
    added = 0
    for key in keys:
        if session.query(Notice).filter_by(channel=place["channel"], address=place["address"], key=key).first():
            continue
        try:
            with session.begin_nested():
                session.add(Notice(**place, key=key, state=state, due_at=due or now, created_at=now))
            added += 1
        except IntegrityError:
            continue  # another process was quicker
    return added


def _place(consent: NoticeConsent) -> dict[str, str]:
    return {"customer_id": consent.customer_id, "channel": consent.channel, "address": consent.address}
