"""An action server's counter: runs one action for one customer on the small shop's database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.context import CONFIRM_CANCEL
from bot.conversation import REST_CHANNEL
from bot.customers.models import Customer, Order, Ticket
from bot.customers.store import CustomerStore


@dataclass
class Outcome:
    """What an action said and which events it returned."""

    messages: list[dict[str, Any]]
    events: list[dict[str, Any]]

    @property
    def message(self) -> dict[str, Any]:
        """The only message."""
        (only,) = self.messages
        return only

    @property
    def response(self) -> str:
        """Name of the only message's response."""
        return str(self.message["response"])

    @property
    def slots(self) -> dict[str, Any]:
        """Slots that were set."""
        return {event["name"]: event["value"] for event in self.events if event["event"] == "slot"}


@dataclass
class Desk:
    """The shop's database, and a way to ask an action as one of its customers."""

    store: CustomerStore

    async def ask(
        self,
        action: Action,
        customer: str | None = "C2",
        text: str = "What about my order?",
        order: str | None = None,
        slots: dict[str, Any] | None = None,
        said_before: tuple[str, ...] = (),
        asked: str = CONFIRM_CANCEL,
        intent: str = "ask",
        trace: dict[str, Any] | None = None,
    ) -> Outcome:
        """Run the action on a message that may name an order; ``asked`` is the response sent last, with its trace."""
        entities = [{"entity": "order_number", "value": order}] if order else []
        metadata = {"customer_id": customer} if customer else {}
        latest = {"text": text, "intent": {"name": intent}, "entities": entities, "metadata": metadata}
        events: list[dict[str, Any]] = [
            {"event": "bot", "text": "?", "metadata": {"utter_action": asked, "trace": trace}}
        ]
        events += [{"event": "user", "text": said, "input_channel": REST_CHANNEL} for said in (*said_before, text)]
        dispatcher = CollectingDispatcher()
        tracker = Tracker("someone", slots or {}, latest, events, False, None, {}, None)
        returned = await action.run(dispatcher, tracker, {})
        return Outcome(dispatcher.messages, list(returned))

    def change(self, order_id: str, **values: Any) -> None:
        """Overwrite an order's columns."""
        with self.store.session() as session:
            for name, value in values.items():
                setattr(session.get(Order, order_id), name, value)
            session.commit()

    def level(self, customer_id: str, level: str) -> None:
        """Put a customer on a loyalty level."""
        with self.store.session() as session:
            session.get(Customer, customer_id).loyalty_level = level
            session.commit()

    def statuses(self) -> dict[str, str]:
        """Every order's status."""
        with self.store.session() as session:
            return {order.order_id: order.status for order in session.query(Order)}

    def events_of(self, order_id: str) -> list[str]:
        """An order's recorded steps."""
        with self.store.session() as session:
            return [event.event for event in session.get(Order, order_id).events]

    def tickets(self) -> list[dict[str, Any]]:
        """The tickets filed since the import."""
        with self.store.session() as session:
            filed = session.query(Ticket).filter(Ticket.ticket_id != "T0001").order_by(Ticket.ticket_id)
            return [
                {key: getattr(ticket, key) for key in ("ticket_id", "customer_id", "order_id", "topic", "subject")}
                for ticket in filed
            ]
