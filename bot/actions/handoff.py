"""A person is wanted: calls one, with what was said last and what was underway, and says truly when they come."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from bot.actions.audit import file_ticket, record
from bot.actions.context import Context, signed_in
from bot.actions.form import TRANSACTION, TRANSACTIONS, BackgroundAction, Events, abandoned, said_in
from bot.actions.meant import meant_by_words
from bot.actions.transaction import Done, Refused, Reply
from bot.conversation import CHAT_KEY, Conversation, from_sdk
from bot.customers.store import CustomerStore, open_orders
from bot.desk.desk import BUSY, FREE, NOBODY, REACHABLE, SHUT, Availability, Desk, desk_of
from bot.desk.handovers import Request, open_handover
from bot.desk.hours import BusinessHours
from bot.desk.summaries import summary_of, worded
from bot.settings import load_settings
from nlu.language import LANGUAGES

SUMMARISED_MESSAGES = 4
LONGEST_MESSAGE = 300  # characters of one message in the summary
CALL_BACK = "/call_back"
TOLD = {FREE: "utter_desk_free", BUSY: "utter_desk_busy", NOBODY: "utter_desk_nobody", SHUT: "utter_desk_closed"}
TOLD_VISITORS = {**TOLD, NOBODY: "utter_desk_nobody_anonymous", SHUT: "utter_desk_closed_anonymous"}


class ActionHandoff(BackgroundAction):
    """Calls a person and drops what was underway; where there is no desk, a ticket is opened."""

    def name(self) -> str:
        return "action_handoff"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        if deed := meant_by_words(said_in(tracker).text):
            return deed.act(dispatcher, tracker)
        conversation = from_sdk(tracker)
        desk = desk_of(load_settings()) if conversation.channel in REACHABLE else None
        with signed_in(tracker) as context:
            if desk is not None:
                _call(dispatcher, tracker, conversation, desk, context)
            elif context is None:
                dispatcher.utter_message(response="utter_handoff_anonymous", handoff=True)
            else:
                dispatcher.utter_message(response="utter_handoff", ticket=_filed(context, tracker), handoff=True)
        return abandoned(tracker) if tracker.get_slot(TRANSACTION) else []


def _filed(context: Context, tracker: Tracker) -> str:
    ticket = file_ticket(context, "account", worded(summary(tracker, context), context.language))
    record(context, "handoff", uuid.uuid4().hex, Done(Reply("utter_handoff"), None, ticket))
    return ticket


def _call(
    dispatcher: CollectingDispatcher, tracker: Tracker, conversation: Conversation, desk: Desk, context: Context | None
) -> None:
    """Put the conversation into the desk's queue, once, and tell the customer what to expect."""
    language = context.language if context else conversation.language()
    now = context.now if context else dt.datetime.now().replace(microsecond=0)
    said = _last_messages(tracker)
    request = Request(
        conversation=tracker.sender_id,
        customer_id=context.customer_id if context else None,
        channel=REACHABLE[conversation.channel],
        address=conversation.metadata.get(CHAT_KEY),
        language=language,
        summary=summary(tracker, context),
        question=said[-1] if said else "",
    )
    with _session(context) as session:
        availability = desk.availability(session, now)
        handover = open_handover(session, request, now)
        if handover is None:
            dispatcher.utter_message(response="utter_desk_waiting", handoff=True)
            return
        handover.ticket_id = _filed(context, tracker) if context else None
        session.flush()
        desk.requested(session, handover, now)
        told = (TOLD if context else TOLD_VISITORS)[availability.state]
        values = {"ticket": handover.ticket_id, **_hours(availability, now, language)}
    more: dict[str, Any] = {}
    if context and availability.state != FREE:
        more["buttons"] = [{"title": context.say("Перезвоните мне", "Call me back"), "payload": CALL_BACK}]
    dispatcher.utter_message(response=told, handoff=True, **values, **more)


@contextmanager
def _session(context: Context | None) -> Iterator[Session]:
    """The customer's session, or one for a visitor, committed at its end."""
    if context is not None:
        yield context.session  # committed with everything else that is done for them
        return
    with CustomerStore(load_settings().customers).session() as session:
        yield session
        session.commit()


def _hours(availability: Availability, now: dt.datetime, language: str) -> dict[str, str]:
    hours = BusinessHours.parse(load_settings().desk_hours)
    opens = hours.opening_words(availability.opens, now, language) if availability.opens else ""
    return {"hours": hours.words(language), "opens": opens}


def summary(tracker: Tracker, context: Context | None) -> str:
    """What the person who takes over has to know, in codes; of visitors, what they wrote."""
    underway = tracker.get_slot(TRANSACTION)
    orders = open_orders(context.customer) if context else []
    states = [(str(order.order_id), str(order.status)) for order in orders]
    known = _known(underway, context) if underway and context else {}
    return summary_of(_last_messages(tracker), underway["name"] if underway else "", known, states)


def _known(underway: dict[str, Any], context: Context) -> dict[str, str]:
    """What is known of the transaction underway, in words of each language."""
    transaction = TRANSACTIONS[underway["name"]]
    try:
        return {
            language: transaction.in_words(replace(context, language=language), underway["values"])
            for language in LANGUAGES
        }
    except Refused:  # its order is gone since
        return {}


def _last_messages(tracker: Tracker) -> list[str]:
    """What the customer wrote last, buttons left out."""
    texts = [event.get("text") or "" for event in tracker.events if event.get("event") == "user"]
    return [text[:LONGEST_MESSAGE] for text in texts if text and not text.startswith("/")][-SUMMARISED_MESSAGES:]
