"""What is known of the customer as a whole: account, what they told us, requests, and what they looked at."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from bot.customers import terms
from bot.customers.models import BrowsingEvent, Customer, Order, Ticket
from bot.customers.order_facts import things_of
from bot.customers.wording import LEVELS, VISITS, counted, day, money, stopped
from retrieval.profile_memory import Fact, literal

RECENT_VISITS = 5  # of each kind
RECENT_TICKETS = 5


def told(customer: Customer, today: dt.date) -> Iterator[Fact]:
    """What the customer said of themselves, in their words, on the day they said it."""
    for remembered in customer.remembered:
        ru, en = (day(remembered.told_at.date(), language, today) for language in ("ru", "en"))
        text = literal(str(remembered.text))
        yield Fact(
            "told",
            f"[Клиент говорил|Вы говорили|Ты говорил] {ru}: «{text}»."
            if customer.gender == "m"
            else f"[Клиентка говорила|Вы говорили|Ты говорила] {ru}: «{text}».",
            f"[The customer said|You said] on {en}: “{text}”.",
            since=remembered.told_at.date(),
        )


def account(customer: Customer, today: dt.date) -> Iterator[Fact]:
    """City, since when they are a customer, what they bought, level, points and what the level gives."""
    city = literal(str(customer.city))
    yield Fact(
        "city", f"Город [клиента|в вашем профиле|в твоём профиле]: {city}.", f"[The customer's|Your] city: {city}."
    )
    if customer.registered:
        ru, en = (day(customer.registered, language, today) for language in ("ru", "en"))
        yield Fact(
            "member",
            stopped(f"[Клиент с нами|Вы с нами|Ты с нами] с {ru}"),
            f"[The customer has|You have] been with us since {en}.",
        )
    if customer.orders:
        yield _bought(customer)
    if customer.loyalty_level:
        yield from _level(customer)


def _bought(customer: Customer) -> Fact:
    """How many orders there were, and what those cost that were kept, by currency."""
    kept = [order for order in customer.orders if order.status not in ("cancelled", "returned")]
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for order in kept:
        sums[str(order.currency)] += order.total
    spent_ru, spent_en = (
        ", ".join(money(amount, language, currency) for currency, amount in sums.items()) for language in ("ru", "en")
    )
    count = len(customer.orders)
    gone_ru = f", без отменённых и возвращённых — {len(kept)}" if len(kept) < count else ""
    gone_en = f", {len(kept)} of them neither cancelled nor returned" if len(kept) < count else ""
    return Fact(
        "bought",
        f"Всего [у клиента|у вас|у тебя] {counted(count, 'заказ', 'заказа', 'заказов')}{gone_ru}"
        + (f", на {spent_ru}." if kept else "."),
        f"[The customer has|You have] placed {count} order{'' if count == 1 else 's'}{gone_en}"
        + (f", for {spent_en} in all." if kept else "."),
    )


def _level(customer: Customer) -> Iterator[Fact]:
    level, points = str(customer.loyalty_level), int(customer.points or 0)
    level_ru, level_en = LEVELS["ru"][level], LEVELS["en"][level]
    yield Fact(
        "level",
        f"[Уровень клиента|Ваш уровень|Твой уровень] в «Полярисе» — {level_ru}.",
        f"[The customer's|Your] Polaris level is {level_en}.",
    )
    has_ru = f"{counted(points, 'балл', 'балла', 'баллов')}" if points else "баллов пока нет"
    yield Fact(
        "points",
        f"На [счёте клиента|вашем счёте|твоём счёте] в «Полярисе» {has_ru}.",
        f"[The customer's|Your] Polaris balance is {points} point{'' if points == 1 else 's'}.",
    )
    rate, share, days = terms.POINTS_PERCENT[level], terms.PAYABLE_PERCENT[level], terms.RETURN_DAYS[level]
    yield Fact(
        "points_rate",
        f"На [уровне клиента|вашем уровне|твоём уровне] ({level_ru}) баллами возвращается {rate} % от покупок.",
        f"At [the customer's|your] level ({level_en}), {rate} % of purchases comes back as points.",
        percent=rate,
    )
    yield Fact(
        "points_share",
        f"На [уровне клиента|вашем уровне|твоём уровне] ({level_ru}) баллами можно оплатить до {share} % заказа,"
        f" на счёте {has_ru}.",
        f"At [the customer's|your] level ({level_en}), points can pay for up to {share} % of an order;"
        f" the balance is {points}.",
        percent=share,
        most=points,
    )
    yield Fact(
        "return_days",
        f"На [уровне клиента|вашем уровне|твоём уровне] ({level_ru}) на возврат даётся"
        f" {counted(days, 'день', 'дня', 'дней')} с получения заказа.",
        f"At [the customer's|your] level ({level_en}), returns are taken for {days} days after receipt.",
    )


def delivery_terms(customer: Customer) -> Iterator[Fact]:
    """What delivery to the customer's city costs, where they are a customer of the shop that the terms are of."""
    if not customer.loyalty_level:
        return
    city, way = literal(str(customer.city)), terms.courier(str(customer.city))
    low, high = way.days
    yield Fact(
        "courier",
        f"В [город клиента|ваш город|твой город] ({city}) курьер привозит заказ за {low}–{high}"
        f" {'дня' if high < 5 else 'дней'}; доставка стоит {money(way.fee, 'ru')},"
        f" а от {money(way.free_from, 'ru')} она бесплатна.",
        f"To [the customer's|your] city ({city}) a courier takes {low}–{high} days; delivery costs"
        f" {money(way.fee, 'en')} and is free from {money(way.free_from, 'en')}.",
    )
    fee = terms.express_fee(customer)
    if fee is None:
        ru = f"В [городе клиента|вашем городе|твоём городе] ({city}) экспресс-доставка не работает,"
        ru += " она есть только в Москве."
        en = f"Express delivery is not available in [the customer's|your] city ({city}), only in Moscow."
    elif fee == 0:
        ru = "Экспресс-доставка по Москве для [клиента|вас|тебя] бесплатна: это привилегия уровня Золото."
        en = "Express delivery in Moscow is free for [the customer|you]: a Gold privilege."
    else:
        ru = f"Экспресс-доставка по Москве стоит для [клиента|вас|тебя] {money(fee, 'ru')}."
        en = f"Express delivery in Moscow costs [the customer|you] {money(fee, 'en')}."
    yield Fact("express", ru, en)


def tickets(customer: Customer, today: dt.date) -> Iterator[Fact]:
    """The latest requests with their answers."""
    orders = {order.order_id: order for order in customer.orders}
    yield from (_ticket(ticket, orders.get(ticket.order_id), today) for ticket in customer.tickets[:RECENT_TICKETS])


def _ticket(ticket: Ticket, order: Order | None, today: dt.date) -> Fact:
    subject = literal(str(ticket.subject))
    ru, en = (day(ticket.opened_at.date(), language, today) for language in ("ru", "en"))
    text_ru, text_en = (
        f"Обращение {ticket.ticket_id} от {ru}: «{subject}»",
        f"Request {ticket.ticket_id} of {en}: “{subject}”",
    )
    if ticket.closed_at is None:
        state_ru, state_en = "в работе, ответа пока нет", "in progress, no answer yet"
    else:
        closed_ru, closed_en = (day(ticket.closed_at.date(), language, today) for language in ("ru", "en"))
        state_ru, state_en = f"закрыто {closed_ru}", f"closed on {closed_en}"
    answer = f". {literal(str(ticket.resolution)).rstrip('.')}" if ticket.resolution else ""
    return Fact(
        "ticket",
        f"{text_ru} — {state_ru}{answer}.",
        f"{text_en} is {state_en}{answer}.",
        about=str(ticket.ticket_id),
        things=things_of(order) if order else (),
        since=ticket.opened_at.date(),
        open=ticket.closed_at is None,
    )


def visits(customer: Customer, today: dt.date) -> Iterator[Fact]:
    """Basket, wish list, what was taken out again, and what was looked at by category, each newest first."""
    found: dict[tuple[str, str], list[BrowsingEvent]] = defaultdict(list)
    removed: set[str] = set()
    for visit in customer.visits:
        if visit.event == "removed_from_cart":
            removed.add(visit.product_id)
        if visit.event == "added_to_cart" and visit.product_id in removed:
            continue  # taken out again
        found[visit.event, visit.product.category if visit.event == "viewed" else ""].append(visit)
    yield from (_visited(event, these, today) for (event, _), these in found.items())


def _visited(event: str, seen: list[BrowsingEvent], today: dt.date) -> Fact:
    newest = list({visit.product_id: visit for visit in reversed(seen)}.values())[::-1][:RECENT_VISITS]
    ru, en = (
        ", ".join(
            f"{literal(visit.product.name(language))} ({day(visit.happened_at.date(), language, today)})"
            for visit in newest
        )
        for language in ("ru", "en")
    )
    things = tuple(name for visit in newest for name in (visit.product.name_ru, visit.product.name_en))
    return Fact(
        event,
        f"{VISITS['ru'][event]}: {ru}.",
        f"{VISITS['en'][event]}: {en}.",
        things=things,
        since=newest[0].happened_at.date(),
    )
