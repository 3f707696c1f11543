"""A customer's own values, to be looked for everywhere and taken out where they are found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import phonenumbers

from bot.customers.encryption import Encrypted
from bot.customers.models import Base, Customer

ERASED = "[erased]"
SHORTEST = 4  # characters; anything shorter stands everywhere by chance


class Wanted:
    """Values, each looked for as a whole word or words.

    Args:
        values: what is looked for.
    """

    def __init__(self, values: Iterable[str]) -> None:
        self.values = sorted(set(values), key=len, reverse=True)
        self._bytes = [(v.encode(), json.dumps(v)[1:-1].encode()) for v in self.values]

    def __len__(self) -> int:
        return len(self.values)

    def without(self, others: set[str]) -> Wanted:
        """The values that nobody else has."""
        return Wanted(value for value in self.values if value not in others)

    def count(self, text: str) -> int:
        """How many of the values stand in a text."""
        return sum(1 for value in self.values if value in text and _whole(value).search(text))

    def count_bytes(self, content: bytes) -> int:
        """How many of the values stand in a file, as UTF-8 or as JSON spells them."""
        present = [spelled for pair in self._bytes for spelled in set(pair) if spelled in content]
        return sum(1 for spelled in present if _stands_alone(spelled, content))

    def out_of(self, content: Any) -> Any:
        """JSON values with :data:`ERASED` in place of each."""
        if isinstance(content, str):
            for value in self.values:
                if value in content:
                    content = _whole(value).sub(ERASED, content)
            return content
        if isinstance(content, dict):
            return {key: self.out_of(value) for key, value in content.items()}
        return [self.out_of(value) for value in content] if isinstance(content, list) else content


def values_of(rows: dict[str, list[dict[str, Any]]]) -> Wanted:
    """What in a customer's rows tells of them alone: encrypted values, ids, phones in every writing, the whole name.

    Values that are too short, a text of one ordinary word, or what many share by its nature, such as a city, are
    left out.
    """
    found: set[str] = set()
    for name, table_rows in rows.items():
        table = Base.metadata.tables[name]
        own = [c.name for c in table.columns if _tells(c)]
        cells = ((column, str(row[column])) for row in table_rows for column in own if row[column])
        found.update(value for column, value in cells if column == "last_name" or not _is_a_word(value))
    for customer in rows.get(Customer.__tablename__, []):
        found.add(f"{customer['first_name']} {customer['last_name']}")
        found.update(_writings(customer["phone"]))
    return Wanted(value for value in found if len(value) >= SHORTEST)


def _tells(column: Any) -> bool:
    if isinstance(column.type, Encrypted):
        return not column.info.get("common")
    refers_to = {key.column.table.name for key in column.foreign_keys}
    return column.primary_key and column.name.endswith("_id") and not refers_to - {Customer.__tablename__}


def _is_a_word(value: str) -> bool:
    """Whether a value is one word of letters, which anybody may write; a surname is looked for all the same."""
    return value.isalpha()


def _writings(phone: str | None) -> set[str]:
    if not phone:
        return set()
    digits = re.sub(r"\D", "", phone)
    writings = {f"+{digits}", digits}
    try:
        number = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return writings
    formats = phonenumbers.PhoneNumberFormat
    return writings | {phonenumbers.format_number(number, f) for f in (formats.INTERNATIONAL, formats.NATIONAL)}


def _whole(value: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w]){re.escape(value)}(?![\w])")


def _stands_alone(spelled: bytes, content: bytes) -> bool:
    """Whether no letter or digit of ASCII touches it: C1 does not stand in C10."""
    return re.search(rb"(?<![A-Za-z0-9_])" + re.escape(spelled) + rb"(?![A-Za-z0-9_])", content) is not None
