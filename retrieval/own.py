"""Whether a question is about the customer's own things, by its words alone."""

from __future__ import annotations

import re

_FIRST_PERSON = re.compile(
    r"\b(?:мо[йяеёи]|моего|моей|моих|моему|моими?|мо[её]м|мою|мне|меня|мной|я|лично"
    r"|my|mine|i|i['’](?:m|ve|d|ll)|me|myself)\b",
    re.IGNORECASE,
)
# What a Russian customer did; the pronoun is mostly left out.
_DID = re.compile(
    r"\b(?:брала?|взяла?|купила?|покупала?|заказ(?:ал|ывал)а?|оформ(?:ил|лял)а?|сда(?:л|вал)а?|вернула?"
    r"|получ(?:ил|ал)а?|забрала?|открыла?|вскрыла?|распечатала?|писала?|спрашивала?|просила?|от(?:кладывал|ложил)а?"
    r"|смотрела?|видела?|(?:по|от|в)?ложила?|клала?|(?:за|от)?ки(?:нул|дывал|дал)а?|убрала?|удалила?|добав(?:ил|лял)а?"
    r"|сохран(?:ил|ял)а?|остав(?:ил|лял)а?|забыла?|выбр(?:ал|ирал)а?|(?:о|за|рас)?плати(?:л|ла)|опла(?:тил|чивал)а?"
    r"|сообщ(?:ил|ал)а?|(?:по)?жалова(?:лся|лась)|обра(?:щал|тил)(?:ся|ась)|интересова(?:лся|лась)|задавала?"
    r"|передумала?|не успеваю|хочу)\b",
    re.IGNORECASE,
)
# What a customer tells of what has happened, in English; "I want to return what I bought" tells of a wish.
_HAPPENED = re.compile(
    r"\bi(?:['’]ve|\s+have)?\s+(?:\w+\s+)?(?:\w+ed|sent|got|gave|wore|took|brought|bought|put|made|told|paid)\b"
    r"|\b(?:got|was|were|has been|have been)\s+\w+ed\b|^\W*(?:opened|ordered|bought|returned|sent)\b",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"\b(?:хочу|хотела?\s+бы|надо|нужно|прошу|можно|давайте|пожалуйста"
    r"|want|would like|i['’]d like|need|please|let me)\b",
    re.IGNORECASE,
)
_MODEL = re.compile(r"\b[A-Z][a-z]+\s+(?:[A-Z]|\d)")


def speaks_of_self(question: str) -> bool:
    """Whether the customer speaks of themselves, or of what they did."""
    return bool(_FIRST_PERSON.search(question) or _DID.search(question))


def tells_what_happened(text: str) -> bool:
    """Whether a part of a message tells what the customer did or what became of something, and wishes nothing."""
    return not _WISH.search(text) and bool(_DID.search(text) or _HAPPENED.search(text))


def names_model(question: str) -> bool:
    """Whether a product is named in full, as one asks of a model rather than of one's own piece."""
    return bool(_MODEL.search(question))
