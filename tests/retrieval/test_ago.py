from __future__ import annotations

import pytest

from retrieval.ago import days_ago, means_latest, means_old


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
