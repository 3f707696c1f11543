"""Ways to make a true sentence false, for fitting and measuring the check of claims.

Each returns altered sentences that the same evidence no longer supports, or none where the sentence
offers no hold. Letters, numbers and names stay plausible: what is broken must not show in the style.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence

Corruption = Callable[[str, str, random.Random], str | None]

_NUMBER = re.compile(r"(?<![\w:.,])\d{1,6}(?![\w:]|[.,]\d)")
_QUOTED = re.compile(r"[«“\"]([^»”\"]{2,40})[»”\"]")
_CAPITALISED = re.compile(r"(?<=[\w,;:] )([A-ZА-ЯЁ][\w-]{2,})")
# Pairs of which one makes the opposite of the other; the first that occurs is exchanged.
OPPOSITES = {
    "ru": (
        ("можно", "нельзя"),
        ("можете", "не можете"),
        ("можешь", "не можешь"),
        ("нужно", "не нужно"),
        ("нужен", "не нужен"),
        ("придётся", "не придётся"),
        ("получится", "не получится"),
        ("входит", "не входит"),
        ("входят", "не входят"),
        ("возвращаем", "не возвращаем"),
        ("вернём", "не вернём"),
        ("возможен", "невозможен"),
        ("возможна", "невозможна"),
        ("бесплатно", "за отдельную плату"),
        ("бесплатна", "платна"),
        ("бесплатный", "платный"),
        ("до", "после"),
        ("раньше", "позже"),
        ("больше", "меньше"),
        ("дороже", "дешевле"),
        ("дешевле", "дороже"),
        ("каждый", "ни один"),
        ("любой", "не любой"),
        ("вместе с", "без"),
        ("да,", "нет,"),
        ("уже", "ещё не"),
        ("сами", "с нашим мастером"),
        ("входит в цену", "оплачивается отдельно"),
    ),
    "en": (
        ("can", "can't"),
        ("can be", "can't be"),
        ("must", "needn't"),
        ("need to", "don't need to"),
        ("is", "isn't"),
        ("are", "aren't"),
        ("will", "won't"),
        ("free", "charged separately"),
        ("before", "after"),
        ("until", "only after"),
        ("included", "not included"),
        ("earlier", "later"),
        ("more", "less"),
        ("within", "only after"),
        ("with", "without"),
        ("yes,", "no,"),
        ("already", "not yet"),
        ("every", "no"),
        ("cheaper", "dearer"),
        ("do", "don't"),
        ("we refund", "we don't refund"),
    ),
}
# Words of one kind, of which one stands for another.
KINDS = {
    "ru": (
        ("минут", "часов", "дней", "недель", "месяцев"),
        ("дня", "месяца", "часа"),
        ("рублей", "процентов"),
        ("₽", "%"),
        ("понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье"),
        ("утром", "вечером", "ночью", "днём"),
        ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября"),
        ("паспорт", "чек", "договор", "полис"),
        ("наличными", "картой", "переводом"),
        ("почтой", "курьером", "по телефону"),
        ("в приложении", "на сайте", "в офисе", "по телефону"),
        ("первый", "второй", "третий"),
        ("взрослых", "детей", "пенсионеров"),
        ("день", "час", "месяц", "год"),
    ),
    "en": (
        ("minutes", "hours", "days", "weeks", "months"),
        ("day", "hour", "month", "year"),
        ("roubles", "per cent"),
        ("₽", "%"),
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        ("morning", "evening", "night", "afternoon"),
        ("January", "February", "March", "April", "June", "July", "August", "September", "October"),
        ("passport", "receipt", "contract", "policy"),
        ("in cash", "by card", "by bank transfer"),
        ("by post", "by courier", "by phone"),
        ("in the app", "on the website", "at the office", "by phone"),
        ("first", "second", "third"),
        ("adults", "children", "pensioners"),
    ),
}
_CONDITION = {
    "ru": re.compile(
        r"(?:,?\s(?:если|когда|кроме|пока|при условии|за исключением)\s[^,.;:]+(?=[.,;])|\b(?:только|лишь)\s)"
    ),
    "en": re.compile(
        r"(?:,?\s(?:if|unless|except|as long as|provided|once|when)\s[^,.;:]+(?=[.,;])|\bonly\s)", re.IGNORECASE
    ),
}


def other_number(sentence: str, evidence: str, choice: random.Random) -> str | None:
    """One number becomes another, often one that the evidence holds for something else."""
    found = [match for match in _NUMBER.finditer(sentence) if int(match.group())]
    if not found:
        return None
    place = choice.choice(found)
    number = int(place.group())
    near = [number + 1, number * 2, number * 10, max(1, number // 2), number + choice.randint(2, 9)]
    others = [int(n) for n in _NUMBER.findall(evidence)]
    if others and choice.random() < 0.5:
        near = others
    near = [n for n in near if n != number]
    return _replaced(sentence, place, str(choice.choice(near))) if near else None


def other_name(sentence: str, evidence: str, choice: random.Random) -> str | None:
    """A name becomes another one of the evidence."""
    for pattern in (_QUOTED, _CAPITALISED):
        found = [*pattern.finditer(sentence)]
        if found:
            place = choice.choice(found)
            own = place.group(1)
            others = sorted(
                name
                for name in {*pattern.findall(evidence)}
                if name.lower()[:4] != own.lower()[:4] and name.isascii() == own.isascii()
            )
            if others:
                other: str = choice.choice(others)
                return sentence[: place.start(1)] + other + sentence[place.end(1) :]
    return None


def opposite(sentence: str, language: str, choice: random.Random) -> str | None:
    """What was affirmed is denied, or the other way round."""
    pairs = [(a, b) for pair in OPPOSITES[language] for a, b in (pair, pair[::-1])]
    # A longer expression first: "can't" is not "can" with something behind it.
    places = [(a, b, m) for a, b in sorted(pairs, key=lambda p: -len(p[0])) if (m := _word(a).search(sentence))]
    covered: list[re.Match[str]] = []
    free = []
    for _, b, match in places:
        if not any(match.start() < other.end() and other.start() < match.end() for other in covered):
            covered.append(match)
            free.append((b, match))
    if not free:
        return None
    word, match = choice.choice(free)
    return _replaced(sentence, match, _as(match.group(), word))


def other_kind(sentence: str, language: str, choice: random.Random) -> str | None:
    """A unit, day, place or document becomes another of its kind."""
    found = [(kind, word, m) for kind in KINDS[language] for word in kind if (m := _word(word).search(sentence))]
    if not found:
        return None
    kind, word, match = choice.choice(found)
    return _replaced(sentence, match, choice.choice([other for other in kind if other != word]))


def no_condition(sentence: str, language: str, choice: random.Random) -> str | None:
    """A condition or exception is left out."""
    found = [*_CONDITION[language].finditer(sentence)]
    if not found:
        return None
    shortened = _replaced(sentence, choice.choice(found), "")
    return " ".join(shortened.split()) if len(shortened.split()) >= 4 else None


def broken(sentence: str, evidence: str, language: str, choice: random.Random) -> Iterator[tuple[str, str]]:
    """Every way that works on the sentence, in random order: (kind, altered sentence)."""
    ways: list[tuple[str, Callable[[], str | None]]] = [
        ("number", lambda: other_number(sentence, evidence, choice)),
        ("name", lambda: other_name(sentence, evidence, choice)),
        ("opposite", lambda: opposite(sentence, language, choice)),
        ("kind", lambda: other_kind(sentence, language, choice)),
        ("condition", lambda: no_condition(sentence, language, choice)),
    ]
    choice.shuffle(ways)
    for kind, way in ways:
        altered = way()
        if altered and altered != sentence:
            yield kind, altered


def _word(text: str) -> re.Pattern[str]:
    end = "" if text[-1] in ",%₽" else r"(?![\w'])"
    return re.compile(rf"(?<![\w']){re.escape(text)}{end}", re.IGNORECASE)


def _as(model: str, word: str) -> str:
    """The word with the model's capital."""
    return word[:1].upper() + word[1:] if model[:1].isupper() else word


def _replaced(sentence: str, match: re.Match[str], text: str) -> str:
    return sentence[: match.start()] + text + sentence[match.end() :]


def sentences_with_claims(sentences: Sequence[str]) -> list[str]:
    """Those long enough to say something that can be false."""
    return [sentence for sentence in sentences if len(sentence.split()) >= 3]
