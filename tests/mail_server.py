"""A real mail server on this machine that keeps what was delivered."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message


class Mailbox(Message):
    """Keeps what was delivered."""

    def __init__(self) -> None:
        super().__init__(EmailMessage)
        self.letters: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.letters.append(message)


Serve = Callable[..., tuple[Controller, Mailbox]]


@contextmanager
def mail_servers() -> Iterator[Serve]:
    """Starts servers, each on a port of its own, and ends them."""
    started: list[Controller] = []

    def start(**options: Any) -> tuple[Controller, Mailbox]:
        mailbox = Mailbox()
        controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **options)
        controller.start()
        started.append(controller)
        return controller, mailbox

    yield start
    for controller in started:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
