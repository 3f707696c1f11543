"""An action server's counter: runs one action for one customer on the small shop's database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.conversation import REST_CHANNEL
from bot.customers.models import AuditEntry, Customer, KeptRequest, Order, OrderItem, Product, Ticket
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
        asked: str = "utter_answer",
        intent: str = "ask",
        trace: dict[str, Any] | None = None,
        sender: str = "someone",
        channel: str = REST_CHANNEL,
    ) -> Outcome:
        """Run the action on a message that may name an order; ``asked`` is the response sent last, with its trace."""
        entities = [{"entity": "order_number", "value": order}] if order else []
        metadata = {"customer_id": customer} if customer else {}
        latest = {"text": text, "intent": {"name": intent}, "entities": entities, "metadata": metadata}
        events: list[dict[str, Any]] = [
            {"event": "bot", "text": "?", "metadata": {"utter_action": asked, "trace": trace}}
        ]
        events += [{"event": "user", "text": said, "input_channel": channel} for said in (*said_before, text)]
        dispatcher = CollectingDispatcher()
        tracker = Tracker(sender, slots or {}, latest, events, False, None, {}, None)
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

    def customer(self, customer_id: str) -> dict[str, Any]:
        """A customer's columns."""
        with self.store.session() as session:
            row = session.get(Customer, customer_id)
            return {column.name: getattr(row, column.name) for column in Customer.__table__.columns}

    def order(self, order_id: str) -> dict[str, Any]:
        """An order's columns."""
        with self.store.session() as session:
            row = session.get(Order, order_id)
            return {column.name: getattr(row, column.name) for column in Order.__table__.columns}

    def product(self, **values: Any) -> None:
        """Overwrite the only product's columns."""
        with self.store.session() as session:
            for name, value in values.items():
                setattr(session.get(Product, "P1"), name, value)
            session.commit()

    def add_item(self, order_id: str, product_id: str, name_en: str, **values: Any) -> None:
        """Put another product into an order."""
        with self.store.session() as session:
            columns = {
                column.name: getattr(session.get(Product, "P1"), column.name) for column in Product.__table__.columns
            }
            session.add(
                Product(**{**columns, "product_id": product_id, "name_en": name_en, "name_ru": name_en, **values})
            )
            session.add(OrderItem(order_id=order_id, product_id=product_id, quantity=1, price=100))
            session.commit()

    def audit(self) -> list[tuple[str, str | None]]:
        """Action and order of every entry of the audit log."""
        with self.store.session() as session:
            return [(entry.action, entry.order_id) for entry in session.query(AuditEntry).order_by(AuditEntry.id)]

    def kept(self) -> list[str]:
        """Actions of the requests kept for later."""
        with self.store.session() as session:
            return [row.action for row in session.query(KeptRequest).order_by(KeptRequest.id)]
