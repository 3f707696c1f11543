"""How the shop writes the numbers of its orders: one setting for whoever has to recognise one. Knows no Rasa.

``order_number`` of the entity extractor in ``config.yml`` is a number with zeros for its digits: ``NL-000000``
(the default), ``#W0000000``. It takes effect at the next start, without training.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import yaml

from nlu.errors import LichnoError
from nlu.keyboard import on_the_other_layout
from nlu.translit import SPELLINGS

CONFIG = Path("config.yml")
COMPONENT = "nlu.entity_extractor.EntityExtractor"
DEFAULT = "NL-000000"
_FORMAT = re.compile(r"[^\d\s]*0{4,12}")
_GAP = r"[-–—:\s№#]*"  # what people write between letters and digits
_ORDER_WORD = r"\b(?:заказ(?:а|у|е|ом|ик)?|order)\b(?:\s+(?:номер|number|no\b|num\b|id\b))?[-–—:.\s№#]*"
_SIGNS = "#№-–—_/.:"
_NO_SUM = r"(?!\s*(?:[-–—]\s*\d|₽|[$€]|р\.|руб|дол|евро|rub|usd|dol|eur))"


class OrderNumberFormat(LichnoError):
    """The setting is no format of a number."""


@dataclass(frozen=True)
class OrderNumbers:
    """The numbers of one format.

    Args:
        format: letters and signs, or none, and then a zero for each digit.

    Raises:
        OrderNumberFormat: it is not that.
    """

    format: str = DEFAULT

    def __post_init__(self) -> None:
        if not _FORMAT.fullmatch(self.format):
            raise OrderNumberFormat(
                f"{CONFIG}, order_number: {self.format!r} is no format of order numbers: write letters and signs and"
                f" then four to twelve zeros, one for each digit, such as {DEFAULT}."
            )

    @property
    def prefix(self) -> str:
        """What stands before the digits."""
        return self.format.rstrip("0")

    def number(self, digits: str) -> str:
        """The number as the shop writes it."""
        return self.prefix + re.sub(r"\D", "", digits)

    def digits(self, number: str) -> str:
        """A number's digits, whether it stands with the signs before its letters or without; another text as it is."""
        return unsigned(number).removeprefix(unsigned(self.prefix))

    def named(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Start, end and number of each that stands in a text with its letters, spelled in either alphabet."""
        for match in self._named.finditer(text) if self._letters else ():
            yield match.start(), match.end(), self.number(match[1])

    def found(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Those named, and those without letters that stand after a word for an order."""
        yield from self.named(text)
        for match in self._by_word.finditer(text):
            yield *match.span(1), self.number(match[1])

    def answered(self, text: str) -> str | None:
        """The number in an answer to the question which order it is, where bare digits are one."""
        match = self._bare.search(text)
        return self.number(match[1]) if match else None

    @cached_property
    def mentioned(self) -> re.Pattern[str]:
        """Whatever may mean one of the numbers: with its letters, however many digits follow, or bare digits."""
        length = self._length
        named = rf"(?<!\w){self._letters}-?\d+|" if self._letters else ""
        return re.compile(rf"{named}\b\d{{{min(5, length)},{length}}}\b", re.IGNORECASE)

    @property
    def _length(self) -> int:
        return len(self.format) - len(self.prefix)

    @property
    def _letters(self) -> str:
        return re.sub(r"[\W_]", "", self.prefix)

    @property
    def _signs(self) -> str:
        """What stands before the letters, which people may leave out."""
        return self.prefix[: len(self.prefix) - len(self.prefix.lstrip(_SIGNS))]

    @property
    def _digits(self) -> str:
        """A group of as many digits, with or without spaces between thousands."""
        first = self._length % 3
        groups = [f"\\d{{{first}}}"] if first else []
        return "(" + " ?".join([*groups, *[r"\d{3}"] * (self._length // 3)]) + ")"

    @cached_property
    def _spelled(self) -> str:
        """The letters in either alphabet, mixed, or typed in the wrong keyboard layout."""
        ways = "".join(f"[{letter}{''.join(_sounds_as(letter))}]" for letter in self._letters)
        return f"(?:{ways}|{re.escape(on_the_other_layout(self._letters))})"

    @cached_property
    def _named(self) -> re.Pattern[str]:
        signs = "".join(f"{re.escape(sign)}?" for sign in self._signs)
        return re.compile(rf"{signs}(?<!\w){self._spelled}{_GAP}{self._digits}(?!\d|[.,]\d)", re.IGNORECASE)

    @cached_property
    def _by_word(self) -> re.Pattern[str]:
        # Without the letters only after the word for an order: postcodes have as many digits.
        return re.compile(rf"{_ORDER_WORD}\b{self._digits}(?!\d|[.,]\d){_NO_SUM}", re.IGNORECASE)

    @cached_property
    def _bare(self) -> re.Pattern[str]:
        letters = rf"(?:{self._spelled}\W*)?" if self._letters else ""
        return re.compile(rf"(?<!\d){letters}{self._digits}(?!\d)", re.IGNORECASE)


def unsigned(number: str) -> str:
    """A number in capitals without the signs before it, which imported ids lack: ``#w1234567`` → ``W1234567``."""
    return number.upper().lstrip(_SIGNS)


def _sounds_as(letter: str) -> list[str]:
    """The Russian letters that are spelled with a Latin one."""
    return [russian for russian, ways in SPELLINGS.items() if letter.lower() in ways]


@lru_cache(maxsize=1)
def shop_numbers() -> OrderNumbers:
    """The format of the project in the current folder, the default where ``config.yml`` names none."""
    content = yaml.safe_load(CONFIG.read_text(encoding="utf-8")) if CONFIG.is_file() else None
    components = (content or {}).get("pipeline") or []
    formats = [part.get("order_number", DEFAULT) for part in components if part.get("name") == COMPONENT]
    return OrderNumbers(str(formats[0])) if formats else OrderNumbers()
