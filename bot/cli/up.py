"""``lichno up``: everything from nothing."""

from __future__ import annotations

import signal
import time
from typing import Annotated

import typer

from bot.channels.identity import signing_key
from bot.cli.prepare import console, prepare
from bot.cli.processes import ACTION_PORT, CannotStart, require_free, start, stop, wait
from bot.desk.desk import is_switched_on
from bot.settings import load_settings
from bot.telegram.settings import load

QUESTIONS = (
    ("C001", "Ирина, waits for headphones", "Где мой заказ?"),
    ("C002", "Артём, Gold, is addressed informally", "сколько баллов я получаю с покупки?"),
    ("C003", "Emma, writes in English", "how long is the warranty on headphones?"),
)


def up(
    port: Annotated[int, typer.Option(help="Port of the assistant.")] = 5005,
    prepare_only: Annotated[bool, typer.Option("--prepare-only", help="Make what is missing, start nothing.")] = False,
) -> None:
    """Train what is missing, index what changed, start the assistant and its action server."""
    prepare(load_settings())
    if prepare_only:
        return
    telegram = load()  # before a wrong token could stop a server that has half started
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service manager's way of pressing Ctrl-C
    for wanted in (port, ACTION_PORT):
        require_free(wanted)
    signing_key()  # made before two processes could each make one
    processes = [start("bot.actions.server", str(ACTION_PORT))]
    processes.append(start("rasa", "run", "--port", str(port), "--interface", "127.0.0.1"))
    try:
        with console.status("Starting the assistant and its action server"):
            wait(f"http://127.0.0.1:{ACTION_PORT}/health", processes)
            wait(f"http://127.0.0.1:{port}/webhooks/rest/", processes)
        _greet(port, telegram is not None)
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
        raise CannotStart("One of the two servers has ended; its last words stand above.")
    except KeyboardInterrupt:
        console.print("Stopping.")
    finally:
        stop(processes)


def _greet(port: int, telegram: bool) -> None:
    console.print(f"\nThe demo shop with the chat: http://localhost:{port}/. Ctrl-C ends it.")
    console.print(f"Programs ask at http://localhost:{port}/webhooks/rest/webhook.\n")
    if is_switched_on():
        console.print(f"People answer at http://localhost:{port}/desk.\n")
    if telegram:
        console.print("The Telegram bot answers too; lichno telegram link C001 prints a link that binds a chat.\n")
    console.print("Worth trying, in another terminal:")
    for customer, who, question in QUESTIONS:
        console.print(f'  lichno ask "{question}" --customer {customer}   [dim]{who}[/dim]')
    console.print()
