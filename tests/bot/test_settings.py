from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from bot.settings import NLG_TYPE, Settings, SettingsError, encoder_name, from_endpoint, load_settings
from nlu.base_models import ENCODER


def endpoints(folder: Path, text: str) -> Path:
    path = folder / "endpoints.yml"
    path.write_text(text)
    return path


def test_without_files_the_defaults_hold(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "config.yml", tmp_path / "endpoints.yml") == Settings()


def test_empty_files_are_as_none(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text("")
    assert load_settings(tmp_path / "config.yml", endpoints(tmp_path, "nlg:\n")) == Settings()


def test_the_projects_own_files_are_read() -> None:
    assert load_settings().encoder == str(ENCODER)


def test_settings_stand_below_nlg(tmp_path: Path) -> None:
    path = endpoints(tmp_path, f"nlg:\n  type: {NLG_TYPE}\n  decoder: ''\n  answer_threshold: 1\n  threads: 4\n")
    settings = load_settings(tmp_path / "config.yml", path)
    assert settings == Settings(decoder="", answer_threshold=1, threads=4)


def test_the_encoder_is_the_pipelines(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("pipeline:\n- name: Other\n- name: nlu.sentence_encoder.SentenceEncoder\n  model: my/encoder\n")
    assert encoder_name(config) == "my/encoder"
    config.write_text("pipeline:\n- name: nlu.sentence_encoder.SentenceEncoder\n- name: Other\n")
    assert encoder_name(config) == str(ENCODER)


def test_an_unknown_option_is_named_with_the_known_ones() -> None:
    with pytest.raises(SettingsError) as error:
        from_endpoint({"treads": 2}, "encoder")
    assert "endpoints.yml, nlg: unknown treads" in str(error.value)
    assert all(field.name in str(error.value) for field in fields(Settings) if field.name != "encoder")


def test_the_encoder_cannot_be_set_in_two_places() -> None:
    with pytest.raises(SettingsError, match="unknown encoder"):
        from_endpoint({"encoder": "other"}, "encoder")


@pytest.mark.parametrize(
    ("option", "value"),
    [("threads", "two"), ("threads", 1.5), ("threads", True), ("answer_threshold", "high"), ("decoder", None)],
)
def test_a_value_of_another_kind_is_named_with_the_default(option: str, value: Any) -> None:
    with pytest.raises(SettingsError) as error:
        from_endpoint({option: value}, "encoder")
    message = str(error.value)
    assert f"nlg.{option}: {value!r}" in message
    assert f"default: {getattr(Settings(), option)!r}" in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nlg: [", "line 1"),
        ("- nlg", "expected `key: value`"),
        ("nlg: http://nlg.example", "nlg: 'http://nlg.example'"),
    ],
)
def test_a_file_of_another_shape_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = endpoints(tmp_path, text)
    with pytest.raises(SettingsError) as error:
        load_settings(tmp_path / "config.yml", path)
    assert str(path) in str(error.value)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"decoder": "", "generation": "http://localhost/v1", "generation_model": "big"}, "nlg.decoder is empty"),
        ({"decoder": "", "generation": "my/model"}, "nlg.decoder is empty"),
        ({"decoder": "", "generation": "embedded"}, "nlg.decoder is empty"),
        ({"generation": "https://llm.example/v1"}, "nlg.generation_model is missing"),
    ],
)
def test_a_writer_needs_the_decoder_and_a_server_a_model(options: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        from_endpoint(options, "encoder")


def test_without_the_decoder_everything_is_quoted() -> None:
    assert Settings(decoder="").generation == "quote"
