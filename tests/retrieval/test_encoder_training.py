from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from nlu.encoder import MESSAGE_TOKENS, PASSAGE, QUERY, Encoder
from nlu.fine_tuning import StepProgress
from nlu.weights.adapted import WEIGHTS, build_adapted
from retrieval import lora
from retrieval.documents import Passage
from retrieval.encoder_training import PASSAGE_TOKENS, EncoderTraining, EncoderTrainingArguments, _batch
from retrieval.late_interaction import LateInteraction
from retrieval.lessons import Lesson
from tests.tiny_encoder import LAYERS

ARGUMENTS = EncoderTrainingArguments(rank=4, epochs=2, learning_rate=5e-3, threads=1, layers=3, batch_size=2)


pytestmark = pytest.mark.usefixtures("seeded")


def lesson(asked: Sequence[str], title: str, *sentences: str, near: Sequence[tuple[str, str]] = ()) -> Lesson:
    """The first sentence answers; the title is the owner."""
    owned = [f"{title}: {sentence}" for sentence in sentences]
    return Lesson(list(asked), [f"{title}\n{' '.join(sentences)}"], owned[:1], title, list(near), owned[1:])


# Question and answer have no word in common.
LESSONS = [
    lesson(["how do I pay", "is a card it"], "Price", "The kettle is 20 roubles.", "Cash is for it."),
    lesson(["when is it in", "what days"], "Доставка", "The courier does it.", "The parcel is by cash."),
    lesson(["куртка", "что за куртка"], "Return", "A refund is in 5 days."),
    lesson(
        ["гарантия", "где гарантия"],
        "Warranty",
        "The order is for what.",
        near=[("Return", "Return\nA refund is in 5 days.")],
    ),
]


@dataclass(frozen=True)
class Run:
    """A run that has ended."""

    adapter: Path
    loss: float
    heard: list[tuple[int, int, float]]

    def weights(self) -> dict[str, torch.Tensor]:
        loaded: dict[str, torch.Tensor] = load_file(self.adapter / WEIGHTS)
        return loaded


def trained(
    base: Path,
    folder: Path,
    arguments: EncoderTrainingArguments = ARGUMENTS,
    start: Path | None = None,
    progress: StepProgress | None = None,
) -> Run:
    heard: list[tuple[int, int, float]] = []

    def listen(step: int, steps: int, loss: float) -> None:
        heard.append((step, steps, loss))
        if progress:
            progress(step, steps, loss)

    training = EncoderTraining(base, start, arguments)
    loss = training.run(lambda choice: LESSONS, folder / "adapter", folder / "checkpoint", listen)
    return Run(folder / "adapter", loss, heard)


def same(one: Run, other: Run) -> bool:
    first, second = one.weights(), other.weights()
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


# -- what training does -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run long enough for so small a model to learn its few lessons."""
    arguments = replace(
        ARGUMENTS, rank=8, epochs=50, batch_size=4, learning_rate=1e-2, warmup=0.3, layers=6, temperature=0.1
    )
    return trained(tiny_folder, tmp_path_factory.mktemp("run"), arguments)


@pytest.fixture(scope="module")
def served(tiny_folder: Path, run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The encoder that serves with what was learned."""
    folder = tmp_path_factory.mktemp("served")
    build_adapted(tiny_folder, run.adapter, folder)
    return folder


def test_training_lowers_the_loss(run: Run) -> None:
    losses = [loss for *_, loss in run.heard]
    assert [step[:2] for step in run.heard] == [(number, 50) for number in range(1, 51)]
    assert np.mean(losses[-10:]) < 0.75 * np.mean(losses[:10])
    assert run.loss == pytest.approx(np.mean(losses))


def lead(scores: np.ndarray[Any, Any]) -> float:
    """How far, in the mean, each row's own column is over the others."""
    count = len(scores)
    return float(np.diag(scores).mean() - (scores.sum() - np.diag(scores).sum()) / (count * (count - 1)))


def by_vectors(encoder: Encoder, wording: int) -> np.ndarray[Any, Any]:
    asked = encoder.encode([one.asked[wording] for one in LESSONS], QUERY, MESSAGE_TOKENS)
    return np.asarray(asked @ encoder.encode_passages([one.passages[0] for one in LESSONS]).T)


def by_pieces(encoder: Encoder, wording: int) -> np.ndarray[Any, Any]:
    late = LateInteraction(encoder)
    passages = [as_passage(one.passages[0]) for one in LESSONS]
    read = encoder.read([passage.embedded_text for passage in passages], PASSAGE, PASSAGE_TOKENS)
    told = [late.passage(encoding, passage) for encoding, passage in zip(read, passages)]
    questions = [late.question(encoder.read_message(one.asked[wording])) for one in LESSONS]
    return np.array([[match.whole for match in late.match(question, told)] for question in questions])


def as_passage(embedded: str) -> Passage:
    title, text = embedded.split("\n", 1)
    return Passage("", "", title, "", text, "en")


@pytest.mark.parametrize("wording", [0, 1])
def test_every_question_comes_nearer_to_its_passage_by_both_measures(
    tiny_folder: Path, served: Path, wording: int
) -> None:
    before, after = Encoder(tiny_folder), Encoder(served)
    for measure in (by_vectors, by_pieces):
        assert lead(measure(after, wording)) > lead(measure(before, wording)) + 0.3


def test_only_the_top_layers_learn(tiny_folder: Path, run: Run, served: Path) -> None:
    top = set(range(LAYERS - 6, LAYERS))
    assert {layer_of(name) for name in run.weights()} == top
    base, now = (Encoder(folder).fresh_transformer().state_dict() for folder in (tiny_folder, served))
    changed = {name for name, value in now.items() if not torch.equal(value, base[name])}
    assert {layer_of(name) for name in changed} == top
    assert all(name.endswith(".weight") and "LayerNorm" not in name for name in changed)


def layer_of(name: str) -> int:
    """Number of the layer that a parameter belongs to; -1 outside the layers."""
    found = re.search(r"encoder\.layer\.(\d+)\.", name)
    return int(found.group(1)) if found else -1


def test_the_checkpoint_is_gone_at_the_end(tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lora, "SAVE_EVERY", 2)
    seen = []
    trained(tiny_folder, tmp_path, progress=lambda *_: seen.append((tmp_path / "checkpoint").exists()))
    assert seen == [False, False, True, True]
    assert not (tmp_path / "checkpoint").exists()


def test_the_adapter_names_its_base(tiny_folder: Path, run: Run) -> None:
    config = json.loads((run.adapter / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == tiny_folder.as_posix()


# -- seeds, going on --------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_adapter_and_another_seed_another(tiny_folder: Path, tmp_path: Path) -> None:
    first, again, other = (
        trained(tiny_folder, tmp_path / name, replace(ARGUMENTS, seed=seed)) for name, seed in zip("abc", (5, 5, 6))
    )
    assert first.heard == again.heard and same(first, again)
    assert not same(first, other)


class Interrupted(Exception):
    """What stops a run."""


def test_an_interrupted_run_goes_on_and_ends_the_same(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lora, "SAVE_EVERY", 2)

    def stop(step: int, *_: float) -> None:
        if step == 3:
            raise Interrupted

    whole = trained(tiny_folder, tmp_path / "whole")
    with pytest.raises(Interrupted):
        trained(tiny_folder, tmp_path / "halves", progress=stop)
    assert not (tmp_path / "halves" / "adapter").exists()
    rest = trained(tiny_folder, tmp_path / "halves")
    assert rest.heard == whole.heard[2:]
    assert rest.loss == whole.loss
    assert same(rest, whole)


def test_an_interrupted_run_goes_on_from_where_it_was_and_not_from_its_start(
    tiny_folder: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lora, "SAVE_EVERY", 1)

    def stop(step: int, *_: float) -> None:
        if step == 3:
            raise Interrupted

    whole = trained(tiny_folder, tmp_path / "whole", start=run.adapter)
    with pytest.raises(Interrupted):
        trained(tiny_folder, tmp_path / "halves", start=run.adapter, progress=stop)
    assert same(trained(tiny_folder, tmp_path / "halves", start=run.adapter), whole)


def test_training_goes_on_from_a_given_adapter(tiny_folder: Path, run: Run, tmp_path: Path) -> None:
    fresh = trained(tiny_folder, tmp_path / "fresh", replace(ARGUMENTS, temperature=0.1))
    further = trained(tiny_folder, tmp_path / "further", replace(ARGUMENTS, temperature=0.1), run.adapter)
    assert further.heard[0][2] < 0.75 * fresh.heard[0][2]
    assert not same(further, run)


def test_no_epochs_leave_the_given_adapter_as_it_was(tiny_folder: Path, run: Run, tmp_path: Path) -> None:
    nothing = trained(tiny_folder, tmp_path, replace(ARGUMENTS, epochs=0), run.adapter)
    assert (nothing.loss, nothing.heard) == (0.0, [])
    assert same(nothing, run)


# -- batches ----------------------------------------------------------------------------------


def test_lessons_are_drawn_anew_for_every_epoch_and_all_of_them_come(tiny_folder: Path) -> None:
    drawn = []

    def lessons(choice: random.Random) -> list[Lesson]:
        number = choice.randrange(10**9)
        drawn.append(number)
        return [lesson([f"how {number} {n}"], f"Title {n}", f"The {number}.") for n in range(5)]

    batches = EncoderTraining(tiny_folder, None, replace(ARGUMENTS, epochs=3))._batches(lessons)
    assert len(set(drawn)) == 3
    assert [len(batch.first) for batch in batches] == [2, 2, 1] * 3
    for epoch, number in enumerate(drawn):
        passages = [text for batch in batches[3 * epoch : 3 * epoch + 3] for text in batch.passages]
        assert sorted(passages) == [f"Title {n}\nThe {number}." for n in range(5)]


def test_a_batch_has_two_wordings_and_the_answering_texts_first() -> None:
    for seed in range(10):
        batch = _batch([LESSONS[0], LESSONS[3], LESSONS[1]], random.Random(seed))
        passages = [LESSONS[n].passages[0] for n in (0, 3, 1)]
        assert batch.passages == [*passages, "Return\nA refund is in 5 days."]
        beside = ["Price: Cash is for it.", "Доставка: The parcel is by cash."]
        assert batch.sentences == [*(LESSONS[n].sentences[0] for n in (0, 3, 1)), *beside]
        assert (batch.alike.shape, batch.said_alike.shape) == ((3, 4), (3, 5))
        assert not batch.alike.any() and not batch.said_alike.any()
        assert all(one != other for one, other in zip(batch.first, batch.second))


def test_a_question_with_one_wording_is_its_own_second() -> None:
    batch = _batch([lesson(["123"], "Title", "Text.")], random.Random(0))
    assert batch.first == batch.second == ["123"]


def test_without_answering_sentences_the_passage_stands_in() -> None:
    assert _batch([Lesson(["how"], ["Title\nText."], [], "", [], [])], random.Random(0)).sentences == ["Title\nText."]


def test_texts_of_one_owner_are_not_told_apart() -> None:
    again = replace(LESSONS[3], asked=["когда", "где"], near=[])
    batch = _batch([LESSONS[3], LESSONS[0], again], random.Random(0))
    # The last passage is near, of nobody here; the last sentence is from beside an answer.
    expected = [[False, False, True, False], [False] * 4, [True, False, False, False]]
    assert batch.alike.tolist() == expected
    assert batch.said_alike.tolist() == expected


def test_what_is_near_one_lesson_and_answers_another_is_no_wrong_answer_to_that() -> None:
    batch = _batch([LESSONS[3], LESSONS[2]], random.Random(0))
    assert batch.passages[2] == LESSONS[2].passages[0]
    assert batch.alike.tolist() == [[False, False, False], [False, False, True]]


# -- the loss ---------------------------------------------------------------------------------


@dataclass
class Prepared:
    """A training that has learned nothing yet, with its model."""

    training: EncoderTraining
    model: Any


@pytest.fixture
def prepared(tiny_folder: Path, tmp_path: Path, full_precision: None) -> Prepared:
    training = EncoderTraining(tiny_folder, None, ARGUMENTS)
    return Prepared(training, training._model(tmp_path / "none"))


def test_a_fresh_adapter_reads_as_the_encoder_does(prepared: Prepared) -> None:
    encoder = prepared.training.encoder
    texts = [one.asked[0] for one in LESSONS]
    with torch.no_grad():
        vectors = prepared.training._read(prepared.model, QUERY, texts, MESSAGE_TOKENS).vectors()
    np.testing.assert_allclose(vectors.numpy(), encoder.encode(texts, QUERY, MESSAGE_TOKENS), atol=1e-4)


def test_pieces_are_compared_as_retrieval_compares_them(prepared: Prepared) -> None:
    training = prepared.training
    with torch.no_grad():
        questions = training._read(prepared.model, QUERY, [one.asked[1] for one in LESSONS], MESSAGE_TOKENS)
        passages = training._read(prepared.model, PASSAGE, [one.passages[0] for one in LESSONS], PASSAGE_TOKENS)
        scores = training._interaction(questions, passages).numpy()
    np.testing.assert_allclose(scores, by_pieces(training.encoder, 1), atol=1e-2)  # retrieval's have 8 bits


def test_the_contrast_is_the_surprise_at_ones_own_column_among_those_that_are_not_alike(prepared: Prepared) -> None:
    training = prepared.training
    training.arguments = replace(ARGUMENTS, temperature=0.5)
    similarities = torch.tensor([[0.5, 0.0, 1.0], [0.0, 0.25, 0.5]])
    alike = torch.tensor([[False, False, True], [False, False, False]])

    def surprise(own: float, *others: float) -> float:
        return math.log(sum(math.exp(other / 0.5) for other in (own, *others))) - own / 0.5

    everything = (surprise(0.5, 0.0, 1.0) + surprise(0.25, 0.0, 0.5)) / 2
    apart = (surprise(0.5, 0.0) + surprise(0.25, 0.0, 0.5)) / 2
    assert training._contrast(similarities).item() == pytest.approx(everything, abs=1e-5)
    assert training._contrast(similarities, alike).item() == pytest.approx(apart, abs=1e-5)


@pytest.mark.parametrize("part", ["sentences", "wordings", "late_interaction"])
def test_every_part_of_the_loss_counts_by_its_weight(prepared: Prepared, part: str) -> None:
    batch = _batch(LESSONS, random.Random(0))
    losses = []
    for weight in (0.0, 1.0, 2.0):
        values: dict[str, Any] = {part: weight}
        prepared.training.arguments = replace(ARGUMENTS, **values)
        with torch.no_grad():
            losses.append(prepared.training._loss(prepared.model, batch).item())
    assert losses[0] < losses[1]
    assert losses[2] - losses[1] == pytest.approx(losses[1] - losses[0], rel=1e-3)


def test_the_loss_does_not_depend_on_the_lessons_order(prepared: Prepared) -> None:
    batch = _batch(LESSONS[:3], random.Random(0))
    turned = replace(
        batch,
        first=batch.first[::-1],
        second=batch.second[::-1],
        passages=batch.passages[::-1],
        sentences=batch.sentences[2::-1] + batch.sentences[3:],
    )
    with torch.no_grad():
        one, other = (prepared.training._loss(prepared.model, each).item() for each in (batch, turned))
    assert one == pytest.approx(other, rel=1e-4)
