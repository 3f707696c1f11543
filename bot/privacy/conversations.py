"""Conversations where Rasa's SQL tracker store keeps them: found by customer, shown, erased, let expire."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Column, Float, Integer, MetaData, String, Table, Text, create_engine, inspect, or_, select
from sqlalchemy.engine import Engine
from sqlalchemy.engine.url import URL, make_url

from bot.privacy.wanted import Wanted
from bot.settings import ENDPOINTS
from nlu.errors import LichnoError

# Rasa's own table, as SQLTrackerStore makes it.
_EVENTS = Table(
    "events",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("sender_id", String),
    Column("type_name", String),
    Column("timestamp", Float),
    Column("intent_name", String),
    Column("action_name", String),
    Column("data", Text),
)
CUSTOMER_PREFIX = "customer:"
CHUNK = 500


class TrackerStoreUnknown(LichnoError):
    """Conversations are kept where these commands cannot reach them."""


class Conversations:
    """The conversations of a tracker store; there are none where it keeps nothing.

    Args:
        url: of its database; None if conversations live in memory only.
    """

    def __init__(self, url: URL | None) -> None:
        self.url = url
        self._engine: Engine | None = None

    @classmethod
    def of_project(cls, endpoints: Path = ENDPOINTS) -> Conversations:
        """Those of the ``tracker_store`` in ``endpoints.yml``.

        Raises:
            TrackerStoreUnknown: it is no SQL store.
        """
        content = (yaml.safe_load(endpoints.read_text()) if endpoints.is_file() else None) or {}
        options = content.get("tracker_store") or {}
        kind = str(options.get("type", "InMemory"))
        if kind.lower() == "inmemory":
            return cls(None)
        if kind.lower() != "sql":
            raise TrackerStoreUnknown(
                f"{endpoints}, tracker_store: conversations in a store of type {kind} cannot be reached;"
                " use the type SQL."
            )
        return cls(_url({key: os.path.expandvars(str(value)) for key, value in options.items()}))

    @property
    def file(self) -> Path | None:
        """SQLite's file; None for another database."""
        if self.url is None or not self.url.drivername.startswith("sqlite") or not self.url.database:
            return None
        return Path(self.url.database)

    def of(self, customer_id: str) -> list[dict[str, Any]]:
        """A customer's conversations as ``{sender_id, events: [event]}``."""
        found: dict[str, list[dict[str, Any]]] = {}
        for sender, _, data in self._rows(self.senders(customer_id)):
            found.setdefault(sender, []).append(json.loads(data))
        return [{"sender_id": sender, "events": events} for sender, events in found.items()]

    def senders(self, customer_id: str) -> list[str]:
        """Ids of the conversations that name the customer as theirs, or in which their id was proven once."""
        if not self._there():
            return []
        known = {"customer_id": customer_id}
        signs = {json.dumps(known)[1:-1], json.dumps(known, ensure_ascii=False)[1:-1]}
        query = select(_EVENTS.c.sender_id).distinct()
        by_id = query.where(_EVENTS.c.sender_id.startswith(CUSTOMER_PREFIX + customer_id, autoescape=True))
        by_proof = query.where(or_(*(_EVENTS.c.data.contains(sign, autoescape=True) for sign in signs)))
        own = re.compile(re.escape(CUSTOMER_PREFIX + customer_id) + r"(?!\w)")
        with self._open().connect() as connection:
            named = {row[0] for row in connection.execute(by_id) if own.match(row[0])}
            return sorted(named | {row[0] for row in connection.execute(by_proof)})

    def erase(self, customer_id: str) -> tuple[int, int]:
        """Delete a customer's conversations; how many conversations, how many events."""
        senders, events = self.senders(customer_id), 0
        if not senders:
            return 0, 0
        with self._open().begin() as connection:
            for some in _chunks(senders):
                events += connection.execute(_EVENTS.delete().where(_EVENTS.c.sender_id.in_(some))).rowcount
        return len(senders), events

    def redact(self, wanted: Wanted) -> int:
        """Put :data:`bot.privacy.wanted.ERASED` where these values stand in any conversation; in how many events."""
        changed = []
        for _, number, data in self._rows():
            event = json.loads(data)
            without = wanted.out_of(event)
            if without != event:
                changed.append((number, json.dumps(without)))
        if changed:
            with self._open().begin() as connection:
                for number, data in changed:
                    connection.execute(_EVENTS.update().where(_EVENTS.c.id == number).values(data=data))
        return len(changed)

    def expire(self, before: float) -> int:
        """Delete the events before a time, in seconds since 1970; how many."""
        if not self._there():
            return 0
        with self._open().begin() as connection:
            return int(connection.execute(_EVENTS.delete().where(_EVENTS.c.timestamp < before)).rowcount)

    def texts(self) -> Iterator[str]:
        """Everything that is kept, an event at a time."""
        for sender, _, data in self._rows():
            yield f"{sender}\n{json.dumps(json.loads(data), ensure_ascii=False)}"

    def compact(self) -> None:
        """Rewrite SQLite's file, so that nothing deleted lies in it any more."""
        if self.file and self._there():
            with self._open().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM")

    def _rows(self, senders: list[str] | None = None) -> Iterator[tuple[str, int, str]]:
        """(sender, number, data) of every event, or of those of some senders, in order."""
        if not self._there() or senders == []:
            return
        query = select(_EVENTS.c.sender_id, _EVENTS.c.id, _EVENTS.c.data).order_by(_EVENTS.c.id)
        with self._open().connect() as connection:
            for some in _chunks(senders) if senders else [None]:
                for row in connection.execute(query.where(_EVENTS.c.sender_id.in_(some)) if some else query):
                    yield row[0], row[1], row[2]

    def _open(self) -> Engine:
        if self._engine is None:
            assert self.url is not None
            self._engine = create_engine(self.url, future=True)
        return self._engine

    def _there(self) -> bool:
        if self.url is None or (self.file and not self.file.is_file()):
            return False
        return bool(inspect(self._open()).has_table(_EVENTS.name))


def _url(options: dict[str, str]) -> URL:
    """The database's URL, from the options that Rasa documents."""
    host = options.get("url")
    if host and "://" in host:
        return make_url(host)
    port = options.get("port")
    return URL.create(
        options.get("dialect", "sqlite"),
        username=options.get("username"),
        password=options.get("password"),
        host=host,
        port=int(port) if port else None,
        database=options.get("db", "rasa.db"),
    )


def _chunks(values: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
