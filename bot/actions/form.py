"""Rasa's side of the transactions: one form for all of them.

A transaction's action starts ``transaction_form``, whose only slot ``answer`` stays empty while something is to
be asked. Meanwhile the slot ``transaction`` holds what is underway, as JSON. What is no answer is rejected by the
form, so the rules serve it as they would anywhere, and then Rasa goes back to the form, which asks again.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions import audit
from bot.actions.context import SHOP_ERRORS, SIGN_IN, Context, signed_in
from bot.actions.dialogue import Heard, fill, hear, next_step
from bot.actions.transaction import CODE, CONFIRMED, Refused, Reply, Said, Transaction, Unfit, Values

logger = logging.getLogger(__name__)

FORM, TRANSACTION, ANSWER, KEPT = "transaction_form", "transaction", "answer", "kept"
KNOWN, STOPPED, REFUSED = "known", "stopped", "refused"  # values of the slot ``answer``: why the form ended
TROUBLE = Reply("utter_shop_trouble")

Events = list[Any]
TRANSACTIONS: dict[str, Transaction] = {}


class BackgroundAction(Action, ABC):
    """An action whose work, which waits for a database or a mail server, leaves the event loop free."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        try:
            return await asyncio.to_thread(self.act, dispatcher, tracker)
        except SHOP_ERRORS as error:
            # Its text may hold what the customer wrote.
            logger.error("%s: the shop's system did not answer (%s).", self.name(), type(error).__name__)
            dispatcher.messages.clear()  # what was said before the failure did not happen
            return self.failed(dispatcher, tracker)

    @abstractmethod
    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """What :meth:`run` does."""

    def failed(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """What is said and done when the shop's system did not answer."""
        TROUBLE.utter(dispatcher)
        return []


class TransactionAction(BackgroundAction):
    """Starts a transaction; subclasses name it as a class attribute, and are found by its name from then on."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        transaction: Transaction = cls.__dict__["transaction"]
        TRANSACTIONS[transaction.name] = transaction

    @property
    @abstractmethod
    def transaction(self) -> Transaction:
        """What is started."""

    def name(self) -> str:
        return f"action_{self.transaction.name}"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        transaction = self.transaction.meant(said_in(tracker))
        if underway(tracker) in (self.transaction.name, transaction.name):
            return []  # asked for again in other words: the form, which found no answer in them, goes on
        with signed_in(tracker) as context:
            if context is None:
                dispatcher.utter_message(response=transaction.anonymous)
                return []
            return begin(dispatcher, tracker, context, transaction, {"request_id": uuid.uuid4().hex})


def underway(tracker: Tracker) -> str | None:
    """Name of the transaction that the form is asking about."""
    state = tracker.get_slot(TRANSACTION)
    return str(state["name"]) if state and (tracker.active_loop or {}).get("name") == FORM else None


def begin(
    dispatcher: CollectingDispatcher, tracker: Tracker, context: Context, transaction: Transaction, values: Values
) -> Events:
    """Take what the message tells already; then the form asks for the rest, or all is done at once."""
    try:
        fill(transaction, said_in(tracker), context, values)
    except Refused as error:
        error.reply.utter(dispatcher)
        audit.forget_kept(context, values["request_id"])
        return []
    except Unfit as error:
        if error.reply:
            error.reply.utter(dispatcher)
        if error.hopeless:
            return []
    state = {"name": transaction.name, "values": values}
    before = tracker.get_slot(TRANSACTION)
    if before and before["name"] != transaction.name:
        state["before"] = {key: before[key] for key in ("name", "values")}
    if next_step(transaction, context, values) is None:
        carry_out(dispatcher, context, transaction, values)
        return []
    return [SlotSet(TRANSACTION, state), SlotSet(ANSWER, None), FollowupAction(FORM)]


def said_in(tracker: Tracker) -> Said:
    """The latest message."""
    message = tracker.latest_message
    intent = message.get("intent") or {}
    return Said(
        (message.get("text") or "").strip(),
        intent.get("name") or "",
        float(intent.get("confidence") or 0.0),
        tuple(message.get("entities") or ()),
    )


class ValidateTransactionForm(BackgroundAction):
    """Hears a message while the form is asking."""

    def name(self) -> str:
        return f"validate_{FORM}"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        state = tracker.get_slot(TRANSACTION)
        if not state or not _answers(tracker):
            return []
        state = {**state, "values": dict(state["values"])}
        transaction = TRANSACTIONS[state["name"]]
        with signed_in(tracker) as context:
            if context is None:  # signed out meanwhile
                dispatcher.utter_message(response=SIGN_IN)
                return [SlotSet(ANSWER, REFUSED)]
            try:
                heard = hear(transaction, said_in(tracker), context, state["values"])
            except Unfit as error:
                if error.reply:
                    error.reply.utter(dispatcher)
                return [SlotSet(TRANSACTION, state)]
            except Refused as error:
                error.reply.utter(dispatcher)
                return [SlotSet(ANSWER, REFUSED)]
            if heard is Heard.ASIDE:
                return []  # nothing set: the form rejects the message, and a rule serves it
            if heard is Heard.STOPPED:
                audit.forget_kept(context, state["values"]["request_id"])
                return [SlotSet(ANSWER, STOPPED)]
            known = next_step(transaction, context, state["values"]) is None
            return [SlotSet(TRANSACTION, state), *([SlotSet(ANSWER, KNOWN)] if known else [])]

    def failed(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """The form ends; what was known so far is kept where it was confirmed."""
        return [SlotSet(ANSWER, KNOWN)]


def _answers(tracker: Tracker) -> bool:
    """Whether the message was meant for the form, rather than heard already by another action of this turn."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return True
        if event.get("event") == "action" and event.get("name") not in (FORM, "action_listen", "action_extract_slots"):
            return False
    return False


class ActionAskAnswer(BackgroundAction):
    """Asks the next question of what is underway."""

    def name(self) -> str:
        return f"action_ask_{ANSWER}"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        state = tracker.get_slot(TRANSACTION)
        with signed_in(tracker) as context:
            if state and context:
                transaction = TRANSACTIONS[state["name"]]
                if step := next_step(transaction, context, state["values"]):
                    step.ask(context, state["values"]).utter(dispatcher)
        return []


class ActionCarryOut(BackgroundAction):
    """The form has ended: does what was confirmed, and goes back to what was interrupted by it."""

    def name(self) -> str:
        return "action_carry_out"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        state, ending = tracker.get_slot(TRANSACTION), tracker.get_slot(ANSWER)
        kept = tracker.get_slot(KEPT)
        with signed_in(tracker) as context:
            if state is None or context is None:
                dispatcher.utter_message(response=SIGN_IN if state else "utter_nothing_pending")
                return _ended(None)
            if kept:
                audit.keep(context, kept)
            if ending == STOPPED:
                dispatcher.utter_message(response="utter_kept")
            elif ending != REFUSED:
                carry_out(dispatcher, context, TRANSACTIONS[state["name"]], state["values"])
        return [SlotSet(KEPT, None), *_ended(state)]

    def failed(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Keeps what was confirmed: in its table if that can be written, otherwise in the conversation."""
        state = tracker.get_slot(TRANSACTION)
        if not state or CONFIRMED not in state["values"]:
            TROUBLE.utter(dispatcher)
            return _ended(None)
        # Confirmed and proved anew when it is tried again.
        values = {name: value for name, value in state["values"].items() if name not in (CONFIRMED, CODE)}
        kept = [*(tracker.get_slot(KEPT) or []), {"name": state["name"], "values": values}]
        dispatcher.utter_message(response="utter_request_kept")
        try:
            with signed_in(tracker) as context:
                assert context is not None
                audit.keep(context, kept)
            return [SlotSet(KEPT, None), *_ended(None)]
        except SHOP_ERRORS:
            return [SlotSet(KEPT, kept), *_ended(None)]


def carry_out(dispatcher: CollectingDispatcher, context: Context, transaction: Transaction, values: Values) -> None:
    """Do it once: whether it is still possible is checked again, and the audit log knows what was done before."""
    if audit.was_done(context, values["request_id"]):
        dispatcher.utter_message(response="utter_already_done")
        return
    if next_step(transaction, context, values) is not None:
        TROUBLE.utter(dispatcher)  # the shop's system failed before everything was known
        return
    try:
        if refusal := transaction.check(context, values):
            raise Refused(refusal)
        done = transaction.perform(context, values)
    except Refused as error:
        error.reply.utter(dispatcher)
        audit.forget_kept(context, values["request_id"])
        return
    audit.record(context, transaction.name, values["request_id"], done)
    done.reply.utter(dispatcher)


def _ended(state: dict[str, Any] | None) -> Events:
    before = state.get("before") if state else None
    events: Events = [SlotSet(TRANSACTION, before), SlotSet(ANSWER, None)]
    return [*events, FollowupAction(FORM)] if before else events


def abandoned(tracker: Tracker) -> Events:
    """Events that drop whatever is underway, the form included."""
    return [
        SlotSet(TRANSACTION, None),
        SlotSet(ANSWER, None),
        {"event": "active_loop", "timestamp": None, "name": None},
        SlotSet("requested_slot", None),
    ]
