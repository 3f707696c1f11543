"""What the assistant tells the person who takes over, worded in the language of whoever reads it.

It is kept in lines: ``wrote: …``, ``unfinished: cancel_order``, ``known ru: NL-1``, ``known en: NL-1``,
``orders: NL-1 (in_transit)``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.customers.wording import STATES

WROTE, UNFINISHED, KNOWN, ORDERS = "wrote", "unfinished", "known", "orders"
TITLES = {
    "ru": {WROTE: "Клиент написал", UNFINISHED: "Не закончено", ORDERS: "Открытые заказы"},
    "en": {WROTE: "The customer wrote", UNFINISHED: "Unfinished", ORDERS: "Open orders"},
}
NOTHING = {"ru": "Клиент просит сотрудника и пока ничего не написал.", "en": "A person is wanted; nothing was written."}
TRANSACTIONS = {
    "ru": {
        "call_back": "обратный звонок",
        "cancel_order": "отмена заказа",
        "change_address": "другой адрес доставки",
        "change_contact": "другие контакты",
        "change_preferences": "настройки общения",
        "complain": "жалоба",
        "invoice_copy": "копия чека или счёта",
        "refund_status": "вопрос о возврате денег",
        "return_item": "возврат или обмен",
        "warranty_claim": "ремонт по гарантии",
    },
    "en": {
        "call_back": "a call back",
        "cancel_order": "cancelling an order",
        "change_address": "another delivery address",
        "change_contact": "other contact details",
        "change_preferences": "how they want to be addressed",
        "complain": "a complaint",
        "invoice_copy": "a copy of a receipt or invoice",
        "refund_status": "a question about a refund",
        "return_item": "a return or an exchange",
        "warranty_claim": "a repair under warranty",
    },
}


def summary_of(
    wrote: Sequence[str], unfinished: str, known: Mapping[str, str], orders: Sequence[tuple[str, str]]
) -> str:
    """The summary as it is kept.

    Args:
        wrote: what the customer wrote last.
        unfinished: name of the transaction that was underway; empty where none was.
        known: what is known of it, in words of each language.
        orders: numbers and states of the open orders.
    """
    lines = {
        WROTE: " / ".join(_one_line(text) for text in wrote),
        UNFINISHED: unfinished,
        **{f"{KNOWN} {language}": _one_line(words) for language, words in known.items()},
        ORDERS: ", ".join(f"{number} ({state})" for number, state in orders),
    }
    return "\n".join(f"{key}: {text}" for key, text in lines.items() if text)


def worded(summary: str, language: str) -> str:
    """The summary in a language, as lines ``title: text``."""
    lines = dict(line.split(": ", 1) for line in summary.split("\n")) if summary else {}
    if name := lines.get(UNFINISHED):
        known = lines.get(f"{KNOWN} {language}")
        lines[UNFINISHED] = TRANSACTIONS[language].get(name, name) + (f" ({known})" if known else "")
    if orders := lines.get(ORDERS):
        states = STATES[language]
        lines[ORDERS] = re.sub(r"\((\w+)\)", lambda state: f"({states.get(state[1], state[1]).lower()})", orders)
    told = [f"{title}: {lines[key]}" for key, title in TITLES[language].items() if key in lines]
    return "\n".join(told) or NOTHING[language]


def _one_line(text: str) -> str:
    return " ".join(text.split())
