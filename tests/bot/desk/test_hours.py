from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest

from bot.desk.hours import BusinessHours
from bot.settings import SettingsError

MOSCOW = zoneinfo.ZoneInfo("Europe/Moscow")


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """A time of November 2026, of which the 25th is a Wednesday."""
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("hours", "now", "opens"),
    [
        ("09:00-21:00 Europe/Moscow", at(25, 12), None),
        ("09:00-21:00 Europe/Moscow", at(25, 9), None),
        ("09:00-21:00 Europe/Moscow", at(25, 8, 59), at(25, 9)),
        ("09:00-21:00 Europe/Moscow", at(25, 21), at(26, 9)),
        ("00:00-00:00 Europe/Moscow", at(25, 3), None),
        ("mon-fri 09:00-18:00 Europe/Moscow", at(27, 17), None),
        ("mon-fri 09:00-18:00 Europe/Moscow", at(27, 18), at(30, 9)),
        ("mon-fri 09:00-18:00 Europe/Moscow", at(28, 12), at(30, 9)),
        ("sat-mon 10:00-12:00 Europe/Moscow", at(25, 12), at(28, 10)),
        ("wed-wed 00:00-00:00 Europe/Moscow", at(26, 1), dt.datetime(2026, 12, 2, tzinfo=MOSCOW)),
    ],
)
def test_when_people_answer(hours: str, now: dt.datetime, opens: dt.datetime | None) -> None:
    assert BusinessHours.parse(hours).opens(now) == opens
    assert BusinessHours.parse(hours).opens(now.astimezone(dt.timezone.utc)) == opens


@pytest.mark.parametrize(
    ("day", "russian", "english"),
    [
        (25, "сегодня в 9:00 по Москве", "today at 9:00 Moscow time"),
        (26, "завтра в 9:00 по Москве", "tomorrow at 9:00 Moscow time"),
        (30, "в понедельник в 9:00 по Москве", "on Monday at 9:00 Moscow time"),
    ],
)
def test_when_they_begin_is_told_in_words(day: int, russian: str, english: str) -> None:
    hours = BusinessHours.parse("09:00-21:00 Europe/Moscow")
    assert [hours.opening_words(at(day, 9), at(25, 8), language) for language in ("ru", "en")] == [russian, english]
    assert hours.words("ru") == "9:00–21:00 по Москве"


def test_a_whole_day_is_told_in_a_word() -> None:
    assert BusinessHours.parse("00:00-00:00 Europe/Moscow").words("en") == "around the clock"


def test_other_zones_go_by_their_names() -> None:
    assert BusinessHours.parse("09:30-18:00 Asia/Almaty").words("en") == "9:30–18:00 (Asia/Almaty)"


@pytest.mark.parametrize(
    "text", ["", "9-21", "09:00-21:00", "21:00-09:00 Europe/Moscow", "09:00-21:00 Moon/Base", "mon-xyz 09:00-21:00 UTC"]
)
def test_what_cannot_be_read_is_told_with_the_right_form(text: str) -> None:
    with pytest.raises(SettingsError, match="mon-fri 09:00-18:00"):
        BusinessHours.parse(text)
