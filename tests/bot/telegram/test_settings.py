from __future__ import annotations

from pathlib import Path

import pytest

from bot.telegram.errors import TelegramSettingsError
from bot.telegram.settings import API_URL, OFFICIAL_API, TOKEN, WEBHOOK_URL, TelegramSettings, load

GOOD = "123456:abcdefghijklmnop"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (TOKEN, API_URL, WEBHOOK_URL):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize("token", ["", "  "])
def test_without_a_token_the_channel_sleeps(environment: pytest.MonkeyPatch, token: str) -> None:
    assert load() is None
    environment.setenv(TOKEN, token)
    assert load({"voice_model": ""}) is None


def test_addresses_come_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv(TOKEN, f" {GOOD} ")
    assert load() == TelegramSettings(GOOD, OFFICIAL_API)
    environment.setenv(API_URL, "http://localhost:8081/")
    environment.setenv(WEBHOOK_URL, "https://shop.example/")
    assert load({"voice_model": "m"}) == TelegramSettings(GOOD, "http://localhost:8081", "https://shop.example", "m")


@pytest.mark.parametrize("token", ["654321", "abc:def", "123456:short", "123456:has a space in it"])
def test_a_token_of_another_form_is_refused_and_not_repeated(environment: pytest.MonkeyPatch, token: str) -> None:
    environment.setenv(TOKEN, token)
    with pytest.raises(TelegramSettingsError, match="BotFather") as refused:
        load()
    assert token not in str(refused.value)


def test_a_webhook_without_tls_and_an_unknown_option_are_refused(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(TelegramSettingsError, match="colour"):
        load({"colour": "red"})
    environment.setenv(TOKEN, GOOD)
    environment.setenv(WEBHOOK_URL, "http://shop.example")
    with pytest.raises(TelegramSettingsError, match="https"):
        load()


def test_voices_are_files_by_language_and_an_empty_one_is_none(environment: pytest.MonkeyPatch) -> None:
    environment.setenv(TOKEN, GOOD)
    settings = load({"voices": {"ru": "voices/ru.onnx", "en": ""}})
    assert settings and settings.voices == {"ru": Path("voices/ru.onnx")} and settings.piper == "piper"
    for wrong in ({"de": "voices/de.onnx"}, "voices/ru.onnx"):
        with pytest.raises(TelegramSettingsError, match="ru, en"):
            load({"voices": wrong})


def test_the_secret_is_the_same_for_a_token_and_tells_nothing_of_it() -> None:
    one, other = TelegramSettings(GOOD), TelegramSettings(GOOD + "x")
    assert one.secret == TelegramSettings(GOOD).secret != other.secret
    assert GOOD not in one.secret and one.secret.isalnum()
