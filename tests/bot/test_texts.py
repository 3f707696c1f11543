from __future__ import annotations

from pathlib import Path

import pytest

from bot.texts import Text, Texts

DOMAIN = """
responses:
  utter_hello:
    - text: "{name}, вы купили {thing}."
      condition: [{type: slot, name: language, value: ru}, {type: slot, name: address_form, value: formal}]
    - text: "{name}, ты купил {thing}."
      condition: [{type: slot, name: language, value: ru}, {type: slot, name: address_form, value: informal}]
    - text: "elsewhere"
      channel: another
      condition: [{type: slot, name: language, value: en}]
    - text: "{name}, you bought {thing}."
      condition: [{type: slot, name: language, value: en}]
      buttons: [{title: "Return it", payload: "/return_item"}]
"""


@pytest.fixture
def texts(tmp_path: Path) -> Texts:
    domain = tmp_path / "domain.yml"
    domain.write_text(DOMAIN)
    return Texts.load(domain)


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (("ru", "formal", "Ирина"), "Ирина, вы купили чай."),
        (("ru", "informal", "Ирина"), "Ирина, ты купил чай."),
        (("ru", "formal", ""), "Вы купили чай."),
        (("en", "informal", "Ms Harper"), "Ms Harper, you bought чай."),
    ],
)
def test_the_variant_for_a_person_is_said_with_their_name_or_without(
    texts: Texts, person: tuple[str, str, str], expected: str
) -> None:
    assert texts.say("utter_hello", *person, thing="чай").text == expected


def test_buttons_come_along(texts: Texts) -> None:
    assert texts.say("utter_hello", "en", thing="tea") == Text("You bought tea.", (("Return it", "/return_item"),))


def test_values_are_not_read_as_places_for_values(texts: Texts) -> None:
    assert texts.say("utter_hello", "en", thing="{name}{other}").text == "You bought {name}{other}."
