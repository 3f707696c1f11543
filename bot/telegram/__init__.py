"""Telegram without Rasa: the client with its limits, the updates, whose chat it is, and what is said in it."""

import logging
import os

os.environ.setdefault(
    "PTB_TIMEDELTA", "true"
)  # python-telegram-bot then gives durations as timedelta, without warnings
for _client in ("httpx", "httpcore"):
    logging.getLogger(_client).setLevel(logging.WARNING)  # on INFO each line names the address, and so the bot's token
