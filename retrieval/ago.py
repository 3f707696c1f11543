"""When something was, as people say it: "три недели назад", "about six weeks ago", "in spring", "my old watch"."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from babel.dates import get_month_names

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

_RECEIVED = re.compile(
    r"\b(?:пришл[аои]|пришёл|пришел|приехал[аои]?|привезли|получил[аи]?|забрал[аи]?|came|arrived|received|got|collected"
    r"|picked up|brought)\b",
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


_MONTHS: dict[str, int] = {
    name.lower()[: 3 if locale == "ru" else None]: number
    for locale in ("ru", "en")
    for number, name in get_month_names("wide", "format", locale).items()
}
_MONTH = re.compile(
    r"\b(?:(?:в|с|за|ещ[её] в)\s+(?:прошлом\s+)?(?P<ru>янв|фев|мар|апр|ма[ея]|июн|июл|авг|сен|окт|ноя|дек)\w*"
    r"|(?:in|since|last|of|from|this)\s+(?P<en>" + "|".join(name for name in _MONTHS if name.isascii()) + r"))\b",
    re.IGNORECASE,
)
_SEASONS = (
    (re.compile(r"\b(?:весной|весны|(?:in|last|this|since|the)\s+spring)\b", re.IGNORECASE), 3),
    (re.compile(r"\b(?:летом|(?:с|этого) лета|(?:in|last|this|since|the)\s+summer)\b", re.IGNORECASE), 6),
    (re.compile(r"\b(?:осенью|осени|(?:in|last|this|since|the)\s+(?:autumn|fall))\b", re.IGNORECASE), 9),
    (re.compile(r"\b(?:зимой|зимы|(?:in|last|this|since|the)\s+winter)\b", re.IGNORECASE), 12),
)
_THIS_MONTH = re.compile(r"\b(?:в этом месяце|этого месяца|this month)\b", re.IGNORECASE)


def named_days(text: str, today: dt.date) -> tuple[dt.date, dt.date] | None:
    """First and last day of the month or season that a text names, the latest that has begun; None where none."""
    if _THIS_MONTH.search(text):
        return _months(today.year, today.month, 1)
    if found := _MONTH.search(text):
        name = found["en"] or found["ru"]
        number = _MONTHS[name.lower()] if found["en"] else _russian_month(name)
        return _latest(number, 1, today)
    season = next((month for pattern, month in _SEASONS if pattern.search(text)), None)
    return _latest(season, 3, today) if season else None


def _russian_month(name: str) -> int:
    stem = name.lower()[:3]
    return _MONTHS["мая" if stem.startswith("ма") and stem != "мар" else stem]


def _latest(month: int, count: int, today: dt.date) -> tuple[dt.date, dt.date]:
    year = today.year if dt.date(today.year, month, 1) <= today else today.year - 1
    return _months(year, month, count)


def _months(year: int, month: int, count: int) -> tuple[dt.date, dt.date]:
    last_year, last = year + (month + count - 2) // 12, (month + count - 2) % 12 + 1
    return dt.date(year, month, 1), dt.date(last_year, last, calendar.monthrange(last_year, last)[1])


def means_old(text: str) -> bool:
    """Whether of several the oldest is meant."""
    return bool(_OLD.search(text))


def means_latest(text: str) -> bool:
    """Whether of several the latest is meant."""
    return bool(_LATEST.search(text))


def means_received(text: str) -> bool:
    """Whether something is meant that has come."""
    return bool(_RECEIVED.search(text))
