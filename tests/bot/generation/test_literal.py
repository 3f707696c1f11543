from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.generation.literal import Evidence, fault, values

DELIVERY = Evidence(
    "delivery",
    [
        "Доставка курьером в Москву стоит 299 ₽ и занимает 1–2 дня.",
        "При заказе от 5 000 ₽ доставка бесплатна.",
        "Крупногабаритный товар нельзя вернуть в пункт выдачи.",
        "Деньги вернутся в течение 14 дней.",
    ],
)
RETURNS = Evidence(
    "returns",
    [
        "Goods can be returned within 14 days of 5 May.",
        "Opened software cannot be returned to the shop.",
        "Write to help@polaris.example or open https://polaris.example/returns.",
    ],
)
ORDER = Evidence("fact 1", ["Order NL-104001 (Aurora earbuds) is on its way, expected 26 November."])


@pytest.mark.parametrize("sentence", [*DELIVERY.sentences, *RETURNS.sentences, *ORDER.sentences])
def test_the_evidences_own_sentences_have_no_fault(sentence: str) -> None:
    assert fault(sentence, [DELIVERY, RETURNS, ORDER]) == ""


@pytest.mark.parametrize(
    "sentence",
    [
        "Доставка курьером стоит 299 ₽.",
        "Курьером в Москву — 299 ₽ за 1–2 дня.",
        "Доставка займёт 2 дня, курьером.",  # an end of a range
        "Доставка займёт два дня.",
        "От 5000 ₽ доставка бесплатна.",  # another spelling of the same number
        "От 5\u00a0000 ₽ доставка бесплатна.",
        "Деньги вернутся за 2 недели.",  # the same duration
        "Деньги вернутся за две недели.",
        "The money comes back within two weeks.",
    ],
)
def test_another_spelling_of_the_same_has_none(sentence: str) -> None:
    assert fault(sentence, [DELIVERY]) == ""


@pytest.mark.parametrize(
    ("sentence", "foreign"),
    [
        ("Доставка курьером в Москву стоит 199 ₽.", "199"),
        ("Доставка курьером занимает 1–3 дня.", "1–3 дня"),
        ("Доставка займёт три дня.", "три дня"),
        ("Деньги вернутся за 14 недель.", "14 недель"),
        ("Деньги вернутся за 3 недели.", "3"),
        ("При заказе от 50 000 ₽ доставка бесплатна.", "50 000 ₽"),
        ("Goods can be returned within 30 days.", "30"),
        ("Goods can be returned within 14 days of 5 June.", "5 June"),
        ("Order NL-104002 is on its way.", "NL-104002"),
        ("Order NL-104001 is on its way, expected 26 December.", "26 December"),
        ("Write to help@polaris.test about goods.", "help@polaris.test"),
        ("Open https://polaris.example/return for returned goods.", "https://polaris.example/return"),
        ("Доставка курьером в Казань стоит 299 ₽ и занимает 1–2 дня.", "Казань"),
        ("Order NL-104001 (Aurora headset) is on its way to Kazan.", "Kazan"),
    ],
)
def test_a_value_or_name_from_nowhere_is_named(sentence: str, foreign: str) -> None:
    reason = fault(
        sentence, [DELIVERY if re.search("[а-я]", sentence) else RETURNS, *([ORDER] if "NL" in sentence else [])]
    )
    assert foreign in reason.partition("not in the evidence: ")[2]


def test_the_questions_names_may_be_repeated_but_not_its_numbers() -> None:
    asked = "Is my present from Kazan returnable within 60 days?"
    sentence = "A present from Kazan can be returned within 14 days."
    assert fault(sentence, [RETURNS], asked) == ""
    assert "60" in fault(sentence.replace("14", "60"), [RETURNS], asked)


def test_the_customers_name_needs_no_evidence() -> None:
    assert fault("Goods can be returned within 14 days, Ms Harper.", [RETURNS], "Ms Harper") == ""
    assert "Bell" in fault("Goods can be returned within 14 days, Ms Bell.", [RETURNS], "Ms Harper")


def test_a_sentence_may_join_an_article_with_a_fact() -> None:
    assert fault("Order NL-104001 (Aurora earbuds) can be returned within 14 days.", [RETURNS, ORDER]) == ""


@pytest.mark.parametrize(
    ("sentence", "right"),
    [
        ("120 ₽: 12 минут по 10 ₽ за минуту.", True),
        ("130 ₽: 12 минут по 10 ₽ за минуту.", False),
        ("22 ₽: 10 ₽ и ещё 12 ₽.", False),  # no 12 ₽ is known
        ("Скидка 10 % от 500 ₽ — это 50 ₽.", True),
        ("Со скидкой 10 % вместо 500 ₽ выйдет 450 ₽.", True),
        ("Выйдет 120 ₽.", False),  # without its working
    ],
)
def test_a_sum_may_follow_from_what_the_sentence_shows(sentence: str, right: bool) -> None:
    evidence = [Evidence("a", ["Минута стоит 10 ₽, час — 500 ₽, скидка 10 %.", "Вы ехали 12 минут."])]
    assert (fault(sentence, evidence) == "") == right


def test_a_number_whose_unit_is_left_to_be_understood_supports_it_with_one() -> None:
    evidence = [Evidence("a", ["Дети, которым ещё нет 11, плавают со взрослым."])]
    assert fault("Детям 11 лет нужен взрослый.", evidence) == ""
    assert fault("Детям 12 лет нужен взрослый.", evidence)


def test_a_time_of_day_may_be_spelled_in_the_other_way() -> None:
    assert fault("Лов разрешён с 22:00 до 5:00.", [Evidence("a", ["You may fish from 10 pm to 5 am."])]) == ""


@pytest.mark.parametrize(
    ("sentence", "right"),
    [
        ("Ann, it costs 299 ₽.", True),
        ("Isla, it costs 299 ₽.", False),
        ("Unfortunately, it costs 299 ₽.", True),
        ("Yes, it costs 299 ₽.", True),
    ],
)
def test_nobody_else_is_addressed(sentence: str, right: bool) -> None:
    assert (fault(sentence, [Evidence("a", ["It costs 299 ₽."])], "How much is it? Ann") == "") == right


@pytest.mark.parametrize("sentence", ["За доставку Вашего заказа платить не нужно.", "Запустите LumiRescue."])
def test_a_polite_capital_and_a_brand_of_the_evidence_are_no_foreign_names(sentence: str) -> None:
    assert fault(sentence, [Evidence("a", ["Доставка бесплатна, файлы вернёт LumiRescue."])]) == ""


def test_numbers_must_be_right_in_another_language_too() -> None:
    assert fault("Товар можно вернуть за 14 дней.", [RETURNS]) == ""
    assert "15" in fault("Товар можно вернуть за 15 дней.", [RETURNS])
    assert "5 июня" in fault("Это правило с 5 июня.", [RETURNS])


@pytest.mark.parametrize("evidence", [[], [Evidence("empty", [])]])
def test_without_evidence_no_number_stands(evidence: list[Evidence]) -> None:
    assert "3" in fault("Delivery takes 3 days.", evidence)


TEMPLATES = (
    "Доставка курьером стоит {} ₽ и занимает {} дней.",
    "Заказ от {} ₽ можно вернуть до {} мая.",
    "Order NL-{} can be returned within {} days.",
    "The courier comes from {}:00 on the last floor number {}.",
)
NUMBER = st.integers(1, 99_999)


@given(st.sampled_from(TEMPLATES), NUMBER, NUMBER, NUMBER, st.integers(0, 1))
def test_changing_any_number_is_a_fault(template: str, first: int, second: int, other: int, place: int) -> None:
    evidence = [Evidence("a", [template.format(first, second)])]
    assume(other not in (first, second) and str(other) not in re.findall(r"\d+", evidence[0].text))
    changed = [first, second]
    changed[place] = other
    assert fault(evidence[0].text, evidence) == ""
    assert fault(template.format(*changed), evidence)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 000 ₽, 5,000 and 5\u00a0000", {"5000"}),
        ("1 299 900 ₽", {"1299900"}),
        ("1,5 кг or 1.5 kg", {"1.5"}),
        ("1–2 дня, 1-2 days, 1 – 2", {"1-2"}),
        ("с 9:00 до 21:00", {"9:00", "21:00"}),
        ("26 ноября, 26 November", {"26", "month 11"}),
        ("1 мая и 2 мае", {"1", "2", "month 5"}),
        ("You may wait. Maybe in May.", {"month 5"}),
        ("маяк и майка", set()),
        ("order NL-104001, model AB-200", {"NL-104001", "AB-200"}),
        ("see https://Polaris.example/a?b=1.", {"https://polaris.example/a?b=1"}),
        ("mail help@polaris.example, please", {"help@polaris.example"}),
        ("55×40×20 cm", {"55×40×20"}),
        ("nothing here", set()),
        ("1. Wait 5 minutes.\n12) Call 112.", {"5", "112"}),
    ],
)
def test_values_have_one_spelling(text: str, expected: set[str]) -> None:
    assert values(text) == expected


@given(st.integers(0, 10**9))
def test_thousands_separators_do_not_matter(number: int) -> None:
    spelt = {str(number), f"{number:,}", f"{number:,}".replace(",", " "), f"{number:,}".replace(",", "\u00a0")}
    assert {frozenset(values(f"for {text} roubles")) for text in spelt} == {frozenset({str(number)})}
