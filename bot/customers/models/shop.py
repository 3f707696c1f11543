"""What the shop knows of its customers, and what it sells: orders, tickets, visits, payments."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, DateTime, Float, ForeignKey, Integer, String
from sqlalchemy.orm import relationship

from bot.customers.encryption import Encrypted
from bot.customers.models.base import COMMON, OPEN_STATUSES, ROUBLES, SHOP, Base
from bot.customers.money import Money


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
