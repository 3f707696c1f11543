from __future__ import annotations

import datetime as dt

import pytest

from bot.customers.facts import facts_of
from bot.customers.models import Customer, RememberedFact
from bot.customers.remembered import (
    OTHERS,
    SECRET,
    allows,
    decide,
    may_remember,
    meant,
    refused,
    remember,
    told_text,
)
from bot.customers.store import CustomerStore, get_customer

NOW = dt.datetime(2026, 11, 24, 12, 0)


def keep(shop: CustomerStore, text: str, customer_id: str = "C1") -> None:
    with shop.session() as session:
        remember(session, get_customer(session, customer_id), text, "ru", NOW, "lichno_rest")
        session.commit()


def told(shop: CustomerStore, customer_id: str = "C1") -> list[str]:
    with shop.session() as session:
        return [fact.text for fact in get_customer(session, customer_id).remembered]


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("Запомни, что я левша.", "я левша"),
        ("пожалуйста, запомните: звонить после шести", "звонить после шести"),
        ("у меня аллергия на никель", "у меня аллергия на никель"),
        ("Please remember that I'm left-handed", "I'm left-handed"),
        ("for the record, I moved to Kazan", "I moved to Kazan"),
        ("запомни", ""),
        ("remember that", ""),
    ],
)
def test_what_is_told_stands_without_the_request(message: str, text: str) -> None:
    assert told_text(message) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("мой пароль qwerty", SECRET),
        ("my card number is 4111 1111 1111 1111", SECRET),
        ("карта 4111111111111111", SECRET),
        ("серия паспорта 4509", SECRET),
        ("my phone is +7 912 345-67-89", SECRET),
        ("у моей жены аллергия на никель", OTHERS),
        ("my husband is allergic to nickel", OTHERS),
        ("она не ест мясо, у неё диабет", OTHERS),
        ("у меня аллергия на никель", None),
        ("I moved to Kazan", None),
        ("у моего телефона разбит экран", None),
    ],
)
def test_secrets_and_other_peoples_data_are_not_kept(text: str, reason: str | None) -> None:
    assert refused(text) == reason


def test_nothing_is_kept_without_consent(shop: CustomerStore) -> None:
    with shop.session() as session:
        customer = get_customer(session, "C1")
        customer.consent_memory = False
        assert may_remember(customer) is None
        with pytest.raises(PermissionError):
            remember(session, customer, "я левша", "ru", NOW, "lichno_rest")
        decide(customer, False, NOW, "lichno_rest")
        session.commit()
        session.refresh(customer)
        assert may_remember(customer) is False
        decide(customer, True, NOW, "lichno_web")
        session.commit()
        session.refresh(customer)
        assert may_remember(customer) is True
        assert [(row.given, row.channel, row.text_version) for row in customer.consents if row.text_version] == [
            (False, "lichno_rest", "1"),
            (True, "lichno_web", "1"),
        ]


@pytest.mark.parametrize(
    ("message", "given"), [("разрешаю запоминать", True), ("you may remember", True), ("нет", False)]
)
def test_permission_is_told_from_facts(message: str, given: bool) -> None:
    assert allows(message) == given


def test_what_is_kept_becomes_a_fact_told_honestly(shop: CustomerStore) -> None:
    keep(shop, "Запомни, что у меня аллергия на никель")
    with shop.session() as session:
        (fact,) = [f for f in facts_of(get_customer(session, "C1"), NOW.date()) if f.kind == "told"]
        others = facts_of(get_customer(session, "C2"), NOW.date())
    assert fact.said("ru") == "Вы говорили 24 ноября: «у меня аллергия на никель»."
    assert fact.said("ru", informal=True) == "Ты говорила 24 ноября: «у меня аллергия на никель»."
    assert fact.said("en") == "You said on 24 November: “у меня аллергия на никель”."
    assert not [f for f in others if f.kind == "told"]


def test_a_correction_replaces_what_it_corrects(shop: CustomerStore) -> None:
    keep(shop, "у меня аллергия на никель")
    keep(shop, "я живу в Твери")
    keep(shop, "на самом деле у меня аллергия на хром")
    assert set(told(shop)) == {"я живу в Твери", "у меня аллергия на хром"}


def test_the_same_is_kept_once(shop: CustomerStore) -> None:
    keep(shop, "я левша")
    keep(shop, "Запомни, что я левша")
    assert told(shop) == ["я левша"]


@pytest.mark.parametrize(
    ("message", "forgotten"),
    [
        ("забудь про мою аллергию", ["у меня аллергия на никель"]),
        ("забудь это", ["я живу в Твери"]),
        ("забудь всё", ["я живу в Твери", "у меня аллергия на никель"]),
        ("forget that", ["я живу в Твери"]),
        ("forget about the cats", []),
    ],
)
def test_what_a_request_to_forget_means(message: str, forgotten: list[str]) -> None:
    known = [RememberedFact(text=text) for text in ("я живу в Твери", "у меня аллергия на никель")]
    assert [fact.text for fact in meant(known, message)] == forgotten
    assert meant([], message) == []


def test_customers_own_rows_alone_are_theirs(shop: CustomerStore) -> None:
    keep(shop, "я левша")
    assert (told(shop, "C1"), told(shop, "C2")) == (["я левша"], [])
    with shop.session() as session:
        assert session.query(Customer).count() == 2
