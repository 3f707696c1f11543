"""What customers tell of themselves: what of it may be kept, keeping, correcting, finding and forgetting it.

Only their own words are kept, only with their consent, and never what is secret or about somebody else.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from sqlalchemy.orm import Session, object_session

from bot.customers.importer import IMPORT_CHANNEL
from bot.customers.models import Customer, RememberedFact
from bot.customers.store import record_consent
from nlu.entity_rules import find_entities
from retrieval.lexical import words

PURPOSE = "memory"  # of the consent
CONSENT_TEXT = "1"  # version of utter_ask_memory_consent
LONGEST = 300  # characters of a fact
SECRET, OTHERS = "secret", "others"  # why something is not kept

_OPENING = re.compile(
    r"^\W*(?:(?:пожалуйста|please|так|и|ещё|also|and|ok|ок)\W+)*"
    r"(?:(?:запомни(?:те)?|запиши(?:те)?|учти(?:те)?|име(?:й|йте) в виду|знай(?:те)?|поправ(?:ь|ьте)|исправ(?:ь|ьте)"
    r"|на самом деле|remember|note|keep in mind|bear in mind|for the record|be aware|make a note|you should know"
    r"|actually|correction)\b\W*(?:для себя\W*|обо мне\W*|on your side\W*)?"
    r"(?:(?:что|чтобы ты знал|о том|that|about me|down)\b\W*)?)*",
    re.IGNORECASE,
)
_CORRECTS = re.compile(
    r"\b(?:на самом деле|поправ(?:ь|ьте|ка)|исправ(?:ь|ьте)|теперь|уже не|больше не|а не"
    r"|actually|correction|not any ?more|no longer|instead|now)\b",
    re.IGNORECASE,
)
_SECRETS = re.compile(
    r"\b(?:парол\w*|пин-?код\w*|pin|cvv|cvc|пасс?ворд|password|passcode|код из (?:смс|sms)|паспорт\w*|passport"
    r"|снилс|инн|номер\w* карт\w*|card number)\b",
    re.IGNORECASE,
)
_RELATIVES = (
    r"жен[аыеу]|муж[аеу]?|сын[аеу]?|доч\w+|мам[аыеу]|пап[аыеу]|мать|матери|отец|отца|отцу|брат[аеу]?|сестр[аыеу]|бабушк\w|дедушк\w"
    r"|сосед\w*|друг[аеу]?|подруг\w|коллег\w|реб[её]н\w+|дет(?:и|ей|ям)|родител\w+|начальник\w*"
    r"|wife|husband|son|daughter|mother|mum|mom|father|dad|brother|sister|grandm\w+|grandf\w+|neighbou?r|friend|colleague"
    r"|flatmate|child|children|kids?|parents?|boss|partner|girlfriend|boyfriend"
)
_OTHERS = re.compile(
    rf"\b(?:у|для)\s+(?:мо(?:ей|его|их)\s+)?(?:{_RELATIVES})\b|\bмо(?:й|я|и|его|ей|ему)\s+(?:{_RELATIVES})\b"
    rf"|\b(?:my|our)\s+(?:{_RELATIVES})(?:['’]s)?\b|\b(?:у него|у неё|у нее|у них|he|she|they|his|hers?|their)\b",
    re.IGNORECASE,
)
_ALLOWS = re.compile(
    r"\b(?:разреш\w+|можно|можете|можешь|соглас\w+|allow|you may|i agree|i consent|permission)\b", re.IGNORECASE
)
_EVERYTHING = re.compile(r"\b(?:вс[её]|полностью|everything|all of it|all that|anything)\b", re.IGNORECASE)
_MEMORY_WORDS = frozenset(
    words(
        "забудь забудьте забыть удали удалите сотри стереть убери уберите вычеркни не помни память запись сведения"
        " говорил говорила сказал сказала рассказал рассказывал рассказала запомнил запомнила запоминай запоминать"
        " пожалуйста forget delete remove erase drop memory remember told said tell saying please fact record"
        " thing have has"
    )
)
_POINTING = re.compile(r"\b(?:это|последн\w+|that|this|it|last)\b", re.IGNORECASE)


def told_text(message: str) -> str:
    """What a message tells, without the request to remember it; empty where it tells nothing."""
    text = " ".join(message.split())
    return _OPENING.sub("", text, count=1).strip(" .,;:—-").strip()[:LONGEST]


def refused(text: str) -> str | None:
    """Why a text may not be kept: :data:`SECRET`, :data:`OTHERS`, or None where it may."""
    if _SECRETS.search(text) or find_entities(text, kinds=("card", "email", "phone")):
        return SECRET
    return OTHERS if _OTHERS.search(text) else None


def allows(message: str) -> bool:
    """Whether the customer says that remembering is all right, and nothing to remember."""
    return bool(_ALLOWS.search(message)) and len(words(message)) <= 5


def may_remember(customer: Customer) -> bool | None:
    """Whether they consented; None where they have not been asked."""
    if customer.consent_memory:
        return True
    own = (row for row in customer.consents if row.purpose == PURPOSE and row.channel != IMPORT_CHANNEL)
    return False if any(own) else None


def decide(customer: Customer, given: bool, at: dt.datetime, channel: str) -> None:
    """Keep the answer to the question for consent."""
    session = object_session(customer)
    record_consent(session, customer, PURPOSE, given, at, channel, CONSENT_TEXT)


def remember(
    session: Session, customer: Customer, text: str, language: str, at: dt.datetime, channel: str
) -> RememberedFact | None:
    """Keep a text; the fact that it corrects, now replaced, or None.

    Raises:
        PermissionError: the customer has not consented.
    """
    if not customer.consent_memory:
        raise PermissionError("The customer has not consented to remembering.")
    corrected = _corrected(customer.remembered, text)
    if corrected is not None:
        session.delete(corrected)
    session.add(
        RememberedFact(
            customer_id=customer.customer_id, text=told_text(text), language=language, told_at=at, channel=channel
        )
    )
    return corrected


def _corrected(known: Sequence[RememberedFact], text: str) -> RememberedFact | None:
    """The fact that a text repeats or puts right."""
    told = set(words(told_text(text)))
    for fact in known:
        own = set(words(str(fact.text)))
        if own == told or (_CORRECTS.search(text) and len(own & told) >= max(1, len(own) // 2)):
            return fact
    return None


def meant(known: Sequence[RememberedFact], message: str) -> list[RememberedFact]:
    """Which of what is remembered, newest first, a request to forget means; none where that is open."""
    if not known:
        return []
    if _EVERYTHING.search(message):
        return list(known)
    named = set(words(message)) - _MEMORY_WORDS
    matches = [len(named & set(words(str(fact.text)))) for fact in known]
    if max(matches):
        return [fact for fact, match in zip(known, matches) if match == max(matches)][:1]
    return [known[0]] if len(known) == 1 or (_POINTING.search(message) and not named) else []
