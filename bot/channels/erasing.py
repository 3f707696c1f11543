"""Erasing one conversation from Rasa's memory, which has no command for it."""

from __future__ import annotations

import logging

from rasa.core.tracker_store import InMemoryTrackerStore, SQLTrackerStore, TrackerStore

logger = logging.getLogger(__name__)


def erase_conversation(store: TrackerStore, conversation: str) -> None:
    """Delete every event of a conversation from the tracker store."""
    while inner := getattr(store, "_tracker_store", None):  # Rasa wraps the store that is configured
        store = inner
    if isinstance(store, SQLTrackerStore):
        with store.session_scope() as session:
            session.query(store.SQLEvent).filter_by(sender_id=conversation).delete()
            session.commit()
    elif isinstance(store, InMemoryTrackerStore):
        store.store.pop(conversation, None)
    else:
        logger.error("A conversation was to be erased, but %s cannot do that.", type(store).__name__)
