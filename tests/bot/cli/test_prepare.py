from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.cli.prepare import TrainingFailed, prepare_knowledge, train_dialogue
from bot.settings import Settings
from nlu.base_models import CHECKSUMS, ENCODER, MODELS
from retrieval.knowledge_base import KnowledgeBase, KnowledgeBaseError
from retrieval.store.index_file import made_with
from tests.bot.cli.conftest import Run
from tests.fakes import HashEncoder

KNOWLEDGE = Path(Settings().knowledge)


def aged(path: Path, hour: int) -> None:
    """The file, last changed at this hour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, (hour * 3600, hour * 3600))


@pytest.fixture
def trained(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """The commands with which Rasa was asked to train; each leaves a model and succeeds."""
    commands: list[Sequence[str]] = []

    def train(command: Sequence[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        commands.append(command)
        aged(MODELS / "new.tar.gz", 99)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr("bot.cli.prepare.subprocess.run", train)
    monkeypatch.setattr("bot.cli.prepare.write_card", lambda model: None)
    return commands


def project_of(model: int | None, data: int, encoder: int | None) -> None:
    """Files changed at these hours; None: not there."""
    aged(Path("training_data/nlu/ru.yml"), data)
    if model is not None:
        aged(MODELS / "model.tar.gz", model)
    if encoder is not None:
        aged(ENCODER / CHECKSUMS, encoder)


# -- understanding and dialogue ---------------------------------------------------------------


def test_a_model_newer_than_its_data_and_its_encoder_is_ready(trained: list[Sequence[str]]) -> None:
    project_of(model=3, data=1, encoder=2)
    train_dialogue()
    assert trained == []


@pytest.mark.parametrize(
    ("model", "data", "encoder", "forced"),
    [
        (2, 1, 3, True),  # the encoder is another
        (1, 2, 3, True),
        (2, 3, 1, False),  # only the data changed: Rasa trains what depends on it
        (2, 3, None, False),  # the encoder has no checksums, as one from the hub
        (None, 1, None, False),
        (None, 1, 2, True),  # no model, but perhaps a cache
    ],
)
def test_rasas_cache_is_passed_over_where_the_encoder_is_newer_than_the_model(
    trained: list[Sequence[str]], model: int | None, data: int, encoder: int | None, forced: bool
) -> None:
    project_of(model, data, encoder)
    train_dialogue()
    (command,) = trained
    assert list(command[3:6]) == ["-m", "rasa", "train"]
    assert ("--force" in command) == forced


@pytest.mark.parametrize(("encoder", "forced"), [(1, False), (3, True)])
def test_training_on_demand_passes_over_the_cache_only_for_another_encoder(
    trained: list[Sequence[str]], encoder: int, forced: bool
) -> None:
    project_of(model=2, data=1, encoder=encoder)
    train_dialogue(force=True)
    assert [("--force" in command) for command in trained] == [forced]


def test_after_a_training_the_model_is_ready(trained: list[Sequence[str]]) -> None:
    project_of(model=1, data=2, encoder=3)
    train_dialogue()
    train_dialogue()
    assert len(trained) == 1


def test_the_newest_model_counts(trained: list[Sequence[str]]) -> None:
    project_of(model=1, data=2, encoder=3)
    aged(MODELS / "earlier-by-name.tar.gz", 4)
    train_dialogue()
    assert trained == []


def test_where_rasa_fails_its_log_is_named(trained: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cli.prepare.subprocess.run", lambda command, **_: subprocess.CompletedProcess(command, 1))
    with pytest.raises(TrainingFailed, match=r"^Training failed; var/train.log tells why: mend the training data"):
        train_dialogue()


# -- the knowledge base -----------------------------------------------------------------------


@pytest.fixture
def other(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> HashEncoder:
    """Another encoder than the one that an index of two articles was made with."""
    assert run("index", "add", "articles").exit_code == 0
    encoder = HashEncoder("another")
    for name in ("Encoder", "shared_encoder"):
        monkeypatch.setattr(f"bot.cli.prepare.{name}", lambda name: encoder)
    monkeypatch.setattr("bot.cli.prepare.ARTICLES", project / "articles")
    return encoder


def test_an_index_of_another_encoder_is_encoded_anew(
    project: Path, other: HashEncoder, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare_knowledge(Settings())
    said = capsys.readouterr().out
    assert "Knowledge base: 2 passages encoded anew, since the encoder is another" in said
    assert "Knowledge base: ready" in said
    assert made_with(project / KNOWLEDGE) == "another"
    assert len(KnowledgeBase(project / KNOWLEDGE, other).passages) == 2


def test_articles_of_ones_own_are_kept_and_changed_ones_indexed(
    project: Path, run: Run, other: HashEncoder, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "articles/courier.md").unlink()
    (project / "articles/returns.md").write_text("# Возврат\n\nВернуть товар можно за 30 дней.")
    prepare_knowledge(Settings())
    assert "indexed 1 articles" in capsys.readouterr().out
    texts = {p.document_id: p.text for p in KnowledgeBase(project / KNOWLEDGE, other).passages}
    assert texts.keys() == {"courier", "returns"} and "30 дней" in texts["returns"]


def test_the_same_encoder_encodes_nothing_again(
    project: Path, other: HashEncoder, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare_knowledge(Settings())
    encoded = len(other.encoded)
    capsys.readouterr()
    prepare_knowledge(Settings())
    assert "anew" not in capsys.readouterr().out
    assert len(other.encoded) == encoded


def test_where_nothing_is_indexed_the_articles_are(
    project: Path, other: HashEncoder, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in (project / KNOWLEDGE).iterdir():
        file.unlink()
    prepare_knowledge(Settings())
    said = capsys.readouterr().out
    assert "anew" not in said and "indexed 2 articles" in said


def test_an_index_in_use_is_refused_with_the_remedy(project: Path, other: HashEncoder) -> None:
    running = KnowledgeBase(project / KNOWLEDGE, HashEncoder())
    running.search("courier")
    with pytest.raises(KnowledgeBaseError, match="open: stop the assistant and run again"):
        prepare_knowledge(Settings())
    assert made_with(project / KNOWLEDGE) == "hashed words"
    running.store.close()
