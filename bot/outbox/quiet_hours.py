"""Hours in which nobody is written to who has not just written."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from dataclasses import dataclass

from nlu.errors import LichnoError

_FORM = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d) (\S+)")


class QuietHoursError(LichnoError):
    """The quiet hours cannot be read."""


@dataclass(frozen=True)
class QuietHours:
    """From ``start`` until ``end`` nothing is sent; equal times mean never quiet. Times are those of ``zone``."""

    start: dt.time = dt.time(21)
    end: dt.time = dt.time(9)
    zone: dt.tzinfo = zoneinfo.ZoneInfo("Europe/Moscow")

    @classmethod
    def parse(cls, text: str) -> QuietHours:
        """From ``21:00-09:00 Europe/Moscow``.

        Raises:
            QuietHoursError: it is written otherwise, or there is no such time or zone.
        """
        try:
            match = _FORM.fullmatch(text.strip())
            assert match
            return cls(dt.time.fromisoformat(match[1]), dt.time.fromisoformat(match[2]), zoneinfo.ZoneInfo(match[3]))
        except (AssertionError, ValueError, zoneinfo.ZoneInfoNotFoundError) as error:
            raise QuietHoursError(
                f"endpoints.yml, nlg.quiet_hours: {text!r} should look like 21:00-09:00 Europe/Moscow."
            ) from error

    def next_allowed(self, now: dt.datetime) -> dt.datetime:
        """``now`` if that is no quiet time, else when it ends; naive times are this machine's."""
        here = now.astimezone(self.zone)
        if not self._quiet(here.time()):
            return now
        day = here.date() + dt.timedelta(days=here.time() >= self.end)
        ends = dt.datetime.combine(day, self.end, self.zone)
        return ends if now.tzinfo else ends.astimezone().replace(tzinfo=None)

    def _quiet(self, time: dt.time) -> bool:
        if self.start <= self.end:
            return self.start <= time < self.end
        return time >= self.start or time < self.end
