from __future__ import annotations

import datetime as dt

import pytest

from retrieval.ago import days_ago, means_latest, means_old, means_received, named_days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("брал его три недели назад", 21),
        ("недели две назад", 14),
        ("купил год назад", 365),
        ("5 дней назад", 5),
        ("вчера оформила", 1),
        ("полтора месяца назад", 45),
        ("ordered it two months ago", 60),
        ("a couple of days ago", 2),
        ("bought it yesterday", 1),
        ("it came last week", 8),
        ("она идёт три дня", None),
        ("within 14 days", None),
        ("is it two years of warranty?", None),
    ],
)
def test_how_long_ago_something_was(text: str, days: int | None) -> None:
    assert days_ago(text) == days


def test_the_oldest_or_the_latest_is_meant_only_where_it_is_said() -> None:
    assert means_old("моя старая колонка") and means_old("my old watch")
    assert means_latest("мой последний заказ") and means_latest("the new phone")
    assert not means_old("до последнего дня") and not means_latest("последний день возврата")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("что я заказывал в мае", (2026, 5, 1), (2026, 5, 31)),
        ("купил ещё в марте", (2026, 3, 1), (2026, 3, 31)),
        ("в декабре писала вам", (2025, 12, 1), (2025, 12, 31)),
        ("what I bought in May", (2026, 5, 1), (2026, 5, 31)),
        ("back in February", (2026, 2, 1), (2026, 2, 28)),
        ("the one from last November", (2026, 11, 1), (2026, 11, 30)),
        ("сдала весной", (2026, 3, 1), (2026, 5, 31)),
        ("last winter's purchase", (2025, 12, 1), (2026, 2, 28)),
        ("что я покупала в этом месяце", (2026, 11, 1), (2026, 11, 30)),
    ],
)
def test_a_month_or_season_is_the_latest_that_has_begun(
    text: str, first: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    assert named_days(text, dt.date(2026, 11, 26)) == (dt.date(*first), dt.date(*last))


@pytest.mark.parametrize("text", ["may I return it", "маленький заказ", "it fell down", "в магазине"])
def test_a_word_alike_is_no_month(text: str) -> None:
    assert named_days(text, dt.date(2026, 11, 26)) is None


def test_what_has_come_is_no_longer_awaited() -> None:
    assert means_received("what came in my last parcel") and means_received("что пришло в последней посылке")
    assert not means_received("when does my parcel come") and not means_received("когда придёт посылка")
