from __future__ import annotations

from pathlib import Path

import pytest

from bot.customers.facts import facts_of
from bot.customers.importer import DEMO_DAY
from bot.customers.store import CustomerStore, get_customer
from nlu.errors import TrainingDataError
from retrieval.fact_kinds import CACHE, NO_FACT, FactKinds, fact_probability, read_examples
from tests.bot.customers.conftest import demo  # noqa: F401
from tests.fakes import HashEncoder
from tests.retrieval.questions import write_questions

SHIPPED = Path("training_data/facts")


def test_the_kind_of_a_similar_question_is_the_likeliest(fake_encoder: HashEncoder, tmp_path: Path) -> None:
    kinds = FactKinds(fake_encoder, write_questions(tmp_path))
    found = kinds.probabilities("until when is my lamp under warranty", owned=True)
    assert max(found, key=lambda kind: found[kind]) == "warranty"
    assert sum(found.values()) == pytest.approx(1.0)
    assert fact_probability(found) == pytest.approx(1.0 - sum(found[kind] for kind in NO_FACT))


def test_what_was_learned_is_kept_for_the_next_process(fake_encoder: HashEncoder, tmp_path: Path) -> None:
    folder, cache = write_questions(tmp_path / "questions"), tmp_path / "cache"
    question = "my points balance"
    first = FactKinds(fake_encoder, folder, cache).probabilities(question, owned=False)
    other = HashEncoder()
    assert FactKinds(other, folder, cache).probabilities(question, owned=False) == pytest.approx(first)
    assert other.encoded == [question]
    (cache / CACHE).write_bytes(b"damaged")
    assert FactKinds(other, folder, cache).probabilities(question, owned=False) == pytest.approx(first)
    assert len(other.encoded) > 1


def test_the_same_words_ask_of_ones_own_thing_or_of_anybodys(fake_encoder: HashEncoder, tmp_path: Path) -> None:
    kinds = FactKinds(fake_encoder, write_questions(tmp_path))
    own, general = (kinds.probabilities("warranty of a kettle", owned) for owned in (True, False))
    assert fact_probability(own) > fact_probability(general)


def test_other_questions_are_learned_anew(fake_encoder: HashEncoder, tmp_path: Path) -> None:
    folder, cache = write_questions(tmp_path / "questions"), tmp_path / "cache"
    FactKinds(fake_encoder, folder, cache).prepare()
    text = (folder / "en.yml").read_text()
    (folder / "en.yml").write_text(text + "city:\n  - which city is mine\n  - what is my city\n  - my city please\n")
    assert "city" in FactKinds(fake_encoder, folder, cache).probabilities("my city", owned=False)


@pytest.mark.parametrize("content", [None, "a: b", "- a"])
def test_questions_that_cannot_be_read_are_named(tmp_path: Path, content: str | None) -> None:
    write_questions(tmp_path)
    (tmp_path / "ru.yml").unlink() if content is None else (tmp_path / "ru.yml").write_text(content)
    with pytest.raises(TrainingDataError, match="ru.yml"):
        read_examples(tmp_path)


def test_the_shipped_questions_ask_for_every_kind_of_fact_and_for_no_other(demo: CustomerStore) -> None:  # noqa: F811
    with demo.session() as session:
        customers = [get_customer(session, customer) for customer in demo.customer_ids()]
        kinds = {fact.kind for customer in customers for fact in facts_of(customer, DEMO_DAY)}
    asked = set(read_examples(SHIPPED).kinds) - {*NO_FACT, "told"}
    assert asked == kinds


def test_no_shipped_question_is_one_of_the_benchmark() -> None:
    import json

    files = Path("benchmarks/profile").glob("*.jsonl")
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    assert not {json.loads(line)["question"].lower() for line in lines} & {
        text.lower() for text in read_examples(SHIPPED).texts
    }
