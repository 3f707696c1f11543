from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.errors import TrainingDataError
from retrieval.scenarios import (
    LANGUAGES,
    NAME,
    Case,
    Scenario,
    other,
    parts,
    read_scenarios,
    split_businesses,
)
from retrieval.sentences import sentences_of
from tests.retrieval.scenarios import case as written_case

SCENARIOS = read_scenarios()
BENCHMARKS = [*Path("benchmarks/questions").glob("*.jsonl"), *Path("benchmarks/retrieval_questions").glob("*.jsonl")]


def record(business: str = "car wash", **changed: Any) -> dict[str, Any]:
    """A line of a file, with these parts instead of its own."""
    return {
        "business": business,
        "title": {"ru": "Мойка до {month}", "en": "Washing until {month}"},
        "passage": {
            "ru": ["Мойка стоит {price} ₽ до {month}.", "Мы моем всё."],
            "en": ["A wash costs {price} ₽ until {month}.", "We wash everything."],
        },
        "slots": {"price": [100, 200, 300], "month": {"ru": ["мая", "июня"], "en": ["May", "June"]}},
        "cases": [
            {
                "questions": {"ru": ["Почём до {month}?"], "en": ["How much until {month}?"]},
                "previous": {"ru": "А {month}?", "en": "And {month}?"},
                "facts": {"ru": ["Скидка до {month}."], "en": ["A discount until {month}."]},
                "answer": [0],
                "reply": {
                    "ru": {"formal": "{name}, вы платите {price} ₽.", "informal": "{name}, ты платишь {price} ₽."},
                    "en": "{name}, you pay {price} ₽.",
                },
                "computed": True,
            }
        ],
        "unanswerable": {"ru": ["Откроетесь ли до {month}?"], "en": ["Do you open before {month}?"]},
    } | changed


# Asked without a written reply.
FURTHER = {"questions": {"ru": ["Что моете до {month}?"], "en": ["What do you wash until {month}?"]}, "answer": [1]}


def read(tmp_path: Path, *records: dict[str, Any]) -> list[Scenario]:
    """The scenarios of a file with these lines."""
    lines = [json.dumps(one, ensure_ascii=False) for one in records]
    (tmp_path / "file.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return read_scenarios(tmp_path)


@pytest.fixture
def car_wash(tmp_path: Path) -> Scenario:
    (scenario,) = read(tmp_path, record())
    return scenario


def with_sentences(sentences: list[str]) -> Scenario:
    return Scenario("business", {}, dict.fromkeys(LANGUAGES, sentences), [], {})


def texts(scenario: Scenario) -> Iterator[str]:
    """Every text; of a reply what stands around the name."""
    for language in LANGUAGES:
        yield from [scenario.title[language], *scenario.sentences[language], *scenario.unanswerable[language]]
        for case in scenario.asked:
            yield from [*case.questions[language], *case.facts[language], case.previous.get(language, "")]
            yield from (reply.replace(NAME, "") for reply in replies(case, language))


def replies(case: Case, language: str) -> list[str]:
    return [reply for kind, reply in case.replies.items() if kind.startswith(language)]


def asked(scenario: Scenario, language: str) -> list[str]:
    """All its questions, each after what was written before it."""
    found = [
        f"{case.previous[language]} {question}" if case.previous else question
        for case in scenario.asked
        for question in case.questions[language]
    ]
    return found + scenario.unanswerable[language]


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower().replace("ё", "е")))


# -- reading ----------------------------------------------------------------------------------


def test_a_line_becomes_a_scenario(car_wash: Scenario) -> None:
    (case,) = car_wash.cases
    assert car_wash.business == "car wash"
    assert car_wash.title["en"] == "Washing until {month}"
    assert car_wash.sentences["ru"] == ["Мойка стоит {price} ₽ до {month}.", "Мы моем всё."]
    assert car_wash.unanswerable["en"] == ["Do you open before {month}?"]
    assert car_wash.slots["price"] == {"ru": ["100", "200", "300"], "en": ["100", "200", "300"]}
    assert car_wash.slots["month"] == {"ru": ["мая", "июня"], "en": ["May", "June"]}
    assert (case.answer, case.computed, case.previous["en"]) == ([0], True, "And {month}?")
    assert case.replies == {
        "en": "{name}, you pay {price} ₽.",
        "ru formal": "{name}, вы платите {price} ₽.",
        "ru informal": "{name}, ты платишь {price} ₽.",
    }


def test_a_further_case_is_asked_without_a_written_reply(tmp_path: Path) -> None:
    (scenario,) = read(tmp_path, record(further=[FURTHER]))
    (case,) = scenario.cases
    (further,) = scenario.further
    assert further.questions == {"ru": ["Что моете до {month}?"], "en": ["What do you wash until {month}?"]}
    assert (further.answer, further.replies, further.facts) == ([1], {}, {"ru": [], "en": []})
    assert scenario.asked == [case, further]


def test_slots_facts_and_what_was_said_before_may_be_missing(tmp_path: Path) -> None:
    bare = {"title": {"ru": "Мойка", "en": "Washing"}, "passage": {"ru": ["Моем."], "en": ["We wash."]}}
    case = {
        "questions": {"ru": ["Моете?"], "en": ["Do you wash?"]},
        "answer": [0],
        "reply": {"ru": {"formal": "{name}, моем.", "informal": "{name}, моем."}, "en": "{name}, we do."},
    }
    (scenario,) = read(
        tmp_path, {"business": "wash", **bare, "cases": [case], "unanswerable": {"ru": ["Да?"], "en": ["So?"]}}
    )
    (read_case,) = scenario.cases
    assert scenario.asked == [read_case]
    assert (scenario.slots, read_case.facts) == ({}, {"ru": [], "en": []})
    assert (read_case.previous, read_case.computed) == ({}, False)


def test_scenarios_are_read_in_the_files_order_and_blank_lines_skipped(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text(json.dumps(record("third")))
    (tmp_path / "a.jsonl").write_text(f"\n{json.dumps(record('first'))}\n \n{json.dumps(record('second'))}\n\n")
    (tmp_path / "notes.md").write_text("no scenario")
    assert [scenario.business for scenario in read_scenarios(tmp_path)] == ["first", "second", "third"]


def test_a_line_may_hold_any_character_but_its_end(tmp_path: Path) -> None:
    odd = "Один\u2028два\x85три 🙂"
    (scenario,) = read(tmp_path, record(passage={"ru": [odd], "en": [odd]}))
    assert scenario.filled().sentences == {"ru": [odd], "en": [odd]}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        ("7", "TypeError"),
        (json.dumps({"business": "x"}), "KeyError: 'title'"),
        (json.dumps(record(slots={"price": [100]})), "KeyError: 'month'"),
        (json.dumps(record(slots=record()["slots"] | {"price": []})), "IndexError"),
        (json.dumps(record(slots=record()["slots"] | {"price": 100})), "TypeError"),
        (json.dumps(record(slots=record()["slots"] | {"month": {"ru": ["мая"]}})), "KeyError: 'en'"),
        (json.dumps(record(unanswerable={"ru": ["{"], "en": ["?"]})), "ValueError"),
        (json.dumps(record(cases=[record()["cases"][0] | {"reply": {"en": "Yes.", "ru": "Да."}}])), "TypeError"),
        (json.dumps(record(cases=[{"questions": {}}])), "KeyError: 'reply'"),
        (json.dumps(record(further=[FURTHER | {"answer": [2]}])), "`answer` must name sentences from 0 to 1"),
        (json.dumps(record(further=[FURTHER | {"questions": {"ru": ["Что?"]}}])), "KeyError: 'en'"),
        (json.dumps(record(further=[FURTHER | {"questions": {"ru": "Что?", "en": "What?"}}])), "must be lists"),
        (json.dumps(record(passage={"ru": ["Раз.", "Два."], "en": ["One."]})), "as many sentences in Russian"),
    ],
)
def test_a_bad_line_is_named_with_its_file_and_number(tmp_path: Path, line: str, reason: str) -> None:
    (tmp_path / "good.jsonl").write_text(json.dumps(record()))
    (tmp_path / "worse.jsonl").write_text(f"{json.dumps(record())}\n\n{line}\n")
    with pytest.raises(TrainingDataError, match=rf"worse\.jsonl, line 3: .*{reason}"):
        read_scenarios(tmp_path)


# -- filling ----------------------------------------------------------------------------------


def test_without_a_choice_each_slot_has_its_first_value(car_wash: Scenario) -> None:
    filled = car_wash.filled()
    assert filled.title == {"ru": "Мойка до мая", "en": "Washing until May"}
    assert filled.sentences["en"] == ["A wash costs 100 ₽ until May.", "We wash everything."]
    assert filled.unanswerable["ru"] == ["Откроетесь ли до мая?"]
    assert filled.cases[0].questions["ru"] == ["Почём до мая?"]
    assert filled.cases[0].previous["en"] == "And May?"
    assert filled.cases[0].facts["en"] == ["A discount until May."]


def test_further_cases_are_filled_as_the_others_are(tmp_path: Path) -> None:
    (scenario,) = read(tmp_path, record(further=[FURTHER]))
    for seed in range(10):
        filled = scenario.filled(Random(seed))
        (case,), (further,) = filled.cases, filled.further
        assert further.questions["en"][0].endswith(case.questions["en"][0].removeprefix("How much "))
        assert further.answer == [1] and not further.replies


@given(st.randoms())
def test_a_slot_has_the_same_value_in_every_text_and_both_languages(random: Random) -> None:
    raw = Scenario(
        "car wash",
        {"ru": "{price} до {month}", "en": "{price} until {month}"},
        {"ru": ["{price}.", "{month}."], "en": ["{price}.", "{month}."]},
        [Case({"ru": ["{price}?"], "en": ["{month}?"]}, [0], {"en": "{price}", "ru formal": "{month}"}, {})],
        {"ru": [], "en": []},
        {"price": dict.fromkeys(LANGUAGES, ["1", "2", "3"]), "month": {"ru": ["мая", "июня"], "en": ["May", "June"]}},
    )
    filled = raw.filled(random)
    price, month = filled.title["en"].split(" until ")
    own = {"May": "мая", "June": "июня"}[month]
    assert filled.title["ru"] == f"{price} до {own}"
    assert filled.sentences == {"ru": [f"{price}.", f"{own}."], "en": [f"{price}.", f"{month}."]}
    assert filled.cases[0].questions == {"ru": [f"{price}?"], "en": [f"{month}?"]}
    assert filled.cases[0].replies == {"en": price, "ru formal": own}


def test_the_values_vary_and_the_same_choice_gives_the_same_texts(car_wash: Scenario) -> None:
    filled = [car_wash.filled(Random(seed)) for seed in range(30)]
    assert filled == [car_wash.filled(Random(seed)) for seed in range(30)]
    assert {one.title["en"] for one in filled} == {"Washing until May", "Washing until June"}
    assert {one.cases[0].replies["en"] for one in filled} == {f"{{name}}, you pay {n}00 ₽." for n in (1, 2, 3)}


def test_what_is_no_text_stays_as_it_was(car_wash: Scenario) -> None:
    filled = car_wash.filled()
    assert filled.business == car_wash.business
    assert (filled.cases[0].answer, filled.cases[0].computed) == ([0], True)


@given(st.none() | st.randoms())
def test_the_customers_name_survives_and_nothing_else_is_left_to_fill(choice: Random | None) -> None:
    for scenario in SCENARIOS[:5]:
        filled = scenario.filled(choice)
        own = [reply for case in filled.cases for reply in case.replies.values()]
        assert all(NAME in reply and "{" not in reply.replace(NAME, "") for reply in own)
        assert filled.filled() == filled.filled(choice) == filled


# -- a passage --------------------------------------------------------------------------------


def test_list_items_and_steps_stand_on_lines_of_their_own() -> None:
    scenario = with_sentences(["We wash.", "-5 °C is no hindrance.", "- Cars.", "- Lorries.", "1. Book.", "12. Come."])
    assert scenario.passage("ru") == "We wash. -5 °C is no hindrance.\n- Cars.\n- Lorries.\n1. Book.\n12. Come."


def test_no_sentences_no_passage() -> None:
    assert with_sentences([]).located_passage("en") == ("", [])


@given(st.lists(st.text(min_size=1) | st.sampled_from(["- One.", "1. Two.", "Three."]), min_size=1))
def test_every_sentence_stands_where_it_is_said_to(sentences: list[str]) -> None:
    text, spans = with_sentences(sentences).located_passage("ru")
    assert [text[start:end] for start, end in spans] == sentences
    assert (spans[0][0], spans[-1][1]) == (0, len(text))
    assert {text[end:start] for (_, end), (start, _) in zip(spans, spans[1:])} <= {" ", "\n"}


# -- parts ------------------------------------------------------------------------------------


def businesses(scenarios: list[Scenario]) -> set[str]:
    return {scenario.business for scenario in scenarios}


@given(st.floats(0, 1), st.integers())
def test_businesses_are_split_without_overlap_or_loss(share: float, seed: int) -> None:
    training, held_out = split_businesses(SCENARIOS, share, seed)
    assert held_out
    assert not businesses(training) & businesses(held_out)
    assert [s for s in SCENARIOS if s.business in businesses(training)] == training
    assert len(training) + len(held_out) == len(SCENARIOS)
    assert split_businesses(SCENARIOS, share, seed) == (training, held_out)


NAMES = st.sets(st.text(min_size=1, max_size=5), min_size=1, max_size=30)


@given(NAMES, st.text(min_size=6, max_size=6), st.floats(0, 1), st.integers())
def test_a_new_business_hardly_moves_the_others(names: set[str], new: str, share: float, seed: int) -> None:
    scenarios = [Scenario(name, {}, {}, [], {}) for name in sorted(names)]
    _, before = split_businesses(scenarios, share, seed)
    _, after = split_businesses([Scenario(new, {}, {}, [], {}), *scenarios], share, seed)
    assert len(businesses(before) ^ (businesses(after) - {new})) <= 1


def test_no_business_is_in_two_parts_and_none_is_left_out() -> None:
    divided = parts(SCENARIOS)
    own = [divided.learning, divided.calibration, divided.test]
    assert all(own)
    assert sum(len(businesses(part)) for part in own) == len(businesses(SCENARIOS))
    assert sum(map(len, own)) == len(SCENARIOS)
    assert len(divided.learning) > len(divided.calibration) + len(divided.test)


def test_the_part_for_tests_is_what_is_kept_apart_by_default() -> None:
    learned, kept_apart = split_businesses(SCENARIOS)
    divided = parts(SCENARIOS)
    assert divided.test == kept_apart
    assert businesses(divided.learning) | businesses(divided.calibration) == businesses(learned)


def test_each_language_is_the_others_other() -> None:
    assert [other(language) for language in LANGUAGES] == ["en", "ru"]


# -- what is shipped --------------------------------------------------------------------------


def numbers(text: str) -> set[str]:
    """In digits, ``1 200`` and ``1,200`` as 1200."""
    return set(re.findall(r"\d+", re.sub(r"(?<=\d)[\s,.](?=\d{3}\b)", "", text)))


@pytest.mark.parametrize("seed", range(3))
def test_every_number_of_a_reply_stands_in_its_answer_or_facts(seed: int) -> None:
    choice = Random(seed)
    unfounded = []
    for scenario in SCENARIOS:
        filled = scenario.filled(choice)
        for case in filled.cases:
            for language in LANGUAGES:
                answer = [filled.sentences[language][number] for number in case.answer]
                known = numbers(" ".join([*answer, *case.facts[language]]))
                wrong = [reply for reply in replies(case, language) if not numbers(reply) <= known]
                unfounded += [] if case.computed else [(scenario.business, reply) for reply in wrong]
    assert not unfounded


def test_no_question_occurs_twice() -> None:
    counted = Counter(
        plain(question) for scenario in SCENARIOS for language in LANGUAGES for question in asked(scenario, language)
    )
    assert not [question for question, count in counted.items() if count > 1]


def test_every_reply_addresses_the_customer_once_at_its_beginning() -> None:
    written = [reply for scenario in SCENARIOS for case in scenario.cases for reply in case.replies.values()]
    assert not [reply for reply in written if not reply.startswith(NAME) or reply.count(NAME) != 1]


def test_every_case_with_a_reply_has_one_in_each_language_and_form_and_a_further_one_none() -> None:
    kinds = {frozenset(case.replies) for scenario in SCENARIOS for case in scenario.cases}
    assert kinds == {frozenset({"en", "ru formal", "ru informal"})}
    assert any(scenario.further for scenario in SCENARIOS)
    assert not any(case.replies for scenario in SCENARIOS for case in scenario.further)


def test_every_slot_is_filled_and_no_text_but_a_reply_names_the_customer() -> None:
    assert not [text for scenario in SCENARIOS for text in texts(scenario.filled()) if re.search(r"[{}]", text)]


def test_answers_are_sentences_of_the_passage() -> None:
    for scenario in SCENARIOS:
        for case in scenario.asked:
            assert case.answer
            assert len(set(case.answer)) == len(case.answer)
            assert set(case.answer) <= set(range(len(scenario.sentences["en"])))


def test_every_slot_has_as_many_values_in_both_languages() -> None:
    assert all(len(values["ru"]) == len(values["en"]) for s in SCENARIOS for values in s.slots.values())


def test_no_benchmark_question_is_among_the_training_questions() -> None:
    lines = [line for path in BENCHMARKS for line in path.read_text(encoding="utf-8").splitlines()]
    benchmark = {plain(json.loads(line)["question"]) for line in lines}
    written = {plain(question) for s in SCENARIOS for language in LANGUAGES for question in asked(s, language)}
    written |= {plain(q) for s in SCENARIOS for case in s.asked for own in case.questions.values() for q in own}
    assert benchmark
    assert not benchmark & written


# -- answering sentences ----------------------------------------------------------------------


def asking(*answer: int) -> Case:
    return written_case([], [], list(answer))


def test_every_sentence_that_lies_in_an_answering_one_answers() -> None:
    scenario = Scenario(
        "shop",
        dict.fromkeys(LANGUAGES, "Delivery"),
        dict.fromkeys(LANGUAGES, ["It is free. Always.", "- Two days.", "Ask us!", "1. Pay."]),
        [],
        {},
    )
    assert sentences_of(scenario.passage("en")) == ["It is free.", "Always.", "Two days.", "Ask us!", "Pay."]
    assert scenario.answering(asking(0), "en") == [True, True, False, False, False]
    assert scenario.answering(asking(1, 3), "ru") == [False, False, True, False, True]
    assert scenario.answering(asking(), "en") == [False] * 5


def test_of_every_shipped_case_a_sentence_answers_in_both_languages() -> None:
    for scenario in map(Scenario.filled, SCENARIOS[::8]):
        for one in scenario.asked:
            for language in LANGUAGES:
                flags = scenario.answering(one, language)
                assert len(flags) == len(sentences_of(scenario.passage(language)))
                assert any(flags)
