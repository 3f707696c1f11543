"""Logs without anything personal: every record of this process is masked as it is made.

A filter would have to be put on each handler, also on those that Rasa and Sanic add later; the record's
factory is the one place that all of them share. Messages of Rasa's structlog pass here too, rendered.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from bot.privacy.masking import mask


def install() -> None:
    """Mask all that is logged from now on, and what an uncaught error prints; once is enough."""
    make = logging.getLogRecordFactory()
    if getattr(make, "masks", False):
        return
    masked = _masked(make)
    logging.setLogRecordFactory(masked)
    sys.excepthook = _told


def _masked(make: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
    def factory(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        try:
            text = record.getMessage()
        except Exception:  # wrong arguments for the message: logging tells so itself when it prints the record
            return record
        record.msg, record.args = mask(_readable(text), names=True), None
        if record.exc_info and record.exc_info[0]:
            # A formatter takes what stands here instead of writing the error out.
            record.exc_text = mask("".join(traceback.format_exception(*record.exc_info)).rstrip(), names=True)
        return record

    factory.masks = True  # type: ignore[attr-defined]
    return factory


def _readable(text: str) -> str:
    """Text with JSON's escapes of letters undone, which would hide names."""
    return re.sub(r"\\u(0[0-9a-fA-F]{3})", _letter, text)


def _letter(match: re.Match[str]) -> str:
    letter = chr(int(match[1], 16))
    return letter if letter.isalpha() else match[0]


def _told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.stderr.write(mask("".join(traceback.format_exception(kind, error, trace)), names=True))
