"""The project's Rasa files agree with each other and with the code."""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.engine.recipes.recipe import Recipe
from rasa.engine.validation import validate
from rasa_sdk.executor import ActionExecutor

from benchmarks.transactions.play import scripts
from bot.actions.form import TRANSACTIONS
from bot.customers.importer import DEMO_FILES
from bot.telegram.buttons import OURS
from nlu.language import LANGUAGES

DOMAIN: dict[str, Any] = yaml.safe_load(Path("domain.yml").read_text())
RESPONSES: dict[str, list[dict[str, Any]]] = DOMAIN["responses"]
WRITTEN = sorted(RESPONSES.keys() - {"utter_answer"})  # utter_answer is written by the assistant itself
FORMS = ("formal", "informal")
RULES = [*Path("training_data/rules").glob("*.yml"), *Path("training_data/stories").glob("*.yml")]
EXAMPLES_AN_INTENT = 25
SHORT_ANSWER = 2  # words: "yes", "never mind" are what everybody says
WRITTEN_INTENTS = set(DOMAIN["intents"]) - {"several_requests"}  # that one is found, not learned


def fits(variant: dict[str, Any], slots: dict[str, str]) -> bool:
    """Whether every condition of the variant holds."""
    return all(slots.get(condition["name"]) == condition["value"] for condition in variant.get("condition", []))


def variants(response: str, language: str, form: str = "formal", channel: str | None = None) -> list[dict[str, Any]]:
    """Those for a channel of their own, or for all others."""
    slots = {"language": language, "address_form": form}
    written = [variant for variant in RESPONSES[response] if variant.get("channel") == channel]
    return [variant for variant in written if variant.get("condition") and fits(variant, slots)]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def examples(language: str) -> Iterator[tuple[str, list[str]]]:
    """(intent, its texts without entity marks) of a language's file."""
    for entry in yaml.safe_load(Path(f"training_data/nlu/{language}.yml").read_text())["nlu"]:
        if "intent" in entry:
            lines = [line.removeprefix("- ") for line in entry["examples"].splitlines()]
            yield entry["intent"], [re.sub(r"\[([^]]+)][({][^)}]*[)}]", r"\1", line) for line in lines]


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower())) or text.strip()


def test_every_response_that_the_code_names_exists() -> None:
    named = {name for file in Path("bot").rglob("*.py") for name in re.findall(r"\butter_[a-z_]+", file.read_text())}
    named -= {"utter_action", "utter_message"}
    assert named and named <= RESPONSES.keys()


def test_every_response_is_used() -> None:
    texts = "".join(file.read_text() for file in [*Path("bot").rglob("*.py"), *RULES])
    asked_by_the_form = {f"utter_ask_{slot}" for form in DOMAIN["forms"].values() for slot in form["required_slots"]}
    unused = {name for name in RESPONSES.keys() - asked_by_the_form if not re.search(rf"\b{name}\b", texts)}
    assert unused == set()


@pytest.mark.parametrize("response", WRITTEN)
def test_exactly_one_variant_fits_each_language_and_form(response: str) -> None:
    channels = {variant.get("channel") for variant in RESPONSES[response]}
    assert None in channels
    for channel, language, form in itertools.product(channels, LANGUAGES, FORMS):
        assert len(variants(response, language, form, channel)) == 1, (channel, language, form)
    assert all(variant.get("condition") for variant in RESPONSES[response])


@pytest.mark.parametrize("response", WRITTEN)
def test_all_variants_fill_in_the_same_values(response: str) -> None:
    assert len({frozenset(placeholders(variant["text"])) for variant in RESPONSES[response]}) == 1


@pytest.mark.parametrize("response", WRITTEN)
def test_all_variants_offer_the_same_buttons(response: str) -> None:
    payloads = {tuple(button["payload"] for button in variant.get("buttons", [])) for variant in RESPONSES[response]}
    assert len(payloads) == 1
    assert all(p.removeprefix("/") in DOMAIN["intents"] or p.startswith(OURS) for p in payloads.pop())


@pytest.mark.parametrize("response", WRITTEN)
def test_a_text_is_in_its_language(response: str) -> None:
    for language, other in (("ru", "[a-z]{3,}"), ("en", "[а-яё]")):
        for variant in variants(response, language):
            # Formats of files are called the same in both.
            bare = re.sub(r"{\w+}|\S+@\S+|/\w+|JPEG|PNG|WebP|HEIC|PDF", "", variant["text"])
            assert not re.search(other, bare, re.IGNORECASE)


def test_the_buttons_of_actions_name_intents() -> None:
    code = "".join(file.read_text() for file in Path("bot/actions").glob("*.py"))
    intents = set(re.findall(r"""f['"]/(\w+){{""", code))
    assert intents and intents <= set(DOMAIN["intents"])


def registered() -> ActionExecutor:
    """The actions as the action server finds them."""
    executor = ActionExecutor()
    executor.register_package("bot.actions")
    return executor


def test_every_action_exists_in_the_code() -> None:
    assert set(registered().actions) == set(DOMAIN["actions"])


def test_every_transaction_has_its_intent_and_its_rule() -> None:
    rules = "".join(file.read_text() for file in RULES)
    actions = set(registered().actions)
    assert len(TRANSACTIONS) == 10 and set(TRANSACTIONS) <= set(DOMAIN["intents"])
    assert {f"action_{name}" for name in TRANSACTIONS} <= actions
    assert {name for name in TRANSACTIONS if f"- intent: {name}\n      - action: action_{name}" not in rules} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_intent_has_enough_examples_in_each_language(language: str) -> None:
    counts = {intent: len({plain(text) for text in texts}) for intent, texts in examples(language)}
    assert counts.keys() == WRITTEN_INTENTS
    assert {intent: count for intent, count in counts.items() if count < EXAMPLES_AN_INTENT} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_example_stands_under_two_intents(language: str) -> None:
    seen: dict[str, str] = {}
    for intent, texts in examples(language):
        for text in texts:
            assert seen.setdefault(plain(text), intent) == intent, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_benchmarks_never_occur_in_training(language: str) -> None:
    trained = {plain(text) for trained in LANGUAGES for _, texts in examples(trained) for text in texts}
    with Path(f"benchmarks/intents/{language}.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["intent"] for row in rows} == WRITTEN_INTENTS
    assert [row["text"] for row in rows if plain(row["text"]) in trained] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_benchmarks_requests_never_occur_in_training(language: str) -> None:
    rows = [json.loads(line) for line in Path(f"benchmarks/requests/{language}.jsonl").read_text().splitlines()]
    trained = {plain(text) for _, texts in examples(language) for text in texts}
    assert {intent for row in rows for intent in row["intents"]} <= WRITTEN_INTENTS
    assert [row["text"] for row in rows if plain(row["text"]) in trained] == []


def test_the_benchmarks_conversations_never_occur_in_training() -> None:
    trained = {plain(text) for language in LANGUAGES for _, texts in examples(language) for text in texts}
    said = [text for script in scripts() for text, *_ in script.turns]
    assert len(scripts()) == 120
    assert [text for text in said if len(plain(text).split()) > SHORT_ANSWER and plain(text) in trained] == []


@pytest.mark.parametrize("file", sorted(Path("benchmarks/questions").glob("*.jsonl")), ids=lambda file: file.stem)
def test_the_benchmarks_questions_name_articles_that_exist(file: Path) -> None:
    articles = {
        match[1]
        for article in Path("training_data/knowledge").rglob("*.md")
        if (match := re.search(r"^id: (\S+)$", article.read_text(), re.MULTILINE))
    }
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    wanted = {article for row in rows for article in row.get("articles", row.get("relevant", []))}
    assert wanted <= articles


def test_no_real_customer_stands_in_the_demo() -> None:
    with (DEMO_FILES / "customers.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert all(row["phone"].startswith("+7 000 ") and row["email"].endswith("@mail.example") for row in rows)


def test_rasa_accepts_the_components_of_the_configuration() -> None:
    """Rasa reads their annotations while it trains, so a name that only a type checker sees stops the training."""
    recipe = Recipe.recipe_for_name("default.v1")
    graph = recipe.graph_config_for_recipe(yaml.safe_load(Path("config.yml").read_text()), {})
    validate(graph)
