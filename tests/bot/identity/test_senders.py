"""Codes over a real mail server on this machine, and what happens where there is none."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from bot.identity.senders import PASSWORD_VARIABLE, CannotSend, FileSender, SmtpSender, code_letter, sender_of
from bot.settings import Settings, SettingsError
from tests.mail_server import Serve, free_port, mail_servers

CODE, TO, SENDER = "042137", "anna@mail.example", "Shop <no-reply@shop.example>"


@pytest.fixture
def serve() -> Iterator[Serve]:
    with mail_servers() as serve:
        yield serve


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    paths = folder / "certificate.pem", folder / "key.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run([*command.split(), "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
    return paths


@pytest.fixture
def encryption(certificate: tuple[Path, Path]) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's context, and that of a client who trusts it."""
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(*certificate)
    return server, ssl.create_default_context(cafile=str(certificate[0]))


@pytest.mark.parametrize(("language", "words"), [("ru", "Код подтверждения"), ("en", "confirmation code")])
def test_a_letter_arrives_in_the_customers_language(serve: Serve, language: str, words: str) -> None:
    server, mailbox = serve()
    SmtpSender("127.0.0.1", server.port, SENDER).send(code_letter(TO, CODE, language))
    (letter,) = mailbox.letters
    assert (letter["To"], letter["From"]) == (TO, SENDER)
    body = letter.get_payload(decode=True).decode()
    assert CODE in body and words in f"{letter['Subject']} {body}"
    assert CODE not in letter["Subject"]  # which phones show to everybody


def test_with_a_password_over_encryption(serve: Serve, encryption: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    def authenticate(_: Any, __: Any, ___: Any, ____: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"shop", b"secret")
        return AuthResult(success=right, handled=False)

    server, mailbox = serve(
        tls_context=encryption[0], require_starttls=True, auth_required=True, authenticator=authenticate
    )
    SmtpSender("127.0.0.1", server.port, SENDER, "shop", "secret", context=encryption[1]).send(
        code_letter(TO, CODE, "en")
    )
    assert len(mailbox.letters) == 1
    with pytest.raises(CannotSend, match="SMTPAuthenticationError"):
        SmtpSender("127.0.0.1", server.port, SENDER, "shop", "wrong", context=encryption[1]).send(
            code_letter(TO, CODE, "en")
        )


def test_a_server_with_an_unknown_certificate_gets_nothing(
    serve: Serve, encryption: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    server, mailbox = serve(tls_context=encryption[0])
    with pytest.raises(CannotSend, match="SSLCertVerificationError"):
        SmtpSender("127.0.0.1", server.port, SENDER).send(code_letter(TO, CODE, "en"))
    assert mailbox.letters == []


def test_a_password_is_not_sent_in_the_clear(serve: Serve) -> None:
    server, mailbox = serve()
    with pytest.raises(CannotSend, match="SMTPNotSupportedError"):
        SmtpSender("127.0.0.1", server.port, SENDER, "shop", "secret").send(code_letter(TO, CODE, "en"))
    assert mailbox.letters == []


def test_a_failure_tells_neither_code_nor_contact(serve: Serve) -> None:
    with pytest.raises(CannotSend) as caught:
        SmtpSender("127.0.0.1", free_port(), SENDER).send(code_letter(TO, CODE, "en"))
    assert TO not in str(caught.value) and CODE not in str(caught.value)


def test_a_folder_gets_a_letter_that_only_its_owner_reads(tmp_path: Path) -> None:
    FileSender(tmp_path / "letters").send(code_letter(TO, CODE, "en"))
    (letter,) = (tmp_path / "letters").iterdir()
    assert CODE in letter.read_text() and letter.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("in the way")
    with pytest.raises(CannotSend, match="letters"):
        FileSender(tmp_path / "letters").send(code_letter(TO, CODE, "en"))


def test_the_settings_name_the_sender(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server, mailbox = serve()
    sender_of(Settings(codes=f"smtp://127.0.0.1:{server.port}", codes_from=SENDER)).send(code_letter(TO, CODE, "en"))
    assert len(mailbox.letters) == 1
    sender_of(Settings(codes=f"file:{tmp_path}/letters")).send(code_letter(TO, CODE, "en"))
    assert len(list((tmp_path / "letters").iterdir())) == 1


def test_the_password_comes_from_the_environment(
    serve: Serve, encryption: tuple[ssl.SSLContext, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    got: list[bytes] = []

    def authenticate(_: Any, __: Any, ___: Any, ____: str, data: Any) -> AuthResult:
        got.append(data.password)
        return AuthResult(success=True)

    server, _ = serve(tls_context=encryption[0], authenticator=authenticate)
    monkeypatch.setenv(PASSWORD_VARIABLE, "secret")
    monkeypatch.setattr("bot.identity.senders.ssl.create_default_context", lambda: encryption[1])
    sender_of(Settings(codes=f"smtp://shop@127.0.0.1:{server.port}", codes_from=SENDER)).send(
        code_letter(TO, CODE, "en")
    )
    assert got == [b"secret"]


@pytest.mark.parametrize("codes", ["file:", "pigeon://roof", "smtp://", "smtp://shop:secret@mail.example"])
def test_what_is_no_sender_is_refused_without_repeating_a_password(codes: str) -> None:
    with pytest.raises(SettingsError, match="nlg.codes") as caught:
        sender_of(Settings(codes=codes))
    assert "secret" not in str(caught.value)
