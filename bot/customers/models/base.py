"""What all tables share."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import declarative_base

Base: Any = declarative_base()

ROUBLES = "RUB"
COMMON = {"common": True}  # a column whose values many share, so that a copy elsewhere tells nothing of this customer
SHOP, ASSISTANT = "shop", "assistant"  # who opened a ticket

OPEN_STATUSES = ("placed", "packed", "in_transit", "ready_for_pickup")
CANCELLABLE_STATUSES = ("placed", "packed")
STATUSES = (*OPEN_STATUSES, "delivered", "cancelled", "returned")
