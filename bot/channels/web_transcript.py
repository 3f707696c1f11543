"""The web channel's event ``transcript``: the conversation goes to the customer's own e-mail address."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from bot.beside import beside
from bot.channels.thread import thread_of
from bot.conversation import from_rasa
from bot.customers.models import Customer
from bot.customers.store import CustomerStore, get_customer
from bot.identity.senders import CannotSend, sender_of
from bot.settings import load_settings
from bot.transcript import NoAddress, NothingSaid, TooManyTranscripts, send_transcript

logger = logging.getLogger(__name__)

CODES: dict[type[Exception], str] = {NoAddress: "no_address", NothingSaid: "empty", TooManyTranscripts: "limit"}


async def mail_transcript(
    agent: Any, store: CustomerStore, conversation: str, customer_id: str | None
) -> dict[str, Any]:
    """Send it; the acknowledgement, which tells the address in part only."""
    if customer_id is None:
        return {"error": "sign_in"}
    tracker = await agent.tracker_store.retrieve_full_tracker(conversation)
    if tracker is None:
        return {"error": "empty"}
    try:
        return {"ok": True, "to": await beside(_send, tracker, store, customer_id)}
    except tuple(CODES) as error:
        return {"error": CODES[type(error)]}
    except CannotSend:
        logger.exception("A conversation could not be sent by e-mail.")
        return {"error": "unsent"}


def _send(tracker: Any, store: CustomerStore, customer_id: str) -> str:
    with store.session() as session:
        customer: Customer = get_customer(session, customer_id)
        language = from_rasa(tracker).language(customer.language)
    messages = thread_of(event.as_dict() for event in tracker.events)
    now = dt.datetime.now().replace(microsecond=0)
    return send_transcript(store, sender_of(load_settings()), customer_id, messages, language, now)
