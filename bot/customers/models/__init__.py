"""The tables, as SQLAlchemy models. One row each: customer, product, order, item, event, ticket, visit.

``Encrypted`` columns hold what is personal; see :mod:`bot.customers.encryption`. Sums are in the order's
currency. Columns that a shop may not have are nullable, and the facts leave out what is empty.
``info={"keep": (column, setting)}`` says from when on and for how long a row is kept
(:mod:`bot.privacy.retention`); :mod:`bot.privacy.ownership` finds out which rows are a customer's.
"""

from __future__ import annotations

from bot.customers.models.base import (
    ASSISTANT,
    CANCELLABLE_STATUSES,
    COMMON,
    OPEN_STATUSES,
    ROUBLES,
    SHOP,
    STATUSES,
    Base,
)
from bot.customers.models.deeds import (
    Attachment,
    AuditEntry,
    Feedback,
    KeptRequest,
    Notice,
    NoticeConsent,
    VerificationCode,
)
from bot.customers.models.desk import DeskAgent, DeskLetter, DeskNote, Handover
from bot.customers.models.privacy import Consent, DataKey, Erasure, Preference, RememberedFact
from bot.customers.models.shop import BrowsingEvent, Customer, DeliveryEvent, Order, OrderItem, Payment, Product, Ticket
from bot.customers.models.telegram import TelegramAnswer, TelegramButton, TelegramChat, TelegramCode, TelegramUpdate

__all__ = [
    "ASSISTANT",
    "Attachment",
    "AuditEntry",
    "Base",
    "BrowsingEvent",
    "CANCELLABLE_STATUSES",
    "COMMON",
    "Consent",
    "Customer",
    "DataKey",
    "DeliveryEvent",
    "DeskAgent",
    "DeskLetter",
    "DeskNote",
    "Erasure",
    "Feedback",
    "Handover",
    "KeptRequest",
    "Notice",
    "NoticeConsent",
    "OPEN_STATUSES",
    "Order",
    "OrderItem",
    "Payment",
    "Preference",
    "Product",
    "ROUBLES",
    "RememberedFact",
    "SHOP",
    "STATUSES",
    "TelegramAnswer",
    "TelegramButton",
    "TelegramChat",
    "TelegramCode",
    "TelegramUpdate",
    "Ticket",
    "VerificationCode",
]
