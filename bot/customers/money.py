"""Sums of money in the database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.types import TypeDecorator

HUNDREDTHS = Decimal(100)


class Money(TypeDecorator):
    """A sum, stored in hundredths; whole sums come back as ``int``, others as ``Decimal``."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> int | None:
        return None if value is None else round(Decimal(str(value)) * HUNDREDTHS)

    def process_result_value(self, value: int | None, dialect: Any) -> int | Decimal | None:
        if value is None:
            return None
        return value // 100 if value % 100 == 0 else Decimal(value) / HUNDREDTHS
