"""Entities that rules find better than models: order numbers, dates, sums, phones, e-mails. Knows no Rasa."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

import dateparser
import phonenumbers

_MONTHS = (
    "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"
    "|january|february|march|april|may|june|july|august|september|october|november|december"
)
_DATE = re.compile(
    rf"\b\d{{1,2}}\s+(?:{_MONTHS})(?:\s+\d{{4}})?\b"
    rf"|\b(?:{_MONTHS})\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?\b"
    r"|\b\d{1,2}\.\d{1,2}(?:\.\d{2,4})\b|\b\d{4}-\d{2}-\d{2}\b"
    r"|\b(?:послезавтра|позавчера|сегодня|завтра|вчера|today|tomorrow|yesterday)\b",
    re.IGNORECASE,
)
_ORDER = re.compile(r"\b(?:NL|НЛ)[-\s№]*(\d{6})\b", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# Thousands in groups of three, or plain digits; then at most two decimals.
_AMOUNT = r"(?<![\d.,])((?:\d{1,3}(?:[ \u00a0\u202f,]\d{3})+|\d+)(?:[.,]\d{1,2})?)(?!\d)"
_MONEY = re.compile(
    rf"{_AMOUNT}\s*(₽|[$€](?!\s*\d)|р\.|(?:руб(?:лей|ля|ль)?|доллар(?:ов|а)?|евро"
    r"|rub(?:les?)?|roubles?|usd|dollars?|eur|euros?)\b)"
    rf"|([$€])\s*{_AMOUNT}",
    re.IGNORECASE,
)
_CURRENCIES = {
    **dict.fromkeys("₽рr", "RUB"),
    **dict.fromkeys("$дud", "USD"),
    **dict.fromkeys("€еe", "EUR"),
}


@dataclass(frozen=True)
class Entity:
    """A span of the text (``text[start:end]``) with its kind and normalised value."""

    kind: str
    start: int
    end: int
    value: str


def find_entities(text: str, now: dt.datetime | None = None) -> list[Entity]:
    """Entities in order, none overlapping: of two that overlap the earlier kind below wins.

    Args:
        text: the message.
        now: what relative dates are relative to; None is the present moment.
    """
    found: list[Entity] = []
    for entity in (*_orders(text), *_emails(text), *_money(text), *_dates(text, now), *_phones(text)):
        if all(entity.end <= other.start or entity.start >= other.end for other in found):
            found.append(entity)
    return sorted(found, key=lambda entity: entity.start)


def _orders(text: str) -> Iterator[Entity]:
    for match in _ORDER.finditer(text):
        yield Entity("order_number", match.start(), match.end(), f"NL-{match.group(1)}")


def _emails(text: str) -> Iterator[Entity]:
    for match in _EMAIL.finditer(text):
        yield Entity("email", match.start(), match.end(), match.group().lower())


def _money(text: str) -> Iterator[Entity]:
    for match in _MONEY.finditer(text):
        amount, currency = match.group(1) or match.group(4), match.group(2) or match.group(3)
        number = re.sub(r"\s|,(?=\d{3})", "", amount).replace(",", ".")
        yield Entity("money", match.start(), match.end(), f"{number} {_CURRENCIES[currency[0].lower()]}")


def _dates(text: str, now: dt.datetime | None) -> Iterator[Entity]:
    settings = {"RELATIVE_BASE": now} if now else {}
    for match in _DATE.finditer(text):
        order = "YMD" if "-" in match.group() else "DMY"
        parsed = dateparser.parse(match.group(), languages=["ru", "en"], settings={"DATE_ORDER": order, **settings})
        if parsed:
            yield Entity("date", match.start(), match.end(), parsed.date().isoformat())


def _phones(text: str) -> Iterator[Entity]:
    leniency = phonenumbers.Leniency.POSSIBLE
    for match in phonenumbers.PhoneNumberMatcher(text, "RU", leniency=leniency):
        digits = sum(char.isdigit() for char in match.raw_string)
        if digits >= 10:
            value = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
            yield Entity("phone", match.start, match.end, value)
