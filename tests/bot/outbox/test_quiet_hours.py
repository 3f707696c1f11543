from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.outbox.quiet_hours import QuietHours, QuietHoursError

UTC = dt.timezone.utc
MOSCOW = QuietHours.parse("21:00-09:00 Europe/Moscow")
ZONES = ("Europe/Moscow", "Asia/Vladivostok", "America/New_York", "UTC")
TIMES = st.times().map(lambda time: time.replace(second=0, microsecond=0))


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        ("2026-11-25T12:00+03:00", "2026-11-25T12:00+03:00"),
        ("2026-11-25T20:59+03:00", "2026-11-25T20:59+03:00"),
        ("2026-11-25T21:00+03:00", "2026-11-26T09:00+03:00"),
        ("2026-11-25T00:30+03:00", "2026-11-25T09:00+03:00"),
        ("2026-11-25T09:00+03:00", "2026-11-25T09:00+03:00"),
        ("2026-11-25T19:00+00:00", "2026-11-26T06:00+00:00"),
    ],
)
def test_nights_end_in_the_morning_of_the_shops_zone(now: str, allowed: str) -> None:
    assert MOSCOW.next_allowed(dt.datetime.fromisoformat(now)) == dt.datetime.fromisoformat(allowed)


@given(TIMES, TIMES, st.sampled_from(ZONES), st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1)))
def test_what_is_allowed_is_never_quiet_nor_past_nor_a_day_off(
    start: dt.time, end: dt.time, zone: str, now: dt.datetime
) -> None:
    quiet = QuietHours(start, end, zoneinfo.ZoneInfo(zone))
    now = now.replace(tzinfo=UTC)
    allowed = quiet.next_allowed(now)
    assert dt.timedelta(0) <= allowed - now <= dt.timedelta(hours=25)
    assert quiet.next_allowed(allowed) == allowed


def test_a_naive_time_is_this_machines() -> None:
    now = dt.datetime(2026, 11, 25, 12)
    told = MOSCOW.next_allowed(now)
    assert told.tzinfo is None
    assert told.astimezone(UTC) == MOSCOW.next_allowed(now.astimezone(UTC)).astimezone(UTC)


def test_equal_times_are_never_quiet() -> None:
    now = dt.datetime(2026, 11, 25, 3, tzinfo=UTC)
    assert QuietHours(dt.time(0), dt.time(0)).next_allowed(now) == now


@pytest.mark.parametrize("text", ["", "21-9", "25:00-09:00 Europe/Moscow", "21:00-09:00 Europe/Nowhere", "21:00-09:00"])
def test_what_cannot_be_read_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(QuietHoursError, match="21:00-09:00 Europe/Moscow"):
        QuietHours.parse(text)
