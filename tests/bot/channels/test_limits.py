from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.limits import KEPT, Limiter, Rate, RateUnreadable


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_rate_is_read_as_written() -> None:
    assert Rate.read("20/minute") == Rate(20, 60.0)
    assert Rate.read("3 / hour") == Rate(3, 3600.0)


@pytest.mark.parametrize("text", ["", "20", "minute", "0/minute", "-1/minute", "2.5/minute", "20/day", "20/minute/2"])
def test_what_is_no_rate_is_named_with_the_remedy(text: str) -> None:
    with pytest.raises(RateUnreadable, match="20/minute"):
        Rate.read(text)


def test_a_burst_then_a_steady_pace() -> None:
    clock = Clock()
    limiter = Limiter(Rate(2, 60.0), clock)
    assert [limiter.wait("a") for _ in range(3)] == [0.0, 0.0, 30.0]
    clock.now = 20.0
    assert limiter.wait("a") == pytest.approx(10.0)
    clock.now = 30.0
    assert [limiter.wait("a"), limiter.wait("a")] == [0.0, pytest.approx(30.0)]


def test_keys_do_not_share() -> None:
    limiter = Limiter(Rate(1, 60.0), Clock())
    assert [limiter.wait("a"), limiter.wait("b")] == [0.0, 0.0]
    assert limiter.wait("a") > 0


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 5))
def test_no_window_lets_through_more_than_two_bursts(pauses: list[float], count: int) -> None:
    clock = Clock()
    limiter = Limiter(Rate(count, 60.0), clock)
    allowed = []
    for pause in pauses:
        clock.now += pause
        if limiter.wait("a") == 0:
            allowed.append(clock.now)
    for start in allowed:
        assert sum(start <= at < start + 60 for at in allowed) <= 2 * count


def test_keys_of_long_ago_are_forgotten() -> None:
    clock = Clock()
    limiter = Limiter(Rate(1, 1.0), clock)
    for key in range(KEPT + 10):
        limiter.wait(str(key))
    assert len(limiter._left) > KEPT  # each still counts
    clock.now = 10.0
    limiter.wait("new")
    assert len(limiter._left) == KEPT
