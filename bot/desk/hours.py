"""When people answer: hours of a day in a time zone, on all days or some."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from dataclasses import dataclass

from bot.settings import ENDPOINTS, SettingsError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS = {
    "ru": ("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье"),
    "en": ("on Monday", "on Tuesday", "on Wednesday", "on Thursday", "on Friday", "on Saturday", "on Sunday"),
}
NEAR = {"ru": ("сегодня", "завтра"), "en": ("today", "tomorrow")}
AT = {"ru": "{day} в {time}{zone}", "en": "{day} at {time}{zone}"}
ROUND_THE_CLOCK = {"ru": "круглосуточно", "en": "around the clock"}
ZONES = {"Europe/Moscow": {"ru": " по Москве", "en": " Moscow time"}}
_FORM = re.compile(r"(?:([a-z]{3})-([a-z]{3}) )?(\d\d:\d\d)-(\d\d:\d\d) (\S+)")


@dataclass(frozen=True)
class BusinessHours:
    """From ``start`` until ``end`` on ``days`` (0 is Monday) of ``zone``; equal times mean the whole day."""

    start: dt.time
    end: dt.time
    zone: zoneinfo.ZoneInfo
    days: frozenset[int] = frozenset(range(7))

    @classmethod
    def parse(cls, text: str) -> BusinessHours:
        """From ``09:00-21:00 Europe/Moscow`` or ``mon-fri 09:00-18:00 Europe/Moscow``.

        Raises:
            SettingsError: it is written otherwise, or there is no such time, day or zone.
        """
        try:
            match = _FORM.fullmatch(text.strip())
            assert match
            start, end = dt.time.fromisoformat(match[3]), dt.time.fromisoformat(match[4])
            assert start <= end
            first, last = (DAYS.index(match[1]), DAYS.index(match[2])) if match[1] else (0, 6)
            days = frozenset((first + n) % 7 for n in range((last - first) % 7 + 1))
            return cls(start, end, zoneinfo.ZoneInfo(match[5]), days)
        except (AssertionError, ValueError, zoneinfo.ZoneInfoNotFoundError) as error:
            raise SettingsError(
                f"{ENDPOINTS}, nlg.desk_hours: {text!r} should look like 09:00-21:00 Europe/Moscow"
                " or mon-fri 09:00-18:00 Europe/Moscow."
            ) from error

    def opens(self, now: dt.datetime) -> dt.datetime | None:
        """When people answer again, in the zone's time; None: they do now. A naive ``now`` is this machine's."""
        here = now.astimezone(self.zone)
        whole = self.start == self.end
        for ahead in range(8):
            day = here.date() + dt.timedelta(days=ahead)
            if day.weekday() not in self.days:
                continue
            begins = dt.datetime.combine(day, dt.time() if whole else self.start, self.zone)
            if here < begins:
                return begins
            if whole and not ahead or here.date() == day and here.time() < self.end:
                return None
        raise AssertionError("some day of the week is open")

    def words(self, language: str) -> str:
        """The hours, as ``9:00–21:00 Moscow time``."""
        if self.start == self.end:
            return ROUND_THE_CLOCK[language]
        return f"{_time(self.start)}–{_time(self.end)}{self._zone_words(language)}"

    def opening_words(self, opens: dt.datetime, now: dt.datetime, language: str) -> str:
        """When it opens, as ``tomorrow at 9:00 Moscow time``."""
        ahead = (opens.date() - now.astimezone(self.zone).date()).days
        day = NEAR[language][ahead] if ahead < 2 else WEEKDAYS[language][opens.weekday()]
        return AT[language].format(day=day, time=_time(opens.time()), zone=self._zone_words(language))

    def _zone_words(self, language: str) -> str:
        return ZONES.get(self.zone.key, {}).get(language, f" ({self.zone.key})")


def _time(time: dt.time) -> str:
    return f"{time.hour}:{time.minute:02}"
