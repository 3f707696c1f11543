"""Customers that nobody is: what the decoder's lessons of facts are about.

Their orders, requests and visits are drawn at random; what is known of them is worded as for real ones.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from decimal import Decimal

from bot.customers.facts import facts_of
from bot.customers.models import (
    OPEN_STATUSES,
    ROUBLES,
    STATUSES,
    BrowsingEvent,
    Customer,
    DeliveryEvent,
    Order,
    OrderItem,
    Product,
    RememberedFact,
    Ticket,
)
from bot.customers.order_facts import TO_BE_FETCHED
from bot.customers.terms import PAYABLE_PERCENT, REFUND_DAYS
from bot.customers.wording import VISITS
from retrieval.profile_memory import Fact

FIRST_DAY, DAYS = dt.date(2024, 1, 1), 1500  # "today" is one of these
LONG_AGO, SOON = 500, 14  # days since an order was placed: of one that is over, and of one still going on
WAYS = ("courier", "express", "pickup_point", "parcel_locker", "large_goods")


@dataclass(frozen=True)
class Thing:
    """What the shop sells: its name, and the noun that a customer calls it by, in Russian and English."""

    ru: str
    en: str
    noun_ru: str
    noun_en: str
    category: str

    @property
    def nouns(self) -> dict[str, str]:
        return {"ru": self.noun_ru, "en": self.noun_en}


# The Russian nouns are masculine and alike in nominative and accusative, as the written questions need them.
THINGS = (
    Thing("Чайник Ветла 17", "Vetla 17 kettle", "чайник", "kettle", "kitchen"),
    Thing("Тостер Ветла Т2", "Vetla T2 toaster", "тостер", "toaster", "kitchen"),
    Thing("Миксер Кедрин 5", "Kedrin 5 mixer", "миксер", "mixer", "kitchen"),
    Thing("Пылесос Кедрин 40", "Kedrin 40 vacuum cleaner", "пылесос", "vacuum cleaner", "home"),
    Thing("Вентилятор Терса", "Tersa fan", "вентилятор", "fan", "home"),
    Thing("Роутер Сойка 6", "Soyka 6 router", "роутер", "router", "network"),
    Thing("Смартфон Гранта Е9", "Granta E9 phone", "телефон", "phone", "phones"),
    Thing("Планшет Гранта Лист", "Granta Leaf tablet", "планшет", "tablet", "tablets"),
    Thing("Ноутбук Юнгар 15", "Yungar 15 laptop", "ноутбук", "laptop", "laptops"),
    Thing("Монитор Юнгар 27", "Yungar 27 monitor", "монитор", "monitor", "computers"),
    Thing("Телевизор Оптава 55", "Optava 55 TV", "телевизор", "TV", "tv"),
    Thing("Проектор Оптава Луч", "Optava Beam projector", "проектор", "projector", "tv"),
    Thing("Принтер Сойка П3", "Soyka P3 printer", "принтер", "printer", "computers"),
    Thing("Микрофон Терса Голос", "Tersa Voice microphone", "микрофон", "microphone", "audio"),
    Thing("Наушники-вкладыши Терса Мини", "Tersa Mini earbuds", "комплект вкладышей", "set of earbuds", "headphones"),
    Thing("Рюкзак Лоцман 22", "Lotsman 22 backpack", "рюкзак", "backpack", "accessories"),
)
CITIES = ("Москва", "Санкт-Петербург", "Тверь", "Пермь", "Омск", "Калуга", "Чита", "Moscow", "Kazan", "Tula", "Ufa")
PLACES = ("Сосновая ул., 14", "пр. Мира, 3", "Заречная ул., 88", "ул. Лётчиков, 21", "Речной пер., 5")
REASONS = ("покупатель передумал", "товара не оказалось на складе", "заказ оформлен дважды", "changed their mind")
REQUESTS = (  # subject and answer
    ("Вмятина на коробке", "Отправили новую упаковку"),
    ("Не пришёл чек", "Чек отправлен на почту"),
    ("Шумит после недели работы", "Приняли в сервис, ждём заключения"),
    ("Курьер опоздал на три часа", "Начислили 300 баллов"),
    ("Missing charger in the box", "A charger was sent by courier"),
    ("Wrong colour delivered", "An exchange was agreed"),
    ("Charged twice", "The second charge was given back"),
    ("Screen flickers", "A repair was offered"),
)
TOLD = (  # what customers ask is mostly whether something suits them
    "У меня аллергия на никель",
    "У дочки аллергия на шерсть",
    "Аллергия на латекс, проверяйте состав",
    "I'm allergic to nickel",
    "My son has an allergy to rubber",
)


@dataclass(frozen=True)
class Invented:
    """A customer with all that is known of them, and what they have, bought or looked at, by its English name."""

    facts: list[Fact]
    things: dict[str, Thing]


def invented(choice: random.Random) -> Invented:
    """A customer, on some day."""
    today = FIRST_DAY + dt.timedelta(days=choice.randrange(DAYS))
    things = {thing.en: thing for thing in choice.sample(THINGS, 5)}
    products = [_product(thing, choice) for thing in things.values()]
    customer = Customer(
        customer_id="invented",
        gender=choice.choice("mf"),
        city=choice.choice(CITIES),
        loyalty_level=choice.choice([*PAYABLE_PERCENT]),
        points=choice.choice((0, choice.randrange(5000))),
        registered=today - dt.timedelta(days=choice.randrange(600, 3000)),
    )
    customer.orders = [_order(number, products, today, choice) for number in range(choice.randint(1, 4))]
    customer.tickets = [_ticket(customer, today, choice)]
    customer.visits = [
        BrowsingEvent(event=event, product=product, product_id=product.product_id, happened_at=_time(today, choice))
        for event, product in zip(VISITS["en"], choice.sample(products, len(VISITS["en"])))
    ]
    customer.remembered = [RememberedFact(text=choice.choice(TOLD), told_at=_time(today, choice))]
    return Invented(facts_of(customer, today), things)


def _product(thing: Thing, choice: random.Random) -> Product:
    return Product(
        product_id=thing.en,
        model=f"{thing.en[:2].upper()}-{choice.randrange(100, 999)}",
        category=thing.category,
        name_ru=thing.ru,
        name_en=thing.en,
        price=Decimal(choice.randrange(9, 900) * 100 - 10),
        warranty_months=choice.choice((6, 12, 24, 36)),
    )


def _order(number: int, products: list[Product], today: dt.date, choice: random.Random) -> Order:
    status = choice.choice((*STATUSES, "delivered", "delivered"))  # of what was received most is known
    going_on = status in OPEN_STATUSES
    ordered = today - dt.timedelta(days=choice.randint(1 if going_on else SOON, SOON if going_on else LONG_AGO))
    bought = choice.sample(products, choice.choice((1, 1, 2)))
    delivery = Decimal(choice.choice((0, 299, 490)))
    return Order(
        order_id=f"NL-{choice.randrange(10**5, 10**6 - 9) + number}",
        ordered_at=ordered,
        status=status,
        delivery_method=choice.choice(sorted(TO_BE_FETCHED) if status == "ready_for_pickup" else WAYS),
        delivery_address=choice.choice(PLACES),
        expected_at=ordered + dt.timedelta(days=choice.randint(2, 20)),
        delivered_at=None if going_on else ordered + dt.timedelta(days=choice.randint(1, SOON)),
        total=sum((product.price for product in bought), delivery),
        delivery_cost=delivery,
        currency=ROUBLES,
        payment_method=choice.choice([*REFUND_DAYS]),
        paid=choice.random() < 0.8,
        tracking_code=f"TRK{choice.randrange(10**6, 10**7)}",
        items=[OrderItem(product=product, quantity=1, price=product.price) for product in bought],
        events=_events(status, today, choice),
    )


def _events(status: str, today: dt.date, choice: random.Random) -> list[DeliveryEvent]:
    """The last thing that happened to an order."""
    event = {"in_transit": "arrived_in_city", "ready_for_pickup": status, "cancelled": status}.get(status)
    if event is None:
        return []
    note = choice.choice(REASONS) if event == "cancelled" else None
    return [DeliveryEvent(event=event, place=choice.choice(CITIES), note=note, happened_at=_time(today, choice, 3))]


def _ticket(customer: Customer, today: dt.date, choice: random.Random) -> Ticket:
    subject, answer = choice.choice(REQUESTS)
    is_closed = choice.random() < 0.6
    return Ticket(
        ticket_id=f"T{choice.randrange(10**4, 10**5)}",
        order_id=customer.orders[0].order_id,
        subject=subject,
        opened_at=_time(today, choice),
        closed_at=_time(today, choice, 3) if is_closed else None,
        resolution=answer if is_closed else None,
    )


def _time(today: dt.date, choice: random.Random, ago: int = 60) -> dt.datetime:
    """Noon of one of the last days."""
    return dt.datetime.combine(today - dt.timedelta(days=choice.randrange(ago)), dt.time(12))
