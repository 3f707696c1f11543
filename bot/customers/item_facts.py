"""What is known of a product that the customer has: the model, and until when the shop stands by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from bot.customers import terms
from bot.customers.models import Order, OrderItem, Product
from bot.customers.wording import day, money, stopped
from retrieval.profile_memory import Fact, literal


def item_facts(order: Order, item: OrderItem, today: dt.date) -> Iterator[Fact]:
    """The facts of one line of an order that was received and kept."""
    if order.status != "delivered":
        return
    product = item.product
    yield _owned(order, product)
    if order.delivered_at is None or product.warranty_months is None or not terms.hold_for(order):
        return
    yield _warranty(order, product, today)
    yield _repair(order, product, today)
    yield from _faulty(order, product, today)
    yield _plus(order, product, today)
    if terms.is_in_ear(product):
        yield _opened(order, product)


def _fact(order: Order, product: Product, kind: str, ru: str, en: str, going_on: bool = False) -> Fact:
    things = product.name_ru, product.name_en
    return Fact(kind, stopped(ru), en, str(order.order_id), things, order.ordered_at, going_on)


def _named(order: Order, product: Product) -> tuple[str, str]:
    return (
        f"{literal(product.name_ru)} (заказ {order.order_id})",
        f"{literal(product.name_en)} (order {order.order_id})",
    )


def _owned(order: Order, product: Product) -> Fact:
    ru, en = _named(order, product)
    model = literal(str(product.model or product.name_en))
    return _fact(
        order,
        product,
        "owned",
        f"У [клиента|вас|тебя] {ru}, модель {model}.",
        f"[The customer has|You have] the {en}, model {model}.",
    )


def _warranty(order: Order, product: Product, today: dt.date) -> Fact:
    ru, en = _named(order, product)
    until = terms.warranty_end(order, product)
    assert until  # it has been received
    last_ru, last_en = (day(until, language, today) for language in ("ru", "en"))
    over = until < today
    ru += f": гарантия закончилась {last_ru}." if over else f": гарантия действует до {last_ru}."
    en += f": the warranty ended on {last_en}." if over else f": still under warranty, until {last_en}."
    return _fact(order, product, "warranty", ru, en, not over)


def _repair(order: Order, product: Product, today: dt.date) -> Fact:
    ru, en = _named(order, product)
    until = terms.warranty_end(order, product)
    assert until  # it has been received
    last_ru, last_en = (day(until, language, today) for language in ("ru", "en"))
    fee_ru, fee_en = (money(terms.DIAGNOSIS_FEE, language) for language in ("ru", "en"))
    if until < today:
        ru += f": гарантия закончилась {last_ru}, диагностика стоит {fee_ru}, при ремонте эта сумма входит в его цену."
        en += f": the warranty ended on {last_en}, diagnosis costs {fee_en}, which counts towards a repair."
    else:
        ru += f": заводскую неисправность ремонтируем бесплатно, гарантия действует до {last_ru}."
        en += f": a manufacturing fault is repaired free of charge, the warranty runs until {last_en}."
    return _fact(order, product, "repair", ru, en, until >= today)


def _faulty(order: Order, product: Product, today: dt.date) -> Iterator[Fact]:
    until, warranty = terms.faulty_end(order, product), terms.warranty_end(order, product)
    assert until and warranty  # it has been received
    if warranty < today:
        return
    ru, en = _named(order, product)
    last_ru, last_en = (day(until, language, today) for language in ("ru", "en"))
    if until < today:
        ru += f": срок, в который за неисправный товар можно требовать деньги или обмен, прошёл {last_ru};"
        ru += " остаётся бесплатный ремонт по гарантии."
        en += (
            f": the term for claiming money or an exchange for a fault has passed on {last_en}; a free repair remains."
        )
    else:
        ru += (
            f": при заводской неисправности деньги или обмен вместо ремонта можно требовать до {last_ru} включительно."
        )
        en += f": for a manufacturing fault, money or an exchange instead of a repair can be claimed until {last_en}."
    yield _fact(order, product, "faulty", ru, en, until >= today)


def _plus(order: Order, product: Product, today: dt.date) -> Fact:
    ru, en = _named(order, product)
    until = terms.plus_end(order)
    last_ru, last_en = (day(until, language, today) for language in ("ru", "en"))
    if not terms.has_plus(product):
        ru, en = f"{ru}: «Плюс» на этот товар не оформляется.", f"{en}: the Plus warranty is not sold for it."
    elif until < today:
        ru += f": «Плюс» можно было купить до {last_ru}, срок прошёл."
        en += f": the Plus warranty could be bought until {last_en}; the term has passed."
    else:
        one, two = (terms.plus_price(product, years) for years in (1, 2))
        ru += f": «Плюс» можно купить до {last_ru}, год стоит {money(one, 'ru')}, два — {money(two, 'ru')}."
        en += f": the Plus warranty can be bought until {last_en}: {money(one, 'en')} for a year,"
        en += f" {money(two, 'en')} for two."
    return _fact(order, product, "plus", ru, en, terms.has_plus(product) and until >= today)


def _opened(order: Order, product: Product) -> Fact:
    ru, en = _named(order, product)
    return _fact(
        order,
        product,
        "opened",
        f"{ru}: вскрытые внутриканальные наушники вернуть нельзя, если они исправны.",
        f"{en}: once opened, in-ear headphones can't be returned unless they are faulty.",
    )
