"""Contacts: read from a message, and shown without telling them."""

from __future__ import annotations

import re

_PHONE = re.compile(r"(?<!\d)(?:\+?7|8)[ \u00a0(.-]*\d(?:[ \u00a0().-]*\d){9}(?!\d)")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?![\w-])")


def phone_in(text: str) -> str | None:
    """The first Russian phone number in the text, as ``+7 000 123-45-67``."""
    match = _PHONE.search(text)
    if match is None:
        return None
    digits = re.sub(r"\D", "", match.group())[1:]
    return f"+7 {digits[:3]} {digits[3:6]}-{digits[6:8]}-{digits[8:]}"


def email_in(text: str) -> str | None:
    """The first e-mail address in the text, in lower case."""
    match = _EMAIL.search(text)
    return match.group().lower() if match else None


def masked(contact: str) -> str:
    """Enough to recognise one's own: ``i•••@mail.example``, ``+7 ••• •••-••-97``."""
    name, at, domain = contact.partition("@")
    if at:
        return f"{name[:1]}•••@{domain}"
    return f"+7 ••• •••-••-{contact[-2:]}"
