"""Written scenarios of two invented companies, small enough to be understood at a glance."""

from __future__ import annotations

from retrieval.scenarios import Case, Scenario


def case(ru: list[str], en: list[str], answer: list[int], previous: dict[str, str] | None = None) -> Case:
    """With a reply that nobody reads."""
    replies = dict.fromkeys(("en", "ru formal", "ru informal"), "{name}.")
    return Case({"ru": ru, "en": en}, answer, replies, {"ru": [], "en": []}, previous or {})


DELIVERY = Scenario(
    "shop",
    {"ru": "Доставка", "en": "Delivery"},
    {
        "ru": ["Курьер берёт {price} рублей.", "Заказ едет два дня.", "- Можно оплатить картой."],
        "en": ["The courier takes {price} roubles.", "The order takes two days.", "- You can pay by card."],
    },
    [
        case(["Какая цена у курьера за {price}?", "почём курьер"], ["How much is the courier, {price}?"], [0]),
        case(
            ["а картой?", "а как платить?"],
            ["by card?", "how do I pay?"],
            [1, 2],
            {"ru": "Сколько едет заказ?", "en": "How long does it take?"},
        ),
    ],
    {"ru": ["Вы доставляете за границу?"], "en": ["Do you deliver abroad?"]},
    {"price": {"ru": ["100", "200", "300"], "en": ["100", "200", "300"]}},
)
RETURNS = Scenario(
    "shop",
    {"ru": "Возврат", "en": "Returns"},
    {
        "ru": ["Куртку можно вернуть за 30 дней.", "Деньги придут на карту."],
        "en": ["A jacket can be returned in 30 days.", "The refund goes to the card."],
    },
    [case(["когда вернуть куртку?", "до какого дня?"], ["when can a jacket go back?", "by what day?"], [0])],
    {"ru": ["Принимаете ли вы старые чайники?"], "en": ["Do you take old kettles?"]},
)
WARRANTY = Scenario(
    "maker",
    {"ru": "Гарантия", "en": "Warranty"},
    {
        "ru": ["Гарантия на чайник — 365 дней.", "Царапины она не покрывает."],
        "en": ["The warranty of a kettle is 365 days.", "Scratches are not covered."],
    },
    [case(["Сколько гарантия?", "на чайник гарантия?"], ["How long is the warranty?", "kettle warranty?"], [0])],
    {"ru": ["Где ваш завод?"], "en": ["Where is your factory?"]},
)
SCENARIOS = [DELIVERY, RETURNS, WARRANTY]
