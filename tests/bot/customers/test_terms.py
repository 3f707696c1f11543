"""The terms agree with the articles that state them, and the dates follow from both."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from bot.customers import terms
from bot.customers.models import Product
from bot.customers.store import CustomerStore
from bot.customers.wording import counted, money, stopped

ARTICLES = Path("training_data/knowledge")


@pytest.mark.parametrize(
    ("article", "stated"),
    [
        ("returns-general-en", f"{terms.RETURN_DAYS['start']} days.*Gold members have {terms.RETURN_DAYS['gold']}"),
        ("returns-faulty-en", f"within {terms.FAULTY_DAYS} days of receipt"),
        ("loyalty-polaris-en", f"Points arrive {terms.POINTS_AFTER_DAYS} days after"),
        (
            "pickup-points-en",
            f"for {terms.KEPT_DAYS['pickup_point']} days; .* by {terms.EXTENDED_DAYS['pickup_point']} days",
        ),
        ("parcel-lockers", f"лежит в ячейке {terms.KEPT_DAYS['parcel_locker']} дня, продлить этот срок нельзя"),
        ("order-recipient", money(terms.PASSPORT_FROM, "ru")),
        ("repair-request-en", f"Diagnosis costs {terms.DIAGNOSIS_FEE} ₽"),
        ("warranty-plus", f"в течение {terms.PLUS_DAYS} дней после покупки"),
        ("price-match", f"within {terms.PRICE_MATCH_DAYS} days of your purchase"),
        ("delivery-address-change-ru", f"{re.escape(terms.SUPPORT_PHONE)} и за {terms.ADDRESS_FEE} ₽"),
        ("delivery-express-ru", f"{terms.EXPRESS_FEE} ₽ и работает в Москве"),
        ("delivery-courier-ru", r"1–2 дня \| 299 ₽ \| от 5 000 ₽ .*3–7 дней \| 490 ₽ \| от 10 000 ₽"),
    ],
)
def test_a_term_is_what_its_article_says(article: str, stated: str) -> None:
    (path,) = ARTICLES.rglob(f"{article}.md")
    assert re.search(stated, path.read_text(encoding="utf-8"), re.DOTALL)


def test_levels_percentages_and_refunds_are_those_of_the_articles() -> None:
    loyalty = (ARTICLES / "en" / "loyalty-polaris-en.md").read_text(encoding="utf-8")
    for level, share in terms.PAYABLE_PERCENT.items():
        assert re.search(rf"\| {level} \|[^|]*\| {terms.POINTS_PERCENT[level]} % \| up to {share} %", loyalty, re.I)
    refunds = (ARTICLES / "en" / "refund-timing-en.md").read_text(encoding="utf-8")
    names = {"card": "Card", "sbp": "SBP", "cash": "Cash", "instalments": "Instalments", "invoice": "Business invoice"}
    for method, name in names.items():
        low, high = terms.REFUND_DAYS[method]
        assert re.search(rf"\| {name}[^|]*\|[^|]*\| {low}–{high} working days", refunds)


def test_the_courier_is_dearer_and_slower_outside_the_two_cities() -> None:
    near, far = terms.courier("Москва"), terms.courier("Омск")
    assert near.fee < far.fee and near.days < far.days and near.free_from < far.free_from


def test_plus_costs_its_part_of_the_price() -> None:
    phone = Product(category="phones", price=20_000, warranty_months=12, name_en="phone")
    assert (terms.plus_price(phone, 1), terms.plus_price(phone, 2)) == (1_400, 2_400)
    assert terms.has_plus(phone)
    assert not terms.has_plus(Product(category="cables", warranty_months=6))


def test_dates_follow_from_the_rows(shop: CustomerStore) -> None:
    with shop.session() as session:
        from bot.customers.models import Order

        order, transit = session.get(Order, "NL-1"), session.get(Order, "NL-2")
        product = order.items[0].product
        assert terms.points_day(order) == dt.date(2026, 11, 19)
        assert terms.plus_end(order) == dt.date(2026, 12, 1)
        assert terms.price_match_end(order) == dt.date(2026, 11, 8)
        assert terms.warranty_end(order, product) == terms.faulty_end(order, product) == dt.date(2027, 11, 5)
        assert terms.points_day(transit) is terms.warranty_end(transit, product) is terms.kept_until(transit) is None
        assert terms.is_in_ear(product) and not terms.is_complex(product)


@pytest.mark.parametrize(("number", "said"), [(1, "1 балл"), (3, "3 балла"), (11, "11 баллов"), (21, "21 балл")])
def test_russian_numbers_agree_with_their_noun(number: int, said: str) -> None:
    assert counted(number, "балл", "балла", "баллов") == said


def test_sums_are_grouped_and_sentences_stop_once() -> None:
    assert (money(17990, "ru"), money(17990, "en"), money(299, "ru")) == ("17 990 ₽", "17,990 ₽", "299 ₽")
    assert stopped("до 5 мая 2027 г..") == "до 5 мая 2027 г."
