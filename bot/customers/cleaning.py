"""One cell of a shop's file as the value that its column wants: repaired where that is safe, refused otherwise."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from typing import Any

import dateparser
import ftfy
import phonenumbers
from sqlalchemy import Boolean, Date, DateTime, Float, Integer

from bot.customers.models import STATUSES
from bot.customers.money import Money
from bot.customers.wording import DELIVERY_METHODS, VISITS
from bot.privacy.masking import without_cards

CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("customers", "language"): ("ru", "en"),
    ("customers", "address_form"): ("formal", "informal"),
    ("customers", "gender"): ("f", "m"),
    ("customers", "loyalty_level"): ("start", "silver", "gold"),
    ("orders", "status"): STATUSES,
    ("orders", "delivery_method"): tuple(DELIVERY_METHODS["en"]),
    ("payments", "kind"): ("payment", "refund"),
    ("browsing_events", "event"): tuple(VISITS["en"]),
}
SYNONYMS = {
    "russian": "ru", "русский": "ru", "rus": "ru", "ru_ru": "ru", "english": "en", "английский": "en", "eng": "en",
    "en_us": "en", "en_gb": "en", "female": "f", "woman": "f", "ж": "f", "жен": "f", "женский": "f", "male": "m",
    "man": "m", "м": "m", "муж": "m", "мужской": "m",
}  # fmt: skip
YES = {"yes", "y", "true", "t", "1", "да", "д", "истина", "on"}
NO = {"no", "n", "false", "f", "0", "нет", "н", "ложь", "off"}
NOTHING = {"-", "–", "—", "n/a", "#n/a", "null", "none", "nan", "нет данных", "не указано", "не указан", "unknown"}
NAMES = {"first_name", "last_name"}
UNTOUCHED = {"tracking_code", "phone"}  # long numbers that are no cards
LEAST = {("order_items", "quantity"): 1}
YEARS = range(1900, 2101)
_EMAIL = re.compile(r"[\w.+\-']+@[\w\-]+(?:\.[\w\-]+)+")
_NUMERIC_DATE = re.compile(r"(\d{1,4})[./\- ](\d{1,2})[./\- ](\d{1,4})(?:[T, ]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_CURRENCY = re.compile(r"[₽$€£¥]|\b(?:руб\w*|р|rub|usd|eur)\b\.?|[\s'’\u00a0\u202f]", re.IGNORECASE)


class Unusable(Exception):
    """A cell's content cannot become what its column wants; the text says why, without the content."""


@dataclass
class Cell:
    """A cell's value, and what was done to it."""

    value: Any
    repairs: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Conventions:
    """What a file means where it does not say so."""

    region: str = "RU"
    date_order: str = "DMY"


def clean(
    column: Any, raw: Any, conventions: Conventions = Conventions(), values: dict[str, Any] | None = None
) -> Cell:
    """The value for a column; None where the cell says nothing.

    Args:
        column: of :data:`bot.customers.models.Base`'s metadata.
        raw: a CSV cell or a JSON value.
        conventions: how numbers of phones and dates are meant.
        values: the mapping's own, ``{pattern: value}``.

    Raises:
        Unusable: the content does not fit the column.
    """
    cell = Cell(raw)
    if isinstance(raw, str):
        _tidy(cell, column)
    if cell.value in (None, ""):
        cell.value = None
        return cell
    if values and (found := _mapped(cell.value, values)) is not None:
        cell.value = found
    parse = _parser(column, conventions)
    before, cell.value = cell.value, parse(cell.value)
    if isinstance(before, str) and isinstance(cell.value, str) and before != cell.value:
        cell.repairs.append(_done(column))
    elif isinstance(before, str) and not isinstance(cell.value, str) and not _is_plain(before, cell.value):
        cell.repairs.append(f"read as {_WHAT.get(type(column.type), 'a value')}")
    least = LEAST.get((column.table.name, column.name), 0)
    if isinstance(cell.value, (int, Decimal)) and not isinstance(cell.value, bool) and cell.value < least:
        raise Unusable(f"is less than {least}")
    return cell


def _tidy(cell: Cell, column: Any) -> None:
    """Text as it was meant: its encoding mended, blanks and control signs out, words for nothing emptied."""
    mended = ftfy.fix_encoding(cell.value)
    if mended != cell.value:
        cell.repairs.append("wrongly decoded text mended")
    plain = "".join(
        sign for sign in unicodedata.normalize("NFC", mended) if sign in "\n\t" or sign.isprintable() or sign.isspace()
    )
    tidy = "\n".join(" ".join(line.split()) for line in plain.strip().splitlines())
    if tidy != mended.strip():
        cell.repairs.append("blanks and unseen signs tidied")
    words = NOTHING - {"none", "null", "unknown"} if column.name in NAMES else NOTHING
    if tidy.lower() in words:
        cell.repairs.append("a word for nothing taken as empty")
        tidy = ""
    if column.name not in UNTOUCHED and not column.primary_key and not column.foreign_keys:
        without = without_cards(tidy)
        if without != tidy:
            cell.repairs.append("a card's number left out")
            tidy = without
    cell.value = tidy


def _mapped(value: Any, values: dict[str, Any]) -> Any:
    text = str(value).lower()
    return next((to for pattern, to in values.items() if fnmatchcase(text, str(pattern).lower())), None)


def _parser(column: Any, conventions: Conventions) -> Callable[[Any], Any]:
    place = (column.table.name, column.name)
    if place in CHOICES:
        return lambda raw: _choice(raw, CHOICES[place])
    if column.primary_key or column.foreign_keys:
        return _identifier
    if column.name in NAMES:
        return _name
    special: dict[str, Callable[[Any], Any]] = {
        "phone": lambda raw: _phone(str(raw), conventions.region),
        "email": lambda raw: _email(str(raw)),
    }
    by_type: dict[type, Callable[[Any], Any]] = {
        Boolean: _boolean,
        Date: lambda raw: _moment(raw, conventions.date_order).date(),
        DateTime: lambda raw: _moment(raw, conventions.date_order),
        Float: lambda raw: float(_number(raw, fine=True)),
        Integer: _whole,
        Money: _sum,
    }
    return special.get(column.name) or by_type.get(type(column.type), str)


_WHAT = {
    Boolean: "yes or no",
    Date: "a date",
    DateTime: "a time",
    Float: "a number",
    Integer: "a number",
    Money: "a sum",
}


def _done(column: Any) -> str:
    what = {"phone": "written internationally", "email": "written as an address"}
    if column.name in what:
        return what[column.name]
    if column.name in NAMES:
        return "capitals put right"
    if column.primary_key or column.foreign_keys:
        return "written without a number sign"
    return "read as a known code"


def _is_plain(text: str, value: Any) -> bool:
    """Whether a text is how the value is ordinarily written."""
    if isinstance(value, bool):
        return text in ("yes", "no")
    if isinstance(value, dt.date):
        return re.fullmatch(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?", text) is not None
    return re.fullmatch(r"\d+(\.\d+)?", text) is not None


def _choice(raw: Any, choices: tuple[str, ...]) -> str:
    code = re.sub(r"[\s\-]+", "_", str(raw).strip().lower()).strip(".")
    code = SYNONYMS.get(code, code)
    if code not in choices:
        raise Unusable(f"is none of {', '.join(choices)}")
    return code


def _identifier(raw: Any) -> str:
    identifier = re.sub(r"^[#№\s]+", "", str(raw))
    if not identifier or "\n" in identifier:
        raise Unusable("is no identifier")
    return identifier


def _name(raw: Any) -> str:
    name = str(raw)
    return name.title() if len(name) > 1 and (name.isupper() or name.islower()) else name


def _phone(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise Unusable("is no phone number") from None
    if not phonenumbers.is_possible_number(number):
        raise Unusable("has too few or too many digits for a phone number")
    if text.startswith("+") and not phonenumbers.is_valid_number(number):
        return text  # of no known shape: as it was written
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def _email(text: str) -> str:
    address = re.sub(r"^mailto:|[\s<>;,]|\.$", "", text, flags=re.IGNORECASE)
    if not _EMAIL.fullmatch(address):
        raise Unusable("is no e-mail address")
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def _boolean(raw: Any) -> bool:
    word = str(raw).lower()
    if word not in YES | NO:
        raise Unusable("is not yes or no")
    return word in YES


def _whole(raw: Any) -> int:
    number = _number(raw)
    if number != int(number):
        raise Unusable("is not a whole number")
    return int(number)


def _sum(raw: Any) -> int | Decimal:
    number = _number(raw)
    if number != round(number, 2):
        number = round(number, 2) if isinstance(raw, float) else number
    if number != round(number, 2):
        raise Unusable("is no sum with at most two decimals")
    return int(number) if number == int(number) else number


def _number(raw: Any, fine: bool = False) -> Decimal:
    """A number with any marks of currency and thousands; ``fine`` allows three decimals and more."""
    if isinstance(raw, bool):
        raise Unusable("is not a number")
    text = _CURRENCY.sub("", str(raw))
    if "," in text and "." in text:
        thousands = "," if text.rindex(".") > text.rindex(",") else "."
        text = text.replace(thousands, "")
    if not fine and isinstance(raw, str) and re.fullmatch(r"-?[1-9]\d{0,2}[.,]\d{3}", text):
        raise Unusable("may be thousands or decimals: write it without a separator")
    if text.count(",") > 1 or text.count(".") > 1:
        text = re.sub(r"[.,]", "", text)
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise Unusable("is not a number") from None
    if not number.is_finite():
        raise Unusable("is not a number")
    return number


def _moment(raw: Any, order: str) -> dt.datetime:
    text = str(raw)
    moment = _iso(text) or _numeric(text, order) or _worded(text, order)
    if moment is None:
        raise Unusable("is no date, such as 2026-11-24")
    if moment.year not in YEARS:
        raise Unusable("is a date of another age")
    return moment.astimezone().replace(tzinfo=None) if moment.tzinfo else moment


def _iso(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(re.sub(r"Z$", "+00:00", text))
    except ValueError:
        return None


def _numeric(text: str, order: str) -> dt.datetime | None:
    """A date in digits; one that the order forbids is no date, rather than another one."""
    match = _NUMERIC_DATE.fullmatch(text)
    if not match:
        return None
    one, two, three = (int(part) for part in match.groups()[:3])
    year_first = len(match[1]) == 4
    parts = dict(zip("YMD" if year_first else order, (one, two, three)))
    year = parts["Y"] + (2000 if parts["Y"] < 70 else 1900) if parts["Y"] < 100 else parts["Y"]
    try:
        hour, minute, second = (int(part or 0) for part in match.groups()[3:])
        return dt.datetime(year, parts["M"], parts["D"], hour, minute, second)
    except ValueError:
        raise Unusable("is a date that does not exist") from None


def _worded(text: str, order: str) -> dt.datetime | None:
    settings = {"DATE_ORDER": order, "REQUIRE_PARTS": ["day", "month", "year"], "PARSERS": ["absolute-time"]}
    if not re.search(r"[^\W\d_]", text):
        return None  # digits of an unknown shape
    found: dt.datetime | None = dateparser.parse(text, languages=["ru", "en"], settings=settings)
    return found
