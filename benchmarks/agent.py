"""The trained demo for the benchmarks, without Rasa's log of every message."""

from __future__ import annotations

import logging
from typing import Any

import bot.quiet  # noqa: F401
from bot.dialogue_model import latest_model


async def load() -> Any:
    """Rasa's agent with the newest model."""
    from rasa.core.agent import load_agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)
    return await load_agent(model_path=str(latest_model()))
