from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.profile_memory import FILE, STORED, Fact, ProfileMemory, ProfileMemoryError, literal
from tests.fakes import DIMENSION, HashEncoder

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
            memory.update(customer, facts[customer], "ru")
        elif action == "forget":
            memory.forget(customer)
        else:
            search(memory, customer, facts[customer])
    for customer, own in facts.items():
        assert sorted(fact.kind for fact in search(memory, customer, own)) == sorted(fact.kind for fact in own)


def test_a_fact_that_is_no_longer_true_is_neither_returned_nor_kept(fake_encoder: HashEncoder) -> None:
    memory = ProfileMemory(fake_encoder)
    memory.update("1", [ORDER, CITY], "ru")
    assert search(memory, "1", [ORDER]) == [ORDER]
    assert len(memory) == 1


def test_a_known_fact_is_not_encoded_again(fake_encoder: HashEncoder) -> None:
    memory = ProfileMemory(fake_encoder)
    memory.update("1", [ORDER, CITY], "ru")
    memory.update("1", [CITY, BONUS], "ru")
    search(memory, "1", [CITY, BONUS])
    assert fake_encoder.encoded == [ORDER.ru, CITY.ru, BONUS.ru, "город Казань"]
    assert len(memory) == 2


def test_a_customer_is_forgotten_whole_and_alone(fake_encoder: HashEncoder) -> None:
    memory = ProfileMemory(fake_encoder)
    for customer in ("1", "11"):
        memory.update(customer, [ORDER, CITY], "ru")
    assert (memory.forget("1"), memory.forget("1"), len(memory)) == (2, 0, 2)
    assert search(memory, "11", [CITY, ORDER])[0] == CITY
    assert ProfileMemory(fake_encoder).forget("1") == 0


def test_nothing_of_a_forgotten_customer_stays_in_the_file(fake_encoder: HashEncoder, tmp_path: Path) -> None:
    memory = ProfileMemory(fake_encoder, tmp_path)
    memory.update("the customer", [ORDER], "ru")
    memory.update("another", [CITY], "ru")
    (vector,) = memory.vectors_of("the customer")
    stored, name = vector.astype(STORED).tobytes(), b"the customer"
    file = tmp_path / FILE
    assert stored in file.read_bytes() and name in file.read_bytes()
    memory.forget("the customer")
    assert stored not in file.read_bytes() and name not in file.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert memory.vectors_of("the customer").shape == (0, DIMENSION)


def test_the_nearest_of_all_vectors_proves_an_erasure(fake_encoder: HashEncoder) -> None:
    memory = ProfileMemory(fake_encoder)
    assert memory.nearest(fake_encoder.encode_query(ORDER.ru)) is None
    memory.update("1", [ORDER], "ru")
    memory.update("2", [CITY], "ru")
    (vector,) = memory.vectors_of("1")
    found = memory.nearest(vector)
    assert found is not None and found[0] == "1" and found[1] > 0.99
    memory.forget("1")
    left = memory.nearest(vector)
    assert left is not None and left[0] == "2" and left[1] < 0.5


def test_no_text_of_a_fact_is_stored(fake_encoder: HashEncoder, tmp_path: Path) -> None:
    ProfileMemory(fake_encoder, tmp_path).update("1", [ORDER], "ru")
    assert b"NL-204518" not in (tmp_path / FILE).read_bytes()


def test_another_process_encodes_nothing_again(fake_encoder: HashEncoder, tmp_path: Path) -> None:
    memory = ProfileMemory(fake_encoder, tmp_path)
    memory.update("1", [ORDER, CITY], "ru")
    other = HashEncoder()
    assert search(ProfileMemory(other, tmp_path), "1", [ORDER, CITY]) == search(memory, "1", [ORDER, CITY])
    assert other.encoded == ["город Казань"]


@pytest.mark.parametrize("content", [None, b"damaged" * 1000])
def test_lost_vectors_are_computed_again(fake_encoder: HashEncoder, tmp_path: Path, content: bytes | None) -> None:
    memory = ProfileMemory(fake_encoder, tmp_path)
    memory.update("1", [ORDER, CITY], "ru")
    memory.close()
    file = tmp_path / FILE
    file.unlink() if content is None else file.write_bytes(content)
    assert search(ProfileMemory(HashEncoder(), tmp_path), "1", [ORDER, CITY])[0] == CITY


def test_vectors_of_another_encoder_are_dropped(fake_encoder: HashEncoder, tmp_path: Path) -> None:
    memory = ProfileMemory(fake_encoder, tmp_path)
    memory.update("1", [ORDER], "ru")
    memory.close()
    assert len(ProfileMemory(HashEncoder("other"), tmp_path)) == 0


def test_a_folder_that_cannot_be_used_is_named(fake_encoder: HashEncoder, tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(ProfileMemoryError, match=FILE):
        len(ProfileMemory(fake_encoder, tmp_path))


def test_threads_adding_the_same_facts_store_each_once(fake_encoder: HashEncoder, tmp_path: Path) -> None:
    memory = ProfileMemory(fake_encoder, tmp_path)
    threads = [threading.Thread(target=memory.update, args=("1", [ORDER, CITY], "ru")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(memory) == 2
    assert sorted(fake_encoder.encoded) == sorted([ORDER.ru, CITY.ru])


def test_a_wording_is_told_about_the_customer_and_to_them() -> None:
    fact = Fact("level", "[Уровень клиента|Ваш уровень|Твой уровень] — Золото.", "[The customer's|Your] level: Gold.")
    assert fact.text("ru") == "Уровень клиента — Золото."
    assert fact.said("ru") == "Ваш уровень — Золото."
    assert fact.said("ru", informal=True) == "Твой уровень — Золото."
    assert (fact.text("en"), fact.said("en")) == ("The customer's level: Gold.", "Your level: Gold.")


@given(st.text(max_size=40))
def test_a_value_is_never_taken_for_a_place_of_a_wording(value: str) -> None:
    fact = Fact("told", f"Сказано: {literal(value)}", f"Said: {literal(value)}")
    assert fact.text("ru") == fact.said("ru", informal=True) == f"Сказано: {literal(value)}"
    assert len(literal(value)) == len(value)
