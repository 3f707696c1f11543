"""``lichno chat``: Rasa's shell as a customer, with its action server."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import uuid
from typing import Annotated

import typer

from bot.cli.processes import ACTION_PORT, QUIETLY, require_free, start, stop, wait
from bot.conversation import SHELL_CUSTOMER
from bot.dialogue_model import latest_model


def chat(
    customer: Annotated[str | None, typer.Option(help="Chat as this customer; otherwise as a visitor.")] = None,
) -> None:
    """Chat in the terminal; /stop ends it. Input may be piped."""
    from bot.customers.store import CustomerStore, get_customer
    from bot.settings import load_settings

    latest_model()
    if customer:
        with CustomerStore(load_settings().customers).session() as session:
            get_customer(session, customer)
        os.environ[SHELL_CUSTOMER] = customer
    if not at_a_terminal():
        asyncio.run(_answer_lines(customer))
        return
    require_free(ACTION_PORT)
    actions = start("bot.actions.server", str(ACTION_PORT))
    try:
        wait(f"http://127.0.0.1:{ACTION_PORT}/health", [actions])
        code = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "rasa", "shell"], check=False, env={**os.environ, **QUIETLY}
        ).returncode
    finally:
        stop([actions])
    raise typer.Exit(code)


def at_a_terminal() -> bool:
    """Whether a person types, rather than a pipe."""
    return sys.stdin.isatty()


async def _answer_lines(customer: str | None) -> None:
    """Answer piped lines in one conversation: Rasa's shell asks a terminal's line editor and fails on a pipe."""
    from bot.runtime import Assistant

    assistant, conversation = await Assistant.load(), uuid.uuid4().hex
    for line in sys.stdin:
        if line.strip() == "/stop":
            break
        exchange = await assistant.ask(line.strip(), customer, conversation)
        print(exchange.reply, *(f"  [{button['title']}]" for button in exchange.buttons), sep="\n", flush=True)
