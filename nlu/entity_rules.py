"""Entities that rules find better than models: numbers of orders and cards, dates, times, sums, phones, e-mails.

Knows no Rasa. Each kind's regular expression is the gate before the slow parsers (dateparser,
phonenumbers), so a message without entities costs well under a millisecond.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Iterator

import phonenumbers

from nlu.date_rules import dates, times
from nlu.entities import Entity, without_overlaps
from nlu.order_numbers import shop_numbers


def find_entities(text: str, now: dt.datetime | None = None, kinds: Collection[str] | None = None) -> list[Entity]:
    """Entities in order, none overlapping: of two that overlap the kind earlier in ``RULES`` wins.

    Args:
        text: the message.
        now: what relative dates are relative to; None is the present moment.
        kinds: the kinds to look for; None is all.
    """
    now = now or dt.datetime.now()
    rules = [rule for kind, rule in RULES.items() if kinds is None or kind in kinds]
    return without_overlaps(entity for rule in rules for entity in rule(text, now))


# -- orders -------------------------------------------------------------------------------------


def _orders(text: str, _: dt.datetime) -> Iterator[Entity]:
    for start, end, number in shop_numbers().found(text):
        yield Entity("order_number", start, end, number)


# -- cards --------------------------------------------------------------------------------------

_DIGIT_GROUPS = re.compile(r"(?<![\w-])\d+(?:[ \u00a0-]\d+)+(?![\w])|(?<![\w-])\d{16,19}(?!\w)")
_CARD_LENGTHS = range(16, 20)
_CARD_BEGINS = "23456"  # ISO/IEC 7812: what payment systems issue (2: Mir, Mastercard)


def _cards(text: str, _: dt.datetime) -> Iterator[Entity]:
    """Numbers that pass the check; the value is masked, for it goes into trackers and logs."""
    for match in _DIGIT_GROUPS.finditer(text):
        groups = [(match.start() + group.start(), group.group()) for group in re.finditer(r"\d+", match.group())]
        if card := _card_among(groups):
            start, end, digits = card
            yield Entity("card", start, end, f"**** {digits[-4:]}")


def _card_among(groups: list[tuple[int, str]]) -> tuple[int, int, str] | None:
    """Start, end and digits of the first adjacent groups of digits that together are a card's number."""
    for i, (start, _) in enumerate(groups):
        digits = ""
        for begins, group in groups[i : i + max(_CARD_LENGTHS)]:
            digits += group
            if len(digits) > max(_CARD_LENGTHS):
                break
            if len(digits) in _CARD_LENGTHS and digits[0] in _CARD_BEGINS and passes_luhn(digits):
                return start, begins + len(group), digits
    return None


def passes_luhn(digits: str) -> bool:
    """The check of ISO/IEC 7812-1, annex B: every second digit from the right counts twice."""
    doubled = [int(digit) * (1 + i % 2) for i, digit in enumerate(reversed(digits))]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


# -- e-mails and sums ---------------------------------------------------------------------------

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
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


def _emails(text: str, _: dt.datetime) -> Iterator[Entity]:
    for match in _EMAIL.finditer(text) if "@" in text else ():
        yield Entity("email", match.start(), match.end(), match.group().lower())


def _money(text: str, _: dt.datetime) -> Iterator[Entity]:
    for match in _MONEY.finditer(text):
        amount, currency = match.group(1) or match.group(4), match.group(2) or match.group(3)
        number = re.sub(r"\s|,(?=\d{3})", "", amount).replace(",", ".")
        yield Entity("money", match.start(), match.end(), f"{number} {_CURRENCIES[currency[0].lower()]}")


# -- phones -------------------------------------------------------------------------------------

_PHONE_DIGITS = 10  # fewer are no whole number, and too often another thing
_MAY_HOLD_PHONE = re.compile(rf"\d(?:[^\w]{{0,4}}\d){{{_PHONE_DIGITS - 1}}}")


def _phones(text: str, _: dt.datetime) -> Iterator[Entity]:
    if not _MAY_HOLD_PHONE.search(text):
        return
    leniency = phonenumbers.Leniency.POSSIBLE
    for match in phonenumbers.PhoneNumberMatcher(text, "RU", leniency=leniency):
        if sum(char.isdigit() for char in match.raw_string) >= _PHONE_DIGITS:
            value = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
            yield Entity("phone", match.start, match.end, value)


# Of overlapping entities that of the earlier kind stays.
RULES: dict[str, Callable[[str, dt.datetime], Iterable[Entity]]] = {
    "card": _cards,
    "order_number": _orders,
    "email": _emails,
    "money": _money,
    "date": dates,
    "phone": _phones,
    "time": times,
}
