"""Words for the database's codes, and dates as people write them, in both languages."""

from __future__ import annotations

import calendar
import datetime as dt
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_currency

from bot.customers.models import ROUBLES, Order

LEVELS = {
    "ru": {"start": "Старт", "silver": "Серебро", "gold": "Золото"},
    "en": {"start": "Start", "silver": "Silver", "gold": "Gold"},
}
STATUSES = {
    "ru": {
        "placed": "принят и ждёт сборки",
        "packed": "собран и готовится к отправке",
        "in_transit": "в пути",
        "ready_for_pickup": "готов к выдаче",
        "delivered": "получен",
        "cancelled": "отменён",
        "returned": "возвращён",
    },
    "en": {
        "placed": "is accepted and waiting to be packed",
        "packed": "is packed and about to be sent",
        "in_transit": "is on its way",
        "ready_for_pickup": "is ready for collection",
        "delivered": "was received",
        "cancelled": "was cancelled",
        "returned": "was returned",
    },
}
STATES = {  # by themselves, as on a page
    "ru": {
        "placed": "Принят",
        "packed": "Собран",
        "in_transit": "В пути",
        "ready_for_pickup": "Готов к выдаче",
        "delivered": "Получен",
        "cancelled": "Отменён",
        "returned": "Возвращён",
    },
    "en": {
        "placed": "Accepted",
        "packed": "Packed",
        "in_transit": "On its way",
        "ready_for_pickup": "Ready to collect",
        "delivered": "Received",
        "cancelled": "Cancelled",
        "returned": "Returned",
    },
}
DELIVERY_METHODS = {
    "ru": {
        "courier": "курьером",
        "express": "экспресс-доставкой",
        "pickup_point": "в пункт выдачи",
        "parcel_locker": "в постамат",
        "large_goods": "доставкой крупногабарита",
        "delivery": "с доставкой по адресу",
    },
    "en": {
        "courier": "by courier",
        "express": "by express delivery",
        "pickup_point": "to a pick-up point",
        "parcel_locker": "to a parcel locker",
        "large_goods": "by large-goods delivery",
        "delivery": "with delivery to your address",
    },
}
VISITS = {
    "ru": {
        "viewed": "В истории просмотров",
        "added_to_cart": "В корзине",
        "removed_from_cart": "Из корзины убрано",
        "added_to_wishlist": "В избранном",
    },
    "en": {
        "viewed": "Recently viewed",
        "added_to_cart": "In the basket",
        "removed_from_cart": "Taken out of the basket",
        "added_to_wishlist": "Saved for later",
    },
}
PAYMENTS = {
    "ru": {
        "card": "картой",
        "sbp": "через СБП",
        "cash": "наличными",
        "gift_card": "подарочной картой",
        "instalments": "в рассрочку",
        "invoice": "по счёту",
    },
    "en": {
        "card": "by card",
        "sbp": "by SBP",
        "cash": "in cash",
        "gift_card": "with a gift card",
        "instalments": "in instalments",
        "invoice": "by invoice",
    },
}
REFUNDED_TO = {
    "ru": {
        "card": "на ту же карту",
        "sbp": "на тот же счёт",
        "cash": "на банковский счёт по реквизитам",
        "gift_card": "на баланс подарочной карты",
        "instalments": "в банк, на договор рассрочки",
        "invoice": "на расчётный счёт",
    },
    "en": {
        "card": "to the same card",
        "sbp": "to the same bank account",
        "cash": "to a bank account given for it",
        "gift_card": "to the gift card's balance",
        "instalments": "to the bank, against the instalment agreement",
        "invoice": "to the company's account",
    },
}


_LOCALES = {"ru": "ru_RU", "en": "en_US"}
UNDATED = {"ru": "неизвестного числа", "en": "an unknown date"}


def money(amount: int | Decimal, language: str, currency: str | None = ROUBLES) -> str:
    """``17 990 ₽`` or ``17,990 ₽``; other currencies as the language writes them, ``$47.84``."""
    if currency in (None, ROUBLES):
        return f"{amount:,}".replace(",", " " if language == "ru" else ",") + " ₽"
    return str(format_currency(amount, currency, locale=_LOCALES[language]))


def day(date: dt.date | None, language: str, today: dt.date) -> str:
    """``26 ноября`` or ``26 November``; with the year when it is another than today's."""
    if date is None:
        return UNDATED[language]
    pattern = "d MMMM" if date.year == today.year else ("d MMMM y 'г'." if language == "ru" else "d MMMM y")
    return _formatted(date, pattern, language)


@lru_cache(maxsize=4096)
def _formatted(date: dt.date, pattern: str, language: str) -> str:
    return str(format_date(date, pattern, locale=language))


def items(order: Order, language: str) -> str:
    """What was ordered, in a few words."""
    return ", ".join(
        item.product.name(language) + (f" × {item.quantity}" if item.quantity > 1 else "") for item in order.items
    )


def add_months(date: dt.date, months: int) -> dt.date:
    """The same day some months later, or that month's last day."""
    month = date.month - 1 + months
    year, month = date.year + month // 12, month % 12 + 1
    return dt.date(year, month, min(date.day, calendar.monthrange(year, month)[1]))


def counted(number: int, one: str, few: str, many: str) -> str:
    """A Russian number with its noun: ``1 балл``, ``3 балла``, ``12 баллов``."""
    if number % 10 == 1 and number % 100 != 11:
        return f"{number} {one}"
    return f"{number} {few if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14) else many}"


def stopped(sentence: str) -> str:
    """The sentence with one stop at its end, where a year's ``г.`` brought a second one."""
    return f"{sentence.rstrip('.')}."
