"""Telegram without Rasa: the client with its limits, the updates, whose chat it is, and what is said in it."""

import logging
import os

os.environ.setdefault(
    "PTB_TIMEDELTA", "true"
)  # python-telegram-bot then gives durations as timedelta, without warnings
# On INFO the HTTP clients name addresses, and so the bot's token; on DEBUG Piper names what it speaks.
for _library in ("httpx", "httpcore", "piper"):
    logging.getLogger(_library).setLevel(logging.WARNING)
