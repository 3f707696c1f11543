from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from matplotlib import image

from bot.evaluation import confusion
from bot.evaluation.confusion import PICTURE_INTENTS, draw, inspect, worst_pairs, write_report
from bot.evaluation.intents import IntentEvaluation, IntentScores
from bot.evaluation.labelled import Labelled
from nlu.encoder import Encoder
from nlu.intent_model import IntentModel
from tests.bot.evaluation.stubs import predict
from tests.fakes import HashEncoder

GREET = "привет|здравствуйте|добрый день|hello|hi there|good morning|hey|доброе утро|добрый вечер|приветствую вас"
STATUS = (
    "где мой заказ|когда привезут посылку|какой статус у заказа|where is my order|track my parcel"
    "|when will my order arrive|has my order shipped|заказ уже в пути?|где сейчас моя посылка|когда придёт заказ"
)
RETURN = (
    "хочу вернуть товар|как оформить возврат|верните деньги за куртку|I want to return this|how do I get a refund"
    "|return the shoes|товар не подошёл, верну|возврат покупки|send it back for a refund|можно ли сдать вещь обратно"
)
PLANTED = "где же мой заказ, когда его привезут"
SLIP = "how do I get refund"  # a word less than an example of return


def training() -> Labelled:
    texts, intents = [PLANTED], ["return"]
    for intent, listed in (("greet", GREET), ("status", STATUS), ("return", RETURN)):
        texts += listed.split("|")
        intents += [intent] * len(listed.split("|"))
    return Labelled([*texts, SLIP], [*intents, "greet"])


def evaluation(encoder: Encoder, intents: Sequence[str], predicted: Sequence[str]) -> IntentEvaluation:
    test = Labelled([f"text {i}" for i in range(len(intents))], list(intents))
    right = sum(one == other for one, other in zip(intents, predicted, strict=True))
    scores = IntentScores(
        len(intents), len(set(intents)), right / len(intents), 0.625, 0.125, 1.0, 1.0, 0, None, None, None, 1.0, 1.0
    )
    predictions = [predict(intent) for intent in predicted]
    return IntentEvaluation(IntentModel(encoder), test, predictions, Labelled([], []), [], scores)


@pytest.fixture(scope="module")
def found(encoder: Encoder) -> tuple[list[confusion.Suspicion], list[confusion.Duplicate]]:
    return inspect(training(), encoder)


def test_pairs_come_with_their_texts_the_most_frequent_first(fake_encoder: HashEncoder) -> None:
    measured = evaluation(fake_encoder, ["a", "a", "b", "c", "c", "c"], ["a", "b", "a", "b", "b", "c"])
    assert worst_pairs(measured) == [
        ("c", "b", ["text 3", "text 4"]),
        ("a", "b", ["text 1"]),
        ("b", "a", ["text 2"]),
    ]


def test_nothing_is_confused_where_all_is_right(fake_encoder: HashEncoder) -> None:
    assert worst_pairs(evaluation(fake_encoder, ["a", "b"], ["a", "b"])) == []


def test_a_planted_wrong_label_is_suspected_with_the_right_one(
    found: tuple[list[confusion.Suspicion], list[confusion.Duplicate]],
) -> None:
    suspicions, _ = found
    (planted,) = [one for one in suspicions if one.text == PLANTED]
    assert (planted.intent, planted.rather) == ("return", "status")
    assert 6 <= planted.neighbours <= 8
    rest = {one.text for one in suspicions} - {PLANTED, SLIP}
    assert len(rest) <= 3  # of thirty rightly labelled ones
    assert [one.neighbours for one in suspicions] == sorted((one.neighbours for one in suspicions), reverse=True)


def test_a_planted_near_duplicate_is_found_once_and_none_within_an_intent(
    found: tuple[list[confusion.Suspicion], list[confusion.Duplicate]],
) -> None:
    _, duplicates = found
    pairs = [(one.first, one.first_intent, one.second, one.second_intent) for one in duplicates]
    assert pairs.count(("how do I get a refund", "return", SLIP, "greet")) == 1
    assert all(one.first_intent != one.second_intent and one.similarity >= 0.9 for one in duplicates)
    assert not any("привет" in (one.first, one.second) for one in duplicates)


def test_the_blocks_that_neighbours_are_sought_in_change_nothing(
    found: tuple[list[confusion.Suspicion], list[confusion.Duplicate]],
    encoder: Encoder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(confusion, "BLOCK", 7)
    suspicions, duplicates = inspect(training(), encoder)
    assert suspicions == found[0]
    assert [(one.first, one.second) for one in duplicates] == [(one.first, one.second) for one in found[1]]


def test_the_report_names_what_was_planted_beside_a_picture(encoder: Encoder, tmp_path: Path) -> None:
    measured = evaluation(encoder, ["a", "a", "b"], ["a", "b", "b"])
    path = write_report(measured, training(), encoder, tmp_path / "new/report")
    assert path == tmp_path / "new/report/report.md"
    text = path.read_text(encoding="utf-8")
    assert "3 test texts, 2 intents: accuracy 0.667, macro-F1 0.625, expected calibration error 0.125." in text
    assert "- **a** taken for **b**, 1 times:\n    - text 1\n" in text
    assert f"- {PLANTED} — **return**, rather **status**" in text
    assert f"- how do I get a refund (**return**) — {SLIP} (**greet**)" in text
    assert "![confusion matrix](confusion.png)" in text
    assert (path.parent / "confusion.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_clean_data_is_told_to_be_clean(fake_encoder: HashEncoder, tmp_path: Path) -> None:
    train = Labelled(
        [f"{word} {i}" for word in ("alpha", "beta") for i in range(12)], [word for word in "ab" for _ in range(12)]
    )
    path = write_report(evaluation(fake_encoder, ["a", "b"], ["a", "b"]), train, fake_encoder, tmp_path)
    assert path.read_text(encoding="utf-8").count("None found.") == 2


def test_the_picture_is_a_png_that_grows_with_the_intents(fake_encoder: HashEncoder, tmp_path: Path) -> None:
    widths = []
    for count in (2, 12):
        names = [f"намерение {i}" for i in range(count)]
        draw(evaluation(fake_encoder, names, names), tmp_path / f"{count}.png")
        widths.append(image.imread(tmp_path / f"{count}.png").shape[1])
    assert 100 < widths[0] < widths[1]


def test_names_with_dollar_signs_are_no_formulas(fake_encoder: HashEncoder, tmp_path: Path) -> None:
    draw(evaluation(fake_encoder, ["a_$_b_$", "b"], ["a_$_b_$", "b"]), tmp_path / "picture.png")
    assert (tmp_path / "picture.png").is_file()


@pytest.mark.parametrize("confused", [0, 3])
def test_of_many_intents_the_most_confused_are_pictured(
    fake_encoder: HashEncoder, tmp_path: Path, confused: int
) -> None:
    names = [f"n{i:02}" for i in range(PICTURE_INTENTS + 10)]
    predicted = [*names[: len(names) - confused], *["n00"] * confused]
    measured = evaluation(fake_encoder, names, predicted)
    shown = confusion._pictured(measured)
    assert len(shown) == PICTURE_INTENTS and shown == sorted(shown)
    assert {"n00", *names[len(names) - confused :]} <= set(shown)
    draw(measured, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").is_file()
