from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.profile_memory import Fact, ProfileMemory
from tests.fakes import HashEncoder

ORDER = Fact("order", "Заказ NL-204518 в пути", "Order NL-204518 is on its way")
CITY = Fact("city", "Живёт в городе Казань", "Lives in Kazan")
BONUS = Fact("bonus", "Накоплено 300 бонусов", "Has 300 bonus points")

FACTS = st.lists(st.sampled_from([ORDER, CITY, BONUS]), max_size=3, unique=True)
CUSTOMERS = st.dictionaries(st.sampled_from(["1", "11", "c-1", "c", "анна"]), FACTS, min_size=2)
ACTIONS = st.lists(st.tuples(st.sampled_from(["add", "search", "forget"]), st.integers(0, 4)), max_size=8)


def search(
    memory: ProfileMemory, customer: str, facts: list[Fact], text: str = "город Казань", k: int = 5
) -> list[Fact]:
    return [hit.fact for hit in memory.search(customer, facts, "ru", memory.encoder.encode_query(text), k)]


def test_the_nearest_fact_comes_first(fake_encoder: HashEncoder) -> None:
    memory = ProfileMemory(fake_encoder)
    assert search(memory, "1", [ORDER, CITY, BONUS])[0] == CITY
    assert search(memory, "1", [ORDER, CITY, BONUS], "заказ NL-204518", k=1) == [ORDER]


def test_no_facts_no_hits(fake_encoder: HashEncoder) -> None:
    assert search(ProfileMemory(fake_encoder), "1", []) == []


def test_a_fact_is_compared_in_the_customers_language(fake_encoder: HashEncoder) -> None:
    memory = ProfileMemory(fake_encoder)
    hits = memory.search("1", [ORDER, CITY], "en", fake_encoder.encode_query("lives in Kazan"))
    assert (hits[0].fact, round(hits[0].cosine, 3)) == (CITY, 1.0)


@given(CUSTOMERS, ACTIONS)
def test_one_customers_facts_are_never_returned_for_another(
    customers: dict[str, list[Fact]], actions: list[tuple[str, int]]
) -> None:
    memory = ProfileMemory(HashEncoder())
    # Each customer's facts are recognisable as theirs.
    facts = {c: [Fact(f"{f.kind} of {c}", f.ru, f.en) for f in own] for c, own in customers.items()}
    for action, number in actions:
        customer = list(customers)[number % len(customers)]
        if action == "add":
            memory.add(customer, facts[customer], "ru")
        elif action == "forget":
            memory.forget(customer)
        else:
            search(memory, customer, facts[customer])
    for customer, own in facts.items():
        assert sorted(fact.kind for fact in search(memory, customer, own)) == sorted(fact.kind for fact in own)


def test_a_fact_that_is_no_longer_true_is_not_returned(fake_encoder: HashEncoder) -> None:
    memory = ProfileMemory(fake_encoder)
    memory.add("1", [ORDER, CITY], "ru")
    assert search(memory, "1", [ORDER]) == [ORDER]


def test_a_known_fact_is_not_encoded_again(fake_encoder: HashEncoder) -> None:
    memory = ProfileMemory(fake_encoder)
    memory.add("1", [ORDER, CITY], "ru")
    memory.add("1", [CITY, BONUS], "ru")
    search(memory, "1", [ORDER, CITY, BONUS])
    assert fake_encoder.encoded == [ORDER.ru, CITY.ru, BONUS.ru, "город Казань"]
    assert len(memory) == 3


def test_a_customer_is_forgotten_whole_and_alone(fake_encoder: HashEncoder) -> None:
    memory = ProfileMemory(fake_encoder)
    for customer in ("1", "11"):
        memory.add(customer, [ORDER, CITY], "ru")
    assert (memory.forget("1"), memory.forget("1"), len(memory)) == (2, 0, 2)
    assert search(memory, "11", [CITY]) == [CITY]
    assert ProfileMemory(fake_encoder).forget("1") == 0


def test_a_saved_memory_encodes_nothing_again(fake_encoder: HashEncoder, tmp_path: Path) -> None:
    memory = ProfileMemory(fake_encoder, tmp_path)
    memory.add("1", [ORDER, CITY], "ru")
    memory.save()
    opened = ProfileMemory.open(HashEncoder(), tmp_path)
    assert search(opened, "1", [ORDER, CITY]) == search(memory, "1", [ORDER, CITY])
    assert isinstance(opened.encoder, HashEncoder)
    assert opened.encoder.encoded == ["город Казань"]


@pytest.mark.parametrize("content", [None, b"damaged"])
def test_lost_vectors_are_computed_again(fake_encoder: HashEncoder, tmp_path: Path, content: bytes | None) -> None:
    memory = ProfileMemory(fake_encoder, tmp_path)
    memory.add("1", [ORDER, CITY], "ru")
    memory.save()
    (file,) = tmp_path.glob("*.faiss")
    file.unlink() if content is None else file.write_bytes(content)
    opened = ProfileMemory.open(HashEncoder(), tmp_path)
    assert search(opened, "1", [ORDER, CITY]) == search(memory, "1", [ORDER, CITY])
    opened.save()
    assert len(ProfileMemory.open(HashEncoder(), tmp_path)) == 2


def test_what_was_forgotten_stays_so_after_saving(fake_encoder: HashEncoder, tmp_path: Path) -> None:
    memory = ProfileMemory(fake_encoder, tmp_path)
    memory.add("1", [ORDER], "ru")
    memory.add("2", [CITY], "ru")
    memory.save()
    memory.forget("1")
    memory.save()
    opened = ProfileMemory.open(fake_encoder, tmp_path)
    assert (len(opened), opened.forget("1")) == (1, 0)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_new_id_is_never_one_that_was_used_before(fake_encoder: HashEncoder, tmp_path: Path) -> None:
    memory = ProfileMemory(fake_encoder, tmp_path)
    memory.add("1", [ORDER, CITY], "ru")
    memory.forget("1")
    memory.save()
    opened = ProfileMemory.open(fake_encoder, tmp_path)
    opened.add("2", [BONUS], "ru")
    assert search(opened, "2", [BONUS]) == [BONUS]
    assert search(opened, "1", [ORDER]) == [ORDER]


def test_nothing_saved_or_another_encoders_opens_empty(fake_encoder: HashEncoder, tmp_path: Path) -> None:
    assert len(ProfileMemory.open(fake_encoder, tmp_path)) == 0
    memory = ProfileMemory(fake_encoder, tmp_path)
    memory.add("1", [ORDER], "ru")
    memory.save()
    assert len(ProfileMemory.open(HashEncoder("other"), tmp_path)) == 0


def test_a_memory_without_a_folder_saves_nowhere(fake_encoder: HashEncoder) -> None:
    memory = ProfileMemory(fake_encoder)
    memory.add("1", [ORDER], "ru")
    memory.save()


def test_threads_adding_the_same_facts_store_each_once(fake_encoder: HashEncoder) -> None:
    memory = ProfileMemory(fake_encoder)
    threads = [threading.Thread(target=memory.add, args=("1", [ORDER, CITY], "ru")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(memory) == 2
    assert sorted(fake_encoder.encoded) == sorted([ORDER.ru, CITY.ru])
