"""What is known of an order: its state, its sums, and what the shop's terms make of its dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from bot.customers import terms
from bot.customers.models import Customer, Order
from bot.customers.wording import DELIVERY_METHODS, PAYMENTS, REFUNDED_TO, STATUSES, day, items, money, stopped
from retrieval.profile_memory import Fact, literal

TO_BE_FETCHED = frozenset(terms.KEPT_DAYS)
PLACED_EVENTS = frozenset({"handed_to_courier", "arrived_in_city", "out_for_delivery"})  # whose place tells the way


def open_orders(customer: Customer) -> Fact:
    """Everything not yet received, in one sentence."""
    waiting = [order for order in customer.orders if order.is_open]
    if not waiting:
        ru, en = "Все заказы [клиента|ваши|твои] получены или отменены.", "All orders are received or cancelled."
    else:
        ru = f"Ещё не получены: {', '.join(_name(order, 'ru') for order in waiting)}."
        en = f"Not received yet: {', '.join(_name(order, 'en') for order in waiting)}."
    return Fact("open_orders", ru, en)


def order_facts(order: Order, today: dt.date) -> Iterator[Fact]:
    """The facts of one order."""
    yield _fact(order, "order", _state(order, "ru", today), _state(order, "en", today))
    if order.ordered_at:
        yield _ordered(order, today)
    yield _total(order)
    if order.payment_method:
        yield _payment(order)
    yield _way(order)
    if order.tracking_code:
        yield _tracking(order)
    if terms.hold_for(order):
        yield from _terms(order, today)


def _terms(order: Order, today: dt.date) -> Iterator[Fact]:
    """What the shop's terms make of it."""
    if order.is_open:
        yield from _open(order, today)
    if order.status in ("returned", "cancelled"):
        yield _refund(order)
    if order.status == "delivered" and order.delivered_at:
        yield _return(order, today)
        if order.customer.loyalty_level:
            yield _points(order, today)
    yield from _price_match(order, today)


def _fact(order: Order, kind: str, ru: str, en: str, going_on: bool | None = None) -> Fact:
    open_still = order.is_open if going_on is None else going_on
    return Fact(kind, stopped(ru), en, str(order.order_id), things_of(order), order.ordered_at, open_still)


def things_of(order: Order) -> tuple[str, ...]:
    """Names of an order's products, in both languages."""
    return tuple(name for item in order.items for name in (item.product.name_ru, item.product.name_en))


def _name(order: Order, language: str) -> str:
    return f"{'заказ' if language == 'ru' else 'order'} {order.order_id} ({literal(items(order, language))})"


def _named(order: Order) -> tuple[str, str]:
    """The order at the beginning of a sentence, in both languages."""
    ru, en = _name(order, "ru"), _name(order, "en")
    return ru.capitalize()[0] + ru[1:], en.capitalize()[0] + en[1:]


def _state(order: Order, language: str, today: dt.date) -> str:
    name = _named(order)[0 if language == "ru" else 1]
    state = f"{name} {STATUSES[language][order.status]}"
    if order.status == "ready_for_pickup":
        return f"{state}: {literal(str(order.delivery_address))}."
    if order.is_open:
        state += f", {DELIVERY_METHODS[language][order.delivery_method]}"
    return f"{state}{_when(order, language, today)}{last_seen(order, language, today)}{_reason(order)}."


def last_seen(order: Order, language: str, today: dt.date) -> str:
    """Where an order on its way was last."""
    places = [event for event in order.events if event.event in PLACED_EVENTS and event.place]
    if order.status != "in_transit" or not places:
        return ""
    date, place = day(places[-1].happened_at.date(), language, today), literal(str(places[-1].place))
    return f"; {date} отмечен в пути: {place}" if language == "ru" else f"; last seen on {date}: {place}"


def _reason(order: Order) -> str:
    """Why it was cancelled, in the shop's words; nothing where it was not, or they are missing."""
    notes = [event.note for event in order.events if event.event == "cancelled" and event.note]
    return f" ({literal(str(notes[-1])).rstrip('.')})" if order.status == "cancelled" and notes else ""


def _when(order: Order, language: str, today: dt.date) -> str:
    if order.status == "delivered" and order.delivered_at:
        return f" {'' if language == 'ru' else 'on '}{day(order.delivered_at, language, today)}"
    if not order.is_open or not order.expected_at:
        return ""
    date = day(order.expected_at, language, today)
    if order.expected_at < today:
        late = f"; обещали {date}, но доставка задерживается, новая дата уточняется"
        return late if language == "ru" else f"; promised for {date}, but it is delayed, a new date is to be confirmed"
    return f", ожидается {date}" if language == "ru" else f", expected on {date}"


def _ordered(order: Order, today: dt.date) -> Fact:
    ru, en = (day(order.ordered_at, language, today) for language in ("ru", "en"))
    return _fact(
        order,
        "ordered",
        f"Заказ {order.order_id} оформлен {ru}: {literal(items(order, 'ru'))}.",
        f"Order {order.order_id} was placed on {en}: {literal(items(order, 'en'))}.",
    )


def _total(order: Order) -> Fact:
    ru, en = _named(order)
    cost = order.delivery_cost
    part_ru = f"из них доставка — {money(cost, 'ru', order.currency)}" if cost else "доставка бесплатная"
    part_en = f"of which delivery is {money(cost, 'en', order.currency)}" if cost else "delivery is free"
    if len(order.items) > 1:
        part_ru, part_en = f"{part_ru}: {_prices(order, 'ru')}", f"{part_en}: {_prices(order, 'en')}"
    return _fact(
        order,
        "total",
        f"{ru} стоит {money(order.total, 'ru', order.currency)}, {part_ru}.",
        f"{en} comes to {money(order.total, 'en', order.currency)}, {part_en}.",
    )


def _prices(order: Order, language: str) -> str:
    """What each of several products cost."""
    return ", ".join(
        f"{literal(item.product.name(language))} — {money(item.price, language, order.currency)}"
        + (f" × {item.quantity}" if item.quantity > 1 else "")
        for item in order.items
    )


def _payment(order: Order) -> Fact:
    ru, en = _named(order)
    way_ru, way_en = (PAYMENTS[language].get(order.payment_method, "") for language in ("ru", "en"))
    if order.paid:
        nothing = order.is_open
        ru += f" оплачен {way_ru}" + (", при получении платить ничего не нужно." if nothing else ".")
        en += f" is paid {way_en}" + ("; there is nothing to pay on receipt." if nothing else ".")
    elif order.is_open:
        ru += f" ещё не оплачен: при получении нужно заплатить {money(order.total, 'ru', order.currency)} {way_ru}."
        en += f" is not paid yet: {money(order.total, 'en', order.currency)} to be paid {way_en} on receipt."
    else:
        ru, en = f"{ru} не был оплачен.", f"{en} was not paid."
    return _fact(order, "payment", ru, en)


def _way(order: Order) -> Fact:
    """How it travels; the address of a pick-up point or locker only, never the customer's own."""
    ru, en = _named(order)
    way_ru, way_en = (DELIVERY_METHODS[language][order.delivery_method] for language in ("ru", "en"))
    place = f": {literal(str(order.delivery_address))}" if order.delivery_method in TO_BE_FETCHED else ""
    if order.is_open:
        ru, en = f"{ru} доставляется {way_ru}{place}.", f"{en} is delivered {way_en}{place}."
    else:
        ru, en = f"Способ доставки: {ru[0].lower()}{ru[1:]} — {way_ru}{place}.", f"{en} was sent {way_en}{place}."
    return _fact(order, "way", ru, en)


def _open(order: Order, today: dt.date) -> Iterator[Fact]:
    yield _cancel(order)
    if order.status == terms.ANYTIME_ADDRESS_STATUS:
        ru, en = _name(order, "ru"), _name(order, "en")
        yield _fact(
            order,
            "address",
            f"Адрес сейчас меняется бесплатно: {ru} ещё не собран.",
            f"The address can be changed free of charge now: {en} is not packed yet.",
        )
    elif order.status == terms.PHONE_ADDRESS_STATUS:
        ru, en = _named(order)
        fee = money(terms.ADDRESS_FEE, "ru")
        yield _fact(
            order,
            "address",
            f"{ru} уже собран: адрес меняется только по телефону {terms.SUPPORT_PHONE}, это стоит {fee}.",
            f"{en} is already packed: its address is changed by phone only, {terms.SUPPORT_PHONE}, for {fee}.",
        )
    if until := terms.kept_until(order):
        yield _kept(order, until, today)
    yield _recipient(order)


def _tracking(order: Order) -> Fact:
    ru, en = _name(order, "ru"), _name(order, "en")
    code = literal(str(order.tracking_code))
    return _fact(order, "tracking", f"Код отслеживания — {code}: {ru}.", f"The tracking code of {en} is {code}.")


def _cancel(order: Order) -> Fact:
    ru, en = _named(order)
    if terms.cancellable(order):
        ru += " ещё не передан курьеру, отменить его можно бесплатно."
        en += " has not been handed to the courier yet and can be cancelled free of charge."
    else:
        ru += " уже передан в доставку, отменить его нельзя; от него можно отказаться при получении."
        en += " has already been handed over and can't be cancelled; it can be refused on receipt."
    return _fact(order, "cancel", ru, en)


def _kept(order: Order, until: dt.date, today: dt.date) -> Fact:
    ru, en = _named(order)
    last_ru, last_en = (day(until, language, today) for language in ("ru", "en"))
    days = terms.EXTENDED_DAYS.get(order.delivery_method)
    if days:
        more_ru, more_en = f"один раз это можно продлить на {days} дня", f"that can be extended once, by {days} days"
    else:
        more_ru, more_en = "продлить хранение в постамате нельзя", "keeping in a locker can't be extended"
    return _fact(
        order,
        "kept",
        f"{ru} хранится до {last_ru} включительно; {more_ru}.",
        f"{en} is kept until {last_en}; {more_en}.",
    )


def _recipient(order: Order) -> Fact:
    ru, en = _named(order)
    limit_ru, limit_en = (money(terms.PASSPORT_FROM, language) for language in ("ru", "en"))
    if order.total >= terms.PASSPORT_FROM:
        ru += f" получит другой человек по коду из СМС и паспорту: заказ от {limit_ru}."
        en += f" can be collected by someone else with the SMS code and a passport: it is worth {limit_en} or more."
    else:
        ru += f" получит любой, кому передан код из СМС; паспорт не нужен, заказ дешевле {limit_ru}."
        en += f" can be collected by anyone who has the SMS code; no passport is needed below {limit_en}."
    return _fact(order, "recipient", ru, en)


def _refund(order: Order) -> Fact:
    why = _reason(order)
    ru, en = (f"{name} {STATUSES[language][order.status]}{why}" for name, language in zip(_named(order), ("ru", "en")))
    method = order.payment_method
    if not order.paid or method not in terms.REFUND_DAYS:
        return _fact(
            order,
            "refund",
            f"{ru}; он не был оплачен, возвращать нечего.",
            f"{en}; it was not paid, so nothing is to be paid back.",
        )
    low, high = terms.REFUND_DAYS[method]
    days_ru = f"за {low}–{high} рабочих дней" if low else f"за срок до {high} рабочих дней"
    days_en = f"within {low}–{high} working days" if low else f"within {high} working days"
    return _fact(
        order,
        "refund",
        f"{ru}; оплата была {PAYMENTS['ru'][method]}, деньги возвращаются {REFUNDED_TO['ru'][method]} {days_ru}.",
        f"{en}; it was paid {PAYMENTS['en'][method]}, the money goes back {REFUNDED_TO['en'][method]} {days_en}.",
    )


def _return(order: Order, today: dt.date) -> Fact:
    ru, en = _named(order)
    until = terms.return_end(order)
    assert until  # it has been received
    last_ru, last_en = (day(until, language, today) for language in ("ru", "en"))
    if until < today:
        ru += f" можно было вернуть до {last_ru}, срок прошёл."
        en += f" could be returned until {last_en}; the term has passed."
    else:
        ru += f" можно вернуть до {last_ru} включительно, если он не был в использовании."
        en += f" can be returned until {last_en}, unused."
    return _fact(order, "return", ru, en, until >= today)


def _points(order: Order, today: dt.date) -> Fact:
    date = terms.points_day(order)
    assert date  # it has been received
    ru, en = _name(order, "ru"), _name(order, "en")
    when_ru, when_en = (day(date, language, today) for language in ("ru", "en"))
    came_ru, came_en = ("пришли", "arrived on") if date < today else ("придут", "arrive on")
    texts = f"Баллы за {ru} {came_ru} {when_ru}.", f"The points for {en} {came_en} {when_en}."
    return _fact(order, "order_points", *texts, going_on=date >= today)


def _price_match(order: Order, today: dt.date) -> Iterator[Fact]:
    if order.status in ("cancelled", "returned"):
        return
    until = terms.price_match_end(order)
    ru, en = _named(order)
    last_ru, last_en = (day(until, language, today) for language in ("ru", "en"))
    if until < today:
        ru += f": если цена снизилась, разницу можно было запросить до {last_ru}, срок прошёл."
        en += f": a lower price could be claimed until {last_en}; the term has passed."
    else:
        ru += f": если цена снизилась, разницу вернём баллами, запросить её можно до {last_ru} включительно."
        en += f": if the price has dropped, the difference is paid in points; it can be claimed until {last_en}."
    yield _fact(order, "price_match", ru, en, until >= today)
