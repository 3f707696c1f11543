"""What a message surely asks for by its words, whatever it was taken for.

Intents are coarse: "ship it somewhere else" is near to asking where it is, and who gives their name and a new
number is near to wanting a person. A verb of changing with what it changes tells them apart.
"""

from __future__ import annotations

import re

from bot.actions.change_address import ActionChangeAddress
from bot.actions.change_contact import ActionChangeContact
from bot.actions.form import TransactionAction
from bot.identity.contacts import email_in, phone_in

_SENDS = (
    r"(?:пере)?(?:отправ|направ|адресу)\w*|(?:при|от|пере)?вез\w+|(?:до|пере)став\w+|пришл\w+"
    r"|ship|send|deliver\w*|bring|redirect|reroute|forward|divert"
)
_ELSEWHERE = (
    r"(?:в|на|по)\s+друг(?:ой|ое|ому|ую)\s+(?:адрес\w*|мест\w+|город|улиц\w+|дом|пункт\w*|постамат)|не\s+(?:туда|сюда|домой)"
    r"|(?:some|any)where\s+else|elsewhere|to\s+(?:an?other|a\s+(?:different|new))\s+(?:address|place|location|city|street|town)"
)
_REDIRECTS = re.compile(rf"\b(?:{_SENDS})\b.*\b(?:{_ELSEWHERE})(?!\w)", re.IGNORECASE)
_CHANGES = re.compile(
    r"\b(?:(?:по|с|за)?мен(?:яйте|яй|ять|ите|и)|измени\w*|обнови\w*|исправ\w+|запиши\w*|change|update|replace|switch|correct)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"\b(?:оператор|человек|людьми|людям|сотрудник|менеджер|специалист|консультант|позвон|перезвон|соедин"
    r"|person|human|agent|operator|someone|somebody|manager|staff|representative|call|talk|speak|connect)",
    re.IGNORECASE,
)
_ASKS = re.compile(r"^\W*(?:где|когда|почему|кто|where|when|why|who)\b|\?\W*$", re.IGNORECASE)


def meant_by_words(text: str) -> TransactionAction | None:
    """The action of what a message asks to be done; None where its words do not say so surely."""
    if _ASKS.search(text) or _PERSON.search(text):
        return None
    if _REDIRECTS.search(text):
        return ActionChangeAddress()
    return ActionChangeContact() if _CHANGES.search(text) and (phone_in(text) or email_in(text)) else None
