"""Days and times of day as people write them, Russian and English, for :mod:`nlu.entity_rules`. Knows no Rasa."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import dateparser

from nlu.entities import Entity

# -- days ---------------------------------------------------------------------------------------

_MONTHS_RU = "(?:января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря)"
_MONTHS_EN = "(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_DAY_AND_MONTH = (
    rf"(?:{_DAY}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTHS_RU}|{_MONTHS_EN})|{_MONTHS_EN}\s+{_DAY}(?:st|nd|rd|th)?)"
    r"(?:,?\s+\d{4})?\b"
)
_NUMERIC = r"\d{1,2}\.\d{1,2}\.\d{2,4}\b|\d{4}-\d{2}-\d{2}\b"
_COUNT = (
    r"(?:\d{1,2}|пару|один|одну|два|две|двое|три|четыре|пять|шесть|семь|восемь|девять|десять"
    r"|an?(?:\s+couple\s+of)?|one|two|three|four|five|six|seven|eight|nine|ten)"
)
_UNIT = r"(?:день|дня|дней|сут(?:ки|ок)|недел[юиь]|месяц(?:а|ев)?|год|года|лет|полгода)\b"
_UNIT_EN = r"(?:(?:day|week|month|year)s?|half\s+a\s+year)\b"
_RELATIVE = (
    rf"через\s+(?:{_COUNT}\s+)?{_UNIT}|(?:{_COUNT}\s+)?{_UNIT}\s+(?:тому\s+)?назад\b"
    rf"|in\s+(?:{_COUNT}\s+)?{_UNIT_EN}|(?:{_COUNT}\s+)?{_UNIT_EN}\s+ago\b"
    r"|(?:the\s+)?day\s+(?:after\s+tomorrow|before\s+yesterday)\b"
    r"|(?:послезавтра|позавчера|сегодня|завтра|вчера|today|tomorrow|yesterday)\b"
)
_DATE = re.compile(rf"(?<![\w.,/-])(?:{_DAY_AND_MONTH}|{_NUMERIC}|{_RELATIVE})", re.IGNORECASE)
# What dateparser does not know, in its words.
_REWORDED = (
    (re.compile(r"\ban?\s+couple\s+of\b", re.IGNORECASE), "2"),
    (re.compile(r"\bhalf\s+a\s+year\b", re.IGNORECASE), "6 months"),
    (re.compile(r"\bтому\s+назад\b", re.IGNORECASE), "назад"),
)
_STREET_BEFORE = re.compile(r"\b(?:ул(?:\.|иц\w+)?|пр(?:\.|-т|осп\w*)?|пер(?:\.|еул\w+)|площад\w+)\s*$", re.IGNORECASE)


def dates(text: str, now: dt.datetime) -> Iterator[Entity]:
    """Ranges first: their parts are dates as well."""
    for kind in (_date_ranges, _calendar_spans, _weekdays, _single_dates):
        yield from kind(text, now)


def _single_dates(text: str, now: dt.datetime) -> Iterator[Entity]:
    for match in _DATE.finditer(text):
        # «улица 8 марта» is a street.
        if not _STREET_BEFORE.search(text[: match.start()][-20:]) and (day := _parse(match.group(), now)):
            yield Entity("date", match.start(), match.end(), day.isoformat())


def _parse(text: str, now: dt.datetime) -> dt.date | None:
    for pattern, plain in _REWORDED:
        text = pattern.sub(plain, text)
    order = "YMD" if re.match(r"\d{4}-", text) else "DMY"
    parsed = dateparser.parse(text, languages=["ru", "en"], settings={"DATE_ORDER": order, "RELATIVE_BASE": now})
    return parsed.date() if parsed else None


_END = rf"({_DAY_AND_MONTH}|{_NUMERIC})"
_RANGE = re.compile(
    rf"(?<![\w.,-])(?:со?\s+(\d{{1,2}}|{_END})\s+(?:по|до)|from\s+(\d{{1,2}}|{_END})\s+(?:to|until|till)"
    rf"|between\s+(\d{{1,2}}|{_END})\s+and|(\d{{1,2}})\s?[-–—])\s*{_END}",
    re.IGNORECASE,
)


def _date_ranges(text: str, now: dt.datetime) -> Iterator[Entity]:
    """``с 3 по 5 мая``, ``from May 3 to May 5``, ``3-5 мая``: two dates joined by a slash (ISO 8601)."""
    for match in _RANGE.finditer(text):
        *beginnings, ending = [group for group in match.groups() if group]
        last = _parse(ending, now)
        first = _first_of_range(beginnings[0], last, now) if last else None
        if first and last and first <= last:
            yield Entity("date", match.start(), match.end(), f"{first.isoformat()}/{last.isoformat()}")


def _first_of_range(text: str, last: dt.date, now: dt.datetime) -> dt.date | None:
    """A bare day takes month and year of the range's end."""
    if not text.isdigit():
        return _parse(text, now)
    try:
        return last.replace(day=int(text))
    except ValueError:
        return None


_THIS, _NEXT, _LAST = r"эт(?:от|ой|ом|у)|this", r"следующ(?:ий|ей|ем|ую)|next", r"прошл(?:ый|ой|ом|ую)|last"
_QUALIFIER = rf"(?:(?P<this>{_THIS})|(?P<next>{_NEXT})|(?P<last>{_LAST}))"
_CALENDAR_SPAN = re.compile(rf"\b{_QUALIFIER}\s+(?:(?P<week>недел[еюи]|week)|(?:месяц[еа]?|month))\b", re.IGNORECASE)


def _calendar_spans(text: str, now: dt.datetime) -> Iterator[Entity]:
    """``на прошлой неделе``, ``next month``: first and last day joined by a slash (ISO 8601)."""
    for match in _CALENDAR_SPAN.finditer(text):
        step = 1 if match.group("next") else -1 if match.group("last") else 0
        first, last = (_week if match.group("week") else _month)(now.date(), step)
        yield Entity("date", match.start(), match.end(), f"{first.isoformat()}/{last.isoformat()}")


def _week(day: dt.date, step: int) -> tuple[dt.date, dt.date]:
    monday = day - dt.timedelta(days=day.weekday()) + dt.timedelta(weeks=step)
    return monday, monday + dt.timedelta(days=6)


def _month(day: dt.date, step: int) -> tuple[dt.date, dt.date]:
    def first(months: int) -> dt.date:
        return dt.date(months // 12, months % 12 + 1, 1)

    months = day.year * 12 + day.month - 1 + step
    return first(months), first(months + 1) - dt.timedelta(days=1)


_WEEKDAYS = (
    ("понедельник", "monday"), ("вторник", "tuesday"), ("сред", "wednesday"), ("четверг", "thursday"),
    ("пятниц", "friday"), ("суббот", "saturday"), ("воскресень", "sunday"),
)  # fmt: skip
_WEEKDAY = re.compile(
    r"\b(?:(?P<since>со?|since)\s+|(?P<other>во?|до|к|на|от|on|by|until|till|before|after)\s+)?"
    rf"(?P<span>(?:{_QUALIFIER}\s+)?(?P<day>понедельник[ау]?|вторник[ау]?|сред[ауеы]|четверг[ау]?|пятниц[ауеы]"
    r"|суббот[ауеы]|воскресень[еюя]|(?:mon|tues|wednes|thurs|fri|satur|sun)day))\b",
    re.IGNORECASE,
)


def _weekdays(text: str, now: dt.datetime) -> Iterator[Entity]:
    """The coming such day; after ``since`` or ``last`` the latest; after ``next`` that of the next week.

    Without such a word or a preposition it is none: Black Friday, «среда» an environment.
    """
    today = now.date()
    for match in _WEEKDAY.finditer(text):
        since, this, following, last = match.group("since", "this", "next", "last")
        if not (since or this or following or last or match.group("other")):
            continue
        number = next(i for i, stems in enumerate(_WEEKDAYS) if match.group("day").lower().startswith(stems))
        if following:
            day = _week(today, 1)[0] + dt.timedelta(days=number)
        elif last or since:
            day = today - dt.timedelta(days=(today.weekday() - number) % 7 or 7)
        else:
            day = today + dt.timedelta(days=(number - today.weekday()) % 7 or 7)
        yield Entity("date", *match.span("span"), day.isoformat())


# -- times --------------------------------------------------------------------------------------

_HOUR_WORDS = (
    ("час", "часа", "one"), ("два", "двух", "two"), ("три", "трёх", "трех", "three"),
    ("четыре", "четырёх", "четырех", "four"), ("пять", "пяти", "five"), ("шесть", "шести", "six"),
    ("семь", "семи", "seven"), ("восемь", "восьми", "eight"), ("девять", "девяти", "nine"),
    ("десять", "десяти", "ten"), ("одиннадцать", "одиннадцати", "eleven"), ("двенадцать", "двенадцати", "twelve"),
)  # fmt: skip
_HOURS = {word: hour for hour, words in enumerate(_HOUR_WORDS, start=1) for word in words}
_HOUR = rf"(?P<hour>\d{{1,2}}|{'|'.join(sorted(_HOURS, key=len, reverse=True))})"
_PART = r"(?P<part>утра|вечера|ночи|[ap]\.m\.|(?:[ap]m|in\s+the\s+(?:morning|afternoon|evening)|at\s+night)\b)"
_BEFORE_TIME = r"(?:во?|до|после|к|со?)\s+"
_TIMES = [
    re.compile(rf"(?<![\w:.,/-]){pattern}", re.IGNORECASE)
    for pattern in (
        rf"(?P<span>(?P<hour>\d{{1,2}}):(?P<minute>[0-5]\d)(?![:\d])(?:\s*{_PART})?)",
        # From 13 minutes on, lest «до 12.05» be no date.
        rf"{_BEFORE_TIME}(?P<span>(?P<hour>\d{{1,2}})\.(?P<minute>1[3-9]|[2-5]\d))(?![.\d]|\s*(?:раз|[%₽]|руб|кг|см|м\b))",
        rf"(?P<span>{_HOUR}(?:\s*час\w{{0,2}})?\s*{_PART})",
        # Without the preposition «3 дня» is three days.
        rf"{_BEFORE_TIME}(?P<span>{_HOUR}(?:\s*час\w{{0,2}})?\s*(?P<part>дня)\b)(?!\s+(?:тому\s+)?назад)",
        rf"{_BEFORE_TIME}(?P<span>(?P<hour>\d{{1,2}})\s*(?:часов|часам|ч\b))",
    )
]
_NAMED_TIME = re.compile(r"\b(?:(noon|полдень|полудня)|midnight|полночь|полуночи)\b", re.IGNORECASE)


def times(text: str, _: dt.datetime) -> Iterator[Entity]:
    for match in (match for pattern in _TIMES for match in pattern.finditer(text)):
        groups = match.groupdict()
        hour = _HOURS.get(groups["hour"].lower()) or int(groups["hour"])
        hour = _by_part_of_day(hour, (groups.get("part") or "").lower())
        if hour < 24:
            yield Entity("time", *match.span("span"), f"{hour:02}:{groups.get('minute') or '00'}")
    for match in _NAMED_TIME.finditer(text):
        yield Entity("time", match.start(), match.end(), "12:00" if match.group(1) else "00:00")


def _by_part_of_day(hour: int, part: str) -> int:
    """An hour of the twelve-hour clock on that of twenty-four."""
    if not part or not 1 <= hour <= 12:
        return hour
    night = part == "ночи" or part.endswith("night")
    afternoon = part in ("дня", "вечера") or part.startswith("p") or part.endswith(("afternoon", "evening"))
    return hour % 12 + 12 * (afternoon or (night and 6 <= hour < 12))
