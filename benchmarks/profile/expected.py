"""What a right reply to a question of ``questions.jsonl`` holds, computed from the customer database.

    patterns = expected(session, question, today)
    right = all(re.search(pattern, reply, re.IGNORECASE) for pattern in patterns)

A question names its ``kind`` and arguments under ``expects``; each kind is one function of :data:`KINDS`.
Dates, sums and names come from the customer's rows, the shop's terms from its articles. Questions are written
for the demo's day moved to today, and none asks "is it too late?", to which a right reply may begin with either word.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot.customers.models import CANCELLABLE_STATUSES, Customer, Order, Product, Ticket
from bot.customers.store import find_order, get_customer
from bot.customers.terms import return_end
from bot.customers.wording import add_months

# The shop's terms, as its articles give them.
FAST_CITIES = ("Москва", "Санкт-Петербург", "Moscow", "Saint Petersburg")  # delivery-courier
EXPRESS_CITIES = ("Москва", "Moscow")  # delivery-express
POINTS_PERCENT = {"start": 1, "silver": 3, "gold": 5}  # loyalty-polaris
PAYABLE_PERCENT = {"start": 30, "silver": 40, "gold": 50}
RETURN_DAYS = {"start": 14, "silver": 14, "gold": 30}  # returns-general
POINTS_AFTER_DAYS = 14
KEPT_DAYS = {"pickup_point": 5, "parcel_locker": 3}  # pickup-points, parcel-lockers
REFUND_DAYS = {  # refund-timing: from, to; a gift card up to 3
    "card": (3, 10),
    "sbp": (3, 5),
    "cash": (5, 10),
    "instalments": (5, 10),
    "invoice": (5, 10),
}
FAULTY_DAYS = 15  # returns-faulty
PLUS_DAYS, PLUS_PERCENT = 30, {1: 7, 2: 12}  # warranty-plus
PRICE_MATCH_DAYS = 7  # price-match
PASSPORT_FROM = 50_000  # order-recipient
EXAMPLE_NUMBER = 104233  # the articles' example of an order number

# What the articles on a model say, in whichever language they are quoted; by product and topic.
INSTRUCTIONS = {
    ("P001", "reset"): r"(?<!\d)15[\s-]*(?:сек|с\b|sec|s\b)",
    ("P003", "swimming"): r"5\s*ATM|плавать[^.]{0,30}можно|можно[^.]{0,40}(?:плавать|бассейн)|can\b[^.]{0,20}swim",
    ("P003", "gps"): r"(?<!\d)20[\s-]*(?:ч\b|час|h\b|hour)",
    ("P008", "child"): r"Add\s+child|Добавить\s+реб|детск\w+\s+профил|child\s+profile",
    ("P012", "descale_often"): r"(?<!\d)200(?!\d)",
    ("P012", "descale_long"): r"(?<!\d)25[\s-]*(?:мин|min)",
    ("P013", "scale"): r"(?<!\d)25[\s-]*(?:г\b|гр|g\b)|(?<!\d)100[\s-]*(?:мл|ml)",
}

STATES = {
    "ru": {
        "placed": r"принят|ждёт сборки|не (?:был )?(?:собран|упакован|отправлен)|собирают|оформлен",
        "packed": r"(?<!не )(?<!не был )(?:собран|упакован)[аоы]?\b|готов\w* к отправке",
        "in_transit": r"в пути|\bедет|в дороге|(?<!не )(?:отправлен|передан)[аоы]?\b|у курьера|\bвезут",
        "ready_for_pickup": r"готов\w* к (?:выдаче|получению)|можно (?:забрать|забирать|получить)|ждёт (?:вас|тебя|в)"
        r"|(?:лежит|хранится) в|уже (?:в|на) (?:пункте|постамате)",
        "delivered": r"(?<!не )(?:получен|доставлен|вручён|вручен|выдан)[аоы]?\b|получил|забрал",
        "cancelled": r"отменён|отменили|отменился|отменилась|отмена",
        "returned": r"возвращён|вернул|приняли|возврат (?:принят|завершён)",
    },
    "en": {
        "placed": r"accepted|(?:been|is|was) placed|to be packed|being (?:picked|prepared)"
        r"|(?:n['’]t|not) (?:yet )?(?:been )?(?:packed|shipped|sent)",
        "packed": r"(?<!be )(?<!been )(?<!not )(?<!yet )packed|has been packed|about to be sent"
        r"|ready to (?:be sent|ship)",
        "in_transit": r"on (?:its|the) way|in transit|(?<!be )(?<!not )(?<!yet )shipped|handed over|dispatched"
        r"|with the courier|travelling",
        "ready_for_pickup": r"ready (?:for|to be) (?:collect|pick)|ready to (?:collect|pick)|waiting (?:for you|at|in)"
        r"|can (?:be )?(?:collect|pick)",
        "delivered": r"\breceived|delivered|collected|picked up",
        "cancelled": r"cancell?ed",
        "returned": r"(?<!be )returned|sent back|accepted|came back",
    },
}
METHODS = {
    "ru": {
        "courier": r"курьер",
        "express": r"экспресс",
        "pickup_point": r"пункт\w*(?: выдачи)?\b|\bПВЗ\b|самовывоз",
        "parcel_locker": r"постамат|ячейк",
        "large_goods": r"крупногабарит",
    },
    "en": {
        "courier": r"courier",
        "express": r"express",
        "pickup_point": r"pick[\s-]?up point|collection point",
        "parcel_locker": r"locker",
        "large_goods": r"large[\s-]goods",
    },
}
PAYMENTS = {
    "ru": {
        "card": r"(?<!подарочн.. )карт",
        "sbp": r"СБП|быстр\w+ платеж",
        "cash": r"налич",
        "gift_card": r"подарочн\w+ карт",
        "instalments": r"рассрочк",
        "invoice": r"по счёту|счёт\b",
    },
    "en": {
        "card": r"(?<!gift )card\b",
        "sbp": r"\bSBP\b|fast(?:er)? payment",
        "cash": r"\bcash\b",
        "gift_card": r"gift[\s-]card",
        "instalments": r"instal?lments?",
        "invoice": r"invoice",
    },
}
LEVELS = {"start": r"\bstart\b|старт", "silver": r"silver|серебр", "gold": r"gold|золот"}
MONTHS = {
    "ru": "янв\\w* фев\\w* мар\\w* апр\\w* ма[йя] июн\\w* июл\\w* авг\\w* сен\\w* окт\\w* ноя\\w* дек\\w*".split(),
    "en": "Jan\\w* Feb\\w* Mar\\w* Apr\\w* May Jun\\w* Jul\\w* Aug\\w* Sep\\w* Oct\\w* Nov\\w* Dec\\w*".split(),
}
OVER = {
    "ru": r"прошёл|прошла|прошли|истёк|истекл|законч|кончил|вышел|поздно|(?:уже|больше|вернуть|сдать) нельзя"
    r"|нельзя (?:уже|больше)|не получится|можно было|не успе|не действует",
    "en": r"passed|expired|ended|too late|no longer|any ?more|could be returned|ran out|\bover\b(?!-ear)"
    r"|out of warranty|(?:is not|isn['’]t) covered|none of your",
}
OPENING = r"\W*(?:(?:M[rs]s?\.?\s+)?[\w’'-]+[,!]\s*)?(?:к сожалению,?\s*|sorry,?\s*|unfortunately,?\s*)?"
SAYS_YES = {"ru": rf"{OPENING}(?:да|конечно)\b", "en": rf"{OPENING}(?:yes|yep|sure|of course)\b"}
SAYS_NO = {"ru": rf"{OPENING}(?:нет|увы)\b", "en": rf"{OPENING}(?:no|nope)\b"}


@dataclass(frozen=True)
class Case:
    """A question's customer, with what ``expects`` says of it."""

    session: Session
    customer: Customer
    language: str
    today: dt.date
    arguments: Mapping[str, Any]

    @property
    def order(self) -> Order:
        """The order that is meant.

        Raises:
            ValueError: it is not this customer's.
        """
        order = find_order(self.customer, str(self.arguments["order"]))
        if order is None:
            raise ValueError(f"{self.customer.customer_id} has no order {self.arguments['order']}")
        return order

    @property
    def product(self) -> Product:
        """The product of the order that is meant; the only one, if none is named.

        Raises:
            ValueError: it is not in the order, or the order holds several.
        """
        products: list[Product] = [item.product for item in self.order.items]
        meant = [one for one in products if one.product_id == self.arguments.get("product", one.product_id)]
        if len(meant) != 1:
            raise ValueError(f"{self.order.order_id} does not hold the one product meant")
        return meant[0]

    @property
    def ticket(self) -> Ticket:
        """The customer's ticket that is meant.

        Raises:
            ValueError: it is not this customer's.
        """
        tickets: list[Ticket] = self.customer.tickets
        for ticket in tickets:
            if ticket.ticket_id == self.arguments["ticket"]:
                return ticket
        raise ValueError(f"{self.customer.customer_id} has no ticket {self.arguments['ticket']}")

    def say(self, ru: str, en: str) -> str:
        """The words of the question's language."""
        return ru if self.language == "ru" else en

    def received(self) -> dt.date:
        """When the order was received.

        Raises:
            ValueError: it has not been received and kept.
        """
        if self.order.status != "delivered" or self.order.delivered_at is None:
            raise ValueError(f"{self.order.order_id} has not been received and kept")
        received: dt.date = self.order.delivered_at
        return received

    def return_end(self) -> dt.date:
        """The last day of returning the order."""
        self.received()
        deadline = return_end(self.order)
        assert deadline  # it has been received
        return deadline

    def warranty_end(self) -> dt.date:
        """The last day of the product's warranty."""
        return add_months(self.received(), self.product.warranty_months)

    def last_visit(self, event: str) -> Product:
        """The product of the newest event of a kind; a product taken out of the basket again is not in it.

        Raises:
            ValueError: there is none.
        """
        removed: set[str] = set()
        for visit in self.customer.visits:
            if visit.event == event and not (event == "added_to_cart" and visit.product_id in removed):
                product: Product = visit.product
                return product
            if visit.event == "removed_from_cart":
                removed.add(visit.product_id)
        raise ValueError(f"{self.customer.customer_id} has no visit {event}")


Kind = Callable[[Case], list[str]]
KINDS: dict[str, Kind] = {}
NEEDS_ARTICLE: set[str] = set()  # kinds whose answer rests on an article's rule and on the customer's rows


def kind(function: Kind) -> Kind:
    """Register a kind under its function's name."""
    KINDS[function.__name__] = function
    return function


def article_kind(function: Kind) -> Kind:
    """Register a kind that needs both an article and the customer's rows."""
    NEEDS_ARTICLE.add(function.__name__)
    return kind(function)


def expected(session: Session, question: Mapping[str, Any], today: dt.date) -> list[str]:
    """Regular expressions, all of which a right reply matches, case aside.

    A reply that names order numbers must name that of the order meant.

    Args:
        session: of the customer database.
        question: with ``customer``, ``language`` and ``expects``.
        today: the day on which it is asked.

    Raises:
        KeyError: the kind is unknown, or lacks an argument.
        ValueError: the customer has no such order, product or ticket.
    """
    arguments = question["expects"]
    patterns_of = KINDS[arguments["kind"]]
    customer = get_customer(session, question["customer"])
    patterns = patterns_of(Case(session, customer, question["language"], today, arguments))
    if "order" in arguments:
        patterns.append(rf"\A(?:(?![\s\S]*NL-(?!{EXAMPLE_NUMBER}))|(?=[\s\S]*{arguments['order']}))")
    return [pattern.replace("ё", "[её]") for pattern in patterns]


# Patterns of values.


def on_day(case: Case, date: dt.date) -> str:
    """A date as people write it: ``26 ноября``, ``26.11``, ``November 26th``, or by its distance from today.

    The year may be left out unless it is another one and far off; another year than the right one is wrong.
    """
    year, month = f"(?:20)?{date.year % 100:02}", MONTHS[case.language][date.month - 1]
    must = date.year != case.today.year and abs((date - case.today).days) > 180
    tail = rf"\b[.,]?\s*{date.year}" if must else rf"\b(?![.,]?\s*(?!{date.year})20\d\d)"
    day = rf"(?<!\d)0?{date.day}"
    numeric = rf"{day}[./]0?{date.month}" + (rf"[./]{year}(?!\d)" if must else rf"(?:[./]{year})?(?![./]?\d)")
    ways = [numeric, date.isoformat()]
    if case.language == "ru":
        ways.append(rf"{day}(?:-?го)?\s+{month}{tail}")
    else:
        ways.append(rf"{day}(?:st|nd|rd|th)?(?:\s+of)?\s+{month}{tail}")
        ways.append(rf"\b{month}\.?\s+0?{date.day}(?:st|nd|rd|th)?(?!\d){tail}")
    return "|".join(ways + _distance(case, (date - case.today).days))


def _distance(case: Case, days: int) -> list[str]:
    words = {
        "ru": {-2: "позавчера", -1: "вчера", 0: "сегодня", 1: "завтра", 2: "послезавтра", 7: r"через неделю"},
        "en": {-1: "yesterday", 0: "today", 1: "tomorrow", 2: "day after tomorrow", 7: r"in a week"},
    }[case.language]
    ways = [rf"\b{words[days]}\b"] if days in words else []
    if days > 0:
        ways.append(
            case.say(rf"(?:через|ещё|осталось)\s+{days}\s+д", rf"\bin\s+{days}\s+days?|(?<!\d){days}\s+days?\s+left")
        )
    elif days < 0:
        ways.append(case.say(rf"(?<!\d){-days}\s+д\w+\s+назад", rf"(?<!\d){-days}\s+days?\s+ago"))
    return ways


def number(value: int) -> str:
    """A whole number with or without separators of thousands, and no part of a longer one."""
    grouped = f"{value:,}".replace(",", r"[\s.,]?")
    before = r"(?<!\d)" if value >= 1000 else r"(?<!\d)(?<!\d[\s.,])"
    return rf"{before}{grouped}(?!\d)(?![\s.,]\d{{3}}(?!\d))"


def money(value: int) -> str:
    """A sum in roubles; small ones with their currency."""
    if value >= 1000:
        return number(value)
    return rf"{number(value)}\s*(?:₽|р\b|руб|RUB|rou?b)|(?:₽|RUB)\s*{number(value)}"


def days_between(low: int, high: int) -> str:
    """``3–10``, ``от 3 до 10``, ``3 to 10``."""
    return rf"(?<!\d){low}\s*(?:[–—-]|до|to|and)\s*{high}(?!\d)"


def named(case: Case, product: Product) -> str:
    """A product's model, with or without its brand, and no longer model's beginning."""
    model = _model(product)
    others = {_model(row) for row in case.session.query(Product)} - {model}
    longer = {other[len(model) :].split()[0] for other in others if other.startswith(model + " ")}
    brand, *rest = model.split()
    name = rf"(?:{brand}\s+)?" + r"\s+".join(map(re.escape, rest))
    return rf"\b{name}\b" + (rf"(?!\s+(?:{'|'.join(sorted(longer))})\b)" if longer else "")


def _model(product: Product) -> str:
    found = re.search(rf"{product.brand}(?: [A-Za-z0-9]+)+", product.name_ru)
    assert found, product.name_ru
    model: str = found[0]
    return model


def yes(case: Case, good: str, bad: str) -> str:
    """A reply that agrees by its first word or by good words, and holds none of the bad."""
    agrees = rf"{SAYS_YES[case.language]}|[\s\S]*(?:{good})"
    return rf"\A(?!{SAYS_NO[case.language]})(?![\s\S]*(?:{bad}))(?:{agrees})"


def no(case: Case, good: str = "") -> str:
    """A reply that denies by its first word or by good words."""
    words = good or OVER[case.language]
    return rf"\A(?!{SAYS_YES[case.language]})(?:{SAYS_NO[case.language]}|[\s\S]*(?:{words}))"


def only(right: str, others: Iterable[str]) -> str:
    """What is right, in a reply that does not leave the choice: it holds none of the others."""
    without = "".join(rf"(?![\s\S]*(?:{other}))" for other in others)
    return rf"\A{without}[\s\S]*(?:{right})"


def of_order(case: Case) -> str:
    """A word that shows that the reply is about this order: its number, a product or its state."""
    names = [named(case, item.product) for item in case.order.items]
    return "|".join([str(case.order.order_id), *names, STATES[case.language][case.order.status]])


# Kinds that the customer's rows alone answer.


@kind
def order_status(case: Case) -> list[str]:
    """What state the order is in."""
    return [STATES[case.language][case.order.status]]


@kind
def expected_delivery(case: Case) -> list[str]:
    """On which day an open order comes, or that it is late."""
    order = case.order
    if not order.is_open:
        raise ValueError(f"{order.order_id} is not on its way")
    if order.status == "ready_for_pickup" or order.expected_at is None:
        return [STATES[case.language][order.status]]
    if order.expected_at >= case.today:
        return [on_day(case, order.expected_at)]
    return [
        case.say(
            r"задерж|опазд|уточня|нов\w+ дат|обещали",
            r"delay|held up|(?:is|['’]s|running) late|new date|overdue|promised|to be confirmed",
        )
    ]


@kind
def delivered_on(case: Case) -> list[str]:
    """On which day the order was received."""
    return [on_day(case, case.received())]


@kind
def ordered_on(case: Case) -> list[str]:
    """On which day the order was placed."""
    return [on_day(case, case.order.ordered_at)]


@kind
def order_total(case: Case) -> list[str]:
    """What the order cost, delivery included."""
    return [money(case.order.total)]


@kind
def ordered_items(case: Case) -> list[str]:
    """Everything that was in the order."""
    return [named(case, item.product) for item in case.order.items]


@kind
def open_orders(case: Case) -> list[str]:
    """Every order not yet received, by its number or its first product."""
    found = [order for order in case.customer.orders if order.is_open]
    return [rf"{order.order_id}|{named(case, order.items[0].product)}" for order in found]


@kind
def owned_model(case: Case) -> list[str]:
    """Which model the customer has."""
    case.received()
    return [named(case, case.product)]


@kind
def delivery_method(case: Case) -> list[str]:
    """How the order travels."""
    return [METHODS[case.language][case.order.delivery_method]]


@kind
def pickup_address(case: Case) -> list[str]:
    """Street and house of the pick-up point or locker."""
    *_, street, house = str(case.order.delivery_address).split(", ")
    if case.language == "en":
        house, street = house.split(" ", 1)
    stem = street.split()[0][:-2]
    return [rf"{stem}\w*\D{{0,15}}(?<!\d){house}(?!\d)|(?<!\d){house}\D{{0,8}}{stem}"]


@kind
def payment_method(case: Case) -> list[str]:
    """How the order was or will be paid."""
    return [PAYMENTS[case.language][case.order.payment_method]]


@kind
def amount_due(case: Case) -> list[str]:
    """What is still to be paid on receipt, or that all is paid."""
    if not case.order.paid:
        return [money(case.order.total)]
    ru = r"(?<!не )оплачен|не (?:нужно|надо|придётся)|ничего (?:платить )?не|(?:уже )?оплатил"
    return [case.say(ru, r"(?<!not )(?<!be )\bpaid\b|nothing|no need|(?:need|have) to pay anything")]


@kind
def warranty_until(case: Case) -> list[str]:
    """The last day of a product's warranty, past or to come."""
    return [on_day(case, case.warranty_end())]


@kind
def under_warranty(case: Case) -> list[str]:
    """Whether a product is still under warranty."""
    end = case.warranty_end()
    if end < case.today:
        return [no(case), case.say(r"гаранти|бесплатн", r"warranty|guarantee|cover")]
    good = case.say(r"(?<!не )действует|на гарантии|гарантийн", r"still|\bis (?:under|covered|valid)|until")
    return [yes(case, rf"{good}|{on_day(case, end)}", r"(?<!не )(?:законч|истекла)|expired|ended|no longer")]


@kind
def points_balance(case: Case) -> list[str]:
    """How many points the customer has."""
    points = int(case.customer.points)
    if points:
        return [number(points)]
    ru = r"(?<!\d)0(?:\s+\w+)?\s+балл|\bнет балл|балл\w* (?:пока |ещё )?нет|ноль|нулев"
    return [case.say(ru, r"(?<!\d)0(?:\s+\w+)?\s+points?|\bno points|n['’]t have any|\bzero\b")]


@kind
def loyalty_level(case: Case) -> list[str]:
    """The customer's level, in a reply that does not name all three."""
    level = str(case.customer.loyalty_level)
    first, second = (LEVELS[other] for other in LEVELS if other != level)
    return [rf"\A(?!(?=[\s\S]*(?:{first}))(?=[\s\S]*(?:{second})))[\s\S]*(?:{LEVELS[level]})"]


@kind
def refund_state(case: Case) -> list[str]:
    """Whether a returned or cancelled order has been taken back or called off."""
    if case.order.status not in ("returned", "cancelled"):
        raise ValueError(f"{case.order.order_id} is neither returned nor cancelled")
    return [STATES[case.language][case.order.status]]


@kind
def ticket_state(case: Case) -> list[str]:
    """Whether a request has been dealt with."""
    about = case.say(
        r"обращени|заявк|запрос|ответ|просьб|вопрос", r"ticket|request|answer|repl(?:y|ied)|report|question"
    )
    if case.ticket.closed_at is None:
        ru = r"открыт|в работе|рассм|не (?:закрыт|ответил|решен|решён|дали)|ответа[^.]{0,20}нет|нет ответа|разбира"
        en = r"\bopen\b|in progress|being|(?:not|n['’]t) (?:yet )?(?:been )?(?:closed|answered|resolved|replied)"
        still = case.say(ru + r"|пока нет|ждёт (?:ответа|решения)", en + r"|no (?:answer|reply)|waiting|pending|still")
        return [still, f"{about}|{case.ticket.ticket_id}"]
    return [case.say(r"закрыт|решён|решен|ответили", r"closed|resolved|answered|settled")]


@kind
def ticket_answer(case: Case) -> list[str]:
    """What a request was answered; ``gist`` is the decisive part of the resolution."""
    gist = str(case.arguments["gist"])
    if not re.search(gist, case.ticket.resolution or "", re.IGNORECASE):
        raise ValueError(f"the resolution of {case.ticket.ticket_id} does not hold {gist}")
    return [gist]


@kind
def ticket_opened(case: Case) -> list[str]:
    """On which day a request was made."""
    return [on_day(case, case.ticket.opened_at.date())]


@kind
def basket(case: Case) -> list[str]:
    """What was put into the basket last."""
    return [named(case, case.last_visit("added_to_cart"))]


@kind
def wishlist(case: Case) -> list[str]:
    """What was saved for later last."""
    return [named(case, case.last_visit("added_to_wishlist"))]


@kind
def removed(case: Case) -> list[str]:
    """What was taken out of the basket last."""
    return [named(case, case.last_visit("removed_from_cart"))]


@kind
def viewed(case: Case) -> list[str]:
    """All products of a ``category`` that the customer looked at."""
    products = {
        visit.product_id: visit.product
        for visit in case.customer.visits
        if visit.event == "viewed" and visit.product.category == case.arguments["category"]
    }
    return [named(case, product) for product in products.values()]


@kind
def order_count(case: Case) -> list[str]:
    """How many orders the customer has placed."""
    return [number(len(case.customer.orders))]


@kind
def spent(case: Case) -> list[str]:
    """What the customer's orders cost that were neither cancelled nor sent back."""
    return [number(sum(int(o.total) for o in case.customer.orders if o.status not in ("cancelled", "returned")))]


@kind
def member_since(case: Case) -> list[str]:
    """On which day the customer registered."""
    return [on_day(case, case.customer.registered)]


@kind
def delivery_fee(case: Case) -> list[str]:
    """What of the order's total was delivery."""
    return [money(case.order.delivery_cost)]


@kind
def item_price(case: Case) -> list[str]:
    """What one product of the order cost."""
    return [money(next(item.price for item in case.order.items if item.product is case.product))]


@kind
def cancel_reason(case: Case) -> list[str]:
    """Why the order was cancelled; ``gist`` is the decisive part of the note."""
    gist = str(case.arguments["gist"])
    if not any(re.search(gist, event.note or "", re.IGNORECASE) for event in case.order.events):
        raise ValueError(f"no note of {case.order.order_id} holds {gist}")
    return [gist]


@kind
def place_now(case: Case) -> list[str]:
    """Where an order on its way was seen last; ``place`` is a stem of the town."""
    place = str(case.arguments["place"])
    if not re.search(place, case.order.events[-1].place or "", re.IGNORECASE):
        raise ValueError(f"{case.order.order_id} was not seen last in {place}")
    return [place]


@kind
def tracking(case: Case) -> list[str]:
    """The order's tracking code."""
    return [re.escape(str(case.order.tracking_code))]


# Kinds that need an article's rule as well.


@article_kind
def return_possible(case: Case) -> list[str]:
    """Whether an unused item can still be returned; if so, until when."""
    deadline = case.return_end()
    if deadline < case.today:
        return [no(case)]
    good = case.say(
        r"(?<!не )\b(?:можно|можешь|можете|вправе|успеваете|успеешь|успеете|примем|принимаем)\b(?! было)|возможно\b",
        r"\bcan\b(?!not|['’]t| no)|\bmay\b|until|still|returnable",
    )
    bad = (
        r"можно было|срок\w*(?: \w+){0,4} (?:прошёл|истёк|вышел)|could be returned|ha(?:s|ve) (?:passed|ended|expired)"
    )
    return [yes(case, good, bad), on_day(case, deadline)]


@article_kind
def return_deadline(case: Case) -> list[str]:
    """The last day of returning an order, past or to come."""
    return [on_day(case, case.return_end())]


@article_kind
def opened_in_ear(case: Case) -> list[str]:
    """Opened in-ear headphones, without a fault, do not go back."""
    case.received()
    good = case.say(
        r"нельзя|не (?:принима|прим|подлеж|возвраща|возьмём|получится)|возврату не",
        r"can['’]?t\b|cannot|not (?:be )?(?:return|accept|take|possible)|don['’]t (?:take|accept)|aren['’]t|isn['’]t",
    )
    return [no(case, good)]


@article_kind
def refund_timing(case: Case) -> list[str]:
    """How long the money takes by the order's way of paying."""
    method = str(case.order.payment_method)
    if method == "gift_card":
        return [case.say(r"(?<!\d)(?:3|три|трёх)[\s-]+(?:рабоч|дн)", r"(?<!\d)(?:3|three)[\s-]+(?:working|business)")]
    return [days_between(*REFUND_DAYS[method])]


@article_kind
def refund_target(case: Case) -> list[str]:
    """Where the money of a returned or cancelled order goes: the way it was paid."""
    if case.order.payment_method == "sbp":
        return [case.say(r"СБП|счёт", r"\bSBP\b|bank account")]
    return [PAYMENTS[case.language][case.order.payment_method]]


@article_kind
def keep_until(case: Case) -> list[str]:
    """Until which day an order is kept where it waits."""
    ready = [event.happened_at.date() for event in case.order.events if event.event == "ready_for_pickup"]
    if case.order.status != "ready_for_pickup" or not ready:
        raise ValueError(f"{case.order.order_id} does not wait to be collected")
    return [on_day(case, ready[-1] + dt.timedelta(days=KEPT_DAYS[case.order.delivery_method]))]


@article_kind
def can_extend(case: Case) -> list[str]:
    """Whether keeping can be extended: once by two days at a pick-up point, never in a locker."""
    if case.order.delivery_method == "pickup_point":
        two = case.say(r"(?<!\d)(?:2|два)\s+дня|двое суток|7\s+дней", r"(?<!\d)(?:2|two)\s+(?:more\s+|extra\s+)?days")
        return [yes(case, two, r"продлить нельзя|нельзя продлить|can['’]?t be extended|cannot be extended"), two]
    words = case.say(
        r"нельзя|не (?:продл|получится|можем)|невозможно", r"can['’]?t\b|cannot|not (?:be )?(?:possible|extend)"
    )
    return [no(case, words)]


@article_kind
def cancel_possible(case: Case) -> list[str]:
    """Whether an order can still be cancelled: until it is handed to the courier."""
    if case.order.status not in CANCELLABLE_STATUSES:
        ru = r"нельзя|не получится|уже (?:передан|отправлен|едет|в пути)|поздно|отказаться"
        return [no(case, case.say(ru, r"can['’]?t\b|cannot|no longer|already|too late|refuse|decline"))]
    good = case.say(
        r"(?<!не )\b(?:можно|можете|можешь)\b|бесплатн|отменить заказ [^?]*\?",
        r"\bcan\b(?!not|['’]t| no)|free|shall I cancel",
    )
    bad = r"отменить (?:его |её )?(?:уже )?нельзя|уже передан|can['’]?t be cancelled|cannot be cancelled|no longer"
    return [
        yes(case, good, bad),
        of_order(case) + case.say(r"|ещё не", r"|not (?:yet )?(?:been )?(?:hand|sent|ship)|n['’]t"),
    ]


@article_kind
def address_change(case: Case) -> list[str]:
    """What changing the address costs now: nothing before packing, 290 ₽ by phone afterwards."""
    if case.order.status == "placed":
        free = case.say(r"бесплатн|ничего не стоит|платить не", r"\bfree\b|no charge|nothing|without charge")
        return [free, of_order(case)]
    if case.order.status == "packed":
        return [money(290)]
    raise ValueError(f"{case.order.order_id} is {case.order.status}")


@article_kind
def delivery_terms(case: Case) -> list[str]:
    """Courier delivery to the customer's city: ``ask`` for its ``price``, ``days`` or ``free`` threshold."""
    fast, slow = {
        "price": (money(299), money(490)),
        "days": (days_between(1, 2), days_between(3, 7)),
        "free": (number(5000) + r"|\b5\s*тыс", number(10_000) + r"|\b10\s*тыс"),
    }[case.arguments["ask"]]
    right, wrong = (fast, slow) if case.customer.city in FAST_CITIES else (slow, fast)
    return [only(right, [wrong, "NL-"])]


@article_kind
def express(case: Case) -> list[str]:
    """What express delivery costs the customer, or that it does not go to their city."""
    if case.customer.city not in EXPRESS_CITIES:
        ru = (
            r"только (?:в|по) Москв|не (?:работает|доступ|действует|достав|возим)|нет экспресс|экспресс\w*[^.]{0,9} нет"
        )
        en = r"only (?:in|covers|within|available|Moscow)|Moscow only|(?:not|n['’]t) (?:available|offer|deliver|cover)"
        return [no(case, case.say(ru, en))]
    if case.customer.loyalty_level == "gold":
        return [case.say(r"бесплатн|даром|(?<!\d)0\s*₽", r"\bfree\b|nothing|no charge")]
    return [money(790)]


@article_kind
def points_rate(case: Case) -> list[str]:
    """What share of a purchase comes back as points at the customer's level, and no list of all levels."""
    rate = POINTS_PERCENT[str(case.customer.loyalty_level)]
    every = r"(?<!\d)1\s*%?\s*(?:,|до|to|[–-])\s*(?:3|5)"
    return [only(rf"(?<!\d){rate}\s*(?:%|проц|per\s?cent)", [every])]


@article_kind
def points_share(case: Case) -> list[str]:
    """What share of an order the customer may pay in points, and no list of all levels."""
    share = PAYABLE_PERCENT[str(case.customer.loyalty_level)]
    half = r"|половин|\bhalf\b" if share == 50 else ""
    return [only(rf"(?<!\d){share}\s*(?:%|проц|per\s?cent){half}", [r"30\s*%?\s*,\s*40"])]


@article_kind
def points_payable(case: Case) -> list[str]:
    """How many points the customer can spend on an order of ``sum`` roubles."""
    share = int(case.arguments["sum"]) * PAYABLE_PERCENT[str(case.customer.loyalty_level)] // 100
    return [number(min(share, int(case.customer.points)))]


@article_kind
def points_arrive(case: Case) -> list[str]:
    """On which day an order's points arrive."""
    return [on_day(case, case.received() + dt.timedelta(days=POINTS_AFTER_DAYS))]


@article_kind
def return_days(case: Case) -> list[str]:
    """How many days the customer's level gives for a return."""
    right = RETURN_DAYS[str(case.customer.loyalty_level)]
    return [rf"(?<!\d){right}[\s-]*(?:дн|days?|кален|cal)"]


@article_kind
def faulty_until(case: Case) -> list[str]:
    """Until when the money for a faulty complex device can be claimed; later it is repaired."""
    last_day = case.received() + dt.timedelta(days=FAULTY_DAYS)
    if last_day >= case.today:
        return [on_day(case, last_day)]
    only_repair = case.say(r"|(?:только|остаётся) (?:\w+ )?ремонт", r"|only (?:a )?(?:free )?repair")
    denies = no(case, OVER[case.language] + only_repair)
    return [denies, case.say(r"ремонт|почин|15|пятнадцат", r"repair|fix|15|fifteen") + f"|{on_day(case, last_day)}"]


@article_kind
def repair_cost(case: Case) -> list[str]:
    """What a fault costs: nothing under warranty, 900 ₽ for diagnosis afterwards."""
    if case.warranty_end() < case.today:
        return [money(900)]
    return [
        only(case.say(r"бесплатн|не (?:возьмём|возьмут|придётся)|даром", r"\bfree\b|no charge|nothing"), [money(900)])
    ]


@article_kind
def plus_until(case: Case) -> list[str]:
    """Until when Plus can be bought: 30 days from the purchase, which may be taken for its receipt."""
    if case.product.category in ("accessories", "cables") or case.product.warranty_months < 12:
        return [no(case, case.say(rf"{OVER['ru']}|не оформля", rf"{OVER['en']}|not (?:sold|available|offered)"))]
    bought, received = (day + dt.timedelta(days=PLUS_DAYS) for day in (case.order.ordered_at, case.received()))
    return [f"{on_day(case, bought)}|{on_day(case, received)}"] if bought >= case.today else [no(case)]


@article_kind
def plus_price(case: Case) -> list[str]:
    """What Plus costs for the customer's device, for so many ``years``; rounded either way."""
    price = case.product.price * PLUS_PERCENT[int(case.arguments["years"])] / 100
    return [f"{money(math.floor(price))}|{money(math.ceil(price))}"]


@article_kind
def price_match_until(case: Case) -> list[str]:
    """Until when the difference to a lower price can be claimed."""
    last_day = case.order.ordered_at + dt.timedelta(days=PRICE_MATCH_DAYS)
    return [on_day(case, last_day)] if last_day >= case.today else [no(case)]


@article_kind
def recipient(case: Case) -> list[str]:
    """What someone else needs to collect the order: the code, and a passport from 50,000 ₽ on."""
    if case.order.total >= PASSPORT_FROM:
        return [case.say(r"паспорт", r"passport")]
    not_asked = r"(?![\s\S]*(?:паспорт|passport))|(?=[\s\S]*(?:\bне\b|\bбез\b|\bno\b|\bnot\b|n['’]t|\b50\b))"
    return [rf"\A(?:{not_asked})[\s\S]*(?:\bкод|\bcode)"]


@article_kind
def instruction(case: Case) -> list[str]:
    """What the article on the customer's own model says on a ``topic``."""
    case.received()
    return [INSTRUCTIONS[case.product.product_id, case.arguments["topic"]]]
