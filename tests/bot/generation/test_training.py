from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bot.generation import training
from bot.generation.build import AdaptedDecoder
from bot.generation.decoder import Decoder
from bot.generation.examples import Claim, Written
from bot.generation.fine_tuning import adapted, metrics_of
from bot.generation.lessons import Asked, Lesson
from bot.generation.marks import Marks
from bot.generation.prompt import FAILS, HOLDS, NONE, WORDINGS, claim_task, evidence, reply_task, select_task
from bot.generation.shared_prefix import NAME
from bot.generation.training import DecoderTrainingArguments, drawn, encode, halfway_back, lesson_loss, train_decoder
from nlu.base_models import DECODER
from nlu.errors import ModelBroken, ModelMissing
from nlu.weights.adapted import WEIGHTS
from retrieval.lora import STATE_FILE
from tests.bot.generation.tiny import LESSON, SCENARIOS, SOURCES, asks, learn_by_heart, save_decoder, tokenizer

ARGUMENTS = DecoderTrainingArguments(rounds=3, customers=2, rank=2, first_layer=1, threads=1)
TRUE, BROKEN = LESSON.claims[:2]

Trained = tuple[Path, dict[str, Any], list[float]]


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "decoder"
    save_decoder(folder)
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, decoder: Path) -> Trained:
    """The adapter's folder, the metrics and the losses heard."""
    folder, heard = tmp_path_factory.mktemp("training"), list[float]()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(training, "read_scenarios", lambda: SCENARIOS)
        patched.setattr(training, "CHECKPOINT", folder / "checkpoint")
        metrics = train_decoder(ARGUMENTS, decoder, folder / "adapter", lambda step, steps, loss: heard.append(loss))
        assert not training.CHECKPOINT.exists()
    return folder / "adapter", metrics, heard


def model_of(folder: Path, attention: str = NAME) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder, attn_implementation=attention)


def loss_of(
    model: Any,
    written: list[Written] | None = None,
    claims: list[Claim] | None = None,
    asked: list[Asked] | None = None,
) -> float:
    """Of a lesson with these parts, the questions' words left out."""
    words = tokenizer()
    lesson = Lesson(SOURCES, asked or LESSON.asked, written or [], claims or [])
    with torch.inference_mode():
        return float(lesson_loss(model, Marks(words), encode(words, lesson), 0.0))


def surprise(model: Any, text: str, continued: list[int]) -> float:
    """Mean surprise of plain attention at tokens behind a text."""
    ids = torch.tensor([[*tokenizer()(text)["input_ids"], *continued]])
    with torch.inference_mode():
        logits = model(input_ids=ids).logits[0, -len(continued) - 1 : -1]
    return float(torch.nn.functional.cross_entropy(logits, torch.tensor(continued)))


# -- training ---------------------------------------------------------------------------------


def test_training_leaves_an_adapter_with_its_card(trained: Trained) -> None:
    adapter, metrics, heard = trained
    assert (adapter / WEIGHTS).is_file()
    # Of four companies one is kept for tests and one for thresholds.
    assert metrics["lessons"] == len(heard) == 2 * ARGUMENTS.rounds + ARGUMENTS.customers
    assert min(metrics["questions"], metrics["replies"], metrics["claims"]) > 0
    card = (adapter / "README.md").read_text()
    assert "Gemma Terms of Use" in card and '"first_layer": 1' in card and '"final_loss"' in card


def test_a_further_run_goes_on_from_the_adapter_and_its_card_keeps_how_that_was_made(
    decoder: Path, trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors.torch import load_file

    adapter, metrics, _ = trained
    again = tmp_path / "adapter"
    shutil.copytree(adapter, again)
    monkeypatch.setattr(training, "read_scenarios", lambda: SCENARIOS)
    monkeypatch.setattr(training, "CHECKPOINT", tmp_path / "checkpoint")
    arguments = DecoderTrainingArguments.further(again)
    assert (arguments.rank, arguments.first_layer) == (ARGUMENTS.rank, ARGUMENTS.first_layer)
    gentle = replace(arguments, customers=1, learning_rate=1e-6, threads=1)
    assert train_decoder(gentle, decoder, again, further=True)["goes_on_from"]["final_loss"] == metrics["final_loss"]
    assert metrics_of(again)["goes_on_from"]["lessons"] == metrics["lessons"]
    # Each run has lessons of its own.
    assert len({ARGUMENTS.seed, arguments.seed, DecoderTrainingArguments.further(again).seed}) == 3
    before, after = load_file(adapter / WEIGHTS), load_file(again / WEIGHTS)
    assert all(torch.allclose(before[name].float(), after[name].float(), atol=1e-3) for name in before)


def test_a_further_run_ends_half_way_back(decoder: Path, trained: Trained, tmp_path: Path) -> None:
    from peft import get_peft_model_state_dict
    from safetensors.torch import load_file

    before = load_file(trained[0] / WEIGHTS)
    _, model = adapted(decoder, ARGUMENTS, tmp_path / "none", ARGUMENTS.first_layer, trained[0])
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter += 1.0
    halfway_back(model, trained[0])
    after = get_peft_model_state_dict(model)
    assert before.keys() == after.keys()
    assert all(torch.allclose(after[name], before[name].float() + 0.5, atol=1e-2) for name in before)


def test_a_further_run_does_not_go_on_from_an_interrupted_one_of_another_kind(
    decoder: Path, trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = shutil.copytree(trained[0], tmp_path / "adapter")
    monkeypatch.setattr(training, "read_scenarios", lambda: SCENARIOS)
    monkeypatch.setattr(training, "CHECKPOINT", tmp_path / "checkpoint")
    training.CHECKPOINT.mkdir()
    (training.CHECKPOINT / STATE_FILE).write_bytes(b"of a run from nothing")
    gentle = replace(DecoderTrainingArguments.further(again), customers=1, threads=1)
    assert train_decoder(gentle, decoder, again, further=True)["lessons"] == 3
    assert [path.name for path in tmp_path.glob("checkpoint*")] == ["checkpoint"]


def test_a_run_mixes_lessons_of_passages_and_of_customers_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "read_scenarios", lambda: SCENARIOS)
    facts = {words.facts for words in WORDINGS.values()}
    of_facts = [lesson.sources[0].title in facts for lesson in drawn(replace(ARGUMENTS, customers=6))]
    assert sum(of_facts) == 6 and len(of_facts) == 12
    assert of_facts not in (sorted(of_facts), sorted(of_facts, reverse=True))


def test_there_is_no_going_on_from_nothing(decoder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="train one anew"):
        train_decoder(ARGUMENTS, decoder, tmp_path / "none", further=True)


def test_the_lower_layers_are_left_as_they_are(trained: Trained) -> None:
    from safetensors.torch import load_file

    names = load_file(trained[0] / WEIGHTS)
    assert names and all(".layers.1." in name for name in names)


def test_a_missing_base_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="none is missing"):
        train_decoder(ARGUMENTS, tmp_path / "none", tmp_path / "adapter")
    assert not (tmp_path / "adapter").exists()


# -- losses -----------------------------------------------------------------------------------


def test_the_loss_falls_where_the_lesson_is_learnt(decoder: Path) -> None:
    losses = learn_by_heart(model_of(decoder), steps=60)
    assert losses[-1] < losses[0] / 2


def test_what_is_answered_counts_as_much_as_what_is_not_however_many_there_are(decoder: Path) -> None:
    words, model = tokenizer(), model_of(decoder)
    answered, near = Asked("How much?", "en", [[0]], about=0), Asked("Is it free?", "en", [[]], about=0)

    def loss(asked: list[Asked]) -> float:
        found: float = lesson_loss(model, Marks(words), encode(words, Lesson(SOURCES[:1], asked)), 0.0).item()
        return found

    assert loss([answered, near, near, near]) == pytest.approx(loss([answered, near]), rel=1e-5)


def test_a_pair_with_a_part_of_the_answer_changes_nothing(decoder: Path) -> None:
    model, whole = model_of(decoder), Asked("How much?", "en", [[0], []], about=0)

    def with_another(answers: list[list[int] | None]) -> float:
        return loss_of(model, asked=[whole, Asked("How long?", "en", answers, about=0)])

    assert with_another([None, None]) == pytest.approx(loss_of(model, asked=[whole]), rel=1e-5)
    assert with_another([[1], []]) != pytest.approx(with_another([None, None]), rel=1e-5)


def test_of_replies_only_the_words_are_learnt_each_behind_its_passage_and_task(decoder: Path) -> None:
    model, plain, words = model_of(decoder), model_of(decoder, "eager"), tokenizer()
    expected = []
    for one in LESSON.written:
        said = [*words(one.reply)["input_ids"], words.eos_token_id]
        expected.append(surprise(plain, evidence([SOURCES[one.passage]]) + reply_task(one.request), said))
    added = loss_of(model, written=LESSON.written) - loss_of(model)
    assert added == pytest.approx(np.mean(expected), rel=1e-3)


def test_of_claims_only_the_mark_is_learnt_behind_its_passage_and_task(decoder: Path) -> None:
    model, plain, words = model_of(decoder), model_of(decoder, "eager"), tokenizer()
    expected = 0.0
    for claim, mark in ((TRUE, HOLDS), (BROKEN, FAILS)):
        text = evidence([SOURCES[claim.passage]]) + claim_task(claim.request, claim.text)
        expected += surprise(plain, text, [words.convert_tokens_to_ids(mark)])
    assert loss_of(model, claims=[TRUE, BROKEN]) - loss_of(model) == pytest.approx(expected, rel=1e-3)


def test_what_comparing_values_finds_out_is_not_learnt() -> None:
    wrong = replace(BROKEN, text="You pay 77 roubles.", kind="number")
    encoded = encode(tokenizer(), Lesson(SOURCES, [], [], [TRUE, wrong, BROKEN]))
    assert [claim.holds for claim in encoded.claims] == [True, False]


def test_true_and_broken_claims_count_alike_however_many_there_are(decoder: Path) -> None:
    model = model_of(decoder)
    even = loss_of(model, claims=[TRUE, BROKEN])
    assert loss_of(model, claims=[TRUE, BROKEN, BROKEN, BROKEN]) == pytest.approx(even, rel=1e-5)
    assert loss_of(model, claims=[TRUE, TRUE, TRUE, BROKEN]) == pytest.approx(even, rel=1e-5)


def test_replies_and_claims_of_all_passages_count_in_whatever_order_they_come(decoder: Path) -> None:
    model = model_of(decoder)
    there = loss_of(model, LESSON.written, LESSON.claims)
    assert loss_of(model, LESSON.written[::-1], LESSON.claims[::-1]) == pytest.approx(there, rel=1e-5)


# -- marks ------------------------------------------------------------------------------------


def test_each_mark_is_the_token_that_begins_a_sentences_line() -> None:
    words = tokenizer()
    marks = Marks(words)
    ids = words(evidence(SOURCES))["input_ids"]
    assert [marks.sentences[n] in ids for n in range(4)] == [True, True, True, False]
    assert words.convert_ids_to_tokens([marks.none, marks.holds, marks.fails]) == [NONE, HOLDS, FAILS]


@pytest.mark.skipif(not (DECODER / "config.json").is_file(), reason="the base model was not built")
def test_the_marks_of_the_base_model_are_tokens_of_their_own() -> None:
    from transformers import AutoTokenizer

    words = AutoTokenizer.from_pretrained(DECODER)
    marks = Marks(words)
    assert len({*marks.sentences, marks.none, marks.holds}) == 22
    ids = words(evidence([SOURCES[0]]) + select_task("Why?", "en") + NONE)["input_ids"]
    assert ids[-1] == marks.none and [marks.sentences[n] in ids for n in range(3)] == [True, True, False]
    for mark, token in ((HOLDS, marks.holds), (FAILS, marks.fails)):
        assert words(claim_task(asks("Why?"), "It is so.") + mark)["input_ids"][-1] == token


@pytest.mark.skipif(not (DECODER / "config.json").is_file(), reason="the base model was not built")
def test_a_reply_is_learnt_in_the_tokens_that_it_is_written_in() -> None:
    from transformers import AutoTokenizer

    words = AutoTokenizer.from_pretrained(DECODER)
    (reply,) = encode(words, Lesson(SOURCES, [], LESSON.written[:1])).replies
    one = LESSON.written[0]
    whole = words(f"{reply_task(one.request)} {one.reply}", add_special_tokens=False)["input_ids"]
    assert [*reply.task, *reply.reply] == [*whole, words.eos_token_id]


# -- what serves ------------------------------------------------------------------------------


def test_what_serves_reads_as_the_trained_model_does(trained: Trained, decoder: Path, tmp_path: Path) -> None:
    from peft import PeftModel

    AdaptedDecoder(tmp_path / "decoder", trained[0], decoder).build()
    readings = Decoder(tmp_path / "decoder", threads=1).read("How long?", "en", SOURCES)
    words = tokenizer()
    model = PeftModel.from_pretrained(model_of(decoder), str(trained[0])).merge_and_unload()
    task = words(select_task("How long?", "en"), add_special_tokens=False)["input_ids"]
    for reading, source in zip(readings, SOURCES):
        passage = words(evidence([source]))["input_ids"]
        (hidden,) = training._read(model, passage, [task])
        logs = model.lm_head(hidden).log_softmax(-1)
        likelihood = float(logs[:-1].gather(1, torch.tensor(task)[:, None]).sum())
        none = float(logs[-1, Marks(words).none].exp())
        named = logs[-1, Marks(words).sentences[: len(source.sentences)]].log_softmax(-1)
        assert reading.likelihood == pytest.approx(likelihood, abs=0.05 * len(task))  # int8
        assert reading.decision == pytest.approx(np.log((1 - none) / none), abs=0.2)
        assert reading.sentences == pytest.approx(named.tolist(), abs=0.1)


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}


def test_an_adapter_becomes_a_decoder_that_is_current_until_another_one_is_there(
    trained: Trained, decoder: Path, tmp_path: Path
) -> None:
    model = AdaptedDecoder(tmp_path / "decoder", adapter_beside(trained[0], tmp_path), decoder)
    assert not model.is_current()
    model.build()
    assert model.is_current()
    model.check()
    model.weights.write_bytes(b"another adapter")
    assert not model.is_current()
    with pytest.raises(ModelMissing, match="another adapter"):
        model.check()


def test_without_an_adapter_or_a_base_nothing_is_built_and_what_stands_stays(
    trained: Trained, decoder: Path, tmp_path: Path
) -> None:
    model = AdaptedDecoder(tmp_path / "decoder", adapter_beside(trained[0], tmp_path), decoder)
    model.build()
    before = digests(model.folder)
    with pytest.raises(ModelMissing, match="none is missing"):
        replace(model, base=tmp_path / "none").build()
    model.weights.unlink()
    assert not model.is_current()
    with pytest.raises(ModelMissing, match="lichno train generator"):
        model.build()
    assert digests(model.folder) == before


def test_a_damaged_decoder_is_not_current(trained: Trained, decoder: Path, tmp_path: Path) -> None:
    model = AdaptedDecoder(tmp_path / "decoder", trained[0], decoder)
    model.build()
    (model.folder / "model.bin").write_bytes(b"")
    assert not model.is_current()
    with pytest.raises(ModelBroken):
        model.check()


def adapter_beside(adapter: Path, folder: Path) -> Path:
    """A copy that may be changed."""
    import shutil

    return Path(shutil.copytree(adapter, folder / "adapter"))
