"""The tables, as SQLAlchemy models. One row each: customer, product, order, item, event, ticket, visit."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Float, ForeignKey, Integer, String, Text
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


class Feedback(Base):
    """What a customer or visitor thought of a reply: 1 helpful, -1 not."""

    __tablename__ = "feedback"
    conversation = Column(String, primary_key=True)
    reply = Column(String, primary_key=True)  # the message's id in the web channel
    customer_id = Column(String, index=True)  # None for visitors
    rating = Column(Integer, nullable=False)
    reason = Column(Text)
    given_at = Column(DateTime, nullable=False)
