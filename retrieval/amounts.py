"""Amounts in sentences: numbers with their units, Russian and English, in one spelling.

``5 000 ₽`` and ``5,000 roubles`` are the same amount, and so are ``2 weeks`` and ``14 дней``. A number before
any other word is an amount of that word: ``5 cards`` and ``3 cards`` can be compared within a language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from babel.dates import get_month_names

from retrieval.lexical import words

LEAST, MOST, EVERY = "at least", "at most", "every"
_INCOMPARABLE = ({LEAST, MOST}, {EVERY, LEAST}, {EVERY, MOST}, {EVERY, ""})
_DAY = 24.0
_MONTHLY, _ROUNDED = 28 * _DAY, 1.025  # a month is 30 or 31 days, a year 360 to 366: such durations agree roughly


@dataclass(frozen=True)
class Amount:
    """From ``low`` to ``high`` of a unit; the two are equal for a single number.

    ``unit`` is empty for a bare number, whose unit the sentence leaves to be understood: "and TVs get 24".
    ``written`` holds the numbers before they are converted: 14 for 14 days, which are 336 hours. ``bound`` is
    :data:`LEAST` (from 5,000 ₽), :data:`MOST` (up to 10 days), :data:`EVERY` (every 2 weeks) or empty; ``text`` is
    as the sentence has it.
    """

    unit: str
    low: float
    high: float
    written: frozenset[float]
    bound: str
    text: str

    @property
    def is_count(self) -> bool:
        """Whether the unit is a word of the language, not one known to all: 5 cards, but not 5 days."""
        return self.unit not in UNITS

    def contradicts(self, other: Amount) -> bool:
        """Whether one thing cannot have both. Two ranges must be equal, a number may lie within a range."""
        if not self.unit or self.unit != other.unit or {self.bound, other.bound} in _INCOMPARABLE:
            return False
        if self.low < self.high and other.low < other.high:
            return not (self._same(self.low, other.low) and self._same(self.high, other.high))
        return not (self._at_most(self.low, other.high) and self._at_most(other.low, self.high))

    def confirms(self, other: Amount) -> bool:
        """Whether this says, or may be meant to say, the same."""
        if not self.unit:
            return bool(self.written & other.written)
        return self.unit == other.unit and not self.contradicts(other)

    def states(self, other: Amount) -> bool:
        """Whether who knows this may say the other: the same, or the ends of a range apart."""
        ends = (self.low, self.high)
        return self.unit == other.unit and all(any(self._same(x, end) for end in ends) for x in (other.low, other.high))

    def _same(self, a: float, b: float) -> bool:
        return self._at_most(a, b) and self._at_most(b, a)

    def _at_most(self, a: float, b: float) -> bool:
        return a <= b * (_ROUNDED if self.unit == "hours" and b >= _MONTHLY else 1 + 1e-9)


class _Unit(NamedTuple):
    name: str
    factor: float
    pattern: str


_UNITS = [
    _Unit("working days", 1, r"(?:рабоч\w+|working|business)[ -](?:дн\w+|день|days?)"),
    _Unit("hours", 1 / 3600, r"секунд\w*|сек|seconds?|sec"),
    _Unit("hours", 1 / 60, r"минут\w*|мин|minutes?|mins?"),
    _Unit("hours", 1, r"час(?:а|ов|ам|ами|ах)?|ч|hours?"),
    _Unit("hours", _DAY, r"дн(?:я|ей|ям|ями|ях)|день|сут(?:ки|ок|кам|ках)|days?"),
    _Unit("hours", 7 * _DAY, r"недел\w+|weeks?"),
    _Unit("hours", 365 / 12 * _DAY, r"месяц\w*|мес|months?"),
    _Unit("hours", 365 * _DAY, r"год(?:а|у|ом|ами)?|лет|years?"),
    _Unit("₽", 1, r"₽|руб\w*|р\.|rub|rubles?|roubles?"),
    _Unit("₽", 1000, r"тыс\w*\.? ?(?:₽|руб\w*|р\.)|thousand (?:rubles?|roubles?)"),
    _Unit("$", 1, r"\$|usd|доллар\w*|dollars?"),
    _Unit("€", 1, r"€|eur|евро|euros?"),
    _Unit("%", 1, r"%|процент\w*|per ?cent"),
    _Unit("°", 1, r"° ?[cс]?|градус\w*|degrees?"),
    _Unit("kg", 1, r"кг|килограмм\w*|kg|kilos?|kilograms?"),
    _Unit("kg", 0.001, r"г|грамм\w*|g|grams?"),
    _Unit("m", 1, r"м|метр\w*|m|met(?:re|er)s?"),
    _Unit("m", 0.01, r"см|сантиметр\w*|cm|centimet(?:re|er)s?"),
    _Unit("m", 0.001, r"мм|миллиметр\w*|mm|millimet(?:re|er)s?"),
    _Unit("m", 1000, r"км|километр\w*|km|kilomet(?:re|er)s?"),
    _Unit("m²", 1, r"м²|m²|кв\. ?м\w*|square met(?:re|er)s?"),
    _Unit("inches", 1, r"″|дюйм\w*|inch(?:es)?"),
    _Unit("l", 1, r"л|литр\w*|l|lit(?:re|er)s?"),
    _Unit("l", 0.001, r"мл|миллилитр\w*|ml|millilit(?:re|er)s?"),
    _Unit("GB", 0.001, r"мб|mb|мегабайт\w*|megabytes?"),
    _Unit("GB", 1, r"гб|gb|гигабайт\w*|gigabytes?"),
    _Unit("GB", 1000, r"тб|tb|терабайт\w*|terabytes?"),
    _Unit("W", 1, r"вт|w|ватт\w*|watts?"),
    _Unit("GHz", 1, r"ггц|ghz"),
    _Unit("times", 1, r"раза?(?! в \d)|times"),
    _Unit("points", 1, r"балл\w*|points?"),
]
_PATTERNS = [(re.compile(unit.pattern, re.IGNORECASE), unit) for unit in _UNITS]
UNITS = frozenset(unit.name for unit in _UNITS) | {"o'clock", "date", ""}

_NUMBER_WORDS = {
    word: number
    for number, forms in enumerate(
        (
            "один одна одну одного одной one", "два две двух двум двумя two", "три трёх трех трём трем тремя three",
            "четыре четырёх четырех four", "пять пяти five", "шесть шести six", "семь семи seven",
            "восемь восьми eight", "девять девяти nine", "десять десяти ten", "одиннадцать одиннадцати eleven",
            "двенадцать двенадцати twelve",
        ),
        start=1,
    )
    for word in forms.split()
}  # fmt: skip
_DIGITS = r"\d{1,3}(?:[ ,]\d{3})+(?!\d)|\d+(?:[.,]\d+)?"
_NUMBER = rf"(?:{_DIGITS}|\b(?:{'|'.join(_NUMBER_WORDS)})\b)"
_TO = r"(?: ?[–—-] ?| (?:до|по|to) )"
_ITEM = rf"{_NUMBER}(?:{_TO}{_NUMBER})?"
_LIST = rf"(?:{_ITEM}(?:, {_ITEM})*,? (?:и|или|and|or) )?{_ITEM}"
_UNIT = "|".join(unit.pattern for unit in _UNITS)
_AMOUNTS = re.compile(
    rf"(?<![\w.,:*#№-])(?P<list>{_LIST})(?:[ -]?(?P<unit>{_UNIT})(?!\w)|[ -](?P<noun>[^\W\d_]{{3,}}))"
    rf"|(?P<sign>[$€]) ?(?P<sum>{_ITEM})",
    re.IGNORECASE,
)
_ITEMS = re.compile(rf"({_NUMBER})(?:{_TO}({_NUMBER}))?", re.IGNORECASE)
_BARE = re.compile(rf"(?<![\w.,:-])(?:{_DIGITS})(?![\w:-])")
_TIME = r"(?:\d{1,2}(?::\d\d)? ?[ap]\.?m\b\.?|\d{1,2}:\d\d(?![\d:]))"
_CLOCK = re.compile(rf"(?<![\w.,:]){_TIME}(?:{_TO}{_TIME})?", re.IGNORECASE)
_TIMES = re.compile(r"(\d{1,2})(?::(\d\d))?(?: ?([ap])\.?m)?", re.IGNORECASE)
_BETWEEN = re.compile(r"\b(?:between|между) ([\d:.,]+(?: ?[ap]m)?) (?:and|и) (?=\d)", re.IGNORECASE)
_ANY_NUMBER = re.compile(_NUMBER, re.IGNORECASE)
_ONE = frozenset(word for word, number in _NUMBER_WORDS.items() if number == 1) | {"1"}
_NO_AMOUNT = re.compile(r"\+?\d[\d ()]*(?:-\d{2,3}){2,}|https?://\S+")  # phones and links
_OF_A_NAME = re.compile(r"[\w)»”\"] [A-ZА-ЯЁ][\w-]* $")  # the number's word is capitalised within the sentence

_BOUNDS = [
    (bound, re.compile(rf"(?:^|\W)(?:{before}) $", re.IGNORECASE))
    for bound, before in (
        (EVERY, r"каждые|раз в|every|once (?:every|in)"),
        (
            MOST,
            r"до|не (?:больше|более|позже|выше|дороже|тяжелее)(?: чем)?|максимум|(?<!не )(?:меньше|менее|дешевле|ниже)"
            r"|в течение|up to|at most|within|(?:no|not) (?:more|later|longer) than|maximum|under|below|less than"
            r"|until",
        ),
        (
            LEAST,
            r"от|(?:свыше|более|больше|дороже|тяжелее|выше|дольше|старше)(?: чем)?(?: на)?|минимум|хотя бы"
            r"|не (?:меньше|менее|ниже)|from:?|over|above|beyond|at least|(?:more|larger|heavier|longer) than|minimum"
            r"|starts? at",
        ),
    )
]
_MONTH_NUMBERS = {
    name.lower(): number for locale in ("ru", "en") for number, name in get_month_names(locale=locale).items()
}
_MONTH = "|".join(_MONTH_NUMBERS)
_DATE = re.compile(rf"\b(?:(\d{{1,2}}) ({_MONTH})|({_MONTH}) (\d{{1,2}}))\b", re.IGNORECASE)


def amounts(sentence: str) -> list[Amount]:
    """The amounts of a sentence: sums, durations, sizes, counts; times of day in hours; dates; bare numbers."""
    text = _BETWEEN.sub(r"\1–", _NO_AMOUNT.sub("_", re.sub(r"\s", " ", sentence)))
    if not _ANY_NUMBER.search(text):
        return []
    found: list[Amount] = []
    for pattern, read in ((_DATE, _date), (_CLOCK, _clock), (_AMOUNTS, _counted), (_BARE, _bare)):
        for match in pattern.finditer(text):
            found += read(match)
        text = pattern.sub("_", text)
    return found


def _counted(match: re.Match[str]) -> Iterator[Amount]:
    """Each number or range of a list, which share the unit."""
    before = match.string[: match.start()]
    name, factor = _unit(match, before)
    items = list(_ITEMS.finditer(match["list"] or match["sum"])) if name else []
    for item in items:
        written = [_number(number) for number in item.groups() if number]
        bound = _bound(before) if len(items) == len(written) == 1 else ""
        low, high = min(written) * factor, max(written) * factor
        yield Amount(name, low, high, frozenset(written), bound, _shown(match, item))


def _unit(match: re.Match[str], before: str) -> tuple[str, float]:
    """The unit's name and factor; an empty name where the number counts nothing."""
    if known := match["unit"] or match["sign"]:
        unit = next(unit for pattern, unit in _PATTERNS if pattern.fullmatch(known))
        return unit.name, unit.factor
    stems = words(match["noun"])
    is_count = stems and match["list"].lower() not in _ONE and not _OF_A_NAME.search(before)
    return (stems[0] if is_count else ""), 1.0


def _number(text: str) -> float:
    if text.lower() in _NUMBER_WORDS:
        return float(_NUMBER_WORDS[text.lower()])
    return float(re.sub(r"[ ,](?=\d{3}(?!\d))", "", text).replace(",", "."))


def _bound(before: str) -> str:
    return next((bound for bound, pattern in _BOUNDS if pattern.search(before)), "")


def _shown(match: re.Match[str], item: re.Match[str]) -> str:
    """The item with the unit of its list."""
    if match["sign"]:
        return match.group()
    between = match.group().removeprefix(match["list"]).removesuffix(match["unit"] or match["noun"])
    return f"{item.group()}{between}{match['unit'] or match['noun']}"


def _clock(match: re.Match[str]) -> Iterator[Amount]:
    hours = [_hour(*time.groups()) for time in _TIMES.finditer(match.group())]
    yield Amount("o'clock", min(hours), max(hours), frozenset(hours), "", match.group())


def _hour(hour: str, minute: str | None, half: str | None) -> float:
    """Of the clock of twenty-four hours, with the minutes as a fraction."""
    afternoon = 12 * (half in ("p", "P")) if half else 0
    return (int(hour) % 12 if half else int(hour)) + afternoon + int(minute or 0) / 60


def _date(match: re.Match[str]) -> Iterator[Amount]:
    """The day's place in the year, counting 31 days for every month."""
    day, month = match[1] or match[4], match[2] or match[3]
    place = _MONTH_NUMBERS[month.lower()] * 31.0 + int(day)
    yield Amount("date", place, place, frozenset({float(day)}), "", match.group())


def _bare(match: re.Match[str]) -> Iterator[Amount]:
    if not _OF_A_NAME.search(match.string[: match.start()]):
        value = _number(match.group())
        yield Amount("", value, value, frozenset({value}), "", match.group())
