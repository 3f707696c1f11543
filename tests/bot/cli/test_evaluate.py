from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.customers.keyring import new_key, write_key
from nlu.encoder import Encoder
from nlu.intent_model import IntentTrainingArguments
from tests.bot.cli.conftest import Run
from tests.fakes import HashEncoder
from tests.nlu.texts import INTENTS, TEXTS
from tests.retrieval.questions import write_questions

TEST = [("добрый вечер", "greet"), ("where is my parcel", "order_status"), ("спасибо", "thanks")]
OUTSIDE = ["сколько будет два плюс два", "спой песню"]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A training file, a test file with an intent that is not in it, and out-of-scope texts."""
    write(tmp_path / "train.csv", [*zip(TEXTS, INTENTS)])
    write(tmp_path / "test.csv", TEST)
    (tmp_path / "oos.csv").write_text("\n".join(["text", *OUTSIDE]) + "\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, encoder: Encoder) -> None:
    """Training for a second, with the one loaded encoder."""
    small = partial(IntentTrainingArguments, epochs=1, batch_size=12, layers=2, threads=1)
    monkeypatch.setattr("nlu.intent_model.IntentTrainingArguments", small)
    monkeypatch.setattr("nlu.encoder.shared_encoder", lambda name: encoder)


def write(path: Path, rows: list[tuple[str, str]]) -> None:
    path.write_text("".join(f"{text},{intent}\n" for text, intent in [("text", "intent"), *rows]), encoding="utf-8")


def test_json_is_one_object_and_every_text_has_its_line(quick: None, files: Path, run: Run) -> None:
    result = run(
        "eval", "intents", "--train", files / "train.csv", "--test", files / "test.csv", "--oos", files / "oos.csv",
        "--json", "--out", files / "new/lines.jsonl",
    )  # fmt: skip
    assert result.exit_code == 0, result.exception
    scores = json.loads(result.output)
    assert (scores["texts"], scores["intents"], scores["oos_texts"]) == (3, 3, 2)
    assert scores["training"]["examples"] == 24
    assert scores["warnings"][0].startswith("Only in the test file: thanks")
    lines = [json.loads(line) for line in (files / "new/lines.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(line["text"], line["intent"]) for line in lines] == [*TEST, *((text, None) for text in OUTSIDE)]
    assert sum(line["predicted"] == line["intent"] for line in lines) == round(scores["accuracy"] * 3)


def test_people_are_shown_figures_warnings_confusions_and_the_report(quick: None, files: Path, run: Run) -> None:
    result = run(
        "eval", "intents", "--train", files / "train.csv", "--test", files / "test.csv",
        "--oos-train", files / "oos.csv", "--report", files / "report", "--seed", 5,
    )  # fmt: skip
    assert result.exit_code == 0, result.exception
    assert "Only in the test file: thanks; the 1 texts" in result.output
    assert any(line.split()[:1] == ["accuracy"] for line in result.output.splitlines())
    assert "thanks taken for" in result.output and "such as “спасибо”" in result.output
    assert f"What to mend: {files / 'report/report.md'}" in result.output
    assert (files / "report/confusion.png").is_file()


@pytest.mark.parametrize(
    ("option", "content", "told"),
    [
        ("--train", None, "There is no file"),
        ("--train", b"text,intent\n", "holds no rows"),
        ("--train", b"text,intent\nhi,greet\nhello,greet\n", "at least two intents, found 1"),
        ("--test", b"text,label\nhi,greet\n", "has no column intent"),
        ("--oos", b"text\nhi\n\xef\xf0\xe8\xe2\xe5\xf2\n", "line 3 is not UTF-8"),
        ("--oos-train", b"text,intent\n,greet\n", "row 2: the text is empty"),
    ],
)
def test_a_bad_file_is_one_sentence_and_status_one(
    quick: None,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    option: str,
    content: bytes | None,
    told: str,
) -> None:
    bad = files / "bad.csv"
    if content is not None:
        bad.write_bytes(content)
    options = {"--train": files / "train.csv", "--test": files / "test.csv", option: bad}
    words = [str(word) for pair in options.items() for word in pair]
    monkeypatch.setattr(sys, "argv", ["lichno", "eval", "intents", *words, "--json"])
    with pytest.raises(SystemExit) as stopped:
        main()
    heard = capsys.readouterr()
    assert stopped.value.code == 1
    assert heard.out == ""
    assert told in heard.err
    assert heard.err.strip().count("\n") == 0 and "Traceback" not in heard.err


@pytest.mark.parametrize("missing", ["--train", "--test"])
def test_both_files_are_asked_for(run: Run, missing: str, files: Path) -> None:
    given = {"--train": files / "train.csv", "--test": files / "test.csv"}
    del given[missing]
    result = run("eval", "intents", *(word for pair in given.items() for word in pair))
    assert result.exit_code == 2
    assert missing in result.output


# -- retrieval --------------------------------------------------------------------------------

QUESTIONS: list[dict[str, Any]] = [
    {"question": "How much is a courier?", "relevant": ["courier"]},
    {"question": "Сколько стоит курьер?", "relevant": ["gone"]},
    {"question": "спой песню"},
]


@pytest.fixture
def asking(project: Path, monkeypatch: pytest.MonkeyPatch, fake_encoder: HashEncoder) -> Path:
    """A project with two articles, and questions to them; no weights are loaded."""
    monkeypatch.setattr("nlu.encoder.shared_encoder", lambda name: fake_encoder)
    lines = "".join(json.dumps(question, ensure_ascii=False) + "\n" for question in QUESTIONS)
    (project / "questions.jsonl").write_text(lines, encoding="utf-8")
    return project


def test_retrieval_as_json_is_one_object_and_every_question_has_its_line(asking: Path, run: Run) -> None:
    result = run(
        "eval", "retrieval", "--knowledge", "articles", "--questions", "questions.jsonl", "--json",
        "--out", "new/lines.jsonl",
    )  # fmt: skip
    assert result.exit_code == 0, result.exception
    scores = json.loads(result.output)
    assert (scores["questions"], scores["unanswerable"], scores["articles"]) == (2, 1, 2)
    assert scores["recall_at_1"] == scores["mrr_at_10"] == scores["ndcg_at_10"] == 0.5
    assert 0.0 <= scores["answerable_auc"] <= 1.0
    assert scores["ms"] >= scores["ms_search"] >= 0.0
    assert scores["warnings"] == ["No article has the id gone: questions that ask for nothing else count as missed."]
    lines = [json.loads(line) for line in (asking / "new/lines.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["question"] for line in lines] == [question["question"] for question in QUESTIONS]
    assert [line["rank"] for line in lines] == [1, None, None]
    assert {one["id"] for one in lines[0]["ranked"]} == {"courier", "returns"}


def test_people_are_shown_figures_doubts_and_misses(asking: Path, run: Run) -> None:
    (asking / "articles/empty.md").touch()
    result = run("eval", "retrieval", "--knowledge", "articles", "--questions", "questions.jsonl")
    assert result.exit_code == 0, result.exception
    assert any(line.split() == ["recall", "at", "1", "0.500"] for line in result.output.splitlines())
    assert "empty.md: the file is empty" in result.output
    assert "No article has the id gone" in result.output
    assert "“Сколько стоит курьер?”: courier instead of gone" in result.output
    assert "How much is a courier?" not in result.output
    hidden = run("eval", "retrieval", "--knowledge", "articles", "--questions", "questions.jsonl", "--misses", 0)
    assert "instead of" not in hidden.output


def test_one_file_of_articles_may_be_measured(asking: Path, run: Run) -> None:
    result = run("eval", "retrieval", "--knowledge", "articles/courier.md", "--questions", "questions.jsonl", "--json")
    assert json.loads(result.output)["articles"] == 1


def test_the_assistants_own_index_stays_as_it_is(asking: Path, run: Run) -> None:
    run("eval", "retrieval", "--knowledge", "articles", "--questions", "questions.jsonl")
    assert not (asking / "var").exists()


@pytest.mark.parametrize(
    ("knowledge", "questions", "told"),
    [
        ("articles", "nowhere.jsonl", "There is no file nowhere.jsonl"),
        ("nowhere", "questions.jsonl", "There is no file or folder nowhere"),
        ("shop", "bad.jsonl", "bad.jsonl, line 2: expected"),
        ("empty", "questions.jsonl", "The folder empty holds no articles"),
    ],
)
def test_what_retrieval_cannot_use_is_one_sentence_and_status_one(
    asking: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    knowledge: str,
    questions: str,
    told: str,
) -> None:
    (asking / "empty").mkdir()
    (asking / "bad.jsonl").write_text('{"question": "hi"}\n{"relevant": []}\n', encoding="utf-8")
    words = ["eval", "retrieval", "--knowledge", knowledge, "--questions", questions, "--json"]
    monkeypatch.setattr(sys, "argv", ["lichno", *words])
    with pytest.raises(SystemExit) as stopped:
        main()
    heard = capsys.readouterr()
    assert (stopped.value.code, heard.out) == (1, "")
    assert told in heard.err
    assert heard.err.strip().count("\n") == 0 and "Traceback" not in heard.err


@pytest.mark.parametrize("missing", ["--knowledge", "--questions"])
def test_articles_and_questions_are_asked_for(asking: Path, run: Run, missing: str) -> None:
    given = {"--knowledge": "articles", "--questions": "questions.jsonl"}
    del given[missing]
    result = run("eval", "retrieval", *(word for pair in given.items() for word in pair))
    assert result.exit_code == 2
    assert missing in result.output


# -- answers ----------------------------------------------------------------------------------

ASKED: list[dict[str, Any]] = [
    {"question": "How much is a courier?", "relevant": ["courier"], "answers": ["299 ₽"], "customer": "C2"},
    {"question": "Сколько дней на возврат товара?", "must": ["14", "возврат|вернуть"]},
    {"question": "спой песню", "answerable": False},
]
ANSWERS = ("eval", "answers", "--knowledge", "articles", "--customers", "shop", "--questions", "asked.jsonl")


@pytest.fixture
def asked(project: Path, monkeypatch: pytest.MonkeyPatch, fake_encoder: HashEncoder) -> Path:
    """A project that quotes, with two articles, a shop, and questions; no weights are loaded."""
    for module in ("bot.grounds", "bot.cli.prepare"):
        monkeypatch.setattr(f"{module}.shared_encoder", lambda name: fake_encoder)
    write_questions(project / "training_data/facts")
    (project / "domain.yml").write_bytes((Path(__file__).parents[3] / "domain.yml").read_bytes())
    (project / "endpoints.yml").write_text('nlg:\n  decoder: ""\n  answer_threshold: 0.0\n')
    lines = "".join(json.dumps(question, ensure_ascii=False) + "\n" for question in ASKED)
    (project / "asked.jsonl").write_text(lines, encoding="utf-8")
    return project


def test_answers_as_json_are_one_object_and_every_question_has_its_line(asked: Path, run: Run) -> None:
    result = run(*ANSWERS, "--json", "--out", "new/lines.jsonl")
    assert result.exit_code == 0, result.exception
    scores = json.loads(result.output)
    assert (scores["questions"], scores["articles"], scores["answerable"], scores["unanswerable"]) == (3, 2, 2, 1)
    assert scores["answered"] == scores["right"] == scores["cited_rightly"] == 1.0
    assert scores["unsupported_values"] == 0
    lines = [json.loads(line) for line in (asked / "new/lines.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["question"] for line in lines] == [question["question"] for question in ASKED]
    assert "299 ₽" in lines[0]["reply"] and lines[0]["citations"][0]["id"] == "courier#0"
    assert [line["right"] for line in lines] == [True, True, None]


def test_people_are_shown_what_share_was_answered(asked: Path, run: Run) -> None:
    result = run(*ANSWERS)
    assert any(line.split() == ["answered", "1.000"] for line in result.output.splitlines())


def test_a_stranger_needs_no_customers(asked: Path, run: Run) -> None:
    result = run(*ANSWERS[:4], *ANSWERS[6:], "--anonymous", "--quote", "--json")
    assert result.exit_code == 0, result.exception
    assert json.loads(result.output)["right"] == 1.0


def test_asking_touches_nothing_of_the_project(asked: Path, run: Run) -> None:
    write_key(asked / "var/master.key", new_key())  # an installation has one
    before = sorted(path.relative_to(asked) for path in asked.rglob("*"))
    run(*ANSWERS)
    assert sorted(path.relative_to(asked) for path in asked.rglob("*")) == before


def test_a_customer_who_is_not_there_is_named(asked: Path, run: Run) -> None:
    result = run(*ANSWERS[:4], *ANSWERS[6:])
    assert str(result.exception) == ("No customer has the id C2: give the folder of their files with --customers.")
