from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bot.cli import adapt
from bot.cli.adapt import TRAINING
from nlu.base_models import BASE_ENCODER, BASE_MODELS, ENCODER, BaseModel
from nlu.encoder import Encoder
from nlu.fine_tuning import StepProgress
from nlu.weights.adapted import OWN, WEIGHTS, adapter_weights
from retrieval.adaptation import Adaptation, Logged, Measured
from retrieval.knowledge_base import KnowledgeBase
from retrieval.store.index_file import FILE, made_with
from tests.bot.cli.conftest import Run
from tests.fakes import HashEncoder

BEFORE, BETTER = Measured(0.5, 0.625, 0.875), Measured(0.75, 0.8, 0.872)
FORGETFUL = Measured(0.9, 0.95, 0.5)
KNOWLEDGE = Path("var/knowledge")
BEGIN = Adaptation.__init__


class Trainings:
    """What ``lichno train encoder`` asked for, with these figures for an answer; nothing is trained or built."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.after = BETTER
        self.measured: list[str] = []
        self.trained: list[tuple[Path, ...]] = []
        self.logged: list[Logged] = []
        self.ensured: list[BaseModel] = []

    def begin(self, own: Adaptation, content: Any, logged: list[Logged], scenarios: Any) -> None:
        self.logged = logged
        if not content.passages:
            BEGIN(own, content, logged, scenarios)

    def measure(self, own: Adaptation, encoder: Encoder) -> Measured:
        self.measured.append(encoder.name)
        return BEFORE if len(self.measured) == 1 else self.after

    def train(self, places: tuple[Path, ...], progress: StepProgress) -> float:
        self.trained.append(places)
        _, _, adapter, checkpoint = places
        for folder in (adapter, checkpoint):
            folder.mkdir(parents=True)
        (adapter / WEIGHTS).write_text("trained")
        progress(1, 2, 0.5)
        return 0.5

    def build(self, base: Path, adapter: Path, folder: Path) -> None:
        assert (adapter / WEIGHTS).read_text() == "trained"
        (folder / "model").write_text("merged")

    def ensure(self, model: BaseModel) -> bool:
        self.ensured.append(model)
        return True


@pytest.fixture
def trainings(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Trainings:
    """In a project whose index the old encoder made; the new one serves after the training."""
    made = Trainings(project)
    monkeypatch.setattr(Adaptation, "__init__", lambda own, *words: made.begin(own, *words))
    monkeypatch.setattr(Adaptation, "measure", lambda own, encoder: made.measure(own, encoder))
    monkeypatch.setattr(Adaptation, "train", lambda own, *places, progress: made.train(places, progress))
    monkeypatch.setattr(adapt, "build_adapted", made.build)
    monkeypatch.setattr(adapt, "ensure", made.ensure)
    assert run("index", "add", "articles").exit_code == 0
    for name in ("Encoder", "shared_encoder"):
        monkeypatch.setattr(f"bot.cli.prepare.{name}", lambda name: HashEncoder("trained on articles"))
    monkeypatch.setattr("bot.cli.prepare.ARTICLES", project / "articles")
    return made


def unchanged(project: Path) -> bool:
    """Whether the index is the old encoder's, and no adapter nor anything of a training lies in the project."""
    return made_with(project / KNOWLEDGE) == "hashed words" and not any(
        p.is_file() for p in project.glob("models/**/*")
    )


def test_a_better_encoder_is_put_in_use_with_its_card(project: Path, run: Run, trainings: Trainings) -> None:
    result = run("train", "encoder")
    assert result.exit_code == 0
    assert sorted(path.name for path in OWN.iterdir()) == ["README.md", WEIGHTS]
    assert (OWN / WEIGHTS).read_text() == "trained"
    assert adapter_weights() == OWN / WEIGHTS
    assert trainings.ensured == list(BASE_MODELS)
    card = (OWN / "README.md").read_text()
    figures = json.loads(card.partition("```json\n")[2].partition("```")[0])
    assert figures == {"before": asdict(BEFORE), "after": asdict(BETTER)}
    assert "delete this folder and run `lichno up`" in card
    assert "The trained encoder is in use; `lichno up` now trains understanding on it anew." in result.output


def test_both_encoders_are_measured_and_the_training_goes_on_from_the_one_in_use(
    project: Path, run: Run, trainings: Trainings
) -> None:
    shipped = adapter_weights().parent
    run("train", "encoder")
    assert trainings.measured == [str(ENCODER), str(TRAINING / "merged")]
    run("train", "encoder")
    places = (TRAINING / "adapter", TRAINING / "checkpoint")
    assert trainings.trained == [(BASE_ENCODER, shipped, *places), (BASE_ENCODER, OWN, *places)]


def test_the_index_is_encoded_anew_for_the_better_encoder(project: Path, run: Run, trainings: Trainings) -> None:
    result = run("train", "encoder")
    assert "2 passages encoded anew, since the encoder is another" in result.output
    assert made_with(project / KNOWLEDGE) == "trained on articles"
    base = KnowledgeBase(project / KNOWLEDGE, HashEncoder("trained on articles"))
    assert sorted(passage.document_id for passage in base.passages) == ["courier", "returns"]


@pytest.mark.parametrize("after", [BEFORE, FORGETFUL, Measured(0.4, 0.5, 0.9)])
def test_one_that_is_not_better_changes_nothing_and_it_is_said(
    project: Path, run: Run, trainings: Trainings, after: Measured
) -> None:
    trainings.after = after
    result = run("train", "encoder")
    assert result.exit_code == 0
    assert "The encoder stays as it was: the trained one is not better." in result.output
    assert unchanged(project) and trainings.ensured == []


def test_an_adapter_of_ones_own_outlives_a_training_that_is_no_better(
    project: Path, run: Run, trainings: Trainings
) -> None:
    OWN.mkdir(parents=True)
    (OWN / WEIGHTS).write_text("of last year")
    trainings.after = FORGETFUL
    run("train", "encoder")
    assert (OWN / WEIGHTS).read_text() == "of last year"
    trainings.measured.clear()
    trainings.after = BETTER
    run("train", "encoder")
    assert (OWN / WEIGHTS).read_text() == "trained"


@pytest.mark.parametrize("after", [BETTER, FORGETFUL])
def test_the_figures_are_told_and_the_folder_of_the_training_is_gone(
    project: Path, run: Run, trainings: Trainings, after: Measured
) -> None:
    trainings.after = after
    output = run("train", "encoder").output
    assert f"Your articles, right one first: 0.500 before, {after.company:.3f} after" in output
    assert f"Your articles, mean reciprocal rank: 0.625 before, {after.reciprocal:.3f} after" in output
    assert f"Other companies, right one first: 0.875 before, {after.general:.3f} after" in output
    assert not TRAINING.exists()


def test_an_interrupted_training_changes_nothing_and_keeps_its_checkpoint(
    project: Path, run: Run, trainings: Trainings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(own: Adaptation, base: Path, start: Path, adapter: Path, checkpoint: Path, progress: Any) -> float:
        checkpoint.mkdir(parents=True)
        raise KeyboardInterrupt

    monkeypatch.setattr(Adaptation, "train", stop)
    assert run("train", "encoder").exit_code != 0
    assert unchanged(project)
    assert (TRAINING / "checkpoint").is_dir()


def test_questions_that_customers_asked_are_learned_from_where_an_article_helped(
    project: Path, run: Run, trainings: Trainings
) -> None:
    lines = [{"question": "How much?", "relevant": ["courier"]}, {"question": "Who are you?", "relevant": []}]
    (project / "asked.jsonl").write_text("\n".join(map(json.dumps, lines)))
    assert run("train", "encoder", "--questions", "asked.jsonl").exit_code == 0
    assert trainings.logged == [Logged("How much?", frozenset(["courier"]))]
    run("train", "encoder")
    assert trainings.logged == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "There is no file asked.jsonl: check the path."),
        ("", "asked.jsonl holds no questions"),
        ('{"question": "Why?"}\n{"asked": "Why?"}', "asked.jsonl, line 2: expected"),
    ],
)
def test_questions_that_cannot_be_read_are_named_and_nothing_changes(
    project: Path, run: Run, trainings: Trainings, content: str | None, said: str
) -> None:
    if content is not None:
        (project / "asked.jsonl").write_text(content)
    result = run("train", "encoder", "--questions", "asked.jsonl")
    assert result.exit_code != 0
    assert str(result.exception).startswith(said) and "\n" not in str(result.exception)
    assert unchanged(project) and (trainings.measured, trainings.trained) == ([], [])


def test_another_encoder_in_the_settings_cannot_be_trained(project: Path, run: Run, trainings: Trainings) -> None:
    (project / "config.yml").write_text(
        "pipeline:\n- name: nlu.sentence_encoder.SentenceEncoder\n  model: someone/else\n"
    )
    result = run("train", "encoder")
    assert result.exit_code != 0
    assert str(result.exception) == (
        "config.yml names the encoder someone/else: only models/encoder can be trained on your articles."
    )
    assert unchanged(project) and (trainings.measured, trainings.trained) == ([], [])


def test_without_an_index_there_is_too_little_to_learn_from(project: Path, run: Run, trainings: Trainings) -> None:
    (project / KNOWLEDGE / FILE).unlink()
    result = run("train", "encoder")
    assert str(result.exception) == ("0 passages are too few to learn from: index at least 20 (lichno index add …).")
    assert not (project / KNOWLEDGE / FILE).exists() and trainings.trained == []


def test_passages_beyond_what_is_learned_from_are_counted(
    project: Path, run: Run, trainings: Trainings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.index_report.MOST_PASSAGES", 1)
    assert "Not learned from, since there are too many: 1 passages" in run("train", "encoder").output


def test_the_index_that_the_assistant_has_open_is_named(project: Path, run: Run, trainings: Trainings) -> None:
    running = KnowledgeBase(project / KNOWLEDGE, HashEncoder())
    running.search("courier")
    result = run("train", "encoder")
    assert "open: stop the assistant and run again" in str(result.exception)
    assert made_with(project / KNOWLEDGE) == "hashed words"
    running.store.close()
