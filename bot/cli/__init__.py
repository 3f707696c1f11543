"""The command ``lichno``: one file a command; errors are one sentence with the remedy."""

from __future__ import annotations

import bot.quiet  # noqa: F401  before anything imports Rasa


def main() -> None:
    """Run the command; a known error is told in its own sentence and exits with 1."""
    import sys

    from rich.console import Console

    from bot.cli.app import app
    from nlu.errors import LichnoError

    try:
        app()
    except LichnoError as error:
        Console(stderr=True).print(str(error), style="red", markup=False, soft_wrap=True)
        sys.exit(1)
