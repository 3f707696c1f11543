from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bot.customers.errors import CustomerStoreMissing
from bot.customers.feedback import LONGEST_REASON, rate, ratings
from bot.customers.models import Feedback
from bot.customers.store import CustomerStore
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop

NOW = dt.datetime(2026, 11, 24, 12)


@pytest.fixture
def store(tmp_path: Path) -> CustomerStore:
    return imported(tmp_path, write_shop(tmp_path / "shop"))


def test_the_last_rating_of_a_reply_counts(store: CustomerStore) -> None:
    for rating, reason in ((1, ""), (-1, "too vague")):
        rate(store, "customer:C1", "C1", "m1.1", rating, reason, NOW)
    rate(store, "customer:C1", "C1", "m2.1", 1, "", NOW)
    assert ratings(store, "customer:C1") == {"m1.1": -1, "m2.1": 1}
    with store.session() as session:
        assert session.get(Feedback, ("customer:C1", "m1.1")).reason == "too vague"


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
