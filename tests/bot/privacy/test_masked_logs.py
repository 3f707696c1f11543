from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from bot.privacy import masked_logs

PHONE, MAIL = "+7 912 345-67-89", "ann@mail.example"


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Masking as in the assistant's process; everything is put back."""
    factory = logging.getLogRecordFactory()
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    masked_logs.install()
    yield
    logging.setLogRecordFactory(factory)


def test_messages_and_their_arguments_are_masked(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("sanic.root").warning("from %s: %s", MAIL, {"phone": PHONE})
    assert caplog.messages == ["from [email]: {'phone': '[phone]'}"]


def test_an_errors_own_words_are_masked(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError(f"cannot send to {MAIL}")
    except ValueError:
        logging.getLogger("bot.nlg").exception("No answer could be given.")
    assert "[email]" in caplog.text and MAIL not in caplog.text
    assert "Traceback" in caplog.text and "ValueError" in caplog.text


def test_rasas_structured_messages_are_masked(caplog: pytest.LogCaptureFixture) -> None:
    text = json.dumps({"text": f"Меня зовут Ирина Соколова, {PHONE}", "event": "processor.message.parse"})
    assert "\\u" in text
    logger = structlog.wrap_logger(logging.getLogger("rasa.core.processor"), [structlog.processors.JSONRenderer()])
    logger.warning("processor.message.parse", text=f"Меня зовут Ирина Соколова, {PHONE}")
    assert "[name]" in caplog.text and "[phone]" in caplog.text
    assert "Соколова" not in caplog.text and "345-67-89" not in caplog.text


def test_what_an_uncaught_error_prints_is_masked(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise RuntimeError(f"call {PHONE}")
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    told = capsys.readouterr().err
    assert "RuntimeError: call [phone]" in told and PHONE not in told


def test_a_message_with_wrong_arguments_does_not_stop_the_program(caplog: pytest.LogCaptureFixture) -> None:
    factory = logging.getLogRecordFactory()
    record = factory("bot", logging.WARNING, "f.py", 1, "%d and %d", ("one",), None)
    assert record.msg == "%d and %d"


def test_installing_twice_is_installing_once() -> None:
    factory = logging.getLogRecordFactory()
    masked_logs.install()
    assert logging.getLogRecordFactory() is factory
