from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bot.customers.errors import CustomerStoreMissing
from bot.customers.feedback import LONGEST_REASON, rate, ratings
from bot.customers.models import Customer, Feedback, Preference
from bot.customers.person import LENGTH
from bot.customers.store import CustomerStore

NOW = dt.datetime(2026, 11, 24, 12)


def test_the_last_rating_of_a_reply_counts(store: CustomerStore) -> None:
    for rating, reason in ((1, ""), (-1, "too vague")):
        rate(store, "customer:C1", "C1", "m1.1", rating, reason, NOW)
    rate(store, "customer:C1", "C1", "m2.1", 1, "", NOW)
    assert ratings(store, "customer:C1") == {"m1.1": -1, "m2.1": 1}
    with store.session() as session:
        assert session.get(Feedback, ("customer:C1", "m1.1")).reason == "too vague"


@pytest.mark.parametrize(
    ("reason", "length", "form"),
    [
        ("слишком длинно", "short", "formal"),
        ("много воды", "short", "formal"),
        ("Too long and too stiff", "short", "informal"),
        ("не хватает подробностей", "full", "formal"),
        ("too vague", "full", "formal"),
        ("слишком официально", None, "informal"),
        ("it is wrong", None, "formal"),
        ("сначала слишком длинно, потом слишком кратко", None, "formal"),
    ],
)
def test_later_replies_follow_the_reason_of_a_thumb_down(
    store: CustomerStore, reason: str, length: str | None, form: str
) -> None:
    with store.session() as session:
        session.get(Customer, "C1").address_form = "formal"
        session.commit()
    rate(store, "customer:C1", "C1", "m1.1", 1, reason, NOW)
    assert liked(store) == (None, "formal")
    rate(store, "customer:C1", "C1", "m1.1", -1, reason, NOW)
    assert liked(store) == (length, form)


def test_who_wants_no_familiarity_is_addressed_formally(store: CustomerStore) -> None:
    with store.session() as session:
        session.get(Customer, "C1").address_form = "informal"
        session.commit()
    rate(store, "customer:C1", "C1", "m1.1", -1, "не тыкайте мне", NOW)
    assert liked(store) == (None, "formal")


def liked(store: CustomerStore) -> tuple[str | None, str]:
    """The length of replies and the form of address that C1 likes."""
    with store.session() as session:
        length = session.get(Preference, ("C1", LENGTH))
        return length.value if length else None, session.get(Customer, "C1").address_form


def test_a_rating_can_be_taken_back(store: CustomerStore) -> None:
    rate(store, "anonymous:1", None, "m1.1", 1, "", NOW)
    rate(store, "anonymous:1", None, "m1.1", 0, "", NOW)
    rate(store, "anonymous:1", None, "m9.1", 0, "", NOW)
    assert ratings(store, "anonymous:1") == {}


def test_conversations_do_not_see_each_others_ratings(store: CustomerStore) -> None:
    rate(store, "customer:C1", "C1", "m1.1", 1, "", NOW)
    assert ratings(store, "customer:C2") == {}


def test_a_reason_has_an_end(store: CustomerStore) -> None:
    rate(store, "customer:C1", "C1", "m1.1", -1, "a" * 9999, NOW)
    with store.session() as session:
        assert len(session.get(Feedback, ("customer:C1", "m1.1")).reason) == LONGEST_REASON


def test_without_a_database_there_is_none_made(tmp_path: Path) -> None:
    store = CustomerStore(f"sqlite:///{tmp_path}/none.db")
    assert ratings(store, "customer:C1") == {}
    with pytest.raises(CustomerStoreMissing):
        rate(store, "customer:C1", "C1", "m1.1", 1, "", NOW)
    assert not (tmp_path / "none.db").exists()
