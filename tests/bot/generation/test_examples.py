from __future__ import annotations

import re

import pytest

from bot.generation.examples import address, expand
from nlu.language import script_language
from retrieval.scenarios import LANGUAGES, Case, Scenario, read_scenarios

SCENARIOS = read_scenarios()


def scenario(business: str) -> Scenario:
    case = Case(
        questions={"ru": ["Почём?", "Сколько стоит?"], "en": ["How much?", "What is the price?"]},
        answer=[0],
        replies={
            "en": "{name}, you pay {price} ₽.",
            "ru formal": "{name}, вы платите {price} ₽.",
            "ru informal": "{name}, ты платишь {price} ₽.",
        },
        facts={"ru": ["Скидка до {month}."], "en": ["A discount until {month}."]},
    )
    return Scenario(
        business,
        {"ru": "Мойка", "en": "Car wash"},
        {"ru": ["Мойка стоит {price} ₽ до {month}."], "en": ["A wash costs {price} ₽ until {month}."]},
        [case],
        {"ru": ["А химчистка?"], "en": ["Do you clean carpets?"]},
        {
            "price": {"ru": ["100", "200"], "en": ["100", "200"]},
            "month": {"ru": ["мая", "июня"], "en": ["May", "June"]},
        },
    )


def test_every_written_scenario_expands_without_a_slot_left() -> None:
    for example in expand(SCENARIOS, 1, seed=1):
        request = example.request
        texts = [example.reply, request.question, *request.facts, *(s.title + s.text for s in request.sources)]
        assert not any(re.search(r"[{}]", text) for text in texts)
        assert script_language(example.reply) == request.language


def test_every_case_is_expanded_in_both_languages_each_round() -> None:
    cases = sum(len(written.cases) for written in SCENARIOS)
    examples = expand(SCENARIOS, 2, seed=1)
    assert len(examples) == 2 * len(LANGUAGES) * cases
    assert sum(example.request.language == "ru" for example in examples) == 2 * cases


def test_the_same_seed_gives_the_same_examples() -> None:
    assert expand(SCENARIOS, 1, seed=3) == expand(SCENARIOS, 1, seed=3)
    assert expand(SCENARIOS, 1, seed=3) != expand(SCENARIOS, 1, seed=4)


@pytest.mark.parametrize("seed", range(10))
def test_slots_agree_between_passage_fact_and_reply(seed: int) -> None:
    for example in expand([scenario("car wash")], 2, seed):
        (price,) = re.findall(r"\d+", example.reply)
        sources = example.request.sources
        assert any(f" {price} ₽" in source.text for source in sources)
        month = example.request.facts[0].rstrip(".").split()[-1]
        pairs = {"мая": "May", "May": "мая", "июня": "June", "June": "июня"}
        assert any(month in source.text or pairs[month] in source.text for source in sources)


def test_rounds_take_the_questions_in_turn() -> None:
    asked = {example.request.question for example in expand([scenario("car wash")], 2, seed=1)}
    assert asked == {"Почём?", "Сколько стоит?", "How much?", "What is the price?"}


def test_a_reply_is_in_the_requests_form_of_address() -> None:
    for example in expand([scenario("car wash")], 20, seed=1):
        if example.request.language == "ru":
            assert ("ты платишь" in example.reply.lower()) == (example.request.form == "informal")


def test_a_reply_begins_with_the_name_or_a_capital() -> None:
    for example in expand(SCENARIOS, 1, seed=5):
        assert example.reply.startswith(example.request.name)
        assert not re.match(r"[\s,]|[a-zа-яё]", example.reply)


@pytest.mark.parametrize(
    ("reply", "name", "expected"),
    [
        (", you can pay.", "", "You can pay."),
        ("Anna, you can pay.", "Anna", "Anna, you can pay."),
        ("You can pay.", "", "You can pay."),
        (", ёлку везём.", "", "Ёлку везём."),
        ("", "", ""),
    ],
)
def test_a_reply_without_a_name_starts_afresh(reply: str, name: str, expected: str) -> None:
    assert address(reply, name) == expected
