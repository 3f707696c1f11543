"""Where codes and other letters go: over SMTP, or into a folder for the demo. Others implement ``Sender``."""

from __future__ import annotations

import os
import smtplib
import ssl
import uuid
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from bot.settings import ENDPOINTS, Settings, SettingsError
from nlu.errors import LichnoError

PASSWORD_VARIABLE = "LICHNO_SMTP_PASSWORD"
SECONDS = 10  # to wait for a mail server
SUBJECTS = {"ru": "Код подтверждения", "en": "Your confirmation code"}
BODIES = {
    "ru": "Код подтверждения: {code}\n\nОн действует 5 минут. Введите его в чате, где вы просили об изменении."
    " Если вы ни о чём не просили, ничего не делайте: без кода ничего не изменится. Никому его не сообщайте.\n",
    "en": "Your confirmation code: {code}\n\nIt works for 5 minutes. Enter it in the chat in which you asked for the"
    " change. If you asked for nothing, do nothing: without the code nothing changes. Share it with nobody.\n",
}


class CannotSend(LichnoError):
    """A letter did not leave; the text names server and reason, neither content nor contact."""


class Sender(Protocol):
    """Sends letters; it adds who they come from."""

    def send(self, letter: EmailMessage) -> None:
        """Send it now.

        Raises:
            CannotSend: it did not leave.
        """
        ...


class FileSender:
    """Writes each letter into a folder, as a mail server would deliver it: for trying the demo."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, letter: EmailMessage) -> None:
        letter["From"] = "demo@localhost"
        path = self._folder / f"{uuid.uuid4().hex}.eml"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as stream:
                stream.write(bytes(letter))
        except OSError as error:
            raise CannotSend(f"The folder {self._folder} cannot be written: {error.strerror}.") from error


class SmtpSender:
    """Hands letters to a mail server, encrypted wherever the server is not this machine.

    Args:
        host, port: the server.
        sender: the address that letters come from.
        user, password: for signing in; empty for a server that wants none.
        encrypted: TLS from the first byte (port 465) rather than by STARTTLS.
        context: what certificates are trusted; None: the system's.
    """

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        user: str = "",
        password: str = "",
        encrypted: bool = False,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._host, self._port, self._sender = host, port, sender
        self._user, self._password, self._encrypted = user, password, encrypted
        self._context = context or ssl.create_default_context()

    def send(self, letter: EmailMessage) -> None:
        letter["From"] = self._sender
        try:
            with self._connect() as server:
                if self._user:
                    server.login(self._user, self._password)
                server.send_message(letter)
        except (smtplib.SMTPException, OSError) as error:
            # Servers quote the recipient in their refusals: only the kind of error is told.
            raise CannotSend(f"{self._host}:{self._port} took no letter ({type(error).__name__}).") from error

    def _connect(self) -> smtplib.SMTP:
        if self._encrypted:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=SECONDS, context=self._context)
        server = smtplib.SMTP(self._host, self._port, timeout=SECONDS)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=self._context)
            server.ehlo()
        elif self._user or self._host not in ("localhost", "127.0.0.1", "::1"):
            server.close()
            raise smtplib.SMTPNotSupportedError("The server offers no encryption.")
        return server


def code_letter(contact: str, code: str, language: str) -> EmailMessage:
    """The letter with a code, in the customer's language."""
    message = EmailMessage()
    message["To"], message["Subject"] = contact, SUBJECTS[language]
    message.set_content(BODIES[language].format(code=code))
    return message


def sender_of(settings: Settings) -> Sender:
    """The sender that the settings name: ``file:FOLDER``, ``smtp://[user@]host[:port]`` or ``smtps://…``.

    Raises:
        SettingsError: it is none of these.
    """
    scheme, _, rest = settings.codes.partition(":")
    if scheme == "file" and rest:
        return FileSender(Path(rest))
    address = urlsplit(settings.codes)
    if scheme not in ("smtp", "smtps") or not address.hostname or address.password:
        raise SettingsError(
            f"{ENDPOINTS}, nlg.codes: {scheme}:… is no sender: write file:FOLDER, smtp://[user@]host[:port] or"
            f" smtps://[user@]host[:port], with the password in the environment variable {PASSWORD_VARIABLE}."
        )
    encrypted = scheme == "smtps"
    return SmtpSender(
        address.hostname,
        address.port or (465 if encrypted else 587),
        settings.codes_from,
        unquote(address.username or ""),
        os.environ.get(PASSWORD_VARIABLE, ""),
        encrypted,
    )
