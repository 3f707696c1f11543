"""When something was, as people say it: "три недели назад", "about six weeks ago", "my old watch"."""

from __future__ import annotations

import re

DAYS = {"день": 1, "недел": 7, "месяц": 30, "год": 365, "лет": 365, "day": 1, "week": 7, "month": 30, "year": 365}
NUMBERS = {
    word: number
    for number, several in enumerate(
        (
            "один одну одного a an one",
            "два две двух couple two",
            "три трёх трех three",
            "четыре четырёх four",
            "пять пяти five",
            "шесть шести six",
            "семь семи seven",
            "восемь восьми eight",
            "девять девяти nine",
            "десять десяти ten",
        ),
        1,
    )
    for word in several.split()
}
FIXED = [
    (re.compile(pattern, re.IGNORECASE), days)
    for pattern, days in (
        (r"\b(?:сегодня|today|this morning)\b", 0),
        (r"\b(?:вчера|вчерашн\w+|yesterday)\b", 1),
        (r"\b(?:позавчера|the day before yesterday)\b", 2),
        (r"\b(?:на днях|недавно|the other day|recently|a few days (?:ago|back)|несколько дней назад)\b", 5),
        (r"\b(?:на прошлой неделе|last week)\b", 8),
        (r"\b(?:fortnight)\b", 14),
        (r"\b(?:полтора месяца)\b", 45),
        (r"\b(?:в прошлом месяце|last month)\b", 30),
        (r"\b(?:полгода|half a year)\b", 182),
        (r"\b(?:в прошлом году|last year)\b", 365),
    )
]
_NUMBER = r"(?:\d{1,2}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")"
_UNIT = r"(?:д(?:ень|ня|ней)|недел[юиья]\w*|месяц\w*|год[а]?|лет|days?|weeks?|months?|years?)"
_COUNTED = re.compile(
    rf"\b(?:(?P<before>{_NUMBER})\s+(?:of\s+)?)?(?P<unit>{_UNIT})"
    rf"(?:\s+(?P<after>{_NUMBER}))?\s+(?:назад|ago|back|old)\b",
    re.IGNORECASE,
)
_OLD = re.compile(r"\b(?:стар(?:ы[йе]|ая|ое|ого|ую|ой)|давн\w+|ages ago|old|older)\b", re.IGNORECASE)
_LATEST = re.compile(
    r"\b(?:последн\w+(?= (?:заказ|покупк))|нов(?:ы[йе]|ая|ое|ого|ую|ой|ым|ому|ых)"
    r"|latest|newest|new|last (?=order|purchase))\b",
    re.IGNORECASE,
)


def days_ago(text: str) -> int | None:
    """About how many days ago something was that a text tells of; None where it does not say."""
    fixed = next((days for pattern, days in FIXED if pattern.search(text)), None)
    found = None if fixed is not None else _COUNTED.search(text)
    if found is None:
        return fixed
    number, unit = found["before"] or found["after"] or "1", found["unit"].lower()
    days = next((days for word, days in DAYS.items() if unit.startswith(word)), 1)
    return (int(number) if number.isdigit() else NUMBERS[number.lower()]) * days


def means_old(text: str) -> bool:
    """Whether of several the oldest is meant."""
    return bool(_OLD.search(text))


def means_latest(text: str) -> bool:
    """Whether of several the latest is meant."""
    return bool(_LATEST.search(text))
