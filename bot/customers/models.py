"""The tables, as SQLAlchemy models. One row each: customer, product, order, item, event, ticket, visit.

``Encrypted`` columns hold what is personal; see :mod:`bot.customers.encryption`. Sums are in the order's
currency. Columns that a shop may not have are nullable, and the facts leave out what is empty.
``info={"keep": (column, setting)}`` says from when on and for how long a row is kept
(:mod:`bot.privacy.retention`); :mod:`bot.privacy.ownership` finds out which rows are a customer's.
"""

from __future__ import annotations

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
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import declarative_base, relationship

from bot.customers.encryption import Encrypted, EncryptedBytes
from bot.customers.money import Money

Base: Any = declarative_base()

ROUBLES = "RUB"
COMMON = {"common": True}  # a column whose values many share, so that a copy elsewhere tells nothing of this customer
SHOP, ASSISTANT = "shop", "assistant"  # who opened a ticket

OPEN_STATUSES = ("placed", "packed", "in_transit", "ready_for_pickup")
CANCELLABLE_STATUSES = ("placed", "packed")
STATUSES = (*OPEN_STATUSES, "delivered", "cancelled", "returned")


class Customer(Base):
    """A customer with the settings that decide how to talk to them."""

    __tablename__ = "customers"
    customer_id = Column(String, primary_key=True)
    first_name = Column(Encrypted, nullable=False, info=COMMON)
    last_name = Column(Encrypted, nullable=False)
    gender = Column(String)
    language = Column(String, nullable=False)
    address_form = Column(String, nullable=False)
    city = Column(Encrypted, nullable=False, info=COMMON)
    street_address = Column(Encrypted, nullable=False)
    phone = Column(Encrypted)
    email = Column(Encrypted)
    loyalty_level = Column(String)
    points = Column(Integer)
    registered = Column(Date)
    consent_memory = Column(Boolean, nullable=False)
    consent_marketing = Column(Boolean, nullable=False)
    orders = relationship("Order", back_populates="customer", order_by="Order.ordered_at.desc()")
    tickets = relationship("Ticket", order_by="Ticket.opened_at.desc()")
    visits = relationship("BrowsingEvent", order_by="BrowsingEvent.happened_at.desc()")
    remembered = relationship("RememberedFact", order_by="RememberedFact.told_at.desc()")
    preferences = relationship("Preference")
    consents = relationship("Consent", order_by="Consent.id")


class Product(Base):
    """A product line of the catalogue."""

    __tablename__ = "products"
    product_id = Column(String, primary_key=True)
    model = Column(String)
    brand = Column(String)
    category = Column(String)
    name_ru = Column(String, nullable=False)
    name_en = Column(String, nullable=False)
    price = Column(Money, nullable=False)
    warranty_months = Column(Integer)
    weight_kg = Column(Float)

    def name(self, language: str) -> str:
        """The product's name in a language."""
        return str(self.name_ru if language == "ru" else self.name_en)


class Order(Base):
    """An order."""

    __tablename__ = "orders"
    order_id = Column(String, primary_key=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), nullable=False, index=True)
    ordered_at = Column(Date)
    status = Column(String, nullable=False)
    delivery_method = Column(String, nullable=False)
    delivery_address = Column(Encrypted, nullable=False)
    expected_at = Column(Date)
    delivered_at = Column(Date)
    total = Column(Money, nullable=False)
    delivery_cost = Column(Money, nullable=False)
    currency = Column(String, nullable=False, default=ROUBLES, server_default=ROUBLES)
    payment_method = Column(String)
    paid = Column(Boolean, nullable=False)
    tracking_code = Column(Encrypted)
    customer = relationship("Customer", back_populates="orders")
    items = relationship("OrderItem", order_by="OrderItem.id", lazy="selectin")
    events = relationship("DeliveryEvent", order_by="DeliveryEvent.happened_at")
    payments = relationship("Payment", order_by="Payment.payment_id")

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES


class OrderItem(Base):
    """A line of an order."""

    __tablename__ = "order_items"
    id = Column(Integer, primary_key=True)
    order_id = Column(String, ForeignKey("orders.order_id"), nullable=False, index=True)
    product_id = Column(String, ForeignKey("products.product_id"), nullable=False)
    quantity = Column(Integer, nullable=False)
    price = Column(Money, nullable=False)
    product = relationship("Product", lazy="joined")


class DeliveryEvent(Base):
    """A step of an order's way."""

    __tablename__ = "delivery_events"
    id = Column(Integer, primary_key=True)
    order_id = Column(String, ForeignKey("orders.order_id"), nullable=False, index=True)
    happened_at = Column(DateTime, nullable=False)
    event = Column(String, nullable=False)
    place = Column(Encrypted, info=COMMON)
    note = Column(Encrypted)


class Ticket(Base):
    """A request that a person handles or has handled."""

    __tablename__ = "tickets"
    __table_args__ = {"info": {"keep": ("closed_at", "keep_tickets_days")}}
    ticket_id = Column(String, primary_key=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), index=True)
    order_id = Column(String, ForeignKey("orders.order_id"))
    opened_at = Column(DateTime, nullable=False)
    closed_at = Column(DateTime)
    topic = Column(String, nullable=False)
    subject = Column(Encrypted, nullable=False)
    resolution = Column(Encrypted)
    opened_by = Column(String, nullable=False, default=SHOP, server_default=SHOP)


class BrowsingEvent(Base):
    """Something the customer looked at or put aside."""

    __tablename__ = "browsing_events"
    __table_args__ = {"info": {"keep": ("happened_at", "keep_visits_days")}}
    id = Column(Integer, primary_key=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), nullable=False, index=True)
    happened_at = Column(DateTime, nullable=False)
    product_id = Column(String, ForeignKey("products.product_id"), nullable=False)
    event = Column(String, nullable=False)
    product = relationship("Product", lazy="joined")


class Payment(Base):
    """Money that was paid or given back for an order. A card's number has no place here."""

    __tablename__ = "payments"
    payment_id = Column(String, primary_key=True)
    order_id = Column(String, ForeignKey("orders.order_id"), nullable=False, index=True)
    kind = Column(String, nullable=False)
    amount = Column(Money, nullable=False)
    method = Column(String)
    paid_at = Column(DateTime)


class Consent(Base):
    """A yes or no of a customer to one purpose; the latest counts, earlier ones are its history."""

    __tablename__ = "consents"
    id = Column(Integer, primary_key=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), nullable=False, index=True)
    purpose = Column(String, nullable=False)
    given = Column(Boolean, nullable=False)
    at = Column(DateTime, nullable=False)
    channel = Column(String, nullable=False)
    text_version = Column(String)


class RememberedFact(Base):
    """Something the customer told of themselves and let us keep, in their own words."""

    __tablename__ = "remembered_facts"
    id = Column(Integer, primary_key=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), nullable=False, index=True)
    text = Column(Encrypted, nullable=False)
    language = Column(String, nullable=False)
    told_at = Column(DateTime, nullable=False)
    channel = Column(String, nullable=False)


class Preference(Base):
    """How a customer likes to be answered: a key, such as ``length``, and its value."""

    __tablename__ = "preferences"
    customer_id = Column(String, ForeignKey("customers.customer_id"), primary_key=True)
    key = Column(String, primary_key=True)
    value = Column(Encrypted, nullable=False, info=COMMON)


class DataKey(Base):
    """What a customer's encrypted columns were encrypted with, wrapped under the master key."""

    __tablename__ = "data_keys"
    customer_id = Column(String, primary_key=True)
    key_id = Column(String, nullable=False, unique=True)
    wrapped = Column(Text, nullable=False)
    master = Column(String, nullable=False)


class Erasure(Base):
    """That a customer was erased: a keyed digest of their id, so that no import brings them back."""

    __tablename__ = "erasures"
    id = Column(Integer, primary_key=True)
    customer_digest = Column(String, nullable=False, index=True)
    erased_at = Column(DateTime, nullable=False)


class AuditEntry(Base):
    """Something the assistant did for a customer; ``request_id`` is of the request that it belongs to."""

    __tablename__ = "audit_entries"
    id = Column(Integer, primary_key=True)
    customer_id = Column(String, nullable=False, index=True)
    at = Column(DateTime, nullable=False)
    action = Column(String, nullable=False)
    order_id = Column(String)
    channel = Column(String, nullable=False)
    details = Column(Encrypted, nullable=False)  # JSON: what was changed, from what to what
    ticket_id = Column(String)
    request_id = Column(String, nullable=False, unique=True)


class KeptRequest(Base):
    """A confirmed request that the shop's system could not take, to be tried again."""

    __tablename__ = "kept_requests"
    id = Column(Integer, primary_key=True)
    customer_id = Column(String, nullable=False, index=True)
    kept_at = Column(DateTime, nullable=False)
    action = Column(String, nullable=False)
    details = Column(Encrypted, nullable=False)  # JSON: the request's values
    request_id = Column(String, nullable=False, unique=True)


class VerificationCode(Base):
    """A code sent to a customer's contact; only its hash is kept."""

    __tablename__ = "verification_codes"
    id = Column(Integer, primary_key=True)
    customer_id = Column(String, nullable=False, index=True)
    request_id = Column(String, nullable=False, index=True)  # what it allows, and nothing else
    digest = Column(String, nullable=False)
    salt = Column(String, nullable=False)
    issued_at = Column(DateTime, nullable=False)
    expires_at = Column(DateTime, nullable=False)
    tries = Column(Integer, nullable=False, default=0)
    used_at = Column(DateTime)


class Feedback(Base):
    """What a customer or visitor thought of a reply: 1 helpful, -1 not."""

    __tablename__ = "feedback"
    conversation = Column(String, primary_key=True)
    reply = Column(String, primary_key=True)  # the message's id in the web channel
    customer_id = Column(String, index=True)  # None for visitors
    rating = Column(Integer, nullable=False)
    reason = Column(Encrypted)
    given_at = Column(DateTime, nullable=False)


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


class Attachment(Base):
    """A file that belongs to a ticket."""

    __tablename__ = "attachments"
    id = Column(Integer, primary_key=True)
    ticket_id = Column(String, ForeignKey("tickets.ticket_id", ondelete="CASCADE"), nullable=False, index=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), nullable=False, index=True)
    name = Column(Encrypted, nullable=False)
    media_type = Column(String, nullable=False)
    content = Column(EncryptedBytes, nullable=False)
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


class Handover(Base):
    """A conversation that a person is wanted for, or has; at most one of a conversation is open."""

    __tablename__ = "handovers"
    __table_args__ = {"info": {"keep": ("requested_at", "keep_handovers_days")}}
    id = Column(Integer, primary_key=True)
    conversation = Column(String, nullable=False, index=True)  # the tracker's sender id
    customer_id = Column(String, ForeignKey("customers.customer_id"), index=True)  # None for visitors
    channel = Column(String, nullable=False)  # where the customer wrote last
    address = Column(String)  # within the channel, for instance a chat's id
    language = Column(String, nullable=False)
    state = Column(String, nullable=False, index=True)  # waiting, taken, closed
    open_key = Column(String, unique=True)  # the conversation while this is open: so there is no second one
    requested_at = Column(DateTime, nullable=False)
    taken_at = Column(DateTime)
    closed_at = Column(DateTime)
    ended = Column(String)  # handed_back, closed
    agent = Column(String)  # the name that the customer sees
    summary = Column(Encrypted, nullable=False)
    question = Column(Encrypted, info=COMMON)  # what the customer wrote last
    ticket_id = Column(String, ForeignKey("tickets.ticket_id", ondelete="SET NULL"))
    outside = Column(String)  # the conversation's id at an outside desk


class DeskNote(Base):
    """What one agent writes for the others; the customer does not see it in the chat."""

    __tablename__ = "desk_notes"
    id = Column(Integer, primary_key=True)
    handover_id = Column(Integer, ForeignKey("handovers.id", ondelete="CASCADE"), nullable=False, index=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), index=True)
    author = Column(String, nullable=False)
    text = Column(Encrypted, nullable=False)
    written_at = Column(DateTime, nullable=False)


class DeskLetter(Base):
    """Words on their way between customer and person where that takes its time; the text is dropped on arrival."""

    __tablename__ = "desk_letters"
    id = Column(Integer, primary_key=True)
    handover_id = Column(Integer, ForeignKey("handovers.id", ondelete="CASCADE"), nullable=False, index=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), index=True)
    key = Column(String, nullable=False, unique=True)  # never twice
    way = Column(String, nullable=False)  # telegram, rest: to the customer; chatwoot: to that desk
    address = Column(String)
    kind = Column(String, nullable=False)  # said, noted, over
    text = Column(Encrypted, info=COMMON)
    state = Column(String, nullable=False, index=True)  # waiting, sending, sent, unsure, failed
    attempts = Column(Integer, nullable=False, default=0)
    due_at = Column(DateTime, nullable=False)
    written_at = Column(DateTime, nullable=False)


class DeskAgent(Base):
    """Who answers at the desk, and until when they were last known to be there."""

    __tablename__ = "desk_agents"
    __table_args__ = {"info": {"keep": ("seen_at", "keep_handovers_days")}}
    name = Column(String, primary_key=True)
    role = Column(String, nullable=False)  # agent, lead
    away = Column(Boolean, nullable=False, default=False)
    seen_at = Column(DateTime)  # None: signed off
