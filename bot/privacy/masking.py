"""What identifies a person, replaced by what it is: phones, e-mails, INN, SNILS, passports, cards, IBAN, names.

Rules on letters and digits, with checksums where a number has one. Order numbers, prices and dates stay.
Names in Russian texts are found by natasha, which is loaded at the first text that asks for it; English ones
only by value, where they are a customer's that this process has served (:data:`known_names`).
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nlu.order_numbers import shop_numbers

Check = Callable[[str], bool]

GAP = r"[ \u00a0\u202f.\-–]?"  # what may stand between two digits
EDGE, END = r"(?<![\w\-/#№+])", r"(?!\w)"
EXTENSION = r"(?: ?(?:x|ext\.?|доб\.?) ?\d{1,6})?"
ABROAD = r"\d?(?:[ \u00a0.\-–()/]{0,2}\d){7,14}" + EXTENSION + END
_OF_AN_ORDER = re.compile(
    r"(?:заказ\w*|посылк\w*|накладн\w*|отправлени\w*|трек\w*|обращени\w*|артикул\w*"
    r"|order|parcel|tracking|ticket|item|sku)"
    r"[\s:]*(?:номер\w*|number|no\.?|code|id|код\w*)?[\s:]*(?:is|это)?[\s:]*[#№]?\s*$",
    re.IGNORECASE,
)
_OF_A_PASSPORT = re.compile(r"(?:паспорт|passport)[^.\n]{0,25}$", re.IGNORECASE)


def digits(text: str) -> str:
    """The digits of a text."""
    return re.sub(r"\D", "", text)


def is_card(text: str) -> bool:
    """Whether 12 to 19 digits pass Luhn's check."""
    number = digits(text)
    if not 12 <= len(number) <= 19 or number[0] == "0":
        return False
    doubled = (sum(divmod(int(d) * 2, 10)) if i % 2 else int(d) for i, d in enumerate(reversed(number)))
    return sum(doubled) % 10 == 0


def is_inn(text: str) -> bool:
    """Whether 10 or 12 digits are a Russian taxpayer's number by their check digits."""
    number = [int(d) for d in digits(text)]
    weights: dict[int, list[tuple[int, ...]]] = {
        10: [(2, 4, 10, 3, 5, 9, 4, 6, 8)],
        12: [(7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)],
    }
    return (
        len(set(number)) > 1
        and len(number) in weights
        and all(sum(w * n for w, n in zip(row, number)) % 11 % 10 == number[len(row)] for row in weights[len(number)])
    )


def is_snils(text: str) -> bool:
    """Whether 11 digits are a Russian pension insurance number by their check digits."""
    number = digits(text)
    if len(number) != 11 or len(set(number)) == 1:
        return False
    total = sum(int(d) * (9 - i) for i, d in enumerate(number[:9]))
    return total % 101 % 100 == int(number[9:])


def is_iban(text: str) -> bool:
    """Whether an IBAN's check digits are right."""
    iban = re.sub(r"\s", "", text).upper()
    number = "".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])
    return 15 <= len(iban) <= 34 and int(number) % 97 == 1


def _always(text: str) -> bool:
    return True


def _is_phone(text: str) -> bool:
    number = re.split(r"x|e|д", text, maxsplit=1, flags=re.IGNORECASE)[0]
    return 10 <= len(digits(number)) <= 15


@dataclass(frozen=True)
class Kind:
    """One kind of identifier: its shape, its check, and which words before it speak for or against it."""

    name: str
    shape: re.Pattern[str]
    check: Check = _always
    after: re.Pattern[str] | None = None
    never_after: re.Pattern[str] | None = _OF_AN_ORDER

    def replace(self, text: str) -> str:
        """The text with each of this kind replaced by its name."""
        return self.shape.sub(lambda match: f"[{self.name}]" if self._is(match) else match[0], text)

    def _is(self, match: re.Match[str]) -> bool:
        before = match.string[max(0, match.start() - 40) : match.start()]
        return (
            self.check(match[0])
            and (self.after is None or self.after.search(before) is not None)
            and (self.never_after is None or self.never_after.search(before) is None)
        )


def _shape(inner: str) -> re.Pattern[str]:
    return re.compile(EDGE + inner + END, re.IGNORECASE)


CARD = Kind("card", _shape(rf"\d(?:{GAP}\d){{11,18}}"), is_card)
KINDS = (  # the stricter before the looser
    Kind("email", re.compile(r"[\w.+\-']+@[\w\-]+(?:\.[\w\-]+)+"), never_after=None),
    Kind("iban", _shape(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}"), is_iban, never_after=None),
    CARD,
    Kind("snils", _shape(r"\d{3}[ \-]?\d{3}[ \-]?\d{3}[ \-]?\d{2}"), is_snils),
    Kind("inn", _shape(r"\d{12}"), is_inn),
    Kind(
        "passport", _shape(r"(?:[A-Z]{0,2}\d{7,9}|\d{2} ?\d{2}(?: ?(?:№|номер|no\.?))? ?\d{6})"), after=_OF_A_PASSPORT
    ),
    Kind("passport", _shape(r"(?:\d{2} \d{2} |\d{4} ?(?:№|номер) ?|\d{4} )\d{6}")),
    Kind("passport", _shape(r"[A-Z]\d{8}")),
    Kind("ssn", _shape(r"(?!000|666)\d{3}[\- ]\d{2}[\- ]\d{4}")),
    Kind("phone", re.compile(r"(?<![\w+])\+" + ABROAD), _is_phone, never_after=None),
    Kind(
        "phone",
        _shape(
            r"(?:[178][ \u00a0.\-–]?)?\(?\d{3,5}\)?[ \u00a0.\-–]?\d{1,3}[ \u00a0.\-–]?\d{2}[ \u00a0.\-–]?\d{2}"
            + EXTENSION
        ),
        _is_phone,
    ),
    Kind("phone", re.compile(r"(?<![\w+(])00[1-9]" + ABROAD), _is_phone),
)


def mask(text: str, names: bool = False) -> str:
    """The text with what identifies a person replaced by ``[phone]``, ``[email]`` and so on.

    Args:
        text: any text.
        names: whether people's names are looked for too: those of customers that this process served lately, and
            in Russian texts any, at a few milliseconds a text.
    """
    text = _around_orders(text)
    if not names:
        return text
    text = known_names.mask(text)
    return _without_names(text) if re.search("[А-Яа-яЁё]", text) else text


def _around_orders(text: str) -> str:
    """The text masked but for the shop's order numbers, which some formats make look like a passport's."""
    masked, done = "", 0
    for start, end, _ in shop_numbers().named(text):
        masked += _by_rules(text[done:start]) + text[start:end]
        done = end
    return masked + _by_rules(text[done:])


def _by_rules(text: str) -> str:
    for kind in KINDS:
        text = kind.replace(text)
    return text


def mask_others(text: str, own: Iterable[str]) -> str:
    """The text masked, but for these phones and e-mails, however they are written there."""
    shapes = "|".join(_as_written(contact) for contact in own)
    if not shapes:
        return mask(text)
    parts = re.split(f"({shapes})", text, flags=re.IGNORECASE)
    return "".join(part if number % 2 else mask(part) for number, part in enumerate(parts))


def _as_written(contact: str) -> str:
    """A pattern of the ways to write a contact: a Russian number begins with +7 or 8, and has any gaps."""
    if "@" in contact:
        return rf"(?<![\w.+\-]){re.escape(contact)}(?![\w\-])"
    number = digits(contact)
    begins = r"(?:\+?7|8)" if len(number) == 11 and number[0] in "78" else r"\+?" + number[0]
    return r"(?<!\d)" + begins + "".join(r"[ .()\-–]*" + digit for digit in number[1:]) + r"(?!\d)"


def without_cards(text: str) -> str:
    """The text with numbers of cards replaced by ``[card]``."""
    return CARD.replace(text)


class KnownNames:
    """Names of the customers served lately, kept in memory only, to be masked wherever they stand in a log."""

    def __init__(self, most: int = 10_000) -> None:
        self._names: OrderedDict[str, None] = OrderedDict()
        self._most = most
        self._lock = threading.Lock()

    def know(self, *names: str | None) -> None:
        """Mask these from now on, each of their words of two letters or more."""
        with self._lock:
            for word in (word for name in names if name for word in _NAME.findall(name) if len(word) > 1):
                self._names[word] = None
                self._names.move_to_end(word)
            while len(self._names) > self._most:
                self._names.popitem(last=False)

    def forget(self) -> None:
        """Drop all."""
        with self._lock:
            self._names.clear()

    def mask(self, text: str) -> str:
        """The text with known names, written with their capitals, replaced by ``[name]``."""
        return _NAME.sub(lambda match: "[name]" if match[0] in self._names else match[0], text)


_NAME = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
known_names = KnownNames()


def _without_names(text: str) -> str:
    tag = _tagger()
    for span in sorted(tag(text), key=lambda span: -span.start):
        text = text[: span.start] + "[name]" + text[span.stop :]
    return text


@lru_cache(maxsize=1)
def _tagger() -> Callable[[str], list[Any]]:
    from natasha import NewsEmbedding, NewsNERTagger

    tagger = NewsNERTagger(NewsEmbedding())
    return lambda text: [span for span in tagger(text).spans if span.type == "PER"]
