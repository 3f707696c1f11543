from __future__ import annotations

import random

import pytest

from bot.generation.corruptions import broken, no_condition, opposite, other_kind, other_name, other_number

EVIDENCE = "Тариф «Соло» стоит 690 ₽ в месяц. Тариф «Бюро» стоит 2900 ₽."


def every(make: object, *arguments: object) -> set[str]:
    """All that forty draws give."""
    return {made for seed in range(40) if (made := make(*arguments, random.Random(seed)))}  # type: ignore[operator]


def test_a_number_becomes_another_one() -> None:
    made = every(other_number, "«Соло» стоит 690 ₽.", EVIDENCE)
    assert "«Соло» стоит 2900 ₽." in made
    assert all(text != "«Соло» стоит 690 ₽." and text.endswith(" ₽.") for text in made)


@pytest.mark.parametrize("sentence", ["Цена не указана.", "В 9:00 открываемся."])
def test_times_are_no_numbers_to_change(sentence: str) -> None:
    assert every(other_number, sentence, "") == set()


def test_a_name_becomes_another_one_of_the_evidence() -> None:
    assert every(other_name, "Вам нужен «Соло».", EVIDENCE) == {"Вам нужен «Бюро»."}
    assert every(other_name, "Вам нужен «Соло».", "Только «Соло».") == set()


@pytest.mark.parametrize(
    ("sentence", "language", "made"),
    [
        ("Вернуть можно.", "ru", "Вернуть нельзя."),
        ("Вернуть нельзя.", "ru", "Вернуть можно."),
        ("Вы не можете вернуть.", "ru", "Вы можете вернуть."),
        ("You can return it.", "en", "You can't return it."),
        ("You can't return it.", "en", "You can return it."),
        ("Yes, you may.", "en", "No, you may."),
        ("Nothing to turn round.", "en", None),
    ],
)
def test_the_opposite_denies_or_affirms(sentence: str, language: str, made: str | None) -> None:
    assert every(opposite, sentence, language) == ({made} if made else set())


def test_a_unit_becomes_another_of_its_kind() -> None:
    made = every(other_kind, "It takes 3 days.", "en")
    assert "It takes 3 weeks." in made and "It takes 3 days." not in made
    assert every(other_kind, "It takes daylight.", "en") == set()


@pytest.mark.parametrize(
    ("sentence", "language", "made"),
    [
        ("Мы вернём деньги сразу, если чек сохранился.", "ru", "Мы вернём деньги сразу."),
        ("We refund it at once, if you kept the receipt.", "en", "We refund it at once."),
        ("Only members may enter the hall.", "en", "members may enter the hall."),
        ("Free if asked.", "en", None),
        ("No condition here at all.", "en", None),
    ],
)
def test_a_condition_is_left_out_if_a_sentence_remains(sentence: str, language: str, made: str | None) -> None:
    assert every(no_condition, sentence, language) == ({made} if made else set())


def test_broken_tells_the_kind_and_never_the_sentence_itself() -> None:
    sentence = "Вы можете вернуть «Соло» за 14 дней, если есть чек."
    made = dict(broken(sentence, EVIDENCE, "ru", random.Random(1)))
    assert set(made) == {"number", "name", "opposite", "kind", "condition"}
    assert sentence not in made.values()


def test_the_same_draws_break_alike() -> None:
    sentence = "You can return it within 14 days."
    assert [*broken(sentence, "", "en", random.Random(5))] == [*broken(sentence, "", "en", random.Random(5))]
