"""What must hold before Rasa is imported: nothing is sent out, logs are masked, unfounded warnings are not shown.

Set-up puts ``import bot.quiet`` into the environment's start-up, so that plain ``rasa`` commands
behave like ``lichno`` does.
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

from bot.privacy.masked_logs import install

ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",  # Rasa reports usage and errors to its maker otherwise
    "HF_HUB_OFFLINE": "1",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TOKENIZERS_PARALLELISM": "false",
}
UNFOUNDED = (
    "is not used in any story or rule",  # Rasa cannot see which responses an action or bot/nlg.py utters
    "Slot auto-fill has been removed",  # said of every domain
)


def apply() -> None:
    """Set what is not set otherwise; in Rasa's commands and ours, filter warnings and mask logs."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if any(os.path.basename(word) in ("rasa", "lichno", "bot.actions.server") for word in sys.orig_argv[:6]):
        warnings.showwarning = _filtered(warnings.showwarning)
        install()


def _filtered(show: Any) -> Any:
    def showwarning(message: Any, category: type[Warning], *rest: Any, **named: Any) -> None:
        third_party = issubclass(category, (DeprecationWarning, PendingDeprecationWarning, FutureWarning))
        if not third_party and not any(words in str(message) for words in UNFOUNDED):
            show(message, category, *rest, **named)

    return showwarning


apply()
