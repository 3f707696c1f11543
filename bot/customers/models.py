"""The tables, as SQLAlchemy models. One row each: customer, product, order, item, event, ticket, visit."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import declarative_base, relationship

Base: Any = declarative_base()

OPEN_STATUSES = ("placed", "packed", "in_transit", "ready_for_pickup")
CANCELLABLE_STATUSES = ("placed", "packed")
STATUSES = (*OPEN_STATUSES, "delivered", "cancelled", "returned")


class Customer(Base):
    """A customer with the settings that decide how to talk to them."""

    __tablename__ = "customers"
    customer_id = Column(String, primary_key=True)
    first_name = Column(String, nullable=False)
    last_name = Column(String, nullable=False)
    gender = Column(String, nullable=False)
    language = Column(String, nullable=False)
    address_form = Column(String, nullable=False)
    city = Column(String, nullable=False)
    street_address = Column(String, nullable=False)
    phone = Column(String, nullable=False)
    email = Column(String, nullable=False)
    loyalty_level = Column(String, nullable=False)
    points = Column(Integer, nullable=False)
    registered = Column(Date, nullable=False)
    consent_memory = Column(Boolean, nullable=False)
    consent_marketing = Column(Boolean, nullable=False)
    orders = relationship("Order", back_populates="customer", order_by="Order.ordered_at.desc()")
    tickets = relationship("Ticket", order_by="Ticket.opened_at.desc()")
    visits = relationship("BrowsingEvent", order_by="BrowsingEvent.happened_at.desc()")


class Product(Base):
    """A product line of the catalogue."""

    __tablename__ = "products"
    product_id = Column(String, primary_key=True)
    model = Column(String, nullable=False)
    brand = Column(String, nullable=False)
    category = Column(String, nullable=False)
    name_ru = Column(String, nullable=False)
    name_en = Column(String, nullable=False)
    price = Column(Integer, nullable=False)
    warranty_months = Column(Integer, nullable=False)
    weight_kg = Column(Float, nullable=False)

    def name(self, language: str) -> str:
        """The product's name in a language."""
        return str(self.name_ru if language == "ru" else self.name_en)


class Order(Base):
    """An order; sums are roubles."""

    __tablename__ = "orders"
    order_id = Column(String, primary_key=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), nullable=False, index=True)
    ordered_at = Column(Date, nullable=False)
    status = Column(String, nullable=False)
    delivery_method = Column(String, nullable=False)
    delivery_address = Column(String, nullable=False)
    expected_at = Column(Date)
    delivered_at = Column(Date)
    total = Column(Integer, nullable=False)
    delivery_cost = Column(Integer, nullable=False)
    payment_method = Column(String, nullable=False)
    paid = Column(Boolean, nullable=False)
    tracking_code = Column(String)
    customer = relationship("Customer", back_populates="orders")
    items = relationship("OrderItem", order_by="OrderItem.id")
    events = relationship("DeliveryEvent", order_by="DeliveryEvent.happened_at")

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    def return_deadline(self) -> dt.date | None:
        """Last day of a return: 14 days from receipt, 30 for Gold; None until it is delivered."""
        if self.delivered_at is None:
            return None
        days = 30 if self.customer.loyalty_level == "gold" else 14
        deadline: dt.date = self.delivered_at + dt.timedelta(days=days)
        return deadline


class OrderItem(Base):
    """A line of an order."""

    __tablename__ = "order_items"
    id = Column(Integer, primary_key=True)
    order_id = Column(String, ForeignKey("orders.order_id"), nullable=False, index=True)
    product_id = Column(String, ForeignKey("products.product_id"), nullable=False)
    quantity = Column(Integer, nullable=False)
    price = Column(Integer, nullable=False)
    product = relationship("Product")


class DeliveryEvent(Base):
    """A step of an order's way."""

    __tablename__ = "delivery_events"
    id = Column(Integer, primary_key=True)
    order_id = Column(String, ForeignKey("orders.order_id"), nullable=False, index=True)
    happened_at = Column(DateTime, nullable=False)
    event = Column(String, nullable=False)
    place = Column(String)
    note = Column(Text)


class Ticket(Base):
    """A request that a person handles or has handled."""

    __tablename__ = "tickets"
    ticket_id = Column(String, primary_key=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), index=True)
    order_id = Column(String, ForeignKey("orders.order_id"))
    opened_at = Column(DateTime, nullable=False)
    closed_at = Column(DateTime)
    topic = Column(String, nullable=False)
    subject = Column(Text, nullable=False)
    resolution = Column(Text)


class BrowsingEvent(Base):
    """Something the customer looked at or put aside."""

    __tablename__ = "browsing_events"
    id = Column(Integer, primary_key=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), nullable=False, index=True)
    happened_at = Column(DateTime, nullable=False)
    product_id = Column(String, ForeignKey("products.product_id"), nullable=False)
    event = Column(String, nullable=False)
    product = relationship("Product")


class TelegramChat(Base):
    """A chat that the bot knows, and whose it is."""

    __tablename__ = "telegram_chats"
    chat_id = Column(BigInteger, primary_key=True, autoincrement=False)
    customer_id = Column(String, ForeignKey("customers.customer_id"), index=True)
    bound_at = Column(DateTime)
    language = Column(String)  # chosen in the chat; None: that of the customer, or of their Telegram
    blocked = Column(Boolean, nullable=False, default=False)
    last_message_id = Column(BigInteger)  # the newest message answered: only that one is worth answering again


class TelegramCode(Base):
    """A one-time code that binds a chat; only its digest is kept."""

    __tablename__ = "telegram_codes"
    digest = Column(String, primary_key=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), nullable=False)
    expires_at = Column(DateTime, nullable=False)


class TelegramUpdate(Base):
    """An update that came in; its content is dropped as soon as it is answered."""

    __tablename__ = "telegram_updates"
    update_id = Column(BigInteger, primary_key=True, autoincrement=False)
    chat_id = Column(
        BigInteger, ForeignKey("telegram_chats.chat_id"), index=True
    )  # None: it shows none, or the chat is forgotten
    received_at = Column(DateTime, nullable=False)
    payload = Column(JSON(none_as_null=True))
    answered = Column(Boolean, nullable=False, default=False, index=True)


class TelegramButton(Base):
    """What a button means: Telegram carries only 64 bytes, so it gets the key."""

    __tablename__ = "telegram_buttons"
    key = Column(String, primary_key=True)
    group = Column(String, nullable=False, index=True)  # the buttons of one message
    chat_id = Column(BigInteger, ForeignKey("telegram_chats.chat_id"), nullable=False, index=True)
    title = Column(Text, nullable=False)
    payload = Column(Text, nullable=False)
    created_at = Column(DateTime, nullable=False)


class TelegramAnswer(Base):
    """Which answer of the assistant a message in a chat is, so that a reaction to it can be kept as feedback."""

    __tablename__ = "telegram_answers"
    chat_id = Column(BigInteger, ForeignKey("telegram_chats.chat_id"), primary_key=True, autoincrement=False)
    message_id = Column(BigInteger, primary_key=True, autoincrement=False)
    conversation = Column(String, nullable=False)
    question_id = Column(String, nullable=False)  # the tracker's message_id of the question
    sent_at = Column(DateTime, nullable=False)


class Feedback(Base):
    """What a customer or visitor thought of a reply: 1 helpful, -1 not."""

    __tablename__ = "feedback"
    conversation = Column(String, primary_key=True)
    reply = Column(String, primary_key=True)  # the message's id in the web channel
    customer_id = Column(String, index=True)  # None for visitors
    rating = Column(Integer, nullable=False)
    reason = Column(Text)
    given_at = Column(DateTime, nullable=False)


class Attachment(Base):
    """A file that belongs to a ticket."""

    __tablename__ = "attachments"
    id = Column(Integer, primary_key=True)
    ticket_id = Column(String, ForeignKey("tickets.ticket_id"), nullable=False, index=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), nullable=False, index=True)
    name = Column(String, nullable=False)
    media_type = Column(String, nullable=False)
    content = Column(LargeBinary, nullable=False)
    added_at = Column(DateTime, nullable=False)


class NoticeConsent(Base):
    """Where a customer wants to be told what happens to their orders and requests; no row, no notice."""

    __tablename__ = "notice_consents"
    customer_id = Column(String, ForeignKey("customers.customer_id"), primary_key=True)
    channel = Column(String, primary_key=True)
    address = Column(String, primary_key=True)  # within the channel, for instance a chat's id
    since = Column(DateTime, nullable=False)


class Notice(Base):
    """A message that the assistant sends of its own accord, once: one outbox for all channels."""

    __tablename__ = "outbox"
    __table_args__ = (UniqueConstraint("channel", "address", "key"),)
    id = Column(Integer, primary_key=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), nullable=False, index=True)
    channel = Column(String, nullable=False)
    address = Column(String, nullable=False)
    key = Column(String, nullable=False)  # what is told, for instance order:NL-1:in_transit; never twice
    state = Column(String, nullable=False, index=True)  # waiting, sent, known, dropped, failed
    due_at = Column(DateTime, nullable=False)
    attempts = Column(Integer, nullable=False, default=0)
    created_at = Column(DateTime, nullable=False)
