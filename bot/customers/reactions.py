"""What a customer's reasons for a thumb down change about later replies: their length, and the form of address."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from bot.answer import FULL, SHORT
from bot.customers.models import Customer, Preference
from bot.customers.person import LENGTH
from bot.generation.prompt import FORMAL, INFORMAL

_TOO_LONG = re.compile(
    r"(?:слишком|очень|чересчур)\s+(?:длин|мног|подроб)|длинно|многослов|много\s+(?:слов|воды|букв)|\bвод[аы]\b|покороче|короче"
    r"|too\s+(?:long|much|wordy|verbose)|wordy|verbose|long-winded|shorter|rambl",
    re.IGNORECASE,
)
_TOO_SHORT = re.compile(
    r"(?:слишком|очень|чересчур)\s+(?:корот|крат|мало)|подробнее|мало\s+(?:подробност|деталей|информац)|не\s+хватает\s+(?:подроб|детал)"
    r"|too\s+(?:short|brief|terse|vague)|more\s+detail|not\s+enough\s+detail|longer",
    re.IGNORECASE,
)
_TOO_FORMAL = re.compile(
    r"(?:слишком|очень|чересчур)\s+(?:официальн|формальн)|официоз|можно\s+на\s+«?ты|(?:лучше|давай\w*)\s+на\s+«?ты|не\s+выкай"
    r"|too\s+(?:formal|stiff|official)|less\s+formal",
    re.IGNORECASE,
)
_TOO_FAMILIAR = re.compile(
    r"(?:не\s+|хватит\s+|зачем\s+)тыка|фамильярн|(?:лучше|давайте|обращайтесь)\s+(?:ко\s+мне\s+)?на\s+«?вы|не\s+на\s+«?ты"
    r"|too\s+(?:familiar|casual|informal|chummy)|more\s+formal",
    re.IGNORECASE,
)


def react(session: Session, customer_id: str, reason: str) -> None:
    """Keep what the reason wishes of later replies; nothing where it is about something else, or says both."""
    if length := _one_of(reason, {SHORT: _TOO_LONG, FULL: _TOO_SHORT}):
        session.merge(Preference(customer_id=customer_id, key=LENGTH, value=length))
    if form := _one_of(reason, {INFORMAL: _TOO_FORMAL, FORMAL: _TOO_FAMILIAR}):
        session.get(Customer, customer_id).address_form = form


def _one_of(reason: str, wishes: dict[str, re.Pattern[str]]) -> str | None:
    found = [wish for wish, words in wishes.items() if words.search(reason)]
    return found[0] if len(found) == 1 else None
